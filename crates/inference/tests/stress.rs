//! Many threads load, warm up, run, abort, evict and purge at random (seeded): no deadlock, right answers, figures that add up.

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use inference::{
    Abort, Background, Cleanup, Device, Engine, Feature, InferenceError, Input, KeyBuilder, ModelFile, NeverAbort,
    OwnerKind,
};
use ndarray::{Array1, ArrayD};

const THREADS: u64 = 8;
const STEPS: usize = 300;
/// Lengths of the chains of sines: from nothing to a few hundred milliseconds.
const MODELS: [usize; 4] = [1, 3, 40, 400];
const PATIENCE: Duration = Duration::from_secs(240);

/// The test must end: a deadlock ends the process with a message instead of hanging it.
fn within_patience(work: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    let worker = thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    if finished.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
        eprintln!("deadlock: nothing finished within {PATIENCE:?}");
        std::process::abort();
    }
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
}

/// xorshift64*, Vigna 2016: good enough to mix steps, the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }
}

/// What the threads asked for, to be compared with what the engine counted.
#[derive(Default)]
struct Tally {
    runs: AtomicU64,
    runs_done: AtomicU64,
    runs_aborted: AtomicU64,
    features: AtomicU64,
    features_given: AtomicU64,
}

struct Shared {
    engine: Arc<Engine>,
    models: Vec<ModelFile>,
    tally: Tally,
}

impl Shared {
    #[allow(clippy::panic)]
    fn step(&self, dice: &mut Dice) {
        match dice.roll(20) {
            0 => match dice.roll(4) {
                0 => self.engine.purge(),
                1 => drop(self.engine.guard().cleanup(Cleanup::Hard)),
                2 => self.engine.guard().after_frame(),
                _ => self.engine.quiesce(),
            },
            1 => match dice.roll(2) {
                0 => self.engine.features().clear(),
                _ => self.engine.warm(self.models.clone()),
            },
            2 => {
                let statistics = self.engine.features().statistics();
                assert!(statistics.bytes <= statistics.budget_bytes);
                assert_eq!(statistics.bytes, statistics.entries * 4096);
            }
            3..10 => self.feature(dice),
            _ => self.run(dice),
        }
    }

    fn run(&self, dice: &mut Dice) {
        let which = dice.roll(MODELS.len() as u64) as usize;
        let polls_left = AtomicUsize::new(dice.roll(6) as usize);
        let patient = dice.roll(2) == 0;
        let abort =
            || !patient && polls_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_err();
        let background = Background(&abort);
        let abort: &dyn Abort = if dice.roll(3) == 0 { &background } else { &abort };
        let session = match self.engine.session(&self.models[which], Device::Cpu, abort) {
            Ok(session) => session,
            Err(InferenceError::Aborted) if !patient => return,
            Err(error) => panic!("{error}"),
        };
        self.tally.runs.fetch_add(1, Ordering::Relaxed);
        let start = dice.roll(1000) as f32 * 0.01;
        let x: ArrayD<f32> = Array1::from_elem(20_000, start).into_dyn();
        match session.run(&[("x", Input::F32(x.view()))], &["y"], abort) {
            Ok(y) => {
                self.tally.runs_done.fetch_add(1, Ordering::Relaxed);
                let expected = (0..MODELS[which]).fold(start, |value, _| value.sin());
                let y = y[0].as_slice().unwrap_or_default();
                assert!(y.len() == 20_000 && y.iter().all(|value| (value - expected).abs() < 1e-4));
            }
            Err(InferenceError::Aborted) if !patient => {
                self.tally.runs_aborted.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn feature(&self, dice: &mut Dice) {
        let number = dice.roll(24);
        let fails = dice.roll(5) == 0;
        self.tally.features.fetch_add(1, Ordering::Relaxed);
        let key = KeyBuilder::new("stress").number(number).finish();
        let result = self.engine.features().get_or_compute(key, &NeverAbort, || {
            if fails { Err(InferenceError::Aborted) } else { Ok(feature(number)) }
        });
        match result {
            Ok(value) => {
                self.tally.features_given.fetch_add(1, Ordering::Relaxed);
                assert_eq!(*value, feature(number), "a key never gives another key's value");
            }
            Err(error) => assert!(fails, "{error}"),
        }
    }
}

fn feature(number: u64) -> Feature {
    Feature::new(vec![Array1::from_elem(1024, number as f32).into_dyn()])
}

#[test]
fn random_mixes_of_load_run_abort_evict_and_purge_neither_lock_up_nor_lie() {
    let Some(library) = support::library() else { return };
    within_patience(move || {
        let folder = tempfile::tempdir().unwrap();
        let models =
            MODELS.iter().map(|&count| support::write_sines(folder.path(), &format!("{count}.onnx"), count)).collect();
        // Room for 10 of 24 features, so that eviction is part of the mix.
        let engine = support::engine_with_features(&library, 10 * 4096 + 100);
        let shared = Shared { engine, models, tally: Tally::default() };
        thread::scope(|scope| {
            for seed in 1..=THREADS {
                let shared = &shared;
                scope.spawn(move || {
                    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                    (0..STEPS).for_each(|_| shared.step(&mut dice));
                });
            }
        });
        let Shared { engine, tally, .. } = shared;
        let value = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (counters, features) = (engine.counters(), engine.features().statistics());
        assert!(counters.session_loads > MODELS.len() as u64, "nothing was ever loaded again");
        assert_eq!(counters.encoder_runs, value(&tally.runs_done));
        assert_eq!(counters.aborted_runs, value(&tally.runs_aborted));
        assert_eq!(counters.failed_runs, 0);
        assert_eq!(value(&tally.runs), value(&tally.runs_done) + value(&tally.runs_aborted));
        assert_eq!(features.hits + features.misses, value(&tally.features_given));
        assert_eq!(features.hits + features.misses + features.failures, value(&tally.features));
        assert!(features.evictions > 0 && counters.aborted_runs > 0, "the mix was too tame to prove anything");
        engine.quiesce();
        engine.purge();
        let in_ledger = |kind| {
            let rows = engine.guard().report().rows;
            rows.iter().filter(|row| row.owner.kind == kind).map(|row| row.charged_bytes).sum::<u64>()
        };
        assert_eq!((in_ledger(OwnerKind::Session), in_ledger(OwnerKind::Run)), (0, 0));
        assert_eq!((engine.report().sessions.len(), engine.features().statistics().bytes), (0, 0));
    });
}
