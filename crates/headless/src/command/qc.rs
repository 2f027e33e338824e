//! `sam3roto qc`: which frames of a track to look at.

use super::error::CommandError;
use super::interrupt::Interrupt;
use super::job::{self, Job};
use super::notes::Notes;
use super::open_job::{JobFootage, OpenJob, Shot};
use super::options::RenderOptions;
use super::print_out;
use super::qc_figures::Figures;
use super::qc_options::QcOptions;
use super::qc_sheet::sheet;
use super::track::{TRACK_BUTTON, asked};
use crate::host::{Instance, ProgressEvent, Value};
use crate::sequence::SequenceError;
use std::fs;
use std::path::Path;

/// Where the effect puts its figures, and the limit.
const DATA: &str = "trackQualityData";
const LIMIT: &str = "suspiciousBelow";

/// Tracks, and tells.
pub(super) fn qc(options: &QcOptions, interrupt: &Interrupt) -> Result<(), CommandError> {
    let job = job_of(options)?;
    let footage = JobFootage::open(&job)?;
    let source = &footage.source;
    let frames = asked(&job, source)?;
    let notes = Notes::new(frames.len(), job.quiet);
    let shot = Shot::new(&job, source, frames.as_slice()).over(&frames);
    let OpenJob { bundle, instance, .. } = OpenJob::new(&job, &shot, &footage, &notes)?;
    let figures = tracked(&instance, options, interrupt, &notes)?;
    notes.finish();
    if interrupt.is_raised() {
        return Err(CommandError::Interrupted { done: figures.rows.len(), asked: frames.len() });
    }
    if figures.rows.is_empty() {
        return Err(CommandError::NothingTracked { job: options.job.clone() });
    }
    write(&instance, &figures, options)?;
    print_out(&figures.text(options.brief))?;
    // The instance goes before the library that it is of.
    drop(instance);
    drop(bundle);
    Ok(())
}

/// The job for its shot and its values: one that is exported by an effect says nothing of files, and none are written.
fn job_of(options: &QcOptions) -> Result<Job, CommandError> {
    let (job, work, cache) = (Some(options.job.clone()), options.work.clone(), options.cache.clone());
    job::from_options_else(RenderOptions { job, work, cache, ..RenderOptions::default() }, String::new())
}

fn tracked(
    instance: &Instance,
    options: &QcOptions,
    interrupt: &Interrupt,
    notes: &Notes,
) -> Result<Figures, CommandError> {
    // Before the work: an effect without these figures is told at once.
    let limit = instance.get(LIMIT)?;
    let waiting = interrupt.clone();
    instance.on_progress(move |event| !matches!(event, ProgressEvent::Update(_)) || !waiting.is_raised());
    notes.messages(&instance.press(TRACK_BUTTON)?);
    let below = match (options.below, limit) {
        (Some(below), _) => below,
        (None, Value::Double(limit)) => (100.0 * limit.clamp(0.0, 1.0)).round() as u8,
        (None, _) => 0,
    };
    let Value::Text(data) = instance.get(DATA)? else { return Ok(Figures { rows: Vec::new(), below }) };
    Ok(Figures::parse(&data, below))
}

fn write(instance: &Instance, figures: &Figures, options: &QcOptions) -> Result<(), CommandError> {
    if let Some(path) = &options.json {
        file(path, (serde_json::to_string_pretty(&figures.json())? + "\n").as_bytes())?;
    }
    if let Some(path) = &options.sheet {
        file(path, &sheet(instance, figures, usize::from(options.worst))?)?;
    }
    if let Some(path) = &options.report {
        let title = options.job.file_name().unwrap_or_default().to_string_lossy();
        file(path, figures.page(&title, seen_from(path, options.sheet.as_deref()).as_deref()).as_bytes())?;
    }
    Ok(())
}

/// The sheet's place as a page in its folder names it: its name alone where both are in one folder.
fn seen_from(page: &Path, sheet: Option<&Path>) -> Option<String> {
    let sheet = sheet?;
    let name = if page.parent() == sheet.parent() {
        Path::new(sheet.file_name()?).to_owned()
    } else {
        std::path::absolute(sheet).ok()?
    };
    Some(name.to_string_lossy().replace('\\', "/"))
}

fn file(path: &Path, content: &[u8]) -> Result<(), CommandError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, content));
    written.map_err(|error| SequenceError::Write { path: path.to_owned(), problem: error.to_string() }.into())
}
