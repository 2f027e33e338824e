//! `sam3roto render`.

use super::engine_report::{REPORT_SYMBOL, counter_rows, stage_rows};
use super::error::CommandError;
use super::frame_work::{Outcome, for_each_frame};
use super::interrupt::Interrupt;
use super::job::Job;
use super::notes::Notes;
use super::open_job::{OpenJob, Shot, abort_on, open_footage};
use super::plan::plan;
use super::summary::{StageTimes, Summary};
use super::{print_out, software};
use crate::host::{Description, HostError, Instance, RenderRequest, RenderThreadSafety, Rendered};
use crate::sequence::{Footage, Picture, Provenance, WriteSettings, describe_frames, write_picture};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Renders what a job asks for.
pub(super) fn render(job: Job, interrupt: &Interrupt) -> Result<(), CommandError> {
    let begun = Instant::now();
    let (source, others) = open_footage(&job)?;
    let plan = plan(&job, &source, &others.values().map(Arc::as_ref).collect::<Vec<_>>())?;
    let notes = Notes::new(plan.frames.len(), job.quiet);
    plan.notes.iter().for_each(|text| notes.note(text));
    let frames: Vec<i32> = plan.frames.iter().map(|(frame, _)| *frame).collect();

    let shot = Shot::new(&job, &source, &frames);
    let OpenJob { bundle, description, instance } = OpenJob::new(&job, &shot, (&source, others), &notes)?;
    let threads = threads(&job, &description, &notes);
    abort_on(interrupt, &instance);
    let work = Work {
        job: &job,
        instance: &instance,
        shot: &shot,
        files: plan.frames.iter().cloned().collect(),
        notes: &notes,
        effect: &description.id,
        sequential: threads == 1,
        source: &source,
        times: Mutex::default(),
    };
    let failed = |frame: i32, reason: &str| notes.error(&format!("frame {frame}: {reason}"));
    let outcome = for_each_frame(&frames, threads, job.on_error, interrupt, |frame| work.frame(frame), failed);
    let times = work.times.into_inner();
    notes.messages(&instance.take_messages());
    notes.finish();

    let report = bundle.report(REPORT_SYMBOL, "counters").and_then(|text| serde_json::from_str(&text).ok());
    let report = report.unwrap_or(serde_json::Value::Null);
    let summary = Summary {
        done: outcome.done.len(),
        skipped: plan.skipped,
        effect: description.id.clone(),
        output: job.output.clone(),
        threads,
        elapsed: begun.elapsed(),
        times,
        plugin_stages: stage_rows(&report),
        counters: counter_rows(&report),
    };
    if !job.quiet {
        print_out(&summary.text())?;
    }
    conclude(&outcome, frames.len(), interrupt)?;
    Arc::into_inner(instance).map_or(Ok(()), Instance::destroy)?;
    Ok(())
}

fn threads(job: &Job, description: &Description, notes: &Notes) -> usize {
    if job.threads == 1 || description.flags.thread_safety == RenderThreadSafety::FullySafe {
        return job.threads;
    }
    notes.note(&format!("{} renders one frame at a time: --threads is not used", description.id));
    1
}

fn conclude(outcome: &Outcome, asked: usize, interrupt: &Interrupt) -> Result<(), CommandError> {
    if interrupt.is_raised() {
        return Err(CommandError::Interrupted { done: outcome.done.len(), asked });
    }
    if outcome.failed.is_empty() {
        return Ok(());
    }
    let frames: Vec<i32> = outcome.failed.iter().map(|(frame, _)| *frame).collect();
    Err(CommandError::FramesFailed { failed: frames.len(), asked, list: describe_frames(&frames) })
}

/// What every frame's work needs.
struct Work<'a> {
    job: &'a Job,
    instance: &'a Instance,
    shot: &'a Shot,
    files: BTreeMap<i32, PathBuf>,
    notes: &'a Notes,
    effect: &'a str,
    sequential: bool,
    source: &'a Footage,
    times: Mutex<StageTimes>,
}

impl Work<'_> {
    /// Renders and writes one frame.
    fn frame(&self, frame: i32) -> Result<(), String> {
        let request = RenderRequest {
            scale: self.shot.scale,
            sequential: self.sequential,
            ..RenderRequest::at(f64::from(frame))
        };
        let rendered = self.render(frame, &request).map_err(|error| error.to_string())?;
        self.notes.messages(&rendered.messages);
        let writing = Instant::now();
        self.write(frame, &rendered).map_err(|error| error.to_string())?;
        let timings = rendered.timings;
        self.times.lock().add(&StageTimes {
            read: timings.images,
            render: timings.render,
            host: timings.prepare + timings.check,
            write: writing.elapsed(),
        });
        self.notes.step();
        Ok(())
    }

    /// Renders one frame. Where frames come one after the other the next one's file is read meanwhile.
    fn render(&self, frame: i32, request: &RenderRequest) -> Result<Rendered, HostError> {
        let next = self.files.range(frame..).nth(1).filter(|_| self.sequential);
        std::thread::scope(|scope| {
            if let Some((&next, _)) = next {
                scope.spawn(move || self.source.read_ahead(next));
            }
            self.instance.render(request)
        })
    }

    fn write(&self, frame: i32, rendered: &Rendered) -> Result<(), CommandError> {
        let Some(path) = self.files.get(&frame) else { return Ok(()) };
        let display = self.shot.display(rendered.frame.pixel_aspect());
        let picture = Picture::new(rendered.frame.clone()).with_display(display);
        let settings =
            WriteSettings { depth: self.job.depth, channels: self.job.channels, compression: self.job.compression };
        let provenance = Provenance { software: software(), effect: self.effect.to_owned(), frame };
        Ok(write_picture(path, &picture, &settings, &provenance)?)
    }
}
