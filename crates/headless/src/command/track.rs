//! `sam3roto track`: an effect's own button for tracking a shot, pressed without a host.

use super::cache::check_that_results_are_kept;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::job::Job;
use super::notes::Notes;
use super::open_job::{JobFootage, OpenJob, Shot};
use super::print_out;
use crate::host::{Description, Instance, ParamKind, ProgressEvent};
use crate::sequence::{Footage, FrameSet, describe_frames};
use std::sync::Arc;
use std::time::Instant;

/// What effects call the button.
pub(super) const TRACK_BUTTON: &str = "analyse";
/// The parameter by which an effect keeps results in a folder of its own.
const OWN_CACHE: &str = "cacheFolder";

/// Whether an effect has something to track.
pub(super) fn tracks(description: &Description) -> bool {
    let params = description.described.iter().flat_map(|context| &context.params);
    params.into_iter().any(|param| param.name == TRACK_BUTTON && param.kind == ParamKind::PushButton)
}

/// Tracks the frames of a job.
pub(super) fn track(job: &Job, interrupt: &Interrupt) -> Result<(), CommandError> {
    let begun = Instant::now();
    let footage = JobFootage::open(job)?;
    let source = &footage.source;
    let frames = asked(job, source)?;
    let notes = Arc::new(Notes::new(frames.len(), job.quiet));
    // The button is about the frames of the time line.
    let shot = Shot::new(job, source, frames.as_slice()).over(&frames);
    let work = OpenJob::new(job, &shot, &footage, &notes)?;
    if !tracks(&work.description) {
        return Err(CommandError::NothingToTrack { effect: work.description.id.clone() });
    }
    let has_own = job.values.get(OWN_CACHE).is_some_and(|folder| !folder.is_empty());
    if !has_own {
        check_that_results_are_kept(&work.bundle)?;
    }
    press(&work.instance, &notes, interrupt)?;
    if !job.quiet {
        let seconds = begun.elapsed().as_secs_f64();
        print_out(&format!("frames {} tracked in {seconds:.1} s\n", describe_frames(frames.as_slice())))?;
    }
    work.close()
}

/// The frames of the job, without gaps: tracking goes through them.
pub(super) fn asked(job: &Job, source: &Footage) -> Result<FrameSet, CommandError> {
    let there = source.frames();
    let asked = job.frames.as_ref().or(there.as_ref()).and_then(FrameSet::ends);
    let (first, last) = asked.unwrap_or((1, 1));
    let frames = FrameSet::range(first, last);
    let missing = source.missing(&frames);
    match missing.is_empty() {
        true => Ok(frames),
        false => {
            let pattern = source.text().to_owned();
            Err(crate::sequence::SequenceError::MissingFrames { pattern, frames: missing }.into())
        }
    }
}

/// Presses the button that tracks. The bar moves with the effect's progress, which an interrupt ends.
pub(super) fn press(instance: &Instance, notes: &Arc<Notes>, interrupt: &Interrupt) -> Result<(), CommandError> {
    watch(instance, notes, interrupt);
    let pressed = instance.press(TRACK_BUTTON);
    notes.finish();
    notes.messages(&instance.take_messages());
    if interrupt.is_raised() {
        return Err(CommandError::TrackInterrupted);
    }
    notes.messages(&pressed?);
    Ok(())
}

fn watch(instance: &Instance, notes: &Arc<Notes>, interrupt: &Interrupt) {
    let (notes, interrupt) = (Arc::clone(notes), interrupt.clone());
    instance.on_progress(move |event| {
        match event {
            ProgressEvent::Start { label, .. } => notes.begin(label),
            ProgressEvent::Update(fraction) => notes.reach(*fraction),
            ProgressEvent::End => {}
        }
        !interrupt.is_raised()
    });
}
