//! The ledger: who holds how many bytes where. A state machine under one lock, free of ONNX Runtime and of the system.

use std::collections::{BTreeMap, HashMap};

use super::{Owner, Place, report::LedgerRow};
use crate::sync::Mutex;

/// Names one reservation in its ledger.
pub(crate) type AccountId = u64;

/// All reservations of one guard.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    accounts: HashMap<AccountId, Account>,
    next: AccountId,
    /// One for every owner that ever was: owners are models and caches, so there are few.
    rows: BTreeMap<(Place, Owner), Row>,
    places: BTreeMap<Place, PlaceState>,
}

/// One reservation. It is charged with the larger of both counts.
#[derive(Debug)]
struct Account {
    place: Place,
    owner: Owner,
    reserved: u64,
    measured: u64,
    peak_measured: u64,
    /// The bytes reserved are held, not about to be taken.
    settled: bool,
    /// The reservation is still there. A closed account lives on until its last block is freed.
    open: bool,
}

/// The counts of an account, or their sums over some.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    reserved: u64,
    /// Of these, what is held by now.
    settled: u64,
    measured: u64,
    /// The larger of reserved and measured, account by account.
    charged: u64,
    /// Reserved bytes that the system cannot have noticed yet.
    pending: u64,
}

impl Account {
    fn counts(&self) -> Counts {
        let Self { reserved, measured, settled, .. } = *self;
        Counts {
            reserved,
            settled: if settled { reserved } else { 0 },
            measured,
            charged: reserved.max(measured),
            pending: if settled { 0 } else { reserved.saturating_sub(measured) },
        }
    }
}

impl Counts {
    /// These sums after one part of them moved.
    fn moved(self, before: Self, after: Self) -> Self {
        let moved = |sum: u64, before: u64, after: u64| sum.saturating_sub(before).saturating_add(after);
        Self {
            reserved: moved(self.reserved, before.reserved, after.reserved),
            settled: moved(self.settled, before.settled, after.settled),
            measured: moved(self.measured, before.measured, after.measured),
            charged: moved(self.charged, before.charged, after.charged),
            pending: moved(self.pending, before.pending, after.pending),
        }
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Row {
    sums: Counts,
    peak: u64,
}

#[derive(Debug, Clone, Copy)]
struct PlaceState {
    sums: Counts,
    /// Bytes of caches, as they last told.
    caches: u64,
    /// Blocks that would go over this are refused.
    hard: u64,
    /// The most that the total ever was.
    peak: u64,
}

impl Default for PlaceState {
    fn default() -> Self {
        Self { sums: Counts::default(), caches: 0, hard: u64::MAX, peak: 0 }
    }
}

impl PlaceState {
    fn total(&self) -> u64 {
        self.sums.charged.saturating_add(self.caches)
    }

    /// To be called after each change.
    fn note_peak(&mut self) {
        self.peak = self.peak.max(self.total());
    }
}

/// What an admission must keep to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// Most bytes of the ledger.
    pub budget: u64,
    /// Bytes that the place has free, where it is known.
    pub free: Option<u64>,
}

/// The sums of one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Everything charged, caches included.
    pub charged: u64,
    /// Of that, what the system cannot have noticed yet.
    pub pending: u64,
}

impl Ledger {
    /// Opens an account if `bytes` more keep to `limit`. Checked and done under one lock: of two that ask at once and
    /// do not fit together, one is refused.
    pub fn admit(&self, owner: Owner, place: Place, bytes: u64, limit: Limit) -> Option<AccountId> {
        let mut state = self.state.lock();
        let there = state.places.entry(place).or_default();
        let fits_budget = there.total().checked_add(bytes).is_some_and(|total| total <= limit.budget);
        let fits_place = limit.free.is_none_or(|free| there.sums.pending.saturating_add(bytes) <= free);
        if !(fits_budget && fits_place) {
            return None;
        }
        Some(state.open(owner, place, bytes))
    }

    /// Opens an account for what will be measured.
    pub fn open(&self, owner: Owner, place: Place) -> AccountId {
        self.state.lock().open(owner, place, 0)
    }

    /// States what the account holds: `bytes`, which it has taken already.
    pub fn settle(&self, id: AccountId, bytes: u64) {
        self.state.lock().change(id, |account| {
            account.reserved = bytes;
            account.settled = true;
        });
    }

    /// The reservation is gone; blocks that are still held stay on the account.
    pub fn close(&self, id: AccountId) {
        self.state.lock().change(id, |account| {
            account.reserved = 0;
            account.open = false;
        });
    }

    /// Counts a block that is about to be taken. `false`, where the budget is `enforced`: it would raise the place over
    /// its hard budget and is not counted. Bytes within the reservation were admitted before and are never refused.
    pub fn take(&self, id: AccountId, bytes: u64, enforced: bool) -> bool {
        let mut state = self.state.lock();
        let Some(account) = state.accounts.get(&id) else { return true };
        let rise = account.measured.saturating_add(bytes).saturating_sub(account.counts().charged);
        let place = account.place;
        let there = state.places.entry(place).or_default();
        if enforced && rise > 0 && there.total().saturating_add(rise) > there.hard {
            return false;
        }
        state.change(id, |account| {
            account.measured = account.measured.saturating_add(bytes);
            account.peak_measured = account.peak_measured.max(account.measured);
        });
        true
    }

    /// A block of an account was freed.
    pub fn give(&self, id: AccountId, bytes: u64) {
        self.state.lock().change(id, |account| account.measured = account.measured.saturating_sub(bytes));
    }

    /// Bytes reserved, bytes measured now and at most.
    pub fn account(&self, id: AccountId) -> (u64, u64, u64) {
        let state = self.state.lock();
        state.accounts.get(&id).map_or((0, 0, 0), |account| (account.reserved, account.measured, account.peak_measured))
    }

    /// Sets what the caches of a place hold, and what blocks may not go over.
    pub fn set_place(&self, place: Place, caches: u64, hard: u64) {
        let mut state = self.state.lock();
        let there = state.places.entry(place).or_default();
        (there.caches, there.hard) = (caches, hard);
        there.note_peak();
    }

    pub fn totals(&self, place: Place) -> Totals {
        let state = self.state.lock();
        let totals = |there: &PlaceState| Totals { charged: there.total(), pending: there.sums.pending };
        state.places.get(&place).map(totals).unwrap_or_default()
    }

    /// The most that was ever charged to a place at one moment, caches included.
    pub fn peak(&self, place: Place) -> u64 {
        self.state.lock().places.get(&place).map_or(0, |there| there.peak)
    }

    /// The places that something was admitted to.
    pub fn places(&self) -> Vec<Place> {
        self.state.lock().places.keys().copied().collect()
    }

    /// Rows of all owners that ever were, caches excepted, with the totals of their places at the same moment.
    pub fn rows(&self) -> Vec<LedgerRow> {
        let state = self.state.lock();
        let row = |((place, owner), row): (&(Place, Owner), &Row)| LedgerRow {
            place: *place,
            owner: owner.clone(),
            reserved_bytes: row.sums.reserved,
            settled_bytes: row.sums.settled,
            measured_bytes: row.sums.measured,
            charged_bytes: row.sums.charged,
            peak_bytes: row.peak,
        };
        state.rows.iter().map(row).collect()
    }
}

impl State {
    fn open(&mut self, owner: Owner, place: Place, bytes: u64) -> AccountId {
        let id = self.next;
        self.next += 1;
        let account = Account { place, owner, reserved: 0, measured: 0, peak_measured: 0, settled: false, open: true };
        self.accounts.insert(id, account);
        self.change(id, |account| account.reserved = bytes);
        id
    }

    /// Changes an account and keeps the sums of its row and its place true.
    fn change(&mut self, id: AccountId, change: impl FnOnce(&mut Account)) {
        let Some(account) = self.accounts.get_mut(&id) else { return };
        let before = account.counts();
        change(account);
        let after = account.counts();
        let gone = !account.open && account.measured == 0;
        let there = self.places.entry(account.place).or_default();
        there.sums = there.sums.moved(before, after);
        there.note_peak();
        let row = self.rows.entry((account.place, account.owner.clone())).or_default();
        row.sums = row.sums.moved(before, after);
        row.peak = row.peak.max(row.sums.charged);
        if gone {
            self.accounts.remove(&id);
        }
    }
}

#[cfg(all(test, not(feature = "interleave")))]
mod tests;
