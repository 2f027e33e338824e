//! Results on disk: found again by the next process, by the other machines of a farm, after a crash.
//!
//! A folder of files named by content, `<folder>/<kind>/<first 2 digits>/<32 digits of the key>`, that any number of
//! processes and machines may share. There are no lock files and no index. A file appears whole by a rename, and it is
//! believed only when its header, its length and its checksum agree; anything else in its place is thrown away and
//! computed again. So nothing is synchronised to the medium: what a power cut spoils is found out when it is read.
//! No trouble with the disk is ever an error of a frame.
//!
//! A file is the store's by its folder and name, whatever is in it: one spoiled in any place is replaced. Files with
//! other names are never touched, nor are links, pipes and folders in an entry's place.

mod audit;
mod entry;
mod file;
mod folder;
mod journal;
pub(crate) mod optimised;
mod sweep;

use std::path::{Path, PathBuf};

pub use audit::{ClearReport, DiskReport, KindReport, VerifyProgress, VerifyReport};
pub use journal::DiskActivity;

use self::{
    file::{Content, Names},
    journal::Journal,
    sweep::Sweeper,
};
use crate::{abort::Abort, cache::Stored, key::Key};

/// What a disk store is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskOptions {
    /// The folder. Made by the first write; may be shared by processes, users and machines.
    pub folder: PathBuf,
    /// Most bytes of all entries together. Each writing process may exceed it by a fiftieth for a while.
    pub max_bytes: u64,
}

/// A folder of results. See the module for its layout and its promises.
#[derive(Debug)]
pub struct DiskStore {
    options: DiskOptions,
    names: Names,
    journal: Journal,
    sweeper: Sweeper,
}

impl DiskStore {
    /// A store in a folder. Touches nothing yet and cannot fail: [`DiskStore::stats`] tells what is wrong with it.
    pub fn open(options: DiskOptions) -> Self {
        let sweeper = Sweeper::new(options.max_bytes);
        Self { options, names: Names::new(), journal: Journal::default(), sweeper }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.options.folder
    }

    /// The value of a key, if it is there and whole. A damaged one is removed. A hit keeps the entry young where the
    /// folder lets this user do so.
    pub fn read<V: Stored>(&self, key: Key) -> Option<V> {
        const {
            assert!(
                entry::is_kind(V::KIND.as_bytes()),
                "a kind is a name of a-z, 0-9 and - with a version, as in mask-1"
            )
        };
        let path = folder::entry_path(&self.options.folder, V::KIND, key);
        let Content { bytes, modified } = match file::read(&path, self.options.max_bytes) {
            Ok(Some(content)) => content,
            Ok(None) => return self.journal.missed(),
            Err(error) => return self.journal.unreadable(&path, &error),
        };
        let Some(value) = entry::unseal(&bytes, V::KIND, key).and_then(|payload| V::read(&payload)) else {
            return self.discard(&path);
        };
        file::keep_young(&path, modified);
        self.journal.hit(bytes.len() as u64);
        Some(value)
    }

    /// Whether there is an entry of a key, whole or not: for deciding what to compute together.
    pub fn holds<V: Stored>(&self, key: Key) -> bool {
        matches!(file::find(&folder::entry_path(&self.options.folder, V::KIND, key)), Ok(Some(_)))
    }

    /// Keeps a value. A failure is counted, told once per cause in the log, and nothing else. Now and then this looks
    /// through the whole folder and removes the entries unused for longest; `abort` ends that look early.
    pub fn write<V: Stored>(&self, key: Key, value: &V, abort: &dyn Abort) {
        const {
            assert!(
                entry::is_kind(V::KIND.as_bytes()),
                "a kind is a name of a-z, 0-9 and - with a version, as in mask-1"
            )
        };
        let bytes = entry::seal(key, value);
        let size = bytes.len() as u64;
        if size > self.options.max_bytes {
            return self.journal.refused("an entry is larger than the whole store may be");
        }
        let path = folder::entry_path(&self.options.folder, V::KIND, key);
        match file::write(&path, &bytes, &self.names) {
            Ok(()) => self.journal.wrote(size),
            Err(error) => return self.journal.refused(error.to_string()),
        }
        let removed = self.sweeper.after_write(&self.options.folder, size, abort);
        self.journal.removed(removed);
    }

    /// What is in the folder now, and what this process did with it. Looks at every entry's size: on a slow shared
    /// folder this takes seconds.
    pub fn stats(&self) -> DiskReport {
        audit::stats(&self.options, self.journal.activity())
    }

    /// Reads every entry and removes the damaged ones, and what writers left behind that were killed. `progress` is
    /// told after each entry. Ends early, with what it has, when `abort` says so.
    pub fn verify(&self, abort: &dyn Abort, progress: &mut dyn FnMut(VerifyProgress)) -> VerifyReport {
        audit::verify(&self.options, abort, progress)
    }

    /// Removes every entry, sound or not, and the optimised graphs kept with them. What is not the store's stays.
    pub fn clear(&self) -> ClearReport {
        audit::clear(&self.options.folder)
    }

    fn discard<V>(&self, path: &Path) -> Option<V> {
        // The folder may be read-only: then it is found damaged again.
        let _ = file::remove(path);
        self.journal.damaged(path)
    }
}
