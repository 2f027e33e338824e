//! Folders that appear complete or not at all.

use crate::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder under construction, beside its final place. It vanishes unless it is put there.
pub struct Staging {
    folder: TempDir,
    place: PathBuf,
}

impl Staging {
    /// Begins a folder that will be `place`.
    pub fn of(place: &Path) -> Result<Self, Error> {
        let parent = place.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(Error::file("create", parent))?;
        let folder = tempfile::Builder::new().prefix(".unfinished-").tempdir_in(parent);
        Ok(Self { folder: folder.map_err(Error::file("create a folder in", parent))?, place: place.to_owned() })
    }

    /// A path in the folder under construction.
    pub fn path(&self, within: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(within)
    }

    /// Puts the folder in its place, instead of what was there.
    pub fn finish(self) -> Result<(), Error> {
        readable_by_all(self.folder.path())?;
        let parent = self.place.parent().unwrap_or(Path::new("."));
        if self.place.exists() {
            // Renamed first: a folder that is in use, or only half deleted, never stands in the place of the new one.
            let old = tempfile::Builder::new().prefix(".replaced-").tempdir_in(parent);
            let old = old.map_err(Error::file("create a folder in", parent))?;
            fs::rename(&self.place, old.path().join("old")).map_err(Error::file("replace", &self.place))?;
        }
        fs::rename(self.folder.path(), &self.place).map_err(Error::file("create", &self.place))?;
        // Nothing is left to delete there.
        let _ = self.folder.keep();
        Ok(())
    }
}

/// Temporary folders are private to the user; what is installed for everyone must not be.
#[cfg(unix)]
fn readable_by_all(folder: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(Error::file("set the rights of", folder))
}

#[cfg(not(unix))]
fn readable_by_all(_folder: &Path) -> Result<(), Error> {
    Ok(())
}

/// Writes a file, with the folders it lies in.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), Error> {
    make_parent(path)?;
    fs::write(path, bytes).map_err(Error::file("write", path))
}

/// Copies a file, with the folders it lies in.
pub fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    make_parent(to)?;
    fs::copy(from, to).map_err(Error::file("copy", from))?;
    Ok(())
}

/// Copies a folder and all in it.
pub fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(Error::file("create", to))?;
    for entry in fs::read_dir(from).map_err(Error::file("list", from))? {
        let entry = entry.map_err(Error::file("list", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        match source.is_dir() {
            true => copy_folder(&source, &target)?,
            false => copy(&source, &target)?,
        }
    }
    Ok(())
}

fn make_parent(path: &Path) -> Result<(), Error> {
    match path.parent() {
        Some(parent) => fs::create_dir_all(parent).map_err(Error::file("create", parent)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_folder_replaces_the_old_one_whole() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("bundle");
        write(&place.join("old"), b"old").unwrap();
        let staging = Staging::of(&place).unwrap();
        write(&staging.path("deep/new"), b"new").unwrap();
        staging.finish().unwrap();
        assert!(place.join("deep/new").is_file() && !place.join("old").exists());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_abandoned_folder_leaves_the_old_one_and_no_trace() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("bundle");
        write(&place.join("old"), b"old").unwrap();
        let staging = Staging::of(&place).unwrap();
        write(&staging.path("new"), b"new").unwrap();
        drop(staging);
        assert!(place.join("old").is_file());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
