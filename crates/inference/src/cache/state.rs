//! What a cache holds, behind its lock. Values leave through the hands of the caller, which drops them unlocked.

use std::{
    any::Any,
    collections::HashMap,
    hash::Hash,
    sync::{Arc, OnceLock},
};

use lru::LruCache;

use super::{CacheStatistics, Limits};

/// The failure of a computation, for those that wait for it. Of any type: callers of one cache may have different
/// errors.
pub(super) type SharedFailure = Arc<OnceLock<Box<dyn Any + Send + Sync>>>;

pub(super) struct State<K: Hash + Eq, V> {
    ready: LruCache<K, Held<V>>,
    pub computing: HashMap<K, SharedFailure>,
    pub statistics: CacheStatistics,
}

/// A value and its size when it came.
pub(super) struct Held<V> {
    pub value: Arc<V>,
    pub bytes: u64,
}

impl<K: Hash + Eq + Clone, V> State<K, V> {
    pub fn new() -> Self {
        Self { ready: LruCache::unbounded(), computing: HashMap::new(), statistics: CacheStatistics::default() }
    }

    /// Whether there is a value; counts as no use of it.
    pub fn holds(&self, key: &K) -> bool {
        self.ready.contains(key)
    }

    /// The value of a key, from now on the most recently used.
    pub fn get(&mut self, key: &K) -> Option<Arc<V>> {
        self.ready.get(key).map(|held| Arc::clone(&held.value))
    }

    /// All values, most recently used first.
    pub fn values(&self) -> impl Iterator<Item = &Arc<V>> {
        self.ready.iter().map(|(_, held)| &held.value)
    }

    /// Keeps a value if it fits at all; gives those that had to go for it.
    pub fn put(&mut self, key: K, held: Held<V>, limits: Limits) -> Vec<Held<V>> {
        if held.bytes > limits.bytes || limits.entries == 0 {
            return Vec::new();
        }
        let evicted = self.shrink(limits.bytes - held.bytes, limits.entries - 1);
        self.statistics.entries += 1;
        self.statistics.bytes += held.bytes;
        self.ready.put(key, held);
        evicted
    }

    /// Takes the least recently used values until no more than this is left. They count as evicted.
    pub fn shrink(&mut self, bytes: u64, entries: u64) -> Vec<Held<V>> {
        let mut evicted = Vec::new();
        while self.statistics.bytes > bytes || self.statistics.entries > entries {
            let Some((_, held)) = self.ready.pop_lru() else { break };
            self.statistics.evictions += 1;
            evicted.push(self.forget(held));
        }
        evicted
    }

    /// Takes the values that are not to be kept. They do not count as evicted.
    pub fn take_unless(&mut self, keep: impl Fn(&Arc<V>) -> bool) -> Vec<Held<V>> {
        let leaving = self.ready.iter().filter(|(_, held)| !keep(&held.value));
        let keys: Vec<K> = leaving.map(|(key, _)| key.clone()).collect();
        let taken = keys.iter().filter_map(|key| self.ready.pop(key)).collect::<Vec<_>>();
        taken.into_iter().map(|held| self.forget(held)).collect()
    }

    fn forget(&mut self, held: Held<V>) -> Held<V> {
        self.statistics.entries -= 1;
        self.statistics.bytes -= held.bytes;
        held
    }
}
