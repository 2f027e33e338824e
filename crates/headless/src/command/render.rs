//! `sam3roto render`.

use super::engine_report::{REPORT_SYMBOL, counter_rows, stage_rows};
use super::error::CommandError;
use super::frame_work::{Outcome, for_each_frame};
use super::interrupt::Interrupt;
use super::job::Job;
use super::notes::Notes;
use super::open_job::{JobFootage, OpenJob, Shot, abort_on};
use super::output::{Beside, Output};
use super::plan::plan;
use super::print_out;
use super::summary::{StageTimes, Summary};
use crate::host::{Description, HostError, Instance, RenderRequest, RenderThreadSafety, Rendered, Value};
use crate::sequence::{Footage, Picture, describe_frames};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// The text parameter in which an effect says what made its last frame.
const STATUS: &str = "status";

/// Renders what a job asks for.
pub(super) fn render(job: Job, interrupt: &Interrupt) -> Result<(), CommandError> {
    let begun = Instant::now();
    let footage = JobFootage::open(&job)?;
    let source = &footage.source;
    let plan = plan(&job, source, &footage.others())?;
    let notes = Notes::new(plan.frames.len(), job.quiet);
    plan.notes.iter().for_each(|text| notes.note(text));
    let frames: Vec<i32> = plan.frames.iter().map(|(frame, _)| *frame).collect();

    let shot = Shot::new(&job, source, &frames);
    let OpenJob { bundle, description, instance, objects } = OpenJob::new(&job, &shot, &footage, &notes)?;
    let threads = threads(&job, &description, &notes);
    std::iter::once(&instance)
        .chain(objects.iter().map(|(_, instance)| instance))
        .for_each(|instance| abort_on(interrupt, instance));
    let output = Output::new(&job, &plan, &description.id, shot.frame_rate)?;
    let work = Work {
        instance: &instance,
        objects: &objects,
        shot: &shot,
        frames: plan.frames.iter().map(|(frame, _)| *frame).collect(),
        notes: &notes,
        output: &output,
        model: OnceLock::new(),
        sequential: threads == 1,
        source,
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
    let objects = objects.into_iter().map(|(_, instance)| instance);
    objects.chain([instance]).try_for_each(|instance| Arc::into_inner(instance).map_or(Ok(()), Instance::destroy))?;
    output.finish()
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
    instance: &'a Instance,
    objects: &'a [(String, Arc<Instance>)],
    shot: &'a Shot,
    frames: BTreeSet<i32>,
    notes: &'a Notes,
    output: &'a Output,
    /// What made the first frame that was done.
    model: OnceLock<String>,
    sequential: bool,
    source: &'a Footage,
    times: Mutex<StageTimes>,
}

impl Work<'_> {
    /// Renders and writes one frame, with a matte for each object.
    fn frame(&self, frame: i32) -> Result<(), String> {
        let request = RenderRequest {
            scale: self.shot.scale,
            sequential: self.sequential,
            ..RenderRequest::at(f64::from(frame))
        };
        let rendered = self.render(frame, &request).map_err(|error| error.to_string())?;
        self.notes.messages(&rendered.messages);
        let timings = rendered.timings;
        let mut times = StageTimes {
            read: timings.images,
            render: timings.render,
            host: timings.prepare + timings.check,
            ..StageTimes::default()
        };
        let mut objects = Vec::new();
        for (name, instance) in self.objects {
            let alone = instance.render(&request).map_err(|error| format!("object {name}: {error}"))?;
            times.read += alone.timings.images;
            times.render += alone.timings.render;
            times.host += alone.timings.prepare + alone.timings.check;
            objects.push((name.clone(), alone.frame));
        }
        let model = self.model.get_or_init(|| self.model(frame)).clone();
        let writing = Instant::now();
        let display = self.shot.display(rendered.frame.pixel_aspect());
        let picture = Picture::new(rendered.frame).with_display(display);
        self.output.write(&picture, Beside { frame, objects, model }).map_err(|error| error.to_string())?;
        times.write = writing.elapsed();
        self.times.lock().add(&times);
        self.notes.step();
        Ok(())
    }

    /// Renders one frame. Where frames come one after the other the next one's file is read meanwhile.
    fn render(&self, frame: i32, request: &RenderRequest) -> Result<Rendered, HostError> {
        let next = self.frames.range(frame..).nth(1).filter(|_| self.sequential);
        std::thread::scope(|scope| {
            if let Some(&next) = next {
                scope.spawn(move || self.source.read_ahead(next));
            }
            self.instance.render(request)
        })
    }

    /// The model and its device, from the first words of the effect's status line, "Frame 12: MobileSAM on CPU, ..."; empty for an
    /// effect that has no such line. Effects bring it up to date when the time line moves.
    fn model(&self, frame: i32) -> String {
        let moved = self.instance.set_time(f64::from(frame));
        let status = moved.and_then(|()| self.instance.get(STATUS)).ok();
        let Some(Value::Text(line)) = status else { return String::new() };
        let words = line.split_once(": ").map_or(line.as_str(), |(_, words)| words);
        words.split_once(',').map(|(model, _)| model.to_owned()).unwrap_or_default()
    }
}
