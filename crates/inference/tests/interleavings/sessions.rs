//! Load, run in turns, give up, fail, evict and unload, with a memory guard that has room for two of three models.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
};
use std::time::Duration;

use inference::{
    Abort, Background, Cleanup, InferenceError, MemoryFigures, MemoryGuard, MemoryMeter, MemoryOptions, NeverAbort,
    Owner, Place, Pool, Reclaim, Reservation, Turns,
};
use shuttle::{rand::Rng, thread};

use crate::explore;

const MODELS: u64 = 3;
const BYTES: u64 = 10;
const RUN_BYTES: u64 = 3;
const THREADS: usize = 3;
const STEPS: usize = 3;

/// Nothing is known of the machine: the budget alone counts.
struct NoMeter;

impl MemoryMeter for NoMeter {
    fn host(&self) -> Option<MemoryFigures> {
        None
    }

    fn device(&self, _number: u32) -> Option<MemoryFigures> {
        None
    }

    fn process_resident(&self) -> Option<u64> {
        None
    }
}

struct Model {
    number: u64,
    inner: Turns<Arc<AtomicBool>>,
    _reservation: Reservation,
}

type Models = Pool<u64, Model>;

struct Idle(Arc<Models>);

impl Reclaim for Idle {
    fn name(&self) -> &str {
        "idle models"
    }

    fn place(&self) -> Place {
        Place::Host
    }

    fn bytes(&self) -> u64 {
        self.0.idle_bytes(|_| BYTES)
    }

    fn reserved(&self) -> bool {
        true
    }

    fn reclaim(&self, _strength: Cleanup) -> u64 {
        self.0.evict(Duration::ZERO, |_| true).len() as u64 * BYTES
    }
}

struct World {
    guard: Arc<MemoryGuard>,
    models: Arc<Models>,
    _idle: Arc<dyn Reclaim>,
    loading: [AtomicBool; MODELS as usize],
    runs: AtomicU64,
}

impl World {
    fn new() -> Self {
        let budget = 2 * BYTES + THREADS as u64 * RUN_BYTES;
        let options = MemoryOptions { host_hard_bytes: Some(budget), ..MemoryOptions::default() };
        let guard = MemoryGuard::new(options, Arc::new(NoMeter));
        let models = Arc::new(Models::default());
        let idle: Arc<dyn Reclaim> = Arc::new(Idle(Arc::clone(&models)));
        let weak: Weak<dyn Reclaim> = Arc::downgrade(&idle);
        guard.register(weak);
        Self { guard, models, _idle: idle, loading: Default::default(), runs: AtomicU64::new(0) }
    }

    fn load(&self, number: u64, fails: bool) -> Result<Model, InferenceError> {
        let loading = &self.loading[number as usize];
        assert!(!loading.swap(true, Relaxed), "a model is loaded by two at once");
        let reservation = self.guard.admit(Owner::session("model"), Place::Host, BYTES);
        thread::yield_now();
        loading.store(false, Relaxed);
        if fails {
            return Err(InferenceError::ModelMissing { file: number.to_string().into() });
        }
        let _reservation = reservation.map_err(|_| InferenceError::ModelMissing { file: "no memory".into() })?;
        Ok(Model { number, inner: Turns::new(Arc::default()), _reservation })
    }

    fn run(&self, model: &Arc<Model>, abort: &dyn Abort) -> bool {
        let ran = model.inner.with(abort, |inside| {
            assert!(!inside.swap(true, Relaxed), "two run at once");
            let reservation = self.guard.admit(Owner::run("model"), Place::Host, RUN_BYTES);
            thread::yield_now();
            assert!(inside.swap(false, Relaxed));
            reservation.is_ok()
        });
        let there = self.models.values().iter().any(|pooled| Arc::ptr_eq(&pooled.value, model) && pooled.in_use);
        assert!(there, "a model in use was evicted");
        self.runs.fetch_add(u64::from(ran == Some(true)), Relaxed);
        assert_ne!(ran, Some(false), "room for runs is left by the models that fit");
        ran.is_some()
    }

    fn use_one(&self) {
        let mut dice = shuttle::rand::thread_rng();
        let (number, fails) = (dice.gen_range(0..MODELS), dice.gen_range(0..6) == 0);
        let patience = [None, None, Some(0), Some(3)][dice.gen_range(0..4)];
        let polls = AtomicUsize::new(0);
        let abort = || patience.is_some_and(|patience| polls.fetch_add(1, Relaxed) >= patience);
        let background = Background(&abort);
        let abort: &dyn Abort = if dice.gen_bool(0.5) { &background } else { &abort };
        match self.models.get_or_load(number, abort, || self.load(number, fails)) {
            Ok((model, _)) => {
                assert_eq!(model.number, number);
                assert!(self.run(&model, abort) || patience.is_some(), "nobody gives up who is patient");
            }
            Err(InferenceError::Aborted) => assert!(patience.is_some()),
            Err(InferenceError::ModelMissing { file }) => {
                let file = file.to_string_lossy().into_owned();
                assert!(file == "no memory" || file == number.to_string(), "a failure stays with its model");
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn step(&self) {
        match shuttle::rand::thread_rng().gen_range(0..8) {
            0 => drop(self.models.evict(Duration::ZERO, |_| true)),
            1 => drop(self.guard.cleanup(Cleanup::Hard)),
            2 => assert!(self.guard.report().rows.iter().all(|row| row.charged_bytes <= 3 * BYTES)),
            _ => self.use_one(),
        }
    }

    /// Everything can be unloaded, the ledger is empty then, and every model can be loaded and run again.
    fn check_rest(&self) {
        drop(self.models.evict(Duration::ZERO, |_| true));
        assert!(self.models.values().is_empty());
        let in_ledger = || self.guard.report().places.iter().map(|place| place.in_ledger_bytes).sum::<u64>();
        assert_eq!(in_ledger(), 0);
        for number in 0..MODELS {
            let (model, was_there) =
                self.models.get_or_load(number, &NeverAbort, || self.load(number, false)).expect("room for it");
            assert!(!was_there && self.run(&model, &NeverAbort));
            assert_eq!(model.inner.waiting(), 0);
        }
    }
}

fn at_once(count: usize, work: impl Fn() + Send + Sync + 'static) {
    let work = Arc::new(work);
    let begin = |_| {
        let work = Arc::clone(&work);
        thread::spawn(move || work())
    };
    let threads: Vec<_> = (0..count).map(begin).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn models_are_loaded_run_evicted_and_unloaded_without_deadlock_or_loss() {
    explore(11, 20_000, || {
        let world = Arc::new(World::new());
        let mixed = Arc::clone(&world);
        at_once(THREADS, move || (0..STEPS).for_each(|_| mixed.step()));
        world.check_rest();
    });
}

#[test]
fn turns_are_exclusive_and_who_gives_up_leaves_no_hole() {
    explore(12, 20_000, || {
        let turns = Arc::new(Turns::new(0u32));
        let used = Arc::new(AtomicU64::new(0));
        let (shared, counted) = (Arc::clone(&turns), Arc::clone(&used));
        at_once(4, move || {
            let mut dice = shuttle::rand::thread_rng();
            let patience = [None, Some(0), Some(1), Some(4)][dice.gen_range(0..4)];
            let polls = AtomicUsize::new(0);
            let abort = || patience.is_some_and(|patience| polls.fetch_add(1, Relaxed) >= patience);
            let background = Background(&abort);
            let abort: &dyn Abort = if dice.gen_bool(0.5) { &background } else { &abort };
            let use_it = |value: &mut u32| {
                let before = *value;
                thread::yield_now();
                *value = before + 1;
            };
            match shared.with(abort, use_it) {
                Some(()) => drop(counted.fetch_add(1, Relaxed)),
                None => assert!(patience.is_some()),
            }
        });
        assert_eq!(turns.waiting(), 0);
        assert_eq!(turns.with(&NeverAbort, |value| u64::from(*value)), Some(used.load(Relaxed)));
    });
}

#[test]
fn all_who_wait_for_a_load_get_its_failure_and_nobody_loads_again_for_them() {
    explore(13, 5_000, || {
        let models = Arc::new(Pool::<u64, u64>::default());
        let (loads, waiting) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (shared, loaded) = (Arc::clone(&models), Arc::clone(&loads));
        at_once(THREADS, move || {
            let waits = AtomicBool::new(false);
            let count = || {
                waiting.fetch_add(usize::from(!waits.swap(true, Relaxed)), Relaxed);
                false
            };
            let result = shared.get_or_load(7, &count, || {
                loaded.fetch_add(1, Relaxed);
                // Until all others wait.
                while waiting.load(Relaxed) < THREADS - 1 {
                    thread::yield_now();
                }
                Err(InferenceError::ModelMissing { file: "m".into() })
            });
            assert!(matches!(result, Err(InferenceError::ModelMissing { .. })));
        });
        assert_eq!(loads.load(Relaxed), 1);
        let again = models.get_or_load(7, &NeverAbort, || Ok(1));
        assert!(matches!(again, Ok((_, false))), "a failed load leaves nothing behind");
    });
}
