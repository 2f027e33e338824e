//! A log file that begins anew when it is full, and keeps a few old ones.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

/// Why lines are lost, for whoever asks; none while all is well.
pub(super) type Trouble = Arc<Mutex<Option<String>>>;

/// `name.log`, with older ones as `name.log.1` and up. Each record is appended in one piece, so that several processes may
/// write to one file; whoever finds it full moves it aside, and the others follow. There are no lock files: two that
/// move it at the same moment lose old lines, never new ones.
///
/// Writing never fails: a log that cannot be written must not disturb a render. The cause is kept as [`Trouble`].
pub(super) struct RotatingFile {
    path: PathBuf,
    most_bytes: u64,
    files: u64,
    file: Option<File>,
    trouble: Trouble,
}

impl RotatingFile {
    /// Opens or makes the file and its folder. `files` counts the current one.
    pub(super) fn new(path: PathBuf, most_bytes: u64, files: u64, trouble: Trouble) -> Self {
        let opened = open(&path);
        *trouble.lock() = opened.as_ref().err().map(ToString::to_string);
        Self { path, most_bytes, files: files.max(1), file: opened.ok(), trouble }
    }

    /// The file with room for `more` bytes. None where it could not be opened: a file server that is away must not
    /// make every line wait for it.
    fn file_with_room(&mut self, more: u64) -> io::Result<Option<&mut File>> {
        let Some(file) = &self.file else { return Ok(None) };
        if is_full(file.metadata()?.len(), more, self.most_bytes) {
            // Another process may have moved this file aside already: then a new one is there.
            let there = fs::metadata(&self.path).map_or(0, |there| there.len());
            // Windows removes a file when the last one closes it; what is opened meanwhile is the old one.
            self.file = None;
            if is_full(there, more, self.most_bytes) {
                move_aside(&self.path, self.files);
            }
            self.file = Some(open(&self.path)?);
        }
        Ok(self.file.as_mut())
    }
}

impl Write for RotatingFile {
    /// Takes a whole record.
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        let written = match self.file_with_room(record.len() as u64) {
            Ok(Some(file)) => file.write_all(record),
            Ok(None) => return Ok(record.len()),
            Err(error) => Err(error),
        };
        *self.trouble.lock() = written.err().map(|error| error.to_string());
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_full(bytes: u64, more: u64, most: u64) -> bool {
    bytes > 0 && bytes.saturating_add(more) > most
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

/// Gives every file the number of the next older one; the oldest is overwritten.
fn move_aside(path: &Path, files: u64) {
    let numbered = |number: u64| match number {
        0 => path.to_owned(),
        _ => {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        }
    };
    // What another process moved first is not there, and what cannot be moved grows on: neither is worth a word.
    if files == 1 {
        let _ = fs::remove_file(path);
    }
    for number in (0..files - 1).rev() {
        let _ = fs::rename(numbered(number), numbered(number + 1));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where something is missing")]
mod tests {
    use super::*;

    fn log(path: &Path, most_bytes: u64, files: u64) -> RotatingFile {
        RotatingFile::new(path.to_owned(), most_bytes, files, Trouble::default())
    }

    fn lines_in(folder: &Path) -> Vec<String> {
        let mut lines = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            assert!(text.is_empty() || text.ends_with('\n'), "a record was torn: {text}");
            lines.extend(text.lines().map(str::to_owned));
        }
        lines.sort();
        lines
    }

    #[test]
    fn old_files_are_kept_up_to_the_number_and_none_grows_beyond_its_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/a.log");
        let mut log = log(&path, 100, 3);
        for number in 0..100 {
            log.write_all(format!("line {number:04}\n").as_bytes()).unwrap();
        }
        let parent = path.parent().unwrap();
        let sizes: Vec<u64> =
            fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).collect();
        assert!(sizes.len() == 3 && sizes.iter().all(|&size| size <= 100), "{sizes:?}");
        let newest: Vec<String> = (70..100).map(|number| format!("line {number:04}")).collect();
        assert_eq!(lines_in(parent), newest);
        assert_eq!(*log.trouble.lock(), None);
    }

    #[test]
    fn a_single_file_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = log(&folder.path().join("a.log"), 20, 1);
        for number in 0..5 {
            log.write_all(format!("line {number}\n").as_bytes()).unwrap();
        }
        assert_eq!(lines_in(folder.path()), ["line 4"]);
    }

    #[test]
    fn a_record_larger_than_the_file_is_written_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = log(&folder.path().join("a.log"), 10, 2);
        log.write_all(b"first\n").unwrap();
        log.write_all(b"a line of many more letters\n").unwrap();
        assert_eq!(lines_in(folder.path()), ["a line of many more letters", "first"]);
    }

    #[test]
    fn several_writers_lose_no_new_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut writers: Vec<RotatingFile> = (0..4).map(|_| log(&path, 1000, 40)).collect();
        for number in 0..500 {
            writers[number * 7 % 4].write_all(format!("{number:04}\n").as_bytes()).unwrap();
        }
        let all: Vec<String> = (0..500).map(|number| format!("{number:04}")).collect();
        assert_eq!(lines_in(folder.path()), all);
    }

    #[test]
    fn a_file_that_cannot_be_made_is_told_and_disturbs_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let in_the_way = folder.path().join("file");
        fs::write(&in_the_way, "").unwrap();
        let mut log = log(&in_the_way.join("a.log"), 100, 2);
        log.write_all(b"lost\n").unwrap();
        assert!(log.trouble.lock().is_some());
    }
}
