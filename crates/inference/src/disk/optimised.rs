//! Graphs as ONNX Runtime optimised them, kept for the next process.
//!
//! `<cache folder>/compiled/<32 digits of the key>.<32 digits of the checksum>.onnx`: plain files, because ONNX Runtime
//! writes and reads them itself. The checksum is made over the key and the content, so that a file is believed only as
//! what it was written as. One that is damaged is removed and made anew. Files with other names (those of providers
//! that compile models, for one) are never touched.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use twox_hash::XxHash3_128;

use super::{
    ClearReport, file,
    folder::{KEY_DIGITS, MARK_DIGITS, is_hex},
    sweep,
};
use crate::{abort::Abort, key::Key};

/// The folder within that of the cache.
pub(crate) const FOLDER: &str = "compiled";
const GRAPH: &str = ".onnx";
const DRAFT: &str = ".tmp~";

/// Graphs kept. Beyond these, those unused for longest go.
const MOST: usize = 8;

/// How much is read between two looks at the abort.
const CHUNK: usize = 1 << 20;

/// How a tensor in an ONNX file says that its data lie in another file: the first key of `external_data`. The path is
/// relative to the graph, so that such a graph is good for nothing anywhere else.
const LIES_ELSEWHERE: &[u8] = b"\x0a\x08location";

/// What a file's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Graph { key: Key, checksum: u128 },
    Draft,
}

/// The graph of a key, if there is one that is whole. Damaged ones are removed.
pub(crate) fn find(folder: &Path, key: Key, abort: &dyn Abort) -> Option<PathBuf> {
    for (path, name) in listed(folder) {
        let expected = match name {
            Name::Graph { key: of, checksum } if of == key => checksum,
            Name::Graph { .. } | Name::Draft => continue,
        };
        match checksum(&path, key, abort) {
            Ok(found) if found == expected => {
                file::keep_young(&path, file::find(&path).ok().flatten().and_then(|found| found.modified().ok()));
                return Some(path);
            }
            Ok(_) => {
                log::warn!("{} is damaged; it is made anew", path.display());
                discard(&path);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => return None,
            Err(error) => log::debug!("{} cannot be read: {error}", path.display()),
        }
    }
    None
}

/// Removes a graph that is of no use.
pub(crate) fn discard(graph: &Path) {
    // The folder may be read-only: then it is found useless again.
    let _ = file::remove(graph);
}

/// A graph that is being written. Removed unless it is kept.
#[derive(Debug)]
pub(crate) struct Draft {
    folder: PathBuf,
    key: Key,
    path: PathBuf,
}

impl Draft {
    /// A name in the folder that no other writer uses.
    pub fn new(folder: &Path, key: Key) -> Self {
        let path = folder.join(format!("{key}.{:0MARK_DIGITS$x}{DRAFT}", file::random()));
        Self { folder: folder.to_owned(), key, path }
    }

    /// Where it is to be written.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the written file its name, and removes graphs that nobody has used for long where there are too many.
    ///
    /// # Errors
    /// What the system says, a graph that needs other files, an abort.
    pub fn keep(self, abort: &dyn Abort) -> io::Result<()> {
        if lies_elsewhere(&self.path, abort)? {
            return Err(io::Error::other("its weights lie in another file"));
        }
        let name = format!("{}.{:0KEY_DIGITS$x}{GRAPH}", self.key, checksum(&self.path, self.key, abort)?);
        file::rename(&self.path, &self.folder.join(name))?;
        bound(&self.folder);
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Mostly it has its name by now, or was never written.
        let _ = file::remove(&self.path);
    }
}

/// Removes every graph, whole or not, and the folder if nothing else is in it.
pub(super) fn clear(cache_folder: &Path, report: &mut ClearReport) {
    let folder = cache_folder.join(FOLDER);
    for (path, _) in listed(&folder) {
        let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        match file::remove(&path) {
            Ok(true) => {
                report.graphs += 1;
                report.bytes += bytes;
            }
            Ok(false) => {}
            Err(_) => report.stuck += 1,
        }
    }
    let _ = fs::remove_dir(folder);
}

fn bound(folder: &Path) {
    let mut graphs = Vec::new();
    for (path, name) in listed(folder) {
        let Ok(Some(metadata)) = file::find(&path) else { continue };
        match (name, metadata.modified()) {
            (Name::Graph { .. }, modified) => graphs.push((modified.unwrap_or(SystemTime::UNIX_EPOCH), path)),
            (Name::Draft, Ok(modified)) if sweep::is_of_another_time(modified) => discard(&path),
            (Name::Draft, _) => {}
        }
    }
    graphs.sort_unstable();
    let excess = graphs.len().saturating_sub(MOST);
    graphs.iter().take(excess).for_each(|(_, path)| discard(path));
}

/// What of ours is in the folder.
fn listed(folder: &Path) -> Vec<(PathBuf, Name)> {
    let children = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = children.filter(|child| child.file_type().is_ok_and(|kind| kind.is_file()));
    ours.filter_map(|child| Some((child.path(), parse(child.file_name().to_str()?)?))).collect()
}

fn parse(name: &str) -> Option<Name> {
    let (key, rest) = name.split_at_checked(KEY_DIGITS).filter(|(key, _)| is_hex(key))?;
    let key = Key(u128::from_str_radix(key, 16).ok()?);
    let rest = rest.strip_prefix('.')?;
    let digits = |text: &str, count| text.len() == count && is_hex(text);
    if let Some(mark) = rest.strip_suffix(DRAFT) {
        return digits(mark, MARK_DIGITS).then_some(Name::Draft);
    }
    let checksum = rest.strip_suffix(GRAPH).filter(|text| digits(text, KEY_DIGITS))?;
    Some(Name::Graph { key, checksum: u128::from_str_radix(checksum, 16).ok()? })
}

/// The checksum of a key and a file's content.
fn checksum(path: &Path, key: Key, abort: &dyn Abort) -> io::Result<u128> {
    let mut hasher = XxHash3_128::new();
    hasher.write(&key.0.to_le_bytes());
    read_through(path, abort, |chunk| hasher.write(chunk))?;
    Ok(hasher.finish_128())
}

fn lies_elsewhere(path: &Path, abort: &dyn Abort) -> io::Result<bool> {
    let mut found = false;
    // The words may lie across two chunks: the end of each is looked at again with the next.
    let mut seen = Vec::new();
    read_through(path, abort, |chunk| {
        seen.extend_from_slice(chunk);
        found |= seen.windows(LIES_ELSEWHERE.len()).any(|words| words == LIES_ELSEWHERE);
        seen.drain(..seen.len().saturating_sub(LIES_ELSEWHERE.len()));
    })?;
    Ok(found)
}

/// Shows a file piece by piece. [`ErrorKind::Interrupted`] if `abort` says so.
fn read_through(path: &Path, abort: &dyn Abort, mut see: impl FnMut(&[u8])) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; CHUNK];
    loop {
        if abort.aborted() {
            return Err(ErrorKind::Interrupted.into());
        }
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => see(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::abort::NeverAbort;

    const KEY: Key = Key(0x0123_4567_89ab_cdef_0011_2233_4455_6677);

    fn keep(folder: &Path, key: Key, content: &[u8]) -> io::Result<()> {
        let draft = Draft::new(folder, key);
        fs::write(draft.path(), content).unwrap();
        draft.keep(&NeverAbort)
    }

    fn files(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_kept_graph_is_found_whole_by_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(find(folder.path(), KEY, &NeverAbort), None);
        keep(folder.path(), KEY, b"graph").unwrap();
        keep(folder.path(), Key(7), b"another").unwrap();
        let found = find(folder.path(), KEY, &NeverAbort).expect("just kept");
        assert_eq!(fs::read(found).unwrap(), b"graph");
        assert_eq!(find(folder.path(), Key(8), &NeverAbort), None);
        assert_eq!(find(folder.path(), KEY, &|| true), None);
        assert_eq!(files(folder.path()), 2, "an abort removes nothing");
    }

    #[test]
    fn damaged_cut_and_misnamed_graphs_are_removed_and_never_given() {
        let folder = tempfile::tempdir().unwrap();
        let damages: [fn(&Path); 4] = [
            |path| fs::write(path, b"grapi").unwrap(),
            |path| fs::write(path, b"grap").unwrap(),
            |path| fs::write(path, b"").unwrap(),
            |path| {
                let name =
                    path.file_name().unwrap().to_str().unwrap().replacen(&Key(7).to_string(), &KEY.to_string(), 1);
                fs::rename(path, path.with_file_name(name)).unwrap();
            },
        ];
        for (i, damage) in damages.iter().enumerate() {
            let key = if i == 3 { Key(7) } else { KEY };
            keep(folder.path(), key, b"graph").unwrap();
            damage(&find(folder.path(), key, &NeverAbort).unwrap());
            assert_eq!(find(folder.path(), KEY, &NeverAbort), None, "{i}");
            assert_eq!(files(folder.path()), 0, "{i}");
        }
    }

    #[test]
    fn a_draft_that_is_not_kept_or_needs_other_files_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let draft = Draft::new(folder.path(), KEY);
        fs::write(draft.path(), b"half").unwrap();
        assert_eq!(find(folder.path(), KEY, &NeverAbort), None);
        drop(draft);
        for before in [0, 1, CHUNK - 3] {
            let content = [&vec![0; before][..], LIES_ELSEWHERE, b"\x12\x07weights"].concat();
            assert!(keep(folder.path(), KEY, &content).is_err(), "{before}");
        }
        assert!(Draft::new(folder.path(), KEY).keep(&NeverAbort).is_err(), "nothing was written");
        assert_eq!(files(folder.path()), 0);
    }

    #[test]
    fn the_graphs_unused_for_longest_go_and_clearing_leaves_foreign_files_alone() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join(FOLDER);
        fs::create_dir(&folder).unwrap();
        let age = |path: &Path, hours: u64| {
            let then = SystemTime::now() - Duration::from_secs(hours * 3600);
            File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
        };
        for n in 0..MOST {
            keep(&folder, Key(n as u128), b"graph").unwrap();
            age(&find(&folder, Key(n as u128), &NeverAbort).unwrap(), 10 - n as u64);
        }
        let [left, written] = [Draft::new(&folder, KEY), Draft::new(&folder, KEY)];
        fs::write(left.path(), b"left").unwrap();
        fs::write(written.path(), b"half").unwrap();
        age(left.path(), 2);
        let foreign = folder.join("TensorrtExecutionProvider_1.engine");
        fs::write(&foreign, b"not ours").unwrap();
        // Found, and so used now.
        assert!(find(&folder, Key(0), &NeverAbort).is_some());
        keep(&folder, KEY, b"one more").unwrap();
        let held = |key| find(&folder, key, &NeverAbort).is_some();
        assert_eq!((held(Key(0)), held(Key(1)), held(Key(2)), held(KEY)), (true, false, true, true));
        assert_eq!((left.path().exists(), written.path().exists(), foreign.exists()), (false, true, true));

        let mut report = ClearReport::default();
        clear(cache.path(), &mut report);
        let bytes = (MOST as u64 - 1) * 5 + 8 + 4;
        assert_eq!((report.graphs, report.bytes, report.stuck), (MOST as u64 + 1, bytes, 0));
        assert_eq!(files(&folder), 1);
        fs::remove_file(foreign).unwrap();
        clear(cache.path(), &mut report);
        assert!(!folder.exists());
    }
}
