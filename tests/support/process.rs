//! What a process takes of the machine. Linux only: elsewhere there are no figures.

use std::fs;
use std::path::Path;

/// Figures of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of memory that are in RAM now.
    pub resident: u64,
    /// The most they ever were.
    pub peak: u64,
    /// Threads.
    pub threads: usize,
    /// Open files, pipes and the like.
    pub handles: usize,
}

impl Usage {
    /// Of this process.
    pub fn here() -> Option<Self> {
        Self::of("self")
    }

    /// Of a process by its number; `None` when it is gone, or this is not Linux.
    pub fn of(process: &str) -> Option<Self> {
        let folder = format!("/proc/{process}");
        let status = fs::read_to_string(format!("{folder}/status")).ok()?;
        let count = |list: &str| Some(fs::read_dir(format!("{folder}/{list}")).ok()?.count());
        Some(Self {
            resident: kilobytes(&status, "VmRSS:")? * 1024,
            peak: kilobytes(&status, "VmHWM:")? * 1024,
            threads: count("task")?,
            handles: count("fd")?,
        })
    }
}

fn kilobytes(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The names of the threads that are at work in this process; none where this is not Linux.
pub fn thread_names() -> Vec<String> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    threads.filter_map(|thread| name_at_work(&thread.path())).collect()
}

/// The name of a thread, or `None` where it has run to its end: Linux wakes whoever joins a thread before it takes the
/// thread off the list.
fn name_at_work(thread: &Path) -> Option<String> {
    /// `PF_EXITING` of Linux's `sched.h`.
    const EXITING: u64 = 0x4;
    let stat = fs::read_to_string(thread.join("stat")).ok()?;
    // "number (name) state parent group session terminal terminal-group flags ...", where a name may hold anything.
    let (start, rest) = stat.rsplit_once(')')?;
    let flags: u64 = rest.split_whitespace().nth(6)?.parse().ok()?;
    (flags & EXITING == 0).then(|| start.split_once('(').map_or(start, |(_, name)| name).to_owned())
}
