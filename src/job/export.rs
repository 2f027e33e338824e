//! The job file: the fields of `sam3roto render` as JSON.

use std::path::{Path, PathBuf};

use openfx::{AnyValue, Description, Error, Instance, MessageKind, Result, Row};
use serde_json::{Map, Value, json};

use super::curve::Curve;
use super::parameters::{JOB_FILE, JOB_SOURCE};
use crate::shot_range::frames_of_source;
use crate::whole_file;

/// Why a job cannot be written.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error("name the job file first: type a full path, as /shots/a010/roto.json, into Job File")]
    NoName,
    #[error("Job File must be a full path, as /shots/a010/roto.json, not '{}'", path.display())]
    NotAbsolute { path: PathBuf },
    #[error("the job {} cannot be written: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
}

impl From<ExportError> for Error {
    fn from(error: ExportError) -> Self {
        Self::effect(error)
    }
}

/// Writes the panel as it is into the file that it names, whole or not at all, and tells what is still to be said on the
/// command line. `prompts_are_keyframes`: only keyframes of prompts count, not what lies between them.
///
/// # Errors
/// In words for the user: no file named, one that cannot be written; the host's refusals.
pub fn export(instance: &Instance, about: &Description, time: f64, prompts_are_keyframes: bool) -> Result<()> {
    let file = file(instance.parameters().get(JOB_FILE, time)?.trim())?;
    let frames: Vec<i32> = frames_of_source(instance)?.into_iter().map(whole).collect();
    let parameters = Panel { instance, about, frames: &frames, time, prompts_are_keyframes };
    let clips = connected_clips(instance, about);
    let source = instance.parameters().get(JOB_SOURCE, time)?.trim().to_owned();
    let mut job = json!({ "effect": about.identifier().to_string_lossy(), "in": source });
    if !clips.is_empty() {
        job["clip"] = clips.iter().map(|clip| (clip.clone(), json!(""))).collect::<Map<_, _>>().into();
    }
    if let (Some(first), Some(last)) = (frames.first(), frames.last()) {
        job["frames"] = json!(format!("{first}-{last}"));
    }
    let source_clip = instance.clip(openfx::ClipKey::SOURCE)?;
    if let Ok(region) = source_clip.region_of_definition(time) {
        job["region"] = json!([region.x1, region.y1, region.x2, region.y2]);
    }
    let (values, keys) = parameters.values_and_keys()?;
    job["set"] = values.into();
    job["key"] = keys.into();
    write(&file, &job)?;
    instance.show_message(MessageKind::Message, &what_is_next(&file, &source, &clips));
    Ok(())
}

fn file(name: &str) -> std::result::Result<PathBuf, ExportError> {
    if name.is_empty() {
        return Err(ExportError::NoName);
    }
    let path = Path::new(name);
    // The working folder of a host is anybody's guess.
    if !path.is_absolute() {
        return Err(ExportError::NotAbsolute { path: path.to_owned() });
    }
    Ok(if path.extension().is_some() { path.to_owned() } else { path.with_extension("json") })
}

fn write(path: &Path, job: &Value) -> std::result::Result<(), ExportError> {
    let failed = |source| ExportError::File { path: path.to_owned(), source };
    whole_file::write(path, &format!("{job:#}\n")).map_err(failed)
}

/// The inputs besides Source that have something connected; none in a host that says so of all of them.
fn connected_clips(instance: &Instance, about: &Description) -> Vec<String> {
    if instance.host().quirks.clips_always_connected {
        return Vec::new();
    }
    let others = about.inputs().filter(|key| *key != openfx::ClipKey::SOURCE);
    let connected = others.filter(|key| instance.clip(*key).is_ok_and(|clip| clip.connected()));
    connected.map(|key| key.name().to_string_lossy().into_owned()).collect()
}

fn what_is_next(file: &Path, source: &str, clips: &[String]) -> String {
    let mut words = format!("The job is in {}.", file.display());
    let source = source.is_empty().then(|| "--in SHOT".to_owned());
    let missing: Vec<String> =
        source.into_iter().chain(clips.iter().map(|clip| format!("--clip {clip}=SHOT"))).collect();
    if !missing.is_empty() {
        words += &format!(" The host does not tell which files are connected: name them with {}.", missing.join(" "));
    }
    words
}

/// What a job says of the panel.
struct Panel<'a> {
    instance: &'a Instance,
    about: &'a Description,
    frames: &'a [i32],
    time: f64,
    prompts_are_keyframes: bool,
}

impl Panel<'_> {
    /// What differs from a new panel: constants, and keys by frame.
    fn values_and_keys(&self) -> Result<(Map<String, Value>, Map<String, Value>)> {
        let (mut values, mut keys) = (Map::new(), Map::new());
        for row in self.about.rows().filter(|row| row.shapes_frames()) {
            let Some(default) = row.default_value() else { continue };
            let name = row.name().to_string_lossy().into_owned();
            match self.curve(row)? {
                Curve::Constant(value) if value == default => {}
                Curve::Constant(value) => _ = values.insert(name, as_json(value)),
                Curve::Keys(curve) => {
                    let curve = curve.into_iter().map(|(frame, value)| (frame.to_string(), as_json(value)));
                    keys.insert(name, curve.collect::<Map<_, _>>().into());
                }
            }
        }
        Ok((values, keys))
    }

    fn curve(&self, row: &Row) -> Result<Curve> {
        let parameters = self.instance.parameters();
        let value = |time: i32| parameters.value_of(row, f64::from(time));
        let mut times: Vec<i32> = parameters.key_times_of(row).into_iter().map(whole).collect();
        times.dedup();
        let is_prompt = row.propagates() && self.prompts_are_keyframes;
        if !row.animates() || (times.is_empty() && (is_prompt || !parameters.is_animating_row(row))) {
            return Ok(Curve::Constant(parameters.value_of(row, self.time)?));
        }
        Curve::of(&times, self.frames, is_prompt, value)
    }
}

/// The frame nearest to a time: jobs have whole frames.
fn whole(time: f64) -> i32 {
    time.round() as i32
}

fn as_json(value: AnyValue) -> Value {
    match value {
        AnyValue::Boolean(value) => json!(value),
        AnyValue::Integer(value) => json!(value),
        AnyValue::Choice(value) => json!(value),
        AnyValue::Double(value) => json!(value),
        AnyValue::Double2D(value) => json!(value),
        AnyValue::Text(value) => json!(value),
    }
}
