//! What the process's allocator keeps, for the memory guard.

use std::sync::{Arc, Weak};

use inference::{Cleanup, MemoryGuard, Place, Reclaim};

/// Freed pages that [`blocks`] keeps for the next frame. They stand in the ledger and go with the caches.
#[derive(Debug)]
pub struct FreedBlocks(());

impl FreedBlocks {
    /// Registers them. The guard forgets them with the value returned.
    pub fn known_to(guard: &MemoryGuard) -> Arc<Self> {
        let freed = Arc::new(Self(()));
        let weak: Weak<Self> = Arc::downgrade(&freed);
        guard.register(weak);
        freed
    }
}

impl Reclaim for FreedBlocks {
    fn name(&self) -> &str {
        "freed blocks"
    }

    fn place(&self) -> Place {
        Place::Host
    }

    fn bytes(&self) -> u64 {
        blocks::kept() as u64
    }

    /// The cheapest there is to give up: any cleanup takes them all.
    fn reclaim(&self, _strength: Cleanup) -> u64 {
        blocks::give_back() as u64
    }
}
