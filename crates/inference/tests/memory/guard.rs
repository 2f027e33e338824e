//! The guard on a machine made up for the test: admission, cleanup, budgets, what it tells.

use std::{
    sync::{Arc, Barrier, atomic::Ordering},
    thread,
};

use inference::{
    Cleanup, MemoryFigures, MemoryGuard, MemoryOptions, MemoryRefused, Owner, Place, Reclaim, Reservation,
};
use proptest::prelude::*;

use crate::machine::{Cache, Machine, budget, guard};

const GB: u64 = 1 << 30;
const MB: u64 = 1 << 20;
const DEVICE: Place = Place::Device(0);

fn session(name: &str) -> Owner {
    Owner::session(name)
}

fn ask(guard: &MemoryGuard, bytes: u64) -> Result<Reservation, MemoryRefused> {
    guard.admit(session("encoder on CPU"), Place::Host, bytes)
}

fn in_ledger(guard: &MemoryGuard, place: Place) -> u64 {
    let report = guard.report();
    let told = report.places.iter().find(|told| told.place == place).map_or(0, |told| told.in_ledger_bytes);
    let rows: u64 = report.rows.iter().filter(|row| row.place == place).map(|row| row.charged_bytes).sum();
    assert_eq!(told, rows, "the rows add up to the total");
    told
}

#[test]
fn what_fits_is_admitted_stands_in_the_ledger_and_leaves_it() {
    let machine = Machine::new(64 * GB, 40 * GB);
    let guard = guard(&machine, MemoryOptions::default());
    let first = ask(&guard, 3 * GB).expect("fits");
    let second = ask(&guard, GB).expect("fits");
    assert_eq!((first.bytes(), in_ledger(&guard, Place::Host)), (3 * GB, 4 * GB));
    first.resize(2 * GB);
    assert_eq!(in_ledger(&guard, Place::Host), 3 * GB);
    drop(first);
    assert_eq!(in_ledger(&guard, Place::Host), GB);
    drop(second);
    let report = guard.report();
    assert_eq!((report.places[0].in_ledger_bytes, report.rows[0].peak_bytes), (0, 4 * GB));
    assert_eq!((report.places[0].peak_bytes, report.places[0].hard_budget_bytes), (4 * GB, 32 * GB));
    assert_eq!(report.cleanups.soft + report.cleanups.hard + report.cleanups.refused, 0);
}

#[test]
fn the_most_that_a_place_held_counts_its_caches_and_stays_known() {
    let machine = Machine::new(64 * GB, 40 * GB);
    let guard = guard(&machine, MemoryOptions::default());
    let cache = Cache::new(&guard, Place::Host, 2 * GB);
    let held = ask(&guard, 3 * GB).expect("fits");
    let peak = |guard: &MemoryGuard| guard.report().places[0].peak_bytes;
    assert_eq!(peak(&guard), 5 * GB);
    drop(held);
    cache.bytes.store(0, Ordering::Relaxed);
    guard.after_frame();
    assert_eq!((peak(&guard), in_ledger(&guard, Place::Host)), (5 * GB, 0));
}

#[test]
fn what_does_not_fit_is_refused_with_the_figures_and_a_remedy_and_changes_nothing() {
    let machine = Machine::new(64 * GB, 40 * GB);
    let guard = guard(&machine, budget(1000 * MB));
    let _held = ask(&guard, 900 * MB).expect("fits");
    let refused = ask(&guard, 200 * MB).expect_err("over the budget");
    assert_eq!((refused.asked, refused.in_ledger, refused.hard_budget), (200 * MB, 900 * MB, 1000 * MB));
    let words = refused.to_string();
    for part in ["200 MB of main memory", "model encoder on CPU", "900 MB of the budget of 1000 MB", "raise the memory"]
    {
        assert!(words.contains(part), "{words}");
    }
    assert_eq!(in_ledger(&guard, Place::Host), 900 * MB);
    assert_eq!(guard.report().cleanups.refused, 1);

    machine.set_host(64 * GB, 2 * GB + 50 * MB);
    let words = ask(&guard, 60 * MB).expect_err("2 GB are left alone").to_string();
    assert!(words.contains("2098 MB are free on the machine") && words.contains("close other applications"), "{words}");
    assert!(ask(&guard, 40 * MB).is_err(), "900 MB are still to be taken");
}

#[test]
fn caches_give_memory_back_softly_then_hard_then_the_request_is_refused() {
    let machine = Machine::new(64 * GB, 40 * GB);
    let guard = guard(&machine, budget(1000));
    let cache = Cache::new(&guard, Place::Host, 800);
    let elsewhere = Cache::new(&guard, DEVICE, 800);
    assert_eq!(in_ledger(&guard, Place::Host), 800);

    let _first = ask(&guard, 500).expect("half of the cache is enough");
    assert_eq!((cache.asked(), cache.bytes()), (vec![Cleanup::Soft], 400));
    let _second = ask(&guard, 450).expect("all of it is enough");
    assert_eq!((cache.asked().last(), cache.bytes()), (Some(&Cleanup::Hard), 0));
    cache.bytes.store(50, Ordering::Relaxed);
    let refused = ask(&guard, 100).expect_err("even without the cache");
    assert_eq!((refused.freed, cache.bytes()), (50, 0));
    assert_eq!(elsewhere.asked(), [], "another place's memory is of no use here");
    let report = guard.report();
    assert_eq!((report.cleanups.hard, report.cleanups.freed_bytes), (2, 850));
    assert!(report.last_cleanups[0].why.contains("for the model encoder on CPU"), "{:?}", report.last_cleanups[0]);
}

#[test]
fn what_is_being_taken_counts_once_before_and_after_the_system_has_noticed() {
    let machine = Machine::new(10 * GB, 5 * GB);
    let options = MemoryOptions { host_hard_bytes: Some(u64::MAX), ..MemoryOptions::default() };
    let guard = guard(&machine, options);
    let left = 10 * GB / 32;
    let loading = ask(&guard, 3 * GB).expect("fits");
    assert_eq!(guard.room(Place::Host), 2 * GB - left, "promised, and not yet taken");
    machine.set_host(10 * GB, 2 * GB);
    loading.resize(3 * GB);
    assert_eq!(guard.room(Place::Host), 2 * GB - left, "taken, and no longer promised");
    let _running = ask(&guard, GB).expect("fits");
    assert!(ask(&guard, GB).is_err());
}

#[test]
fn loads_admitted_at_once_do_not_overshoot_together() {
    let machine = Machine::new(64 * GB, 40 * GB);
    let guard = guard(&machine, budget(1000 * MB));
    let start = Barrier::new(16);
    let load = |number: usize| {
        start.wait();
        guard.admit(session(&format!("model {number}")), Place::Host, 300 * MB).ok()
    };
    let load = &load;
    let held: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|number| scope.spawn(move || load(number))).collect();
        threads.into_iter().filter_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!((held.len(), in_ledger(&guard, Place::Host)), (3, 900 * MB));
}

#[test]
fn sessions_that_hold_reservations_do_not_count_twice_as_reclaimable() {
    let machine = Machine::new(64 * GB, 40 * GB);
    let guard = guard(&machine, budget(1000));
    let held = ask(&guard, 600).expect("fits");
    let idle = Cache::reserved(&guard, 600);
    assert_eq!(in_ledger(&guard, Place::Host), 600);
    assert!(guard.can_load(Place::Host, 1000).is_ok(), "with the idle session gone");
    assert!(guard.can_load(Place::Host, 1001).is_err());
    assert_eq!((guard.room(Place::Host), idle.asked()), (400, vec![]), "asking frees nothing");
    drop(held);
}

#[test]
fn a_machine_under_pressure_is_relieved_now_and_then_not_at_every_frame() {
    let machine = Machine::new(100 * GB, 15 * GB);
    let guard = guard(&machine, MemoryOptions::default());
    let cache = Cache::new(&guard, Place::Host, 800 * MB);
    for _ in 0..50 {
        guard.after_frame();
    }
    assert_eq!((cache.asked(), cache.bytes()), (vec![Cleanup::Soft], 400 * MB));
    let _held = ask(&guard, GB).expect("12 GB may still be had");
    assert_eq!(cache.bytes(), 400 * MB, "and the cache need not suffer for it again so soon");
    assert_eq!(guard.report().pressure_percent, 80);
}

#[test]
fn over_the_soft_budget_caches_shrink_after_a_frame() {
    let machine = Machine::new(100 * GB, 90 * GB);
    let options =
        MemoryOptions { host_soft_bytes: Some(1000), host_hard_bytes: Some(2000), ..MemoryOptions::default() };
    let guard = guard(&machine, options);
    let cache = Cache::new(&guard, Place::Host, 900);
    guard.after_frame();
    assert_eq!(cache.asked(), []);
    cache.bytes.store(1100, Ordering::Relaxed);
    guard.after_frame();
    assert_eq!((cache.asked(), cache.bytes()), (vec![Cleanup::Soft], 550));
}

#[test]
fn a_cleanup_on_request_reaches_everything_and_a_cache_that_is_gone_nothing() {
    let machine = Machine::new(64 * GB, 40 * GB);
    let guard = guard(&machine, MemoryOptions::default());
    let caches = [Cache::new(&guard, Place::Host, 100), Cache::new(&guard, DEVICE, 10)];
    drop(Cache::new(&guard, Place::Host, 1000));
    assert_eq!(guard.cleanup(Cleanup::Soft), 55);
    assert_eq!(guard.cleanup(Cleanup::Hard), 55);
    assert!(caches.iter().all(|cache| cache.bytes() == 0));
    assert_eq!(in_ledger(&guard, Place::Host), 0);
}

#[test]
fn without_figures_only_the_budgets_that_were_set_are_kept() {
    let machine = Arc::new(Machine::default());
    let guard = guard(&machine, MemoryOptions { device_hard_bytes: Some(1000), ..MemoryOptions::default() });
    let _anything = ask(&guard, 1 << 50).expect("nothing is known of this machine");
    let on_device = |bytes| guard.admit(session("encoder on CUDA 0"), DEVICE, bytes);
    let _held = on_device(900).expect("fits");
    let words = on_device(200).expect_err("over the budget").to_string();
    assert!(words.contains("memory of device 0") && !words.contains("are free"), "{words}");
    assert_eq!((guard.room(Place::Host), guard.room(DEVICE)), (u64::MAX - (1 << 50), 100));
    guard.after_frame();
}

#[test]
fn devices_have_budgets_and_figures_of_their_own() {
    let machine = Machine::new(64 * GB, 40 * GB);
    *machine.device.lock().unwrap() = Some(MemoryFigures { total: 10 * GB, available: 9 * GB });
    let guard = guard(&machine, MemoryOptions::default());
    let held = guard.admit(session("encoder on CUDA 0"), DEVICE, 7 * GB).expect("fits into 80 %");
    assert!(guard.admit(session("decoder on CUDA 0"), DEVICE, 2 * GB).is_err());
    assert_eq!((in_ledger(&guard, DEVICE), in_ledger(&guard, Place::Host)), (7 * GB, 0));
    drop(held);
    guard.set_hard_budget(DEVICE, Some(GB));
    assert!(guard.admit(session("decoder on CUDA 0"), DEVICE, 2 * GB).is_err());
    guard.set_hard_budget(DEVICE, None);
    assert!(guard.admit(session("decoder on CUDA 0"), DEVICE, 2 * GB).is_ok());
}

#[test]
fn the_largest_batch_leaves_headroom_and_is_never_nothing() {
    let machine = Machine::new(64 * GB, 40 * GB);
    let guard = guard(&machine, budget(1000));
    let batch = |item, headroom, most| guard.largest_batch(Place::Host, item, headroom, most);
    assert_eq!((batch(100, 0, 64), batch(100, 25, 64), batch(100, 25, 4)), (10, 7, 4));
    assert_eq!((batch(2000, 0, 64), batch(100, 100, 64), batch(100, 200, 64), batch(0, 0, 0)), (1, 1, 1, 1));
    assert_eq!(batch(0, 0, 8), 8);
}

#[test]
fn a_host_with_little_memory_still_gets_the_small_models() {
    let machine = Machine::new(4 * GB, GB);
    let guard = guard(&machine, MemoryOptions::default());
    let encoder = ask(&guard, 85 * MB).expect("loads");
    encoder.resize(60 * MB);
    machine.set_host(4 * GB, GB - 60 * MB);
    let run = guard.admit(Owner::run("encoder on CPU"), Place::Host, 190 * MB).expect("runs");
    drop(run);
    assert!(ask(&guard, 900 * MB).is_err(), "and not those that would make it swap");
}

#[test]
fn a_leak_of_the_host_process_is_reported() {
    let machine = Machine::new(64 * GB, 40 * GB);
    let guard = guard(&machine, MemoryOptions::default());
    for frame in 0..500 {
        machine.resident.store(GB + frame * MB / 4, Ordering::Relaxed);
        guard.after_frame();
    }
    let report = guard.report();
    let leak = report.leak.expect("rises and never falls");
    assert_eq!((leak.owner, leak.place), (None, Place::Host));
    assert!(leak.rose_bytes > 20 * MB && report.history.len() > 5, "{:?}", report.history);
}

#[test]
fn the_report_becomes_json() {
    let machine = Machine::new(64 * GB, 40 * GB);
    let guard = guard(&machine, MemoryOptions::default());
    let _held = guard.admit(session("encoder on CUDA 0"), DEVICE, 7).expect("fits");
    let json = serde_json::to_value(guard.report()).expect("plain data");
    assert_eq!(json["rows"][0]["owner"]["name"], "encoder on CUDA 0");
    assert_eq!(json["rows"][0]["owner"]["kind"], "session");
    assert_eq!(json["rows"][0]["place"]["device"], 0);
    assert_eq!(json["places"][0]["place"], "host");
    assert_eq!(json["places"][0]["figures"]["total"], 64 * GB);
}

#[derive(Debug, Clone)]
enum Step {
    Admit(u64),
    Resize(usize, u64),
    Drop(usize),
    Fill(u64),
    Budget(u64),
    Available(u64),
    Frame,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0u64..600).prop_map(Step::Admit),
        2 => (any::<usize>(), 0u64..600).prop_map(|(of, bytes)| Step::Resize(of, bytes)),
        3 => any::<usize>().prop_map(Step::Drop),
        2 => (0u64..600).prop_map(Step::Fill),
        1 => (0u64..2000).prop_map(Step::Budget),
        1 => (0u64..2000).prop_map(Step::Available),
        1 => Just(Step::Frame),
    ]
}

proptest! {
    #[test]
    fn no_admission_goes_over_the_budget_or_what_is_free_and_refusals_have_tried_everything(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let machine = Machine::new(2000, 2000);
        let guard = guard(&machine, MemoryOptions::default());
        let cache = Cache::new(&guard, Place::Host, 0);
        let (mut held, mut hard, mut available) = (Vec::new(), 1000, 2000);
        for step in steps {
            match step {
                Step::Admit(bytes) => match ask(&guard, bytes) {
                    Ok(reservation) => {
                        held.push(reservation);
                        prop_assert!(in_ledger(&guard, Place::Host) <= hard);
                        prop_assert!(bytes <= available);
                    }
                    Err(refused) => {
                        prop_assert_eq!(cache.bytes(), 0, "a cache still held something");
                        prop_assert!(refused.in_ledger + bytes > hard || bytes + refused.in_ledger > available - available.min(62));
                    }
                },
                Step::Resize(of, bytes) if !held.is_empty() => held[of % held.len()].resize(bytes),
                Step::Drop(of) if !held.is_empty() => drop(held.swap_remove(of % held.len())),
                Step::Fill(bytes) => cache.bytes.store(bytes, Ordering::Relaxed),
                Step::Budget(bytes) => {
                    hard = bytes;
                    guard.set_hard_budget(Place::Host, Some(bytes));
                }
                Step::Available(bytes) => {
                    available = bytes;
                    machine.set_host(2000, bytes);
                }
                Step::Frame => guard.after_frame(),
                Step::Resize(..) | Step::Drop(_) => {}
            }
            let sum: u64 = held.iter().map(Reservation::bytes).sum();
            prop_assert_eq!(in_ledger(&guard, Place::Host), sum + cache.bytes());
        }
        held.clear();
        prop_assert_eq!(in_ledger(&guard, Place::Host), cache.bytes());
    }
}
