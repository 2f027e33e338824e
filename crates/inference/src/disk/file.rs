//! One file of the store: read with bounds, written whole or not at all.

use std::{
    collections::hash_map::RandomState,
    fs::{self, File, Metadata, OpenOptions},
    hash::BuildHasher,
    io::{self, ErrorKind, Read, Write},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use super::folder;

/// A hit makes an entry young again when it is older than this: a write to the folder now and then, not at each hit.
const TOUCH_AFTER: Duration = Duration::from_secs(300);

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

/// An entry's file as it was read.
pub struct Content {
    pub bytes: Vec<u8>,
    pub modified: Option<SystemTime>,
}

/// Reads an entry's file, if there is one. One larger than the whole store may be is not read: it comes without bytes,
/// which make no value.
pub fn read(path: &Path, max_bytes: u64) -> io::Result<Option<Content>> {
    match find(path)?.map(|metadata| read_found(path, &metadata, max_bytes)).transpose() {
        Err(error) if is_absence(&error) => Ok(None),
        result => result,
    }
}

/// The file in an entry's place, if there is one. Anything else there (a link, a pipe, a folder) is an error: it is
/// not the store's, and opening a pipe would wait for its other end.
pub fn find(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
        Ok(_) => Err(io::Error::new(ErrorKind::AlreadyExists, "a link, a pipe or a folder is in an entry's place")),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_found(path: &Path, metadata: &Metadata, max_bytes: u64) -> io::Result<Content> {
    let length = if metadata.len() > max_bytes { 0 } else { metadata.len() };
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX))?;
    File::open(path)?.take(length).read_to_end(&mut bytes)?;
    Ok(Content { bytes, modified: metadata.modified().ok() })
}

/// Writes an entry under a temporary name and gives it its own by renaming. Rights are the folder's business: files
/// are made with the usual ones (the process's umask), so that a group can share them.
pub fn write(path: &Path, bytes: &[u8], names: &Names) -> io::Result<()> {
    // A file is replaced, whatever is in it; anything else is not.
    find(path)?;
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

/// Removes a file of the store. `false` if somebody else did so before.
pub fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if is_absence(&error) => Ok(false),
        Err(error) => Err(error),
    }
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

/// Gives a file its name.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        // Windows does not replace a file that somebody reads. It has the same content.
        Err(_) if cfg!(windows) && to.is_file() => fs::remove_file(from),
        result => result,
    }
}
