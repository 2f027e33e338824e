//! Claim, compute, fail, give up, evict, clear and reclaim, with memory alone and with a disk store.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use inference::{
    ByteSize, Cleanup, DiskOptions, DiskStore, FeatureCache, InferenceError, Key, Limits, NeverAbort, Origin, Reclaim,
    Stored,
};
use shuttle::{rand::Rng, thread};

use crate::explore;

const KEYS: u64 = 3;
const BYTES: u64 = 10;
const THREADS: usize = 3;
const STEPS: usize = 4;

#[derive(Debug)]
struct Block(u64);

impl ByteSize for Block {
    fn byte_size(&self) -> u64 {
        BYTES
    }
}

impl Stored for Block {
    const KIND: &'static str = "block-1";

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(u64::from_le_bytes(bytes.try_into().ok()?)))
    }
}

/// A cache with room for two of three values, and what its callers know.
struct World {
    cache: FeatureCache<Block>,
    disk: Option<Arc<DiskStore>>,
    computing: [AtomicBool; KEYS as usize],
    calls: AtomicU64,
    memory: AtomicU64,
    from_disk: AtomicU64,
    computed: AtomicU64,
    failures: AtomicU64,
}

/// How a computation ends.
#[derive(Clone, Copy)]
enum End {
    Value,
    Failure,
    GivenUp,
}

impl World {
    fn new(disk: Option<Arc<DiskStore>>) -> Self {
        let cache = FeatureCache::new("blocks", Limits { bytes: 2 * BYTES + 5, entries: 2 });
        let zero = AtomicU64::default;
        Self {
            cache,
            disk,
            computing: Default::default(),
            calls: zero(),
            memory: zero(),
            from_disk: zero(),
            computed: zero(),
            failures: zero(),
        }
    }

    fn compute(&self, number: u64, end: End) -> Result<Block, InferenceError> {
        let computing = &self.computing[number as usize];
        assert!(!computing.swap(true, Relaxed), "a key is computed by two at once");
        thread::yield_now();
        computing.store(false, Relaxed);
        match end {
            End::Value => Ok(Block(number)),
            End::Failure => Err(InferenceError::ModelMissing { file: number.to_string().into() }),
            End::GivenUp => Err(InferenceError::Aborted),
        }
    }

    /// Asks for a key as a caller that may lose patience, whose computation may fail.
    fn fetch(&self, number: u64, end: End, patience: Option<usize>) {
        let polls = AtomicUsize::new(0);
        let abort = || patience.is_some_and(|patience| polls.fetch_add(1, Relaxed) >= patience);
        let ran = AtomicBool::new(false);
        let compute = || {
            ran.store(true, Relaxed);
            self.compute(number, end)
        };
        self.calls.fetch_add(1, Relaxed);
        let key = Key(u128::from(number));
        match self.cache.fetch_stored(key, self.disk.as_deref(), &abort, compute) {
            Ok(found) => {
                assert_eq!(found.value.0, number, "a key never gives another key's value");
                assert_eq!(found.origin == Origin::Computed, ran.load(Relaxed));
                let counter = match found.origin {
                    Origin::Memory => &self.memory,
                    Origin::Disk => &self.from_disk,
                    Origin::Computed => &self.computed,
                };
                counter.fetch_add(1, Relaxed);
            }
            Err(InferenceError::Aborted) => {
                let own = ran.load(Relaxed) && matches!(end, End::GivenUp);
                assert!(own || patience.is_some(), "nobody is told that he gave up who did not");
                self.failures.fetch_add(1, Relaxed);
            }
            Err(InferenceError::ModelMissing { file }) => {
                assert_eq!(file.to_str(), Some(number.to_string().as_str()), "a failure stays with its key");
                assert!(!ran.load(Relaxed) || matches!(end, End::Failure));
                self.failures.fetch_add(1, Relaxed);
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn step(&self) {
        let mut dice = shuttle::rand::thread_rng();
        match dice.gen_range(0..12) {
            0 => self.cache.clear(),
            1 => drop(self.cache.clear_idle()),
            2 => drop(self.cache.reclaim(Cleanup::Soft)),
            3 => drop(self.cache.reclaim(Cleanup::Hard)),
            4 => {
                let held = self.cache.values();
                assert!(held.len() <= 2);
            }
            5 if self.disk.is_some() => {
                self.disk.as_ref().map(|disk| disk.clear());
            }
            _ => {
                let end = [End::Value, End::Value, End::Failure, End::GivenUp][dice.gen_range(0..4)];
                let patience = [None, Some(0), Some(2)][dice.gen_range(0..3)];
                self.fetch(dice.gen_range(0..KEYS), end, patience);
            }
        }
        let statistics = self.cache.statistics();
        assert!(statistics.bytes <= statistics.budget_bytes && statistics.entries <= statistics.budget_entries);
        assert_eq!(statistics.bytes, statistics.entries * BYTES);
    }

    /// Nobody is left waiting or computing, every call was answered and counted, and the cache goes on working.
    fn check_rest(&self) {
        let statistics = self.cache.statistics();
        assert_eq!(self.cache.values().len() as u64, statistics.entries);
        let counted = (statistics.hits, statistics.disk_hits, statistics.misses, statistics.failures);
        let value = |counter: &AtomicU64| counter.load(Relaxed);
        let known = (value(&self.memory), value(&self.from_disk), value(&self.computed), value(&self.failures));
        assert_eq!(counted, known);
        assert_eq!(counted.0 + counted.1 + counted.2 + counted.3, value(&self.calls));
        self.cache.clear();
        for number in 0..KEYS {
            let found = self.cache.fetch(Key(u128::from(number)), &NeverAbort, || self.compute(number, End::Value));
            assert_eq!(found.map(|found| found.origin).ok(), Some(Origin::Computed));
        }
    }
}

fn mix(disk: Option<Arc<DiskStore>>) {
    let world = Arc::new(World::new(disk));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let world = Arc::clone(&world);
            thread::spawn(move || (0..STEPS).for_each(|_| world.step()))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    world.check_rest();
}

#[test]
fn a_cache_in_memory_neither_locks_up_nor_lies() {
    explore(1, 50_000, || mix(None));
}

#[test]
fn a_cache_over_a_disk_store_neither_locks_up_nor_lies() {
    let folder = tempfile::tempdir().unwrap();
    let options = DiskOptions { folder: folder.path().to_owned(), max_bytes: 1 << 20 };
    // A new store each time: its locks belong to one interleaving. The folder stays, as it does for processes.
    explore(2, 3_000, move || mix(Some(Arc::new(DiskStore::open(options.clone())))));
}

#[test]
fn all_who_wait_get_the_failure_and_nobody_tries_again_for_them() {
    explore(3, 5_000, || {
        let world = Arc::new(World::new(None));
        let start = Arc::new(shuttle::sync::Barrier::new(THREADS));
        let attempts = Arc::new(AtomicUsize::new(0));
        let waiting = Arc::new(AtomicUsize::new(0));
        let ask = || {
            let (world, start) = (Arc::clone(&world), Arc::clone(&start));
            let (attempts, waiting) = (Arc::clone(&attempts), Arc::clone(&waiting));
            thread::spawn(move || {
                start.wait();
                let counted = AtomicBool::new(false);
                let count = || {
                    // Asked while waiting, and only then.
                    waiting.fetch_add(usize::from(!counted.swap(true, Relaxed)), Relaxed);
                    false
                };
                let compute = || {
                    attempts.fetch_add(1, Relaxed);
                    // Until all others wait.
                    while waiting.load(Relaxed) < THREADS - 1 {
                        thread::yield_now();
                    }
                    world.compute(0, End::Failure)
                };
                let result = world.cache.fetch(Key(0), &count, compute);
                assert!(matches!(result, Err(InferenceError::ModelMissing { .. })));
            })
        };
        let threads: Vec<_> = (0..THREADS).map(|_| ask()).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(attempts.load(Relaxed), 1);
    });
}
