//! Letting one render through at a time, where an effect asks for it.

use parking_lot::{Condvar, Mutex};

/// A gate that one holder at a time passes. It is not a lock on data: it stays shut while the plugin is called, which is its purpose.
#[derive(Default)]
pub(super) struct Gate {
    taken: Mutex<bool>,
    opened: Condvar,
}

/// Opens the gate when dropped.
pub(super) struct Passage<'a>(&'a Gate);

impl Gate {
    /// Waits for the gate, then shuts it.
    pub(super) fn pass(&self) -> Passage<'_> {
        let mut taken = self.taken.lock();
        while *taken {
            self.opened.wait(&mut taken);
        }
        *taken = true;
        Passage(self)
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        *self.0.taken.lock() = false;
        self.0.opened.notify_one();
    }
}
