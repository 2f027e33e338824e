//! The ledger against a model of it that adds everything up anew at every step.

use std::{
    sync::{Barrier, atomic::AtomicU64, atomic::Ordering},
    thread,
};

use proptest::prelude::*;

use super::*;

const PLACES: [Place; 2] = [Place::Host, Place::Device(0)];

#[derive(Debug, Clone)]
enum Step {
    Admit { owner: usize, place: usize, bytes: u64, limit: Limit },
    Settle { account: usize, bytes: u64 },
    Close { account: usize },
    Take { account: usize, bytes: u64, enforced: bool },
    Give { block: usize },
    SetPlace { place: usize, caches: u64, hard: u64 },
}

fn bytes() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0u64..2000, 1 => Just(0u64), 1 => (u64::MAX - 10)..=u64::MAX]
}

fn step() -> impl Strategy<Value = Step> {
    let limit = (bytes(), prop::option::of(bytes())).prop_map(|(budget, free)| Limit { budget, free });
    prop_oneof![
        3 => (0..3usize, 0..2usize, 0u64..1500, limit)
            .prop_map(|(owner, place, bytes, limit)| Step::Admit { owner, place, bytes, limit }),
        2 => (any::<usize>(), 0u64..2000)
            .prop_map(|(account, bytes)| Step::Settle { account, bytes }),
        1 => any::<usize>().prop_map(|account| Step::Close { account }),
        5 => (any::<usize>(), 0u64..800, any::<bool>())
            .prop_map(|(account, bytes, enforced)| Step::Take { account, bytes, enforced }),
        4 => any::<usize>().prop_map(|block| Step::Give { block }),
        1 => (0..2usize, 0u64..1000, bytes()).prop_map(|(place, caches, hard)| Step::SetPlace { place, caches, hard }),
    ]
}

/// What the ledger should hold.
#[derive(Default)]
struct Model {
    accounts: Vec<Known>,
    blocks: Vec<(usize, u64)>,
    caches: [u64; 2],
    hard: [Option<u64>; 2],
}

struct Known {
    id: AccountId,
    owner: usize,
    place: usize,
    reserved: u64,
    settled: bool,
    open: bool,
    peak: u64,
}

impl Model {
    fn measured(&self, account: usize) -> u64 {
        self.blocks.iter().filter(|(of, _)| *of == account).map(|(_, bytes)| bytes).sum()
    }

    fn charge(&self, account: usize) -> u64 {
        self.accounts[account].reserved.max(self.measured(account))
    }

    fn totals(&self, place: usize) -> Totals {
        let here = (0..self.accounts.len()).filter(|&account| self.accounts[account].place == place);
        let charged = here.clone().map(|account| self.charge(account)).sum::<u64>() + self.caches[place];
        let pending = here.filter(|&account| !self.accounts[account].settled);
        let pending = pending.map(|account| self.accounts[account].reserved.saturating_sub(self.measured(account)));
        Totals { charged, pending: pending.sum() }
    }

    fn fits(&self, place: usize, bytes: u64, limit: Limit) -> bool {
        let totals = self.totals(place);
        u128::from(totals.charged) + u128::from(bytes) <= u128::from(limit.budget)
            && limit.free.is_none_or(|free| u128::from(totals.pending) + u128::from(bytes) <= u128::from(free))
    }
}

fn owner(number: usize) -> Owner {
    [Owner::session("a"), Owner::run("a"), Owner::session("b")][number].clone()
}

fn apply(ledger: &Ledger, model: &mut Model, step: Step) {
    let some = |at: usize, of: usize| (of > 0).then(|| at % of);
    match step {
        Step::Admit { owner: number, place, bytes, limit } => {
            let fits = model.fits(place, bytes, limit);
            let admitted = ledger.admit(owner(number), PLACES[place], bytes, limit);
            assert_eq!(admitted.is_some(), fits);
            let Some(id) = admitted else { return };
            let known = Known { id, owner: number, place, reserved: bytes, settled: false, open: true, peak: 0 };
            model.accounts.push(known);
            assert!(model.totals(place).charged <= limit.budget, "over the budget");
        }
        Step::Settle { account, bytes } => {
            let Some(at) = some(account, model.accounts.len()).filter(|&at| model.accounts[at].open) else { return };
            ledger.settle(model.accounts[at].id, bytes);
            (model.accounts[at].reserved, model.accounts[at].settled) = (bytes, true);
        }
        Step::Close { account } => {
            let Some(at) = some(account, model.accounts.len()).filter(|&at| model.accounts[at].open) else { return };
            ledger.close(model.accounts[at].id);
            (model.accounts[at].reserved, model.accounts[at].open) = (0, false);
        }
        Step::Take { account, bytes, enforced } => {
            // Only what is open takes blocks: a scope borrows the reservation.
            let Some(at) = some(account, model.accounts.len()).filter(|&at| model.accounts[at].open) else { return };
            let place = model.accounts[at].place;
            let rise = (model.measured(at) + bytes).saturating_sub(model.charge(at));
            let hard = model.hard[place].unwrap_or(u64::MAX);
            let taken = ledger.take(model.accounts[at].id, bytes, enforced);
            assert_eq!(taken, !enforced || rise == 0 || model.totals(place).charged + rise <= hard);
            if taken {
                model.blocks.push((at, bytes));
                model.accounts[at].peak = model.accounts[at].peak.max(model.measured(at));
            }
        }
        Step::Give { block } => {
            let Some(at) = some(block, model.blocks.len()) else { return };
            let (account, bytes) = model.blocks.swap_remove(at);
            ledger.give(model.accounts[account].id, bytes);
        }
        Step::SetPlace { place, caches, hard } => {
            ledger.set_place(PLACES[place], caches, hard);
            (model.caches[place], model.hard[place]) = (caches, Some(hard));
        }
    }
}

fn check(ledger: &Ledger, model: &Model) {
    let rows = ledger.rows();
    for (at, place) in PLACES.into_iter().enumerate() {
        assert_eq!(ledger.totals(place), model.totals(at));
        let of_rows: u64 = rows.iter().filter(|row| row.place == place).map(|row| row.charged_bytes).sum();
        assert_eq!(of_rows + model.caches[at], model.totals(at).charged, "the rows add up to the total");
        for number in 0..3 {
            let accounts = (0..model.accounts.len())
                .filter(|&a| model.accounts[a].owner == number && model.accounts[a].place == at);
            let row = rows.iter().find(|row| row.place == place && row.owner == owner(number));
            let of_row = row.map_or((0, 0, 0), |row| (row.reserved_bytes, row.measured_bytes, row.charged_bytes));
            let reserved: u64 = accounts.clone().map(|a| model.accounts[a].reserved).sum();
            let measured: u64 = accounts.clone().map(|a| model.measured(a)).sum();
            let charged: u64 = accounts.map(|a| model.charge(a)).sum();
            assert_eq!(of_row, (reserved, measured, charged));
            assert!(row.is_none_or(|row| row.peak_bytes >= row.charged_bytes));
        }
    }
    for (at, account) in model.accounts.iter().enumerate() {
        if account.open {
            assert_eq!(ledger.account(account.id), (account.reserved, model.measured(at), account.peak));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_ledger_says_what_a_recount_says_at_every_step_and_is_empty_at_the_end(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let (ledger, mut model) = (Ledger::default(), Model::default());
        for step in steps {
            apply(&ledger, &mut model, step);
            check(&ledger, &model);
        }
        for account in 0..model.accounts.len() {
            apply(&ledger, &mut model, Step::Close { account });
        }
        while !model.blocks.is_empty() {
            apply(&ledger, &mut model, Step::Give { block: 0 });
            check(&ledger, &model);
        }
        for (at, place) in PLACES.into_iter().enumerate() {
            prop_assert_eq!(ledger.totals(place), Totals { charged: model.caches[at], pending: 0 });
        }
        prop_assert!(ledger.state.lock().accounts.is_empty(), "what is closed and freed is forgotten");
    }
}

#[test]
fn of_many_that_ask_at_once_no_more_are_admitted_than_fit() {
    for (budget, free, fitting) in [(1050, None, 10), (u64::MAX, Some(730), 7), (1000, Some(1000), 10)] {
        let (ledger, admitted, start) = (Ledger::default(), AtomicU64::new(0), Barrier::new(32));
        let ask = || {
            start.wait();
            let id = ledger.admit(Owner::session("m"), Place::Host, 100, Limit { budget, free });
            admitted.fetch_add(u64::from(id.is_some()), Ordering::Relaxed);
        };
        thread::scope(|scope| (0..32).for_each(|_| drop(scope.spawn(ask))));
        assert_eq!(admitted.into_inner(), fitting);
        assert_eq!(ledger.totals(Place::Host).charged, 100 * fitting);
    }
}

#[test]
fn blocks_taken_and_given_on_many_threads_leave_nothing_behind() {
    let ledger = Ledger::default();
    let limit = Limit { budget: u64::MAX, free: None };
    let ids: Vec<_> =
        ["a", "b"].iter().filter_map(|&name| ledger.admit(Owner::run(name), Place::Host, 500, limit)).collect();
    let work = |seed: u64| {
        for i in 0..2000u64 {
            let (mine, bytes) = (ids[(seed % 2) as usize], (seed * 31 + i * 17) % 900);
            assert!(ledger.take(mine, bytes, true));
            ledger.give(mine, bytes);
        }
    };
    thread::scope(|scope| (0..8).for_each(|seed| drop(scope.spawn(move || work(seed)))));
    assert_eq!(ledger.totals(Place::Host), Totals { charged: 1000, pending: 1000 });
    ids.iter().for_each(|&id| ledger.close(id));
    assert_eq!(ledger.totals(Place::Host), Totals::default());
}
