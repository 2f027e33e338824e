//! Texts as files, whole or not at all.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes a text under another name beside the file and renames it. A file of this name is replaced; where that fails it
/// stays as it was, and nothing is left beside it.
///
/// # Errors
/// The system's refusal.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let new = beside(path);
    let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, path));
    if written.is_err() {
        // The first refusal is told; that this one was refused too helps nobody.
        let _ = std::fs::remove_file(&new);
    }
    written
}

/// A name beside the file that no other writer of any thread or process uses.
fn beside(path: &Path) -> PathBuf {
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.{}.new", std::process::id(), WRITES.fetch_add(1, Ordering::Relaxed)));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_of_this_name_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rabbit.nk");
        write(&path, "first").unwrap();
        write(&path, "second").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(names(folder.path()), ["rabbit.nk"]);
    }

    #[test]
    fn a_refused_write_leaves_nothing_beside_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rabbit.nk");
        std::fs::create_dir(&path).unwrap();
        assert!(write(&path, "text").is_err());
        assert_eq!(names(folder.path()), ["rabbit.nk"]);
    }

    #[test]
    fn files_that_differ_in_their_ending_alone_are_written_under_different_names() {
        assert_ne!(beside(Path::new("rabbit.nk")), beside(Path::new("rabbit.svg")));
    }
}
