//! The shared cache: computed once, bounded by bytes, taken over, given up.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use inference::{Abort, ByteSize, Cleanup, InferenceError, Limits, NeverAbort, Reclaim, SharedCache};

#[derive(Debug, PartialEq)]
struct Block(u64);

impl ByteSize for Block {
    fn byte_size(&self) -> u64 {
        self.0
    }
}

type Cache = SharedCache<u32, Block>;

fn of(bytes: u64) -> Cache {
    Cache::new("blocks", Limits::bytes(bytes))
}

#[allow(clippy::expect_used)] // Only test functions are exempt from the lint, not their helpers.
fn put(cache: &Cache, key: u32, bytes: u64) -> bool {
    let mut computed = false;
    let make = || {
        computed = true;
        Ok::<_, InferenceError>(Block(bytes))
    };
    cache.get_or_compute(key, &NeverAbort, make).expect("computes");
    computed
}

#[test]
fn the_least_recently_used_values_leave_first_and_the_budget_holds() {
    let cache = of(100);
    for key in 0..3 {
        assert!(put(&cache, key, 30));
    }
    assert!(!put(&cache, 0, 30), "held, and now the most recent");
    assert!(put(&cache, 3, 60), "1 and 2 have to go");
    assert!(!put(&cache, 0, 30));
    assert!(put(&cache, 1, 10));
    let statistics = cache.statistics();
    assert_eq!((statistics.hits, statistics.misses, statistics.evictions), (2, 5, 2));
    assert_eq!((statistics.entries, statistics.bytes, statistics.budget_bytes), (3, 100, 100));
}

#[test]
fn a_value_larger_than_the_budget_is_given_and_not_kept() {
    let cache = of(100);
    put(&cache, 1, 50);
    assert!(put(&cache, 2, 101) && put(&cache, 2, 101));
    assert!(!put(&cache, 1, 50), "and nothing was evicted for it");
    assert_eq!(cache.statistics().bytes, 50);
    let nothing = of(0);
    assert!(put(&nothing, 1, 1) && put(&nothing, 1, 1) && put(&nothing, 2, 0) && !put(&nothing, 2, 0));
}

#[test]
fn clearing_spares_values_in_use_only_where_asked() {
    let cache = of(100);
    put(&cache, 1, 10);
    put(&cache, 2, 10);
    let held = cache.get_or_compute(1, &NeverAbort, || Err(InferenceError::Aborted)).expect("held");
    assert_eq!(cache.clear_idle(), 1);
    assert!(!put(&cache, 1, 10) && put(&cache, 2, 10));
    cache.clear();
    assert_eq!((cache.statistics().entries, cache.statistics().bytes, held.0), (0, 0, 10));
    assert_eq!(cache.statistics().evictions, 0);
}

#[test]
fn a_value_is_computed_once_however_many_ask() {
    let (cache, computed, start) = (of(100), AtomicUsize::new(0), Barrier::new(16));
    let values: Vec<_> = thread::scope(|scope| {
        let ask = || {
            start.wait();
            cache.get_or_compute(7, &NeverAbort, || {
                computed.fetch_add(1, Ordering::Relaxed);
                Ok::<_, InferenceError>(Block(5))
            })
        };
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic").expect("a value")).collect()
    });
    assert_eq!(computed.load(Ordering::Relaxed), 1);
    assert!(values.iter().all(|value| Arc::ptr_eq(value, &values[0])));
    assert_eq!((cache.statistics().hits, cache.statistics().misses), (15, 1));
}

/// One caller computes until a second one waits (seen by its abort being asked), then ends as told. Gives what the
/// second one got.
fn while_another_computes(
    cache: &Cache,
    first: impl Fn() -> Result<Block, InferenceError> + Sync,
    second_gives_up: bool,
) -> Result<Arc<Block>, InferenceError> {
    let (computing, waiting) = (AtomicBool::new(false), AtomicBool::new(false));
    let until = |flag: &AtomicBool| {
        while !flag.load(Ordering::Acquire) {
            thread::yield_now();
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            let compute = || {
                computing.store(true, Ordering::Release);
                until(&waiting);
                first()
            };
            // A panic of the computation is part of the game, and the caller's own business.
            let _ = catch_unwind(AssertUnwindSafe(|| cache.get_or_compute(1, &NeverAbort, compute)));
        });
        until(&computing);
        let abort = || {
            waiting.store(!second_gives_up, Ordering::Release);
            second_gives_up
        };
        let result = cache.get_or_compute(1, &abort as &dyn Abort, || Ok(Block(2)));
        waiting.store(true, Ordering::Release);
        result
    })
}

#[test]
fn a_waiting_caller_gets_the_value_of_the_computing_one() {
    let cache = of(100);
    let value = while_another_computes(&cache, || Ok(Block(1)), false).expect("a value");
    assert_eq!(*value, Block(1));
}

#[test]
fn a_waiting_caller_takes_over_when_the_computing_one_gives_up_or_panics() {
    let ends: [fn() -> Result<Block, InferenceError>; 2] = [|| Err(InferenceError::Aborted), || panic!("on purpose")];
    for end in ends {
        let cache = of(100);
        let value = while_another_computes(&cache, end, false).expect("taken over");
        assert_eq!(*value, Block(2));
        assert_eq!((cache.statistics().failures, cache.statistics().misses), (1, 1));
    }
}

#[test]
fn a_waiting_caller_gets_the_failure_of_the_computing_one_and_the_next_caller_tries_again() {
    let cache = of(100);
    let missing = || Err(InferenceError::ModelMissing { file: "m.onnx".into() });
    let result = while_another_computes(&cache, missing, false);
    assert!(matches!(result, Err(InferenceError::ModelMissing { .. })), "{result:?}");
    assert_eq!((cache.statistics().failures, cache.statistics().misses), (2, 0));
    assert!(put(&cache, 1, 5));
}

#[test]
fn a_waiting_caller_can_give_up_and_the_computing_one_goes_on() {
    let cache = of(100);
    let result = while_another_computes(&cache, || Ok(Block(1)), true);
    assert!(matches!(result, Err(InferenceError::Aborted)));
    assert!(!put(&cache, 1, 9), "the first one's value is there");
    assert_eq!(cache.statistics().failures, 1);
}

#[test]
fn clearing_while_a_value_is_computed_does_no_harm() {
    let cache = of(100);
    let clear_first = || {
        cache.clear();
        Ok(Block(1))
    };
    assert_eq!(*while_another_computes(&cache, clear_first, false).expect("a value"), Block(1));
    assert_eq!(cache.statistics().entries, 1);
}

#[test]
fn the_limit_in_entries_holds_too() {
    let cache = Cache::new("blocks", Limits { bytes: 100, entries: 2 });
    assert!(put(&cache, 1, 1) && put(&cache, 2, 1) && !put(&cache, 1, 1));
    assert!(put(&cache, 3, 1), "and 2 has to go");
    assert!(!put(&cache, 1, 1) && put(&cache, 2, 1));
    let statistics = cache.statistics();
    assert_eq!((statistics.entries, statistics.evictions, statistics.budget_entries), (2, 2, 2));
    let none = Cache::new("blocks", Limits { bytes: 100, entries: 0 });
    assert!(put(&none, 1, 1) && put(&none, 1, 1));
}

#[test]
fn reclaiming_halves_the_bytes_or_takes_all_and_counts_what_became_free() {
    let cache = of(1000);
    assert!((0..10).all(|key| put(&cache, key, 10)));
    let held = cache.get_or_compute(0, &NeverAbort, || Err(InferenceError::Aborted)).expect("held");
    let oldest = cache.get_or_compute(9, &NeverAbort, || Err(InferenceError::Aborted)).expect("held");
    assert_eq!((cache.name(), cache.bytes()), ("blocks", 100));
    assert_eq!(cache.reclaim(Cleanup::Soft), 50, "1 to 5");
    assert!((6..9).all(|key| !put(&cache, key, 10)));
    assert_eq!(cache.reclaim(Cleanup::Hard), 30, "those in use live on");
    assert_eq!((cache.bytes(), cache.statistics().entries, cache.statistics().evictions), (0, 0, 10));
    assert_eq!((held.0, oldest.0, cache.reclaim(Cleanup::Hard)), (10, 10, 0));
}

#[test]
fn the_hit_rate_counts_answers_alone() {
    let cache = of(100);
    assert_eq!(cache.statistics().hit_rate(), 0.0);
    assert_eq!((0..4).filter(|_| put(&cache, 1, 10)).count(), 1);
    assert!(cache.fetch(2, &NeverAbort, || Err(InferenceError::Aborted)).is_err());
    assert_eq!(cache.statistics().hit_rate(), 0.75);
}
