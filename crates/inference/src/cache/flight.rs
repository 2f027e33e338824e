//! One computation for many callers: who computes, who waits, and what the waiting get.

use std::{collections::hash_map::Entry, hash::Hash, sync::Arc};

use super::{
    ByteSize, Found, Origin, SharedCache,
    state::{Held, SharedFailure},
};
use crate::{
    abort::{Abort, POLL},
    error::InferenceError,
    sync::MutexGuard,
};

/// An error of a computation that may be handed to everybody who waited for it.
pub trait Failure: From<InferenceError> + Clone + Send + Sync + 'static {
    /// Whether only this caller gave up. Such a failure says nothing about the value and is not handed on.
    fn is_abort(&self) -> bool;
}

impl Failure for InferenceError {
    fn is_abort(&self) -> bool {
        matches!(self, Self::Aborted)
    }
}

/// What a caller found when it asked for a key.
pub(super) enum Claim<'a, K: Hash + Eq + Clone, V> {
    Ready(Arc<V>),
    Mine(Flight<'a, K, V>),
}

/// The right to compute a key. Dropped without landing (it failed, was given up or panicked) it frees the key.
pub(super) struct Flight<'a, K: Hash + Eq + Clone, V> {
    cache: &'a SharedCache<K, V>,
    key: K,
    failure: SharedFailure,
    landed: bool,
}

impl<K: Hash + Eq + Clone, V: ByteSize> SharedCache<K, V> {
    /// The value, or the right to compute it, after waiting for whoever is computing it now.
    pub(super) fn claim<E: Failure>(&self, key: K, abort: &dyn Abort) -> Result<Claim<'_, K, V>, E> {
        let mut state = self.state.lock();
        loop {
            if let Some(value) = state.get(&key) {
                state.statistics.hits += 1;
                return Ok(Claim::Ready(value));
            }
            let failure = match state.computing.entry(key.clone()) {
                Entry::Vacant(entry) => {
                    let failure = Arc::clone(entry.insert(SharedFailure::default()));
                    return Ok(Claim::Mine(Flight { cache: self, key, failure, landed: false }));
                }
                Entry::Occupied(entry) => Arc::clone(entry.get()),
            };
            self.landed.wait_for(&mut state, POLL);
            // Asked at every waking, not only after a quiet wait: other keys landing must not drown it.
            let given_up = MutexGuard::unlocked(&mut state, || abort.aborted());
            let error = failure.get().and_then(|failure| failure.downcast_ref::<E>()).cloned();
            if let Some(error) = given_up.then(|| InferenceError::Aborted.into()).or(error) {
                state.statistics.failures += 1;
                return Err(error);
            }
        }
    }
}

impl<K: Hash + Eq + Clone, V: ByteSize> Flight<'_, K, V> {
    /// Does the work; a value lands, a failure goes to those that wait.
    pub fn fly<E: Failure>(self, work: impl FnOnce() -> Result<(V, Origin), E>) -> Result<Found<V>, E> {
        match work() {
            Ok((value, origin)) => Ok(Found { value: self.land(value, origin), origin }),
            Err(error) => {
                if !error.is_abort() {
                    // The only writer: it cannot be set already.
                    let _ = self.failure.set(Box::new(error.clone()));
                }
                Err(error)
            }
        }
    }

    /// Keeps the value if it fits, and lets the waiting callers have it.
    fn land(mut self, value: V, origin: Origin) -> Arc<V> {
        let bytes = value.byte_size();
        let value = Arc::new(value);
        let held = Held { value: Arc::clone(&value), bytes };
        let mut state = self.cache.state.lock();
        let evicted = state.put(self.key.clone(), held, self.cache.limits);
        match origin {
            Origin::Disk => state.statistics.disk_hits += 1,
            Origin::Memory | Origin::Computed => state.statistics.misses += 1,
        }
        state.computing.remove(&self.key);
        self.landed = true;
        drop(state);
        self.cache.landed.notify_all();
        drop(evicted);
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
