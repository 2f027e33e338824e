//! `sam3roto doctor`.

use super::bundle_path::BundleSearch;
use super::engine_report::{REPORT_SYMBOL, needed_and_missing};
use super::error::CommandError;
use super::options::DoctorOptions;
use super::table::{Align, table};
use super::{print_out, software};
use crate::host::{Bundle, Host, Profile};
use crate::sequence::{FfmpegError, FfmpegSearch, find_ffmpeg};
use serde::Serialize;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// What was found, or what is wrong and what to do.
    pub detail: String,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There and working.
    Ok,
    /// Not there; only some uses need it.
    Absent,
    /// Needed, and missing or broken.
    Broken,
}

/// Everything that the doctor saw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// Name and version of this program.
    pub software: String,
    /// Nothing needed is missing.
    pub healthy: bool,
    /// What the command looked at itself.
    pub findings: Vec<Finding>,
    /// What the plugin reports about itself; null where it reports nothing.
    pub engine: Json,
    /// The same for people: the report's own `text`.
    #[serde(skip)]
    pub engine_text: String,
}

impl Diagnosis {
    /// Puts findings and the plugin's report together; what the report shows as needed and missing becomes findings.
    pub fn new(mut findings: Vec<Finding>, mut engine: Json) -> Self {
        let missing = needed_and_missing(&engine);
        findings.extend(missing.into_iter().map(|detail| Finding { name: "engine", state: State::Broken, detail }));
        let healthy = findings.iter().all(|finding| finding.state != State::Broken);
        let text = engine.as_object_mut().and_then(|fields| fields.shift_remove("text"));
        let engine_text = text.as_ref().and_then(Json::as_str).unwrap_or_default().to_owned();
        Self { software: software(), healthy, findings, engine, engine_text }
    }

    /// The diagnosis as text.
    pub fn text(&self) -> String {
        let rows: Vec<Vec<String>> = self
            .findings
            .iter()
            .map(|finding| {
                let state = match finding.state {
                    State::Ok => "ok",
                    State::Absent => "absent",
                    State::Broken => "BROKEN",
                };
                vec![state.to_owned(), finding.name.to_owned(), finding.detail.clone()]
            })
            .collect();
        format!("{}\n\n{}{}", self.software, table(&[Align::Left; 3], &rows), self.engine_text)
    }
}

/// Looks at everything and prints the diagnosis.
pub(super) fn doctor(options: &DoctorOptions) -> Result<(), CommandError> {
    let mut findings = Vec::new();
    let engine = match BundleSearch::from_environment(options.bundle.clone()).find() {
        Ok(path) => look_at_bundle(&path, &mut findings),
        Err(error) => {
            findings.push(broken("bundle", error));
            Json::Null
        }
    };
    findings.push(look_at_ffmpeg(options.ffmpeg.clone()));
    let diagnosis = Diagnosis::new(findings, engine);
    print_out(&match options.json {
        true => format!("{}\n", serde_json::to_string_pretty(&diagnosis)?),
        false => diagnosis.text(),
    })?;
    match diagnosis.findings.iter().filter(|finding| finding.state == State::Broken).count() {
        0 => Ok(()),
        count => Err(CommandError::Unhealthy { count }),
    }
}

/// Loads and describes everything in the bundle; what the plugin reports.
fn look_at_bundle(path: &Path, findings: &mut Vec<Finding>) -> Json {
    let host = Host::new(Profile::Strict);
    let bundle = match Bundle::open(&host, path) {
        Ok(bundle) => bundle,
        Err(error) => {
            findings.push(broken("bundle", error));
            return Json::Null;
        }
    };
    findings.push(fine("bundle", bundle.library_path().display().to_string()));
    for id in bundle.effects() {
        findings.push(match bundle.plugin(&id).and_then(|plugin| plugin.describe()) {
            Ok(effect) => fine("effect", format!("{id} {}.{}", effect.version.0, effect.version.1)),
            Err(error) => broken("effect", format!("{id}: {error}")),
        });
    }
    let Some(text) = bundle.report(REPORT_SYMBOL, "doctor") else { return Json::Null };
    match serde_json::from_str(&text) {
        Ok(report) => report,
        Err(error) => {
            findings.push(broken("engine", format!("its report is no JSON: {error}")));
            Json::Null
        }
    }
}

fn look_at_ffmpeg(option: Option<PathBuf>) -> Finding {
    match find_ffmpeg(&FfmpegSearch::from_environment(option)) {
        Ok(path) => match version(&path) {
            Some(version) => fine("ffmpeg", format!("{} ({version})", path.display())),
            None => broken("ffmpeg", format!("{} does not run", path.display())),
        },
        Err(error @ FfmpegError::NotFound) => {
            Finding { name: "ffmpeg", state: State::Absent, detail: error.to_string() }
        }
        Err(error) => broken("ffmpeg", error),
    }
}

/// "ffmpeg version 7.1".
fn version(ffmpeg: &Path) -> Option<String> {
    let output = Command::new(ffmpeg).arg("-version").output().ok()?;
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let line: Vec<&str> = words.lines().next()?.split_whitespace().take(3).collect();
    output.status.success().then(|| line.join(" "))
}

fn fine(name: &'static str, detail: String) -> Finding {
    Finding { name, state: State::Ok, detail }
}

fn broken(name: &'static str, error: impl ToString) -> Finding {
    Finding { name, state: State::Broken, detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_plugin_s_words_are_printed_and_left_out_of_the_json() {
        let engine = json!({ "library": { "problem": null }, "text": "\nDevices\n  CPU  works\n" });
        let diagnosis = Diagnosis::new(vec![fine("bundle", "a.ofx".to_owned())], engine);
        assert!(diagnosis.healthy);
        assert!(diagnosis.text().ends_with("  ok  bundle  a.ofx\n\nDevices\n  CPU  works\n"), "{}", diagnosis.text());
        assert_eq!(serde_json::to_value(&diagnosis).unwrap()["engine"], json!({ "library": { "problem": null } }));
    }
}
