//! Results on disk, for `sam3roto cache`: shown, checked and emptied without a host and without loading a model.

use std::path::{Path, PathBuf};

use inference::{ClearReport, DiskOptions, DiskReport, DiskStore, NeverAbort, VerifyReport};
use serde::Serialize;

use crate::settings::{self, MEGABYTE};

/// What came of it.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Answer<T> {
    /// What was found or done.
    Done(T),
    /// Nothing was done.
    Refused {
        /// Why, in words.
        problem: String,
    },
}

/// What was done in a folder.
#[derive(Serialize)]
pub struct Within<T> {
    folder: PathBuf,
    #[serde(flatten)]
    done: T,
}

/// What is in the folder.
pub fn stats(folder: Option<&str>) -> Answer<DiskReport> {
    answer(folder, DiskStore::stats)
}

/// Reads every entry and removes the damaged ones.
pub fn verify(folder: Option<&str>) -> Answer<Within<VerifyReport>> {
    answer(folder, |store| Within { folder: store.folder().to_owned(), done: store.verify(&NeverAbort, &mut |_| ()) })
}

/// Removes every entry.
pub fn clear(folder: Option<&str>) -> Answer<Within<ClearReport>> {
    answer(folder, |store| Within { folder: store.folder().to_owned(), done: store.clear() })
}

/// Does something with the store in this folder, or in that of the settings.
fn answer<T>(folder: Option<&str>, act: impl FnOnce(&DiskStore) -> T) -> Answer<T> {
    match store(folder) {
        Ok(store) => Answer::Done(act(&store)),
        Err(problem) => Answer::Refused { problem },
    }
}

fn store(folder: Option<&str>) -> Result<DiskStore, String> {
    let settings = settings::current().map_err(|error| error.to_string())?;
    let folder = folder.map(Path::new).or(settings.cache_folder.as_deref());
    let folder = folder
        .ok_or("no folder is set for results on disk: give --folder, or set cache.folder (variable SAM3ROTO_CACHE)")?;
    Ok(DiskStore::open(DiskOptions { folder: folder.to_owned(), max_bytes: settings.disk_mb * MEGABYTE }))
}
