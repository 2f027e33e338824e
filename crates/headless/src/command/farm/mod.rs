//! `sam3roto farm`: a job as tasks for the machines of a farm, in the form that render managers take.
//!
//! [`spans`]: how the shot is cut. [`needs`]: what a task takes of a machine. [`template`]: the job of the farm.

mod needs;
mod spans;
mod template;

use super::error::CommandError;
use super::job::{self, Job};
use super::job_document::document;
use super::json_file::write_json;
use super::open_job::JobFootage;
use super::options::RenderOptions;
use super::print_out;
use super::track::tracks;
use super::work_options::FarmOptions;
use crate::host::Description;
use crate::sequence::{Footage, FrameSet, Pattern, SequenceError};
use needs::{Needs, look};
use serde_json::{Map, Value as Json, json};
use spans::{chunks, prompt_frames, spans};
use std::path::{Path, PathBuf, absolute};
use template::{Place, Template};

/// The parameter by which an effect says what it does on a frame that was not tracked, and its answer "report an error":
/// a machine that has another model, or another cache, shall not make up a track of its own.
const IF_NOT_TRACKED: &str = "ifNotTracked";
const REFUSE: &str = "ifNotTracked=2";

/// Writes the job of the farm.
pub(super) fn farm(options: FarmOptions) -> Result<(), CommandError> {
    let folder = absolute(&options.out)?;
    let fallback = folder.join("matte.%04d.exr").to_string_lossy().into_owned();
    let given = options.mattes.clone();
    let cache = options.cache.clone();
    let quiet = options.work.quiet;
    let render = RenderOptions { job: Some(options.job), work: options.work, ..RenderOptions::default() };
    let document = document(&render)?;
    let job = job::from_options_else(RenderOptions { output: given, ..render }, fallback)?;
    let source = JobFootage::open(&job)?.source;
    let frames = frames(&job, &source);
    if Pattern::parse(&job.output)?.is_none() {
        // A movie too: machines write one file for each frame.
        return Err(SequenceError::NeedsNumber { text: job.output, frames: frames.len() }.into());
    }
    let (first, last) = frames.ends().unwrap_or((1, 1));
    let (description, needs) = look(&job, first, options.memory)?;
    let spans = spans((first, last), &prompt_frames(&description, &job.keys));
    let chunks = chunks(frames.as_slice(), options.chunk as usize);

    let cache = cache.or_else(|| job.cache.clone()).unwrap_or_else(|| folder.join("cache"));
    let cache = absolute(cache)?.to_string_lossy().into_owned();
    let source = place("SourceFolder", &job.input)?;
    let clips = job.clips.iter().map(|(clip, shot)| Ok((clip.clone(), place(&format!("{clip}Folder"), shot)?)));
    let clips = clips.collect::<Result<Vec<_>, CommandError>>()?;
    let output = place("OutputFolder", &job.output)?;
    let template = Template {
        folder: &folder,
        name: format!("{} {}", description.label, source.name),
        source: &source,
        clips: &clips,
        output: &output,
        cache: &cache,
        spans: tracks(&description).then_some(&spans),
        chunks: &chunks,
        needs,
        rendering: if refuses(&description) { &["--set", REFUSE] } else { &[] },
    };
    let file = folder.join("template.json");
    write_json(&folder.join("job.json"), &document)?;
    write_json(&file, &template.json())?;
    write_values(&folder, &template.values())?;
    if quiet { Ok(()) } else { print_out(&summary(&file, &template)) }
}

/// The folders outside of the job's, in the two forms that are asked for: a map, for `openjd run -p file://...`, and the
/// list of a job bundle of AWS Deadline Cloud.
fn write_values(folder: &Path, values: &[(String, String)]) -> Result<(), CommandError> {
    let map: Map<String, Json> = values.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let list: Vec<Json> = values.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    write_json(&folder.join("parameters.json"), &Json::Object(map))?;
    write_json(&folder.join("parameter_values.json"), &json!({ "parameterValues": list }))
}

fn frames(job: &Job, source: &Footage) -> FrameSet {
    job.frames.clone().or_else(|| source.frames()).unwrap_or_else(|| FrameSet::range(1, 1))
}

fn refuses(description: &Description) -> bool {
    let mut params = description.described.iter().flat_map(|context| &context.params);
    params.any(|param| param.name == IF_NOT_TRACKED)
}

/// A shot's folder and the name in it.
fn place(parameter: &str, shot: &str) -> Result<Place, CommandError> {
    let path: PathBuf = absolute(shot)?;
    let folder = path.parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Place { parameter: parameter.to_owned(), folder, name })
}

fn summary(file: &Path, template: &Template<'_>) -> String {
    let Needs { memory, device_memory } = template.needs;
    let mut out = format!("{}\n\n", file.display());
    if let Some(spans) = template.spans {
        out += &format!("  Track   {:>5} tasks, one for each span between prompt frames\n", spans.len());
    }
    let frames: usize = template.chunks.iter().map(|chunk| chunk.len()).sum();
    out += &format!(
        "  Render  {:>5} tasks, {frames} frames to {}/{}\n",
        template.chunks.len(),
        template.output.folder,
        template.output.name
    );
    out += "  Verify      1 task\n\n";
    out += &format!("A task needs {memory} MiB of memory");
    if let Some(memory) = device_memory {
        out += &format!(" and a graphics card with {memory} MiB");
    }
    out + &format!(". Results are shared in {}.\n", template.cache)
}
