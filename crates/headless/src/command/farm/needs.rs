//! What a task takes of a machine, measured on one frame.

use crate::command::engine_report::REPORT_SYMBOL;
use crate::command::error::CommandError;
use crate::command::job::Job;
use crate::command::notes::Notes;
use crate::command::open_job::{JobFootage, OpenJob, Shot};
use crate::command::track::{TRACK_BUTTON, tracks};
use crate::host::{Description, RenderRequest};
use crate::sequence::FrameSet;
use serde_json::Value as Json;

const MIB: u64 = 1 << 20;
/// What requirements are rounded up to: machines differ by more.
const STEP: u64 = 256;

/// What a task needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needs {
    /// Memory of the machine in MiB.
    pub(super) memory: u64,
    /// Memory of a graphics card in MiB, where one was used.
    pub(super) device_memory: Option<u64>,
}

/// Makes the effect of a job, and tracks or renders one frame to read from the memory guard's figures what that took;
/// `memory` in MiB is believed instead.
pub(super) fn look(job: &Job, frame: i32, memory: Option<u64>) -> Result<(Description, Needs), CommandError> {
    let footage = JobFootage::open(job)?;
    let source = &footage.source;
    let frames = FrameSet::range(frame, frame);
    let notes = Notes::new(1, job.quiet);
    let shot = Shot::new(job, source, frames.as_slice()).over(&frames);
    let work = OpenJob::new(job, &shot, &footage, &notes)?;
    let needs = match memory {
        Some(memory) => Needs { memory, device_memory: None },
        None => {
            let messages = match tracks(&work.description) {
                true => work.instance.press(TRACK_BUTTON)?,
                false => work.instance.render(&RenderRequest::at(f64::from(frame)))?.messages,
            };
            notes.messages(&messages);
            let report = work.bundle.report(REPORT_SYMBOL, "doctor").and_then(|text| serde_json::from_str(&text).ok());
            needs(&report.unwrap_or(Json::Null))
        }
    };
    let description = work.description.clone();
    work.close()?;
    Ok((description, needs))
}

/// The process as it was at its largest, and every cache grown to its budget.
fn needs(report: &Json) -> Needs {
    let number = |value: &Json| value.as_u64().unwrap_or(0);
    let memory = &report["memory"];
    let places = memory["places"].as_array().map(Vec::as_slice).unwrap_or_default();
    let peak = |is_host: bool| {
        let those = places.iter().filter(|place| (place["place"] == "host") == is_host);
        those.map(|place| number(&place["peak_bytes"])).max().unwrap_or(0)
    };
    let process = number(&memory["process_resident_bytes"]).max(peak(true));
    let caches: u64 = report.as_object().into_iter().flatten().map(|(_, part)| number(&part["budget_bytes"])).sum();
    let mebibytes = |bytes: u64| (bytes.div_ceil(MIB)).next_multiple_of(STEP);
    Needs { memory: mebibytes(process + caches), device_memory: Some(peak(false)).filter(|&b| b > 0).map(mebibytes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn caches_count_with_what_they_may_grow_to() {
        let report = json!({
            "features": { "budget_bytes": 500 * MIB, "bytes": 7 }, "masks": { "budget_bytes": 64 * MIB },
            "memory": { "process_resident_bytes": 300 * MIB, "places": [
                { "place": "host", "peak_bytes": 400 * MIB }, { "place": { "device": 0 }, "peak_bytes": 0 } ] }
        });
        assert_eq!(needs(&report), Needs { memory: 1024, device_memory: None });
    }

    #[test]
    fn a_graphics_card_is_asked_for_where_one_was_used() {
        let report = json!({ "memory": { "places": [ { "place": { "device": 0 }, "peak_bytes": 900 * MIB } ] } });
        assert_eq!(needs(&report).device_memory, Some(1024));
    }

    #[test]
    fn a_plugin_that_reports_nothing_asks_for_nothing() {
        assert_eq!(needs(&Json::Null), Needs { memory: 0, device_memory: None });
    }
}
