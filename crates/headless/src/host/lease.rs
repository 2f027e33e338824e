//! One host at a time per library: a plugin keeps the host and its suites in globals.

use super::HostError;
use parking_lot::{Condvar, Mutex};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::thread::{self, ThreadId};

/// Which thread opened which library. One per process, as the libraries' globals are.
static TAKEN: LazyLock<Mutex<HashMap<PathBuf, ThreadId>>> = LazyLock::new(Default::default);

static GIVEN_BACK: Condvar = Condvar::new();

/// The right to use a library, given back when dropped.
pub(super) struct Lease {
    path: PathBuf,
}

impl Lease {
    /// Waits until no other thread uses the library.
    ///
    /// # Errors
    /// [`HostError::InUse`] when this thread does: waiting would be for ever.
    pub(super) fn take(library: &Path) -> Result<Self, HostError> {
        let path = library.to_owned();
        let me = thread::current().id();
        let mut taken = TAKEN.lock();
        while let Some(owner) = taken.get(&path) {
            if *owner == me {
                return Err(HostError::InUse { path });
            }
            GIVEN_BACK.wait(&mut taken);
        }
        taken.insert(path.clone(), me);
        Ok(Self { path })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        TAKEN.lock().remove(&self.path);
        GIVEN_BACK.notify_all();
    }
}
