//! The names in a store's folder, and the way through all of them.

use std::{
    fs::{self, DirEntry, Metadata},
    path::{Path, PathBuf},
};

use super::entry;
use crate::{abort::Abort, key::Key};

/// Digits of a key in a file name.
pub const KEY_DIGITS: usize = 32;
/// Digits of a writer's mark in the name of a temporary file.
pub const MARK_DIGITS: usize = 16;
const TEMPORARY: &str = ".tmp";

/// Where an entry lies.
pub fn entry_path(folder: &Path, kind: &str, key: Key) -> PathBuf {
    let name = key.to_string();
    folder.join(kind).join(&name[..2]).join(name)
}

/// The name under which an entry is written before it gets its own. In the same folder, so that a rename suffices;
/// short, for Windows' paths.
pub fn temporary_path(entry: &Path, mark: u64) -> PathBuf {
    let mut name = entry.as_os_str().to_owned();
    name.push(format!(".{mark:0MARK_DIGITS$x}{TEMPORARY}"));
    PathBuf::from(name)
}

/// What a file's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// A result, or what is left of one: its bytes tell.
    Entry(Key),
    /// A result that is being written, or was when its writer ended.
    Temporary,
    /// Nothing the store would write: another name, or no file.
    Foreign,
}

/// What lies where entries lie.
#[derive(Debug)]
pub struct Item {
    pub kind: String,
    pub name: Name,
    pub path: PathBuf,
    pub metadata: Metadata,
}

/// Shows everything that lies where entries lie. What vanishes meanwhile is left out. `false` if `abort` ended it early.
pub fn walk(folder: &Path, abort: &dyn Abort, mut see: impl FnMut(Item)) -> bool {
    for kind_folder in children(folder) {
        let Some(kind) = folder_name(&kind_folder, |name| entry::is_kind(name.as_bytes())) else { continue };
        for shard_folder in children(&kind_folder.path()) {
            let Some(shard) = folder_name(&shard_folder, |name| name.len() == 2 && is_hex(name)) else { continue };
            if abort.aborted() {
                return false;
            }
            for file in children(&shard_folder.path()) {
                // Does not follow links: a link is not what the store made.
                let Ok(metadata) = file.metadata() else { continue };
                let name = name_of(&file, &metadata, &shard);
                see(Item { kind: kind.clone(), name, path: file.path(), metadata });
            }
        }
    }
    true
}

/// Removes the folders of shards and kinds that have nothing in them.
pub fn remove_empty(folder: &Path) {
    for kind_folder in children(folder) {
        if folder_name(&kind_folder, |name| entry::is_kind(name.as_bytes())).is_none() {
            continue;
        }
        let mut held_ours = false;
        for shard_folder in children(&kind_folder.path()) {
            if folder_name(&shard_folder, |name| name.len() == 2 && is_hex(name)).is_some() {
                // Refuses, as wanted, when there is something in it.
                held_ours |= fs::remove_dir(shard_folder.path()).is_ok();
            }
        }
        if held_ours {
            let _ = fs::remove_dir(kind_folder.path());
        }
    }
}

fn children(folder: &Path) -> impl Iterator<Item = DirEntry> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

fn folder_name(entry: &DirEntry, fits: impl Fn(&str) -> bool) -> Option<String> {
    let name = entry.file_name().into_string().ok().filter(|name| fits(name))?;
    entry.file_type().is_ok_and(|kind| kind.is_dir()).then_some(name)
}

fn name_of(file: &DirEntry, metadata: &Metadata, shard: &str) -> Name {
    match file.file_name().to_str() {
        Some(name) if metadata.is_file() && name.starts_with(shard) => parse(name),
        _ => Name::Foreign,
    }
}

fn parse(name: &str) -> Name {
    let Some((key, rest)) = name.split_at_checked(KEY_DIGITS).filter(|(key, _)| is_hex(key)) else {
        return Name::Foreign;
    };
    let mark = rest.strip_prefix('.').and_then(|rest| rest.strip_suffix(TEMPORARY));
    match (u128::from_str_radix(key, 16), mark) {
        (Ok(key), None) if rest.is_empty() => Name::Entry(Key(key)),
        (Ok(_), Some(mark)) if mark.len() == MARK_DIGITS && is_hex(mark) => Name::Temporary,
        _ => Name::Foreign,
    }
}

/// Lower case alone: a file of any other spelling is somebody else's.
pub fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written_and_others_are_foreign() {
        let key = Key(0x0123_4567_89ab_cdef_0011_2233_4455_6677);
        let path = entry_path(Path::new("root"), "embedding-1", key);
        assert_eq!(path, Path::new("root/embedding-1/01/0123456789abcdef0011223344556677"));
        let name = |path: &Path| parse(path.file_name().unwrap().to_str().unwrap());
        assert_eq!(name(&path), Name::Entry(key));
        assert_eq!(name(&temporary_path(&path, 7)), Name::Temporary);
        let entry = path.file_name().unwrap().to_str().unwrap();
        for foreign in ["", "notes.txt", &entry[1..], &entry.to_uppercase(), &format!("{entry}.tmp")] {
            assert_eq!(parse(foreign), Name::Foreign, "{foreign}");
        }
        assert_eq!(parse(&format!("{entry}.0000000000000007.tmp~")), Name::Foreign);
        assert_eq!(parse("\u{e9}".repeat(16).as_str()), Name::Foreign);
    }
}
