//! Documents as JSON files, whole or not at all.

use super::error::CommandError;
use crate::sequence::write_bytes;
use serde_json::Value as Json;
use std::path::Path;

/// Writes a document for people to read, too. A file of this name is replaced.
pub(super) fn write_json(path: &Path, document: &Json) -> Result<(), CommandError> {
    Ok(write_bytes(path, format!("{document:#}\n").as_bytes())?)
}
