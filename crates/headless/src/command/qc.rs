//! `sam3roto qc`: which frames of a track to look at.

use super::error::CommandError;
use super::interrupt::Interrupt;
use super::job::{self, Job};
use super::json_file::write_json;
use super::notes::Notes;
use super::open_job::{JobFootage, OpenJob, Shot};
use super::options::RenderOptions;
use super::print_out;
use super::qc_figures::Figures;
use super::qc_options::QcOptions;
use super::qc_sheet::sheet;
use super::track::{asked, press};
use crate::host::{Instance, Value};
use crate::sequence::write_bytes;
use std::path::Path;
use std::sync::Arc;

/// Where the effect puts its figures, and the limit.
const DATA: &str = "trackQualityData";
const LIMIT: &str = "suspiciousBelow";

/// Tracks, and tells.
pub(super) fn qc(options: &QcOptions, interrupt: &Interrupt) -> Result<(), CommandError> {
    let job = job_of(options)?;
    let footage = JobFootage::open(&job)?;
    let source = &footage.source;
    let frames = asked(&job, source)?;
    let notes = Arc::new(Notes::new(frames.len(), job.quiet));
    let shot = Shot::new(&job, source, frames.as_slice()).over(&frames);
    let work = OpenJob::new(&job, &shot, &footage, &notes)?;
    let figures = tracked(&work.instance, options, interrupt, &notes)?;
    if figures.rows.is_empty() {
        return Err(CommandError::NothingTracked { job: options.job.clone() });
    }
    write(&work.instance, &figures, options)?;
    print_out(&figures.text(options.brief))?;
    work.close()
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
    notes: &Arc<Notes>,
) -> Result<Figures, CommandError> {
    // Before the work: an effect without these figures is told at once.
    let limit = instance.get(LIMIT)?;
    press(instance, notes, interrupt)?;
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
        write_json(path, &figures.json())?;
    }
    if let Some(path) = &options.sheet {
        write_bytes(path, &sheet(instance, figures, usize::from(options.worst))?)?;
    }
    if let Some(path) = &options.report {
        let title = options.job.file_name().unwrap_or_default().to_string_lossy();
        write_bytes(path, figures.page(&title, seen_from(path, options.sheet.as_deref()).as_deref()).as_bytes())?;
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
