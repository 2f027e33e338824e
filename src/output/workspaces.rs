//! Memory for finishing frames, kept from one frame to the next: planes of a UHD frame take hundreds of megabytes, and
//! fresh pages for them more time than the work.

use std::sync::{Arc, Weak};

use inference::{Cleanup, MemoryGuard, Place, Reclaim};
use matte::Delivery;
use parking_lot::Mutex;

/// Most bytes that lie idle. One workspace is kept whatever its size: it serves every frame of a shot.
const MOST_IDLE: u64 = 1_000_000_000;

/// Workspaces that no render uses now. They stand in the engine's ledger and go when memory is short.
#[derive(Debug, Default)]
pub struct Workspaces {
    idle: Mutex<Vec<Delivery>>,
}

impl Workspaces {
    /// A store that the guard knows. The guard forgets it with the value returned.
    pub fn known_to(guard: &MemoryGuard) -> Arc<Self> {
        let workspaces = Arc::new(Self::default());
        let weak: Weak<Self> = Arc::downgrade(&workspaces);
        guard.register(weak);
        workspaces
    }

    /// Runs `work` in a workspace: one that has worked on frames of this size where there is one.
    pub fn work<T>(&self, width: usize, height: usize, work: impl FnOnce(&mut Delivery) -> T) -> T {
        let mut workspace = self.take(width, height);
        let result = work(&mut workspace);
        self.give(workspace);
        result
    }

    /// Forgets all that lie idle.
    pub fn clear(&self) {
        let idle = std::mem::take(&mut *self.idle.lock());
        drop(idle);
    }

    fn take(&self, width: usize, height: usize) -> Delivery {
        let mut idle = self.idle.lock();
        let fits = |workspace: &Delivery| (workspace.alpha().width(), workspace.alpha().height()) == (width, height);
        let place = idle.iter().position(fits).or_else(|| idle.len().checked_sub(1));
        place.map(|place| idle.swap_remove(place)).unwrap_or_default()
    }

    fn give(&self, workspace: Delivery) {
        let mut idle = self.idle.lock();
        let bytes: u64 = idle.iter().map(|workspace| workspace.byte_size() as u64).sum();
        if idle.is_empty() || bytes + workspace.byte_size() as u64 <= MOST_IDLE {
            idle.push(workspace);
        }
    }
}

impl Reclaim for Workspaces {
    fn name(&self) -> &str {
        "matte finishing"
    }

    fn place(&self) -> Place {
        Place::Host
    }

    fn bytes(&self) -> u64 {
        self.idle.lock().iter().map(|workspace| workspace.byte_size() as u64).sum()
    }

    /// The next frame takes fresh pages, nothing more is lost: any cleanup takes them all.
    fn reclaim(&self, _strength: Cleanup) -> u64 {
        let bytes = self.bytes();
        self.clear();
        bytes
    }
}
