//! Loaded things shared by all threads: loaded once, kept until memory is needed, never taken from who uses them.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    abort::{Abort, POLL},
    error::InferenceError,
    sync::{Condvar, Mutex, MutexGuard},
};

/// What is loaded, by what makes two of them one. Any number of threads may ask for one key: one of them loads, the
/// others wait, each polling its own abort. If the load fails, those who wait get its failure; if its caller gives up,
/// one of them takes over. No lock is held while loading, while asking an abort, or while a value is dropped.
pub struct Pool<K, V> {
    slots: Mutex<HashMap<K, Slot<V>>>,
    /// Some load ended.
    landed: Condvar,
}

enum Slot<V> {
    Loading(Arc<Load>),
    Ready { value: Arc<V>, used: Instant },
}

/// A load under way, and how it failed once it has.
#[derive(Default)]
struct Load {
    failure: Mutex<Option<InferenceError>>,
}

/// Something in a pool, as others see it.
#[derive(Debug, Clone)]
pub struct Pooled<V> {
    /// The value.
    pub value: Arc<V>,
    /// Whether somebody outside the pool holds it.
    pub in_use: bool,
    /// Since when nobody has asked for it.
    pub idle: Duration,
}

enum Claim<'a, K: Hash + Eq + Clone, V> {
    Ready(Arc<V>),
    Mine(Loading<'a, K, V>),
}

/// The right to load a key. Dropped without landing (given up, a panic), it lets somebody who waits take over.
struct Loading<'a, K: Hash + Eq + Clone, V> {
    pool: &'a Pool<K, V>,
    key: K,
    load: Arc<Load>,
}

impl<K, V> Default for Pool<K, V> {
    fn default() -> Self {
        Self { slots: Mutex::new(HashMap::new()), landed: Condvar::new() }
    }
}

impl<K: Hash + Eq + Clone, V> Pool<K, V> {
    /// The value of `key`: the one that is there, another caller's that is being loaded, or that of `load`; with
    /// whether it was there or another's. `load` must not ask the pool for the same key.
    ///
    /// # Errors
    /// Those of `load`, be it another caller's, and [`InferenceError::Aborted`] when `abort` said so while waiting.
    pub fn get_or_load(
        &self,
        key: K,
        abort: &dyn Abort,
        load: impl FnOnce() -> Result<V, InferenceError>,
    ) -> Result<(Arc<V>, bool), InferenceError> {
        match self.claim(key, abort)? {
            Claim::Ready(value) => Ok((value, true)),
            Claim::Mine(loading) => match load() {
                Ok(value) => Ok((loading.land(value), false)),
                Err(error) => {
                    if !matches!(error, InferenceError::Aborted) {
                        *loading.load.failure.lock() = Some(error.clone());
                    }
                    Err(error)
                }
            },
        }
    }

    /// What is there, most recently used first.
    pub fn values(&self) -> Vec<Pooled<V>> {
        let slots = self.slots.lock();
        let ready = slots.values().filter_map(|slot| match slot {
            Slot::Ready { value, used } => {
                let in_use = Arc::strong_count(value) > 1;
                Some(Pooled { value: Arc::clone(value), in_use, idle: used.elapsed() })
            }
            Slot::Loading(_) => None,
        });
        let mut ready: Vec<_> = ready.collect();
        drop(slots);
        ready.sort_by_key(|pooled| pooled.idle);
        ready
    }

    /// Bytes of what nobody uses.
    pub fn idle_bytes(&self, bytes: impl Fn(&V) -> u64) -> u64 {
        let idle = |slot: &Slot<V>| match slot {
            Slot::Ready { value, .. } if Arc::strong_count(value) == 1 => bytes(value),
            _ => 0,
        };
        self.slots.lock().values().map(idle).sum()
    }

    /// Takes out what nobody uses and nobody has asked for since `idle`, as far as `of` says so; the least recently
    /// used first. What is in use stays.
    pub fn evict(&self, idle: Duration, of: impl Fn(&V) -> bool) -> Vec<Arc<V>> {
        let mut slots = self.slots.lock();
        let now = Instant::now();
        let evicted = slots.extract_if(|_, slot| match slot {
            // The count cannot grow from 1 behind our back: a new holder would need the lock.
            Slot::Ready { value, used } => {
                Arc::strong_count(value) == 1 && now.duration_since(*used) >= idle && of(value)
            }
            Slot::Loading(_) => false,
        });
        let mut evicted: Vec<_> = evicted
            .filter_map(|(_, slot)| match slot {
                Slot::Ready { value, used } => Some((used, value)),
                Slot::Loading(_) => None,
            })
            .collect();
        drop(slots);
        evicted.sort_by_key(|(used, _)| *used);
        evicted.into_iter().map(|(_, value)| value).collect()
    }

    fn claim(&self, key: K, abort: &dyn Abort) -> Result<Claim<'_, K, V>, InferenceError> {
        let mut slots = self.slots.lock();
        let mut awaited: Option<Arc<Load>> = None;
        loop {
            match slots.get_mut(&key) {
                Some(Slot::Ready { value, used }) => {
                    *used = Instant::now();
                    return Ok(Claim::Ready(Arc::clone(value)));
                }
                Some(Slot::Loading(load)) => {
                    let load = Arc::clone(load);
                    if let Some(failure) = ended(awaited.as_ref().filter(|awaited| !Arc::ptr_eq(awaited, &load))) {
                        return Err(failure);
                    }
                    awaited = Some(load);
                }
                None => {
                    if let Some(failure) = ended(awaited.as_ref()) {
                        return Err(failure);
                    }
                    let load = Arc::<Load>::default();
                    slots.insert(key.clone(), Slot::Loading(Arc::clone(&load)));
                    return Ok(Claim::Mine(Loading { pool: self, key, load }));
                }
            }
            self.landed.wait_for(&mut slots, POLL);
            // Asked at every waking, not only after a quiet wait: other keys landing must not drown it.
            if MutexGuard::unlocked(&mut slots, || abort.aborted()) {
                return Err(InferenceError::Aborted);
            }
        }
    }
}

/// How a load that is no longer there failed.
fn ended(load: Option<&Arc<Load>>) -> Option<InferenceError> {
    load.and_then(|load| load.failure.lock().clone())
}

impl<K: Hash + Eq + Clone, V> Loading<'_, K, V> {
    fn land(self, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let slot = Slot::Ready { value: Arc::clone(&value), used: Instant::now() };
        self.pool.slots.lock().insert(self.key.clone(), slot);
        value
    }
}

impl<K: Hash + Eq + Clone, V> Drop for Loading<'_, K, V> {
    fn drop(&mut self) {
        let mut slots = self.pool.slots.lock();
        if matches!(slots.get(&self.key), Some(Slot::Loading(load)) if Arc::ptr_eq(load, &self.load)) {
            slots.remove(&self.key);
        }
        drop(slots);
        self.pool.landed.notify_all();
    }
}

impl<K: Hash + Eq + Clone, V> fmt::Debug for Pool<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("ready", &self.values().len()).finish_non_exhaustive()
    }
}
