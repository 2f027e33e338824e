//! Results shared by all threads: computed once, kept least-recently-used within limits, on disk too where asked.

mod flight;
mod kept;
mod reclaim;
mod state;
mod statistics;
mod stored;

use std::{fmt, hash::Hash, sync::Arc};

pub use flight::Failure;
pub use statistics::CacheStatistics;
pub use stored::{Stored, Unread};

use self::{flight::Claim, state::State};
use crate::{
    abort::Abort,
    key::Key,
    sync::{Condvar, Mutex},
};

/// How much memory a cached value holds.
pub trait ByteSize {
    /// Bytes on the heap, near enough for a budget. Constant for a value.
    fn byte_size(&self) -> u64;
}

/// How much a cache may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes. A larger value is handed out and not kept.
    pub bytes: u64,
    /// Most values.
    pub entries: u64,
}

impl Limits {
    /// No limits.
    pub const NONE: Self = Self { bytes: u64::MAX, entries: u64::MAX };

    /// At most so many bytes, in any number of values.
    pub const fn bytes(bytes: u64) -> Self {
        Self { bytes, entries: u64::MAX }
    }
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// From memory, or from another caller that was computing it.
    Memory,
    /// From the disk tier.
    Disk,
    /// From this caller's own computation.
    Computed,
}

/// A value and where it came from.
#[derive(Debug)]
pub struct Found<V> {
    /// The value.
    pub value: Arc<V>,
    /// Where it came from.
    pub origin: Origin,
}

/// Encoder outputs and the like, by the hash of everything they depend on.
pub type FeatureCache<V> = SharedCache<Key, V>;

/// A least-recently-used cache within [`Limits`]. Any number of threads may ask for one key: one of them computes, the
/// others wait and poll their own abort. A failure of the computation is the answer for all that waited; if the
/// computing one gives up or panics, a waiting one takes over. No lock is held while computing, while asking an abort,
/// or while a value is dropped.
pub struct SharedCache<K: Hash + Eq, V> {
    name: Arc<str>,
    limits: Limits,
    state: Mutex<State<K, V>>,
    /// Some key stopped being computed.
    landed: Condvar,
}

impl<K: Hash + Eq + Clone, V: ByteSize> SharedCache<K, V> {
    /// An empty cache. The name is the one in the ledger: "features".
    pub fn new(name: impl Into<Arc<str>>, limits: Limits) -> Self {
        Self { name: name.into(), limits, state: Mutex::new(State::new()), landed: Condvar::new() }
    }

    /// The value of `key`: from memory, from another caller that is computing it now, or from `compute`.
    ///
    /// `compute` must not ask this cache for the same key.
    ///
    /// # Errors
    /// Those of `compute`, this caller's own or those of the caller it waited for; and
    /// [`crate::InferenceError::Aborted`] (as `E`) when `abort` said so while waiting.
    pub fn get_or_compute<E: Failure>(
        &self,
        key: K,
        abort: &dyn Abort,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        self.fetch(key, abort, compute).map(|found| found.value)
    }

    /// As [`SharedCache::get_or_compute`], and tells where the value came from.
    ///
    /// # Errors
    /// As [`SharedCache::get_or_compute`].
    pub fn fetch<E: Failure>(
        &self,
        key: K,
        abort: &dyn Abort,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<Found<V>, E> {
        match self.claim(key, abort)? {
            Claim::Ready(value) => Ok(Found { value, origin: Origin::Memory }),
            Claim::Mine(flight) => flight.fly(|| compute().map(|value| (value, Origin::Computed))),
        }
    }

    /// Whether the value of `key` is in memory now: for deciding what to compute together. It counts as no use of it.
    pub fn holds(&self, key: &K) -> bool {
        self.state.lock().holds(key)
    }

    /// Drops everything; values in use live on with their users.
    pub fn clear(&self) {
        self.retain(|_| false);
    }

    /// Drops the values that nobody outside the cache holds; gives how many. They do not count as evictions.
    pub fn clear_idle(&self) -> usize {
        // The count cannot grow from 1 behind our back: a new holder would need the lock that `retain` holds.
        self.retain(|value| Arc::strong_count(value) > 1)
    }

    /// The values held now, most recently used first, each with whether somebody outside holds it too.
    pub fn values(&self) -> Vec<(Arc<V>, bool)> {
        let state = self.state.lock();
        state.values().map(|value| (Arc::clone(value), Arc::strong_count(value) > 1)).collect()
    }

    /// What the cache did and holds.
    pub fn statistics(&self) -> CacheStatistics {
        let statistics = self.state.lock().statistics;
        CacheStatistics { budget_bytes: self.limits.bytes, budget_entries: self.limits.entries, ..statistics }
    }

    fn retain(&self, keep: impl Fn(&Arc<V>) -> bool) -> usize {
        let dropped = self.state.lock().take_unless(keep);
        dropped.len()
    }
}

impl<K: Hash + Eq + Clone, V: ByteSize> fmt::Debug for SharedCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCache").field("name", &self.name).field("statistics", &self.statistics()).finish()
    }
}
