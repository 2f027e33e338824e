//! Keeping the folder within its size.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{
    file,
    folder::{self, Item, Name},
};
use crate::{abort::Abort, sync::Mutex};

/// A process looks through the folder after writing this share of its size. Nothing has to be remembered between looks
/// or between processes: what other processes write counts when they, or this one, look next.
const LOOKS_PER_SIZE: u64 = 50;
/// A look that finds too much removes down to this share.
const KEPT_PERCENT: u64 = 90;
/// A temporary file of another time than this is no longer being written. In either direction: clocks of machines that
/// share a folder may differ, and one that is wrong by more than this at worst costs a write its temporary file.
const WRITING: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub struct Sweeper {
    max_bytes: u64,
    step: u64,
    /// Bytes written since the last look. `None` while a thread looks: others need not.
    written: Mutex<Option<u64>>,
}

impl Sweeper {
    pub fn new(max_bytes: u64) -> Self {
        let step = (max_bytes / LOOKS_PER_SIZE).max(1);
        // Anywhere in a step: many short processes, each writing a little, look as often as one long one.
        Self { max_bytes, step, written: Mutex::new(Some(file::random() % step)) }
    }

    /// Counts a write and looks through the folder when it is time; gives how many entries were removed.
    pub fn after_write(&self, folder: &Path, bytes: u64, abort: &dyn Abort) -> u64 {
        {
            let mut written = self.written.lock();
            let Some(count) = written.as_mut() else { return 0 };
            *count = count.saturating_add(bytes);
            if *count < self.step {
                return 0;
            }
            *written = None;
        }
        let swept = sweep(folder, self.max_bytes, abort);
        // A look that was broken off is taken up by the next write.
        *self.written.lock() = Some(if swept.is_some() { 0 } else { self.step });
        swept.unwrap_or(0)
    }
}

/// Whether a temporary file's writer must have ended without removing it.
pub fn is_left_behind(item: &Item) -> bool {
    item.name == Name::Temporary && item.metadata.modified().is_ok_and(is_of_another_time)
}

/// Whether nobody writes any more to a file that was last written to at a time.
pub fn is_of_another_time(modified: SystemTime) -> bool {
    SystemTime::now().duration_since(modified).unwrap_or_else(|ahead| ahead.duration()) > WRITING
}

/// Removes what killed writers left, and the entries unused for longest if they are too many. `None` if broken off.
fn sweep(folder: &Path, max_bytes: u64, abort: &dyn Abort) -> Option<u64> {
    let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    let mut left_behind = Vec::new();
    let complete = folder::walk(folder, abort, |item| match item.name {
        Name::Entry(_) => {
            let modified = item.metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            entries.push((modified, item.metadata.len(), item.path));
        }
        Name::Temporary if is_left_behind(&item) => left_behind.push(item.path),
        Name::Temporary | Name::Foreign => {}
    });
    for path in left_behind {
        let _ = file::remove(&path);
    }
    if !complete {
        return None;
    }
    let mut total: u64 = entries.iter().map(|(_, bytes, _)| bytes).sum();
    if total <= max_bytes {
        return Some(0);
    }
    let kept = max_bytes / 100 * KEPT_PERCENT;
    entries.sort_unstable();
    let mut removed = 0;
    for (_, bytes, path) in entries {
        if total <= kept {
            break;
        }
        // One that another process removes at the same time is gone as well.
        if let Ok(by_us) = file::remove(&path) {
            removed += u64::from(by_us);
            total -= bytes;
        }
    }
    Some(removed)
}
