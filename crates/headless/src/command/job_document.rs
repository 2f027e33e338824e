//! A job as a document, for other machines to read.

use super::error::CommandError;
use super::job::{Fields, parse_file};
use super::options::RenderOptions;
use serde_json::{Map, Value as Json};

/// The fields of a job file that say where things are, what is written, and how.
const PLACES: [&str; 10] =
    ["in", "clip", "out", "cache", "bundle", "ffmpeg", "frames", "overwrite", "skip-existing", "quiet"];

/// The job file of these options as it is, with their values and keys laid over, and without all that says where files
/// are: what another machine needs of it besides its own paths.
///
/// # Errors
/// As [`from_options`].
pub fn document(options: &RenderOptions) -> Result<Json, CommandError> {
    let path = options.job.as_deref().ok_or(CommandError::Missing { option: "JOB", purpose: "the job file" })?;
    let mut document: Json = parse_file(path)?;
    let over = Fields::of_assignments(options)?;
    let Some(fields) = document.as_object_mut() else { return Ok(document) };
    for (name, value) in over.set {
        field(fields, "key").map(|keys| keys.shift_remove(&name));
        field(fields, "set").map(|values| values.insert(name, value.into_text().into()));
    }
    for (name, keys) in over.key {
        field(fields, "set").map(|values| values.shift_remove(&name));
        let added = keys.into_iter().map(|(frame, value)| (frame, value.into_text().into()));
        if let Some(keys) = field(fields, "key").and_then(|keys| field(keys, &name)) {
            keys.extend(added);
        }
    }
    for place in PLACES {
        fields.shift_remove(place);
    }
    if let Some(effect) = &options.work.effect {
        fields.insert("effect".to_owned(), effect.clone().into());
    }
    Ok(document)
}

/// The object under a name, made where it is missing; `None` where something else stands there, which no job may have.
fn field<'a>(fields: &'a mut Map<String, Json>, name: &str) -> Option<&'a mut Map<String, Json>> {
    fields.entry(name.to_owned()).or_insert_with(|| Map::new().into()).as_object_mut()
}
