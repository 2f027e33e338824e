//! The multi-thread suite: real threads and mutexes, and the dummy that some hosts have.

use super::{give, guarded, resolve};
use crate::host::handle::{Handle, Tag};
use crate::host::scope;
use crate::host::{Status, Violation};
use openfx_sys as sys;
use parking_lot::{Condvar, Mutex};
use std::collections::HashMap;
use std::ffi::{c_int, c_uint, c_void};
use std::sync::{Arc, LazyLock};
use std::thread::{self, ThreadId};

pub(super) static SUITE: sys::OfxMultiThreadSuiteV1 = suite(multi_thread, processors);

/// Runs everything on the calling thread, as one processor.
pub(super) static DUMMY: sys::OfxMultiThreadSuiteV1 = suite(single_thread, one_processor);

type Function = unsafe extern "C" fn(c_uint, c_uint, *mut c_void);

const fn suite(
    run: unsafe extern "C" fn(Option<Function>, c_uint, *mut c_void) -> sys::OfxStatus,
    count: unsafe extern "C" fn(*mut c_uint) -> sys::OfxStatus,
) -> sys::OfxMultiThreadSuiteV1 {
    sys::OfxMultiThreadSuiteV1 {
        multiThread: Some(run),
        multiThreadNumCPUs: Some(count),
        multiThreadIndex: Some(index),
        multiThreadIsSpawnedThread: Some(is_spawned),
        mutexCreate: Some(mutex_create),
        mutexDestroy: Some(mutex_destroy),
        mutexLock: Some(mutex_lock),
        mutexUnLock: Some(mutex_unlock),
        mutexTryLock: Some(mutex_try_lock),
    }
}

fn available() -> u32 {
    thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1))
}

/// A pointer of the plugin's that it wants handed to its own threads.
struct Passed(*mut c_void);

// SAFETY: the plugin asks for its argument to be given to several threads at once, and answers for it.
unsafe impl Sync for Passed {}

impl Passed {
    fn pointer(&self) -> *mut c_void {
        self.0
    }
}

unsafe extern "C" fn multi_thread(
    function: Option<Function>,
    threads: c_uint,
    argument: *mut c_void,
) -> sys::OfxStatus {
    guarded("multiThread", || {
        let function = function.ok_or(Status::ERR_VALUE)?;
        if threads == 0 {
            return Err(Status::ERR_VALUE);
        }
        if scope::spawned_index().is_some() {
            return Err(Status::ERR_EXISTS);
        }
        let count = threads.min(available());
        let (scope, argument) = (scope::current(), Passed(argument));
        thread::scope(|spawner| {
            for index in 0..count {
                let (scope, argument) = (scope.clone(), &argument);
                spawner.spawn(move || {
                    let _entered = scope::enter(scope, Some(index));
                    // SAFETY: the plugin's function, called as the suite's contract has it; the plugin waits for its end.
                    unsafe { function(index, count, argument.pointer()) };
                });
            }
        });
        Ok(())
    })
}

unsafe extern "C" fn single_thread(
    function: Option<Function>,
    threads: c_uint,
    argument: *mut c_void,
) -> sys::OfxStatus {
    guarded("multiThread", || {
        let function = function.ok_or(Status::ERR_VALUE)?;
        if threads == 0 {
            return Err(Status::ERR_VALUE);
        }
        // SAFETY: the plugin's function, called as the suite's contract has it.
        unsafe { function(0, 1, argument) };
        Ok(())
    })
}

unsafe extern "C" fn processors(count: *mut c_uint) -> sys::OfxStatus {
    // SAFETY: the suite's contract: there is room for the count.
    guarded("multiThreadNumCPUs", || unsafe { give(count, available()) })
}

unsafe extern "C" fn one_processor(count: *mut c_uint) -> sys::OfxStatus {
    // SAFETY: the suite's contract: there is room for the count.
    guarded("multiThreadNumCPUs", || unsafe { give(count, 1) })
}

unsafe extern "C" fn index(out: *mut c_uint) -> sys::OfxStatus {
    // SAFETY: the suite's contract: there is room for the index.
    guarded("multiThreadIndex", || unsafe { give(out, scope::spawned_index().unwrap_or(0)) })
}

unsafe extern "C" fn is_spawned() -> c_int {
    std::panic::catch_unwind(|| c_int::from(scope::spawned_index().is_some())).unwrap_or(0)
}

/// A mutex that its owner may lock again, as all hosts have it.
struct HostMutex {
    handle: Handle,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    owner: Option<ThreadId>,
    count: i32,
}

/// Mutexes not yet destroyed, by handle: nothing else holds them.
static MUTEXES: LazyLock<Mutex<HashMap<usize, Arc<HostMutex>>>> = LazyLock::new(Default::default);

unsafe extern "C" fn mutex_create(out: *mut sys::OfxMutexHandle, locks: c_int) -> sys::OfxStatus {
    guarded("mutexCreate", || {
        let owner = (locks > 0).then(|| thread::current().id());
        let state = Mutex::new(State { owner, count: locks.max(0) });
        let mutex = Arc::new(HostMutex { handle: Handle::reserve(Tag::Object), state, freed: Condvar::new() });
        mutex.handle.publish(&mutex);
        // SAFETY: the suite's contract: there is room for the handle.
        unsafe { give(out, mutex.handle.as_ptr()) }?;
        MUTEXES.lock().insert(mutex.handle.number(), mutex);
        Ok(())
    })
}

unsafe extern "C" fn mutex_destroy(mutex: sys::OfxMutexHandle) -> sys::OfxStatus {
    guarded("mutexDestroy", || {
        let mutex = resolve::<HostMutex, _>("mutexDestroy", mutex, "mutex")?;
        MUTEXES.lock().remove(&mutex.handle.number());
        Ok(())
    })
}

unsafe extern "C" fn mutex_lock(mutex: sys::OfxMutexHandle) -> sys::OfxStatus {
    guarded("mutexLock", || {
        let mutex = resolve::<HostMutex, _>("mutexLock", mutex, "mutex")?;
        let mut state = mutex.state.lock();
        while !state.take() {
            mutex.freed.wait(&mut state);
        }
        Ok(())
    })
}

unsafe extern "C" fn mutex_try_lock(mutex: sys::OfxMutexHandle) -> sys::OfxStatus {
    guarded("mutexTryLock", || {
        let mutex = resolve::<HostMutex, _>("mutexTryLock", mutex, "mutex")?;
        if mutex.state.lock().take() { Ok(()) } else { Err(Status::FAILED) }
    })
}

unsafe extern "C" fn mutex_unlock(mutex: sys::OfxMutexHandle) -> sys::OfxStatus {
    guarded("mutexUnLock", || {
        let mutex = resolve::<HostMutex, _>("mutexUnLock", mutex, "mutex")?;
        let mut state = mutex.state.lock();
        if state.owner != Some(thread::current().id()) {
            drop(state);
            let function = "mutexUnLock of a mutex that this thread did not lock".to_owned();
            scope::violate(None, Violation::ForbiddenCall { action: scope::action_name(), function });
            return Err(Status::FAILED);
        }
        state.count -= 1;
        if state.count == 0 {
            state.owner = None;
            mutex.freed.notify_one();
        }
        Ok(())
    })
}

impl State {
    /// Takes the lock for this thread if it is free or its own.
    fn take(&mut self) -> bool {
        let me = thread::current().id();
        if self.owner.is_some_and(|owner| owner != me) {
            return false;
        }
        self.owner = Some(me);
        self.count += 1;
        true
    }
}
