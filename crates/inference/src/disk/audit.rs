//! The store as a whole, for people: what is in it, whether it is sound, away with it.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    DiskActivity, DiskOptions, entry,
    file::{self, Content},
    folder::{self, Item, Name},
    optimised, sweep,
};
use crate::abort::{Abort, NeverAbort};

/// What is in a store's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskReport {
    /// The folder.
    pub folder: PathBuf,
    /// Most bytes of all entries together.
    pub max_bytes: u64,
    /// Entries in the folder.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The same by kind.
    pub kinds: Vec<KindReport>,
    /// Entries that are being written now, or were when their writers ended.
    pub temporary: u64,
    /// What else lies among the entries: other names, links, pipes, folders.
    pub foreign: u64,
    /// Why the folder cannot be looked into. One that does not exist yet is no problem.
    pub problem: Option<String>,
    /// What this process did with the store.
    pub activity: DiskActivity,
}

/// The entries of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindReport {
    /// The kind, with its version.
    pub kind: String,
    /// How many.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// How far a verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyProgress {
    /// Entries looked at.
    pub checked: u64,
    /// Entries in all.
    pub entries: u64,
}

/// What a verification found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyReport {
    /// Sound entries.
    pub sound: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Damaged entries.
    pub damaged: u64,
    /// Damaged entries and temporary files that could not be removed.
    pub stuck: u64,
    /// Entries that could not be read.
    pub unreadable: u64,
    /// What else lies among the entries; left alone.
    pub foreign: u64,
    /// Temporary files of writers that ended, removed.
    pub left_behind: u64,
    /// `false` if it was ended early.
    pub complete: bool,
}

/// What clearing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearReport {
    /// Files removed: entries, and temporary ones.
    pub removed: u64,
    /// Optimised graphs removed, written whole or not.
    pub graphs: u64,
    /// The bytes of all of them.
    pub bytes: u64,
    /// Files of the store that could not be removed.
    pub stuck: u64,
    /// What else lies among the entries; left alone.
    pub foreign: u64,
}

pub fn stats(options: &DiskOptions, activity: DiskActivity) -> DiskReport {
    let mut kinds: BTreeMap<String, KindReport> = BTreeMap::new();
    let (mut temporary, mut foreign) = (0, 0);
    folder::walk(&options.folder, &NeverAbort, |Item { kind, name, metadata, .. }| match name {
        Name::Entry(_) => {
            let report = kinds.entry(kind.clone()).or_insert(KindReport { kind, entries: 0, bytes: 0 });
            report.entries += 1;
            report.bytes += metadata.len();
        }
        Name::Temporary => temporary += 1,
        Name::Foreign => foreign += 1,
    });
    let kinds: Vec<_> = kinds.into_values().collect();
    let problem = fs::read_dir(&options.folder).err().filter(|error| error.kind() != ErrorKind::NotFound);
    DiskReport {
        folder: options.folder.clone(),
        max_bytes: options.max_bytes,
        entries: kinds.iter().map(|kind| kind.entries).sum(),
        bytes: kinds.iter().map(|kind| kind.bytes).sum(),
        kinds,
        temporary,
        foreign,
        problem: problem.map(|error| error.to_string()),
        activity,
    }
}

pub fn verify(options: &DiskOptions, abort: &dyn Abort, progress: &mut dyn FnMut(VerifyProgress)) -> VerifyReport {
    let mut report = VerifyReport::default();
    let mut entries = Vec::new();
    report.complete = folder::walk(&options.folder, abort, |item| match item.name {
        Name::Entry(key) => entries.push((key, item)),
        Name::Temporary if sweep::is_left_behind(&item) => match file::remove(&item.path) {
            Ok(by_us) => report.left_behind += u64::from(by_us),
            Err(_) => report.stuck += 1,
        },
        Name::Temporary => {}
        Name::Foreign => report.foreign += 1,
    });
    for (checked, (key, item)) in entries.iter().enumerate() {
        if abort.aborted() {
            report.complete = false;
            break;
        }
        let sound = |bytes: &[u8]| entry::unseal(bytes, &item.kind, *key).is_some();
        match file::read(&item.path, options.max_bytes) {
            Ok(Some(Content { bytes, .. })) if sound(&bytes) => {
                report.sound += 1;
                report.bytes += bytes.len() as u64;
            }
            Ok(Some(_)) => {
                report.damaged += 1;
                report.stuck += u64::from(file::remove(&item.path).is_err());
            }
            Ok(None) => {}
            Err(_) => report.unreadable += 1,
        }
        progress(VerifyProgress { checked: checked as u64 + 1, entries: entries.len() as u64 });
    }
    report
}

pub fn clear(folder: &Path) -> ClearReport {
    let mut report = ClearReport::default();
    folder::walk(folder, &NeverAbort, |item| match item.name {
        Name::Entry(_) | Name::Temporary => match file::remove(&item.path) {
            Ok(true) => {
                report.removed += 1;
                report.bytes += item.metadata.len();
            }
            Ok(false) => {}
            Err(_) => report.stuck += 1,
        },
        Name::Foreign => report.foreign += 1,
    });
    optimised::clear(folder, &mut report);
    folder::remove_empty(folder);
    report
}
