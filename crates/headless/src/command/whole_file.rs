//! Texts as files, whole or not at all.

use super::error::CommandError;
use crate::sequence::SequenceError;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes a text under a hidden name and renames it; makes the folder. A file of this name is replaced.
pub(super) fn write_text(path: &Path, text: &str) -> Result<(), CommandError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".").suffix(".part").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        // Others read it too: temporary files are the owner's alone.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        }
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| SequenceError::Write { path: path.to_owned(), problem: error.to_string() }.into())
}
