//! What a process did with its store, and the log's words about trouble: once per cause.

use std::{collections::BTreeMap, io, path::Path};

use serde::{Deserialize, Serialize};

use crate::sync::Mutex;

/// What a process did with its disk store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskActivity {
    /// Values read.
    pub hits: u64,
    /// Values that were not there.
    pub misses: u64,
    /// Bytes of the values read, as stored.
    pub read_bytes: u64,
    /// Values written.
    pub writes: u64,
    /// Bytes of the values written, as stored.
    pub written_bytes: u64,
    /// Entries found damaged; removed where possible.
    pub damaged: u64,
    /// Entries removed to stay within the size.
    pub removed: u64,
    /// Reads that failed for another reason than the entry's absence, by cause.
    pub unreadable: BTreeMap<String, u64>,
    /// Writes that failed, by cause.
    pub refused: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
pub struct Journal(Mutex<DiskActivity>);

impl Journal {
    pub fn activity(&self) -> DiskActivity {
        self.0.lock().clone()
    }

    pub fn hit(&self, bytes: u64) {
        let mut activity = self.0.lock();
        activity.hits += 1;
        activity.read_bytes += bytes;
    }

    pub fn wrote(&self, bytes: u64) {
        let mut activity = self.0.lock();
        activity.writes += 1;
        activity.written_bytes += bytes;
    }

    pub fn removed(&self, entries: u64) {
        self.0.lock().removed += entries;
    }

    /// Counts a miss, which is what a reader makes of every trouble.
    pub fn missed<V>(&self) -> Option<V> {
        self.0.lock().misses += 1;
        None
    }

    pub fn damaged<V>(&self, path: &Path) -> Option<V> {
        log::warn!("the cached result {} is damaged: it is computed again", path.display());
        self.0.lock().damaged += 1;
        self.missed()
    }

    pub fn unreadable<V>(&self, path: &Path, error: &io::Error) -> Option<V> {
        let cause = error.to_string();
        if first(&mut self.0.lock().unreadable, &cause) {
            log::warn!("cached results cannot be read ({}: {cause}): they are computed again", path.display());
        }
        self.missed()
    }

    pub fn refused(&self, cause: impl Into<String>) {
        let cause = cause.into();
        if first(&mut self.0.lock().refused, &cause) {
            log::warn!("results cannot be kept on disk: {cause}. Rendering goes on without");
        }
    }
}

/// Counts a cause; whether it is a new one.
fn first(causes: &mut BTreeMap<String, u64>, cause: &str) -> bool {
    let count = causes.entry(cause.to_owned()).or_default();
    *count += 1;
    *count == 1
}
