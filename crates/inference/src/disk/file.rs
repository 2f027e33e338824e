//! One file of the store: read with bounds, written whole or not at all.

use std::{
    collections::hash_map::RandomState,
    fs::{self, File, OpenOptions},
    hash::BuildHasher,
    io::{self, ErrorKind, Read, Write},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use super::{entry, folder};

/// A hit makes an entry young again when it is older than this: a write to the folder now and then, not at each hit.
const TOUCH_AFTER: Duration = Duration::from_secs(300);

/// Bytes that tell whose file it is.
const START: u64 = 8;

/// Marks for temporary files that no other writer uses: a random start per process, then counting.
#[derive(Debug)]
pub struct Names(AtomicU64);

impl Names {
    pub fn new() -> Self {
        Self(AtomicU64::new(random()))
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// 64 bits that differ between processes and machines.
pub fn random() -> u64 {
    RandomState::new().hash_one((std::process::id(), SystemTime::now()))
}

/// What lies in an entry's place.
pub enum Found {
    Nothing,
    /// Something the store would not write.
    Foreign,
    /// The store's by its beginning, and larger than the whole store may be.
    Oversized,
    /// The store's by its beginning.
    Entry {
        bytes: Vec<u8>,
        modified: Option<SystemTime>,
    },
}

/// Reads an entry's file.
pub fn read(path: &Path, max_bytes: u64) -> io::Result<Found> {
    match read_present(path, max_bytes) {
        Err(error) if is_absence(&error) => Ok(Found::Nothing),
        result => result,
    }
}

fn read_present(path: &Path, max_bytes: u64) -> io::Result<Found> {
    // Before opening: opening a pipe would wait for its other end.
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() {
        return Ok(Found::Foreign);
    }
    let oversized = metadata.len() > max_bytes;
    let wanted = if oversized { START } else { metadata.len() };
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(wanted).unwrap_or(usize::MAX))?;
    File::open(path)?.take(wanted).read_to_end(&mut bytes)?;
    Ok(match entry::is_ours(&bytes) {
        false => Found::Foreign,
        true if oversized => Found::Oversized,
        true => Found::Entry { bytes, modified: metadata.modified().ok() },
    })
}

/// Writes an entry under a temporary name and gives it its own by renaming. Rights are the folder's business: files
/// are made with the usual ones (the process's umask), so that a group can share them.
pub fn write(path: &Path, bytes: &[u8], names: &Names) -> io::Result<()> {
    if !is_free(path)? {
        return Err(io::Error::new(ErrorKind::AlreadyExists, "a file that is not the store's is in an entry's place"));
    }
    let temporary = folder::temporary_path(path, names.next());
    let mut file = create(&temporary)?;
    let written = file.write_all(bytes);
    // Closed before it gets its name: over NFS this is when the bytes reach the server.
    drop(file);
    let result = written.and_then(|()| rename(&temporary, path));
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result
}

/// Whether the store may remove this file: it can be read and begins as the store's files do.
pub fn is_removable(path: &Path) -> bool {
    matches!(start(path), Ok(start) if entry::is_ours(&start))
}

/// Marks an entry as used now. Only its owner may do so; for others it ages from its writing.
pub fn keep_young(path: &Path, modified: Option<SystemTime>) {
    let now = SystemTime::now();
    if modified.is_none_or(|modified| now.duration_since(modified).is_ok_and(|age| age > TOUCH_AFTER)) {
        let _ = OpenOptions::new().write(true).open(path).and_then(|file| file.set_modified(now));
    }
}

/// Gone, or replaced under a reader's hands on a network folder (ESTALE).
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::StaleNetworkFileHandle)
}

/// Whether there is nothing in an entry's place, or something of the store's that may be replaced.
fn is_free(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(entry::is_ours(&start(path)?)),
        Ok(_) => Ok(false),
        Err(error) if is_absence(&error) => Ok(true),
        Err(error) => Err(error),
    }
}

fn start(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(START).read_to_end(&mut start)?;
    Ok(start)
}

fn create(path: &Path) -> io::Result<File> {
    match File::create_new(path) {
        // The first entry of its folder, or the folder was cleared a moment ago.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            File::create_new(path)
        }
        result => result,
    }
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        // Windows does not replace a file that somebody reads. It has the same content.
        Err(_) if cfg!(windows) && to.is_file() => fs::remove_file(from),
        result => result,
    }
}
