//! Which instances there are: what a host says of itself when one appears, and quiet when the last one goes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use openfx::{Family, Instance};

use crate::engine;

static PRESENT: AtomicUsize = AtomicUsize::new(0);

/// What the host said of its threads; 0 while it said nothing.
static HOST_THREADS: AtomicUsize = AtomicUsize::new(0);

/// Whether the host said that it works without a user: a render node, a batch.
static UNATTENDED: AtomicBool = AtomicBool::new(false);

/// A living instance of any effect. With the last one all work in the background ends: hosts that quit, or unload the
/// library, do not wait for the threads of plugins.
pub struct Presence(());

impl Presence {
    /// An instance appears. Takes note of how many threads its host works with, for the engine that is made later.
    pub fn of(instance: &Instance) -> Self {
        let threads = instance.host_threads() as usize;
        // 1 is what hosts say that do not share their threads; only Nuke means it (`nuke -m 1`).
        if threads > 1 || instance.host().family == Family::Nuke {
            HOST_THREADS.store(threads, Ordering::Relaxed);
        }
        UNATTENDED.store(instance.host().is_background, Ordering::Relaxed);
        PRESENT.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        if PRESENT.fetch_sub(1, Ordering::SeqCst) == 1 {
            engine::quiesce();
        }
    }
}

/// Whether nobody is there who could move a point or a slider: every frame is rendered once and then wanted no more.
pub fn is_unattended() -> bool {
    UNATTENDED.load(Ordering::Relaxed)
}

/// As many threads as the host uses; all processors where it does not say.
pub fn host_threads() -> usize {
    match HOST_THREADS.load(Ordering::Relaxed) {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    }
}
