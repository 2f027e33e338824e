//! Admitted memory, and whose allocations a thread makes.

use std::{
    cell::RefCell,
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

use super::{
    Owner, Place,
    ledger::{AccountId, Ledger},
};

/// Memory that was admitted. Counts in the ledger until it is dropped; blocks that ONNX Runtime still holds then count
/// on until they are freed.
#[derive(Debug)]
pub struct Reservation {
    account: Account,
    place: Place,
    owner: Owner,
    /// What ONNX Runtime takes of main memory for a reservation on a device.
    beside: OnceLock<Account>,
}

/// Where the blocks of a thread are written down.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub ledger: Arc<Ledger>,
    pub id: AccountId,
}

impl Reservation {
    pub(super) fn new(ledger: Arc<Ledger>, id: AccountId, owner: Owner, place: Place) -> Self {
        Self { account: Account { ledger, id }, place, owner, beside: OnceLock::new() }
    }

    /// States what is held by now: `bytes`, or what was measured where that is more. May be more or less than was
    /// admitted. Called when a model has been loaded.
    pub fn resize(&self, bytes: u64) {
        self.account.ledger.settle(self.account.id, bytes);
    }

    /// Bytes reserved.
    pub fn bytes(&self) -> u64 {
        self.account.ledger.account(self.account.id).0
    }

    /// Bytes that ONNX Runtime's allocator holds for it now. Main memory only.
    pub fn measured(&self) -> u64 {
        self.account.ledger.account(self.account.id).1
    }

    /// The most that [`Self::measured`] ever was.
    pub fn peak(&self) -> u64 {
        self.account.ledger.account(self.account.id).2
    }

    /// Until the scope is dropped, what ONNX Runtime allocates on this thread is this reservation's. To be taken on the
    /// thread that calls ONNX Runtime. Scopes nest.
    pub fn scope(&self) -> Scope {
        let account = match self.place {
            Place::Host => &self.account,
            Place::Device(_) => self.beside.get_or_init(|| {
                let ledger = Arc::clone(&self.account.ledger);
                let id = ledger.open(self.owner.clone(), Place::Host);
                Account { ledger, id }
            }),
        };
        let outer = CURRENT.with_borrow_mut(|current| current.replace(account.clone()));
        Scope { outer, _this_thread: PhantomData }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        for account in [Some(&self.account), self.beside.get()].into_iter().flatten() {
            account.ledger.close(account.id);
        }
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Account>> = const { RefCell::new(None) };
}

/// See [`Reservation::scope`].
#[derive(Debug)]
#[must_use = "the scope ends where this is dropped"]
pub struct Scope {
    outer: Option<Account>,
    /// Ends on the thread it began on.
    _this_thread: PhantomData<*const ()>,
}

impl Drop for Scope {
    fn drop(&mut self) {
        let outer = self.outer.take();
        // The thread may be ending, its locals gone.
        let _ = CURRENT.try_with(|current| current.replace(outer));
    }
}

/// The account of this thread's scope.
pub(crate) fn current_account() -> Option<Account> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}
