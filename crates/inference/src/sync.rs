//! The locks of the engine's shared state.
//!
//! Normally `parking_lot`'s. With the feature `interleave` the same few calls over `shuttle`, whose scheduler decides
//! at each of them which thread goes on: the tests explore seeded interleavings of everything that locks through this
//! module. State machines that are to be explored lock through nothing else.

#[cfg(feature = "interleave")]
pub(crate) use explored::{Condvar, Mutex, MutexGuard};
#[cfg(not(feature = "interleave"))]
pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};

#[cfg(feature = "interleave")]
#[allow(clippy::expect_used)] // For tests alone, and a guard without its lock is a mistake of this module.
mod explored {
    use std::{
        ops::{Deref, DerefMut},
        sync::PoisonError,
        time::Duration,
    };

    use shuttle::{sync as shuttled, thread};

    const HELD: &str = "a guard holds its lock outside `unlocked`";

    /// As `parking_lot::Mutex`: no poisoning.
    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(shuttled::Mutex<T>);

    impl<T> Mutex<T> {
        pub fn new(value: T) -> Self {
            Self(shuttled::Mutex::new(value))
        }

        pub fn lock(&self) -> MutexGuard<'_, T> {
            MutexGuard { mutex: self, held: Some(self.locked()) }
        }

        #[allow(dead_code)] // Part of the small interface, wherever a state machine needs it.
        pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
            match self.0.try_lock() {
                Ok(held) => Some(MutexGuard { mutex: self, held: Some(held) }),
                Err(shuttled::TryLockError::Poisoned(held)) => {
                    Some(MutexGuard { mutex: self, held: Some(held.into_inner()) })
                }
                Err(shuttled::TryLockError::WouldBlock) => None,
            }
        }

        fn locked(&self) -> shuttled::MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// As `parking_lot::MutexGuard`.
    pub(crate) struct MutexGuard<'a, T> {
        mutex: &'a Mutex<T>,
        held: Option<shuttled::MutexGuard<'a, T>>,
    }

    impl<T> MutexGuard<'_, T> {
        /// Runs `work` without the lock.
        pub fn unlocked<U>(guard: &mut Self, work: impl FnOnce() -> U) -> U {
            drop(guard.held.take());
            let result = work();
            guard.held = Some(guard.mutex.locked());
            result
        }
    }

    impl<T> Deref for MutexGuard<'_, T> {
        type Target = T;

        fn deref(&self) -> &T {
            self.held.as_ref().expect(HELD)
        }
    }

    impl<T> DerefMut for MutexGuard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            self.held.as_mut().expect(HELD)
        }
    }

    /// As `parking_lot::Condvar`, whose waits may always end early: a wait lets others go first and comes back, so
    /// that loops which poll an abort are explored too.
    #[derive(Debug, Default)]
    pub(crate) struct Condvar;

    impl Condvar {
        pub fn new() -> Self {
            Self
        }

        pub fn wait_for<T>(&self, guard: &mut MutexGuard<'_, T>, _patience: Duration) {
            MutexGuard::unlocked(guard, thread::yield_now);
        }

        #[allow(dead_code)] // As above.
        pub fn notify_one(&self) {}

        pub fn notify_all(&self) {}
    }
}
