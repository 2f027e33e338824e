//! Giving memory back.

use std::{hash::Hash, sync::Arc};

use super::{ByteSize, SharedCache, state::Held};
use crate::memory::{Cleanup, Place, Reclaim};

impl<K, V> Reclaim for SharedCache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync,
    V: ByteSize + Send + Sync,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn place(&self) -> Place {
        Place::Host
    }

    fn bytes(&self) -> u64 {
        self.state.lock().statistics.bytes
    }

    /// Halves the bytes held, or empties the cache. Values in use live on with their users and do not count as freed.
    fn reclaim(&self, strength: Cleanup) -> u64 {
        let mut state = self.state.lock();
        let given_up = match strength {
            Cleanup::Soft => {
                let half = state.statistics.bytes / 2;
                state.shrink(half, u64::MAX)
            }
            Cleanup::Hard => state.shrink(0, 0),
        };
        drop(state);
        let free = |held: &&Held<V>| Arc::strong_count(&held.value) == 1;
        given_up.iter().filter(free).map(|held| held.bytes).sum()
    }
}
