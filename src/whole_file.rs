//! Texts as files, whole or not at all.

use std::io;
use std::path::Path;

/// Writes a text under another name beside the file and renames it. A file of this name is replaced.
///
/// # Errors
/// The system's refusal.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension(format!("{}.new", std::process::id()));
    std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, path))
}
