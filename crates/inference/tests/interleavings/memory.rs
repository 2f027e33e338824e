//! Admit, settle, drop, reclaim, report and a budget that changes, all at once.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use inference::{Cleanup, MemoryFigures, MemoryGuard, MemoryMeter, MemoryOptions, Owner, Place, Reclaim, Reservation};
use shuttle::{rand::Rng, thread};

use crate::explore;

const BUDGET: u64 = 1000;
const LOWERED: u64 = 600;
const THREADS: usize = 3;
const STEPS: usize = 5;

/// A machine with more memory than the budget.
struct Machine;

impl MemoryMeter for Machine {
    fn host(&self) -> Option<MemoryFigures> {
        Some(MemoryFigures { total: 1 << 30, available: 1 << 30 })
    }

    fn device(&self, _number: u32) -> Option<MemoryFigures> {
        None
    }

    fn process_resident(&self) -> Option<u64> {
        Some(1 << 20)
    }
}

/// A cache that asks the guard back while it gives memory up: a lock held by either would be a deadlock.
struct Cache {
    guard: Weak<MemoryGuard>,
    bytes: AtomicU64,
}

impl Reclaim for Cache {
    fn name(&self) -> &str {
        "results"
    }

    fn place(&self) -> Place {
        Place::Host
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    fn reclaim(&self, strength: Cleanup) -> u64 {
        let room = self.guard.upgrade().map(|guard| guard.room(Place::Host));
        assert!(room.is_some_and(|room| room <= BUDGET));
        let keep = if strength == Cleanup::Soft { self.bytes() / 2 } else { 0 };
        self.bytes.swap(keep, Relaxed).saturating_sub(keep)
    }
}

/// One caller's way through. Reservations never grow, so that what was admitted bounds what is held.
fn visit(guard: &MemoryGuard, cache: &Cache) {
    let mut rng = shuttle::rand::thread_rng();
    let mut held: Vec<Reservation> = Vec::new();
    for _ in 0..STEPS {
        match rng.gen_range(0..8) {
            0..=2 => held.extend(guard.admit(Owner::session("model"), Place::Host, rng.gen_range(1..500)).ok()),
            3 => held.iter().for_each(|reservation| reservation.resize(reservation.bytes() / 2)),
            4 => drop(held.pop()),
            5 => cache.bytes.store(rng.gen_range(0..300), Relaxed),
            6 => guard.after_frame(),
            _ => guard.set_hard_budget(Place::Host, rng.gen_bool(0.5).then_some(LOWERED)),
        }
        let reserved: u64 = guard.report().rows.iter().map(|row| row.reserved_bytes).sum();
        assert!(reserved <= BUDGET, "{reserved} bytes were admitted");
    }
}

#[test]
fn no_interleaving_admits_more_than_the_budget_or_leaves_anything_behind() {
    explore(0x6d65_6d6f_7279, 10_000, || {
        let options = MemoryOptions { host_hard_bytes: Some(BUDGET), ..MemoryOptions::default() };
        let guard = MemoryGuard::new(options, Arc::new(Machine));
        let cache = Arc::new(Cache { guard: Arc::downgrade(&guard), bytes: AtomicU64::new(100) });
        let weak: Weak<Cache> = Arc::downgrade(&cache);
        guard.register(weak);
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let (guard, cache) = (Arc::clone(&guard), Arc::clone(&cache));
                thread::spawn(move || visit(&guard, &cache))
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        guard.set_hard_budget(Place::Host, None);
        guard.cleanup(Cleanup::Hard);
        assert_eq!(guard.room(Place::Host), BUDGET, "everything came back");
    });
}
