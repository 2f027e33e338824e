//! Where a node's results are kept on disk: in a folder of its own, else in that of the settings.
//!
//! A node's own folder has its masks, tracks and mattes: all that a render of tracked frames needs. Encoded pictures are
//! the engine's, which serves all nodes, and stay where the settings say.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use inference::{DiskOptions, DiskStore};
use openfx::{Error, Result};
use parking_lot::Mutex;

use super::settings::Settings;
use crate::engine::Shared;

/// The folders that nodes name for themselves: one store for each, whoever uses it.
#[derive(Debug)]
pub struct Folders {
    stores: Mutex<HashMap<PathBuf, Arc<DiskStore>>>,
    max_bytes: u64,
}

impl Folders {
    /// None yet; each may hold so many bytes.
    pub fn new(max_bytes: u64) -> Self {
        Self { stores: Mutex::default(), max_bytes }
    }

    fn store(&self, folder: &Path) -> Arc<DiskStore> {
        let options = || DiskOptions { folder: folder.to_owned(), max_bytes: self.max_bytes };
        let mut stores = self.stores.lock();
        // Opening touches no file: nothing is waited for with the lock.
        Arc::clone(stores.entry(folder.to_owned()).or_insert_with(|| Arc::new(DiskStore::open(options()))))
    }
}

/// Where one node's results are kept.
pub enum Kept<'a> {
    /// In the node's own folder.
    Own(Arc<DiskStore>),
    /// In the folder of the settings, where they name one.
    OfSettings(Option<&'a DiskStore>),
}

impl<'a> Kept<'a> {
    /// As the panel says.
    pub fn of(shared: &'a Shared, settings: &Settings) -> Self {
        match &settings.cache_folder {
            Some(folder) => Self::Own(shared.folders.store(folder)),
            None => Self::OfSettings(shared.engine.disk()),
        }
    }

    /// The store, if there is one.
    pub fn store(&self) -> Option<&DiskStore> {
        match self {
            Self::Own(store) => Some(store),
            Self::OfSettings(store) => *store,
        }
    }

    /// What the user has to know of the node's own folder after results were written.
    pub fn trouble(&self) -> Option<String> {
        let Self::Own(store) = self else { return None };
        let folder = store.folder();
        (!folder.is_dir()).then(|| {
            format!(
                "Cache Folder {} is not there and could not be made: what was tracked is in memory only. Name a folder that this machine can write to.",
                folder.display()
            )
        })
    }
}

/// The node's own folder by what the panel says; `None` for nothing.
///
/// # Errors
/// In words, for a path that would mean another folder on every machine.
pub fn own_folder(text: &str) -> Result<Option<PathBuf>> {
    let text = text.trim();
    let folder = Path::new(text);
    if text.is_empty() {
        return Ok(None);
    }
    if !folder.is_absolute() {
        let words = format!("Cache Folder \"{text}\" is no full path: write it from the root on, or leave it empty.");
        return Err(Error::Effect(words));
    }
    Ok(Some(folder.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_full_path_or_none() {
        assert_eq!(own_folder("  "), Ok(None));
        let full = std::env::temp_dir().join("results");
        assert_eq!(own_folder(&format!(" {} ", full.display())), Ok(Some(full)));
        let refused = own_folder("results/shot").unwrap_err().to_string();
        assert!(refused.contains("results/shot") && refused.contains("full path"), "{refused}");
    }

    #[test]
    fn a_folder_has_one_store_whoever_asks() {
        let folders = Folders::new(1);
        let (first, again) = (folders.store(Path::new("/a")), folders.store(Path::new("/a")));
        assert!(Arc::ptr_eq(&first, &again));
        assert!(!Arc::ptr_eq(&first, &folders.store(Path::new("/b"))));
    }
}
