//! Results shared by all threads: computed once, kept least-recently-used within a byte budget.

use std::{collections::HashSet, fmt, hash::Hash, sync::Arc};

use lru::LruCache;
use serde::{Deserialize, Serialize};

use crate::{
    abort::{Abort, POLL},
    error::InferenceError,
    key::Key,
    sync::{Condvar, Mutex, MutexGuard},
};

/// How much memory a cached value holds.
pub trait ByteSize {
    /// Bytes on the heap, near enough for a budget. Constant for a value.
    fn byte_size(&self) -> u64;
}

/// What a cache did and holds. Every call of [`SharedCache::get_or_compute`] counts as one hit, miss or failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheStatistics {
    /// Answers from memory, including those that waited for another caller's computation.
    pub hits: u64,
    /// Answers computed by their caller.
    pub misses: u64,
    /// Calls without an answer: the computation failed, or the caller gave up.
    pub failures: u64,
    /// Values dropped to stay within the budget.
    pub evictions: u64,
    /// Values held now.
    pub entries: u64,
    /// Bytes held now.
    pub bytes: u64,
    /// The budget in bytes.
    pub budget_bytes: u64,
}

/// Encoder outputs and the like, by the hash of everything they depend on.
pub type FeatureCache<V> = SharedCache<Key, V>;

/// A least-recently-used cache bounded by bytes. Any number of threads may ask for one key: one of them computes, the
/// others wait and poll their own abort; if the computing one fails or gives up, a waiting one takes over. No lock is
/// held while computing, while asking an abort, or while a value is dropped.
pub struct SharedCache<K: Hash + Eq, V> {
    state: Mutex<State<K, V>>,
    /// Some key stopped being computed.
    landed: Condvar,
}

struct State<K: Hash + Eq, V> {
    ready: LruCache<K, Held<V>>,
    computing: HashSet<K>,
    statistics: CacheStatistics,
}

struct Held<V> {
    value: Arc<V>,
    bytes: u64,
}

/// What a caller found when it asked for a key.
enum Claim<'a, K: Hash + Eq + Clone, V> {
    Ready(Arc<V>),
    Mine(Flight<'a, K, V>),
    GivenUp,
}

/// The right to compute a key. Dropped without landing (an error, a panic), it lets a waiting caller take over.
struct Flight<'a, K: Hash + Eq + Clone, V> {
    cache: &'a SharedCache<K, V>,
    key: K,
    landed: bool,
}

impl<K: Hash + Eq + Clone, V: ByteSize> SharedCache<K, V> {
    /// An empty cache that holds at most `budget_bytes`.
    pub fn new(budget_bytes: u64) -> Self {
        let statistics = CacheStatistics { budget_bytes, ..CacheStatistics::default() };
        let state = State { ready: LruCache::unbounded(), computing: HashSet::new(), statistics };
        Self { state: Mutex::new(state), landed: Condvar::new() }
    }

    /// The value of `key`: from memory, from another caller that is computing it now, or from `compute`.
    ///
    /// A value larger than the whole budget is handed out and not kept. `compute` must not ask this cache for the
    /// same key.
    ///
    /// # Errors
    /// Those of `compute`, and [`InferenceError::Aborted`] (as `E`) when `abort` said so while waiting.
    pub fn get_or_compute<E: From<InferenceError>>(
        &self,
        key: K,
        abort: &dyn Abort,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        match self.claim(key, abort) {
            Claim::Ready(value) => Ok(value),
            Claim::Mine(flight) => compute().map(|value| flight.land(value)),
            Claim::GivenUp => Err(E::from(InferenceError::Aborted)),
        }
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
        let with_use = |held: &Held<V>| {
            let in_use = Arc::strong_count(&held.value) > 1;
            (Arc::clone(&held.value), in_use)
        };
        state.ready.iter().map(|(_, held)| with_use(held)).collect()
    }

    /// What the cache did and holds.
    pub fn statistics(&self) -> CacheStatistics {
        self.state.lock().statistics
    }

    fn claim(&self, key: K, abort: &dyn Abort) -> Claim<'_, K, V> {
        let mut state = self.state.lock();
        loop {
            if let Some(held) = state.ready.get(&key) {
                let value = Arc::clone(&held.value);
                state.statistics.hits += 1;
                return Claim::Ready(value);
            }
            if state.computing.insert(key.clone()) {
                return Claim::Mine(Flight { cache: self, key, landed: false });
            }
            self.landed.wait_for(&mut state, POLL);
            // Asked at every waking, not only after a quiet wait: other keys landing must not drown it.
            let given_up = MutexGuard::unlocked(&mut state, || abort.aborted());
            if given_up {
                state.statistics.failures += 1;
                return Claim::GivenUp;
            }
        }
    }

    fn retain(&self, keep: impl Fn(&Arc<V>) -> bool) -> usize {
        let mut dropped = Vec::new();
        let mut state = self.state.lock();
        let keys: Vec<K> =
            state.ready.iter().filter(|(_, held)| !keep(&held.value)).map(|(key, _)| key.clone()).collect();
        for key in keys {
            dropped.extend(state.take(&key));
        }
        drop(state);
        dropped.len()
    }
}

impl<K: Hash + Eq, V> State<K, V> {
    fn take(&mut self, key: &K) -> Option<Held<V>> {
        let held = self.ready.pop(key)?;
        self.forget(held)
    }

    fn take_oldest(&mut self) -> Option<Held<V>> {
        let (_, held) = self.ready.pop_lru()?;
        self.forget(held)
    }

    fn forget(&mut self, held: Held<V>) -> Option<Held<V>> {
        self.statistics.entries -= 1;
        self.statistics.bytes -= held.bytes;
        Some(held)
    }
}

impl<K: Hash + Eq + Clone, V: ByteSize> Flight<'_, K, V> {
    /// Keeps the value if it fits, and lets the waiting callers have it.
    fn land(mut self, value: V) -> Arc<V> {
        let bytes = value.byte_size();
        let value = Arc::new(value);
        let mut evicted = Vec::new();
        let mut state = self.cache.state.lock();
        let budget = state.statistics.budget_bytes;
        if bytes <= budget {
            while state.statistics.bytes > budget - bytes {
                let Some(held) = state.take_oldest() else { break };
                state.statistics.evictions += 1;
                evicted.push(held);
            }
            state.ready.put(self.key.clone(), Held { value: Arc::clone(&value), bytes });
            state.statistics.entries += 1;
            state.statistics.bytes += bytes;
        }
        state.statistics.misses += 1;
        state.computing.remove(&self.key);
        self.landed = true;
        drop(state);
        self.cache.landed.notify_all();
        value
    }
}

impl<K: Hash + Eq + Clone, V> Drop for Flight<'_, K, V> {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        let mut state = self.cache.state.lock();
        state.statistics.failures += 1;
        state.computing.remove(&self.key);
        drop(state);
        self.cache.landed.notify_all();
    }
}

impl<K: Hash + Eq + Clone, V: ByteSize> fmt::Debug for SharedCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedCache").field(&self.statistics()).finish()
    }
}
