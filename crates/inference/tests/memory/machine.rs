//! A machine made up for the test, with a cache on it.

use std::sync::{
    Arc, Mutex, OnceLock, Weak,
    atomic::{AtomicU64, Ordering},
};

use inference::{Cleanup, MemoryFigures, MemoryGuard, MemoryMeter, MemoryOptions, Place, Reclaim};

/// A machine whose figures the test sets.
#[derive(Default)]
pub struct Machine {
    host: Mutex<Option<MemoryFigures>>,
    pub device: Mutex<Option<MemoryFigures>>,
    pub resident: AtomicU64,
}

impl MemoryMeter for Machine {
    fn host(&self) -> Option<MemoryFigures> {
        *self.host.lock().expect("no test panics with it")
    }

    fn device(&self, number: u32) -> Option<MemoryFigures> {
        self.device.lock().expect("no test panics with it").filter(|_| number == 0)
    }

    fn process_resident(&self) -> Option<u64> {
        Some(self.resident.load(Ordering::Relaxed)).filter(|&bytes| bytes > 0)
    }
}

impl Machine {
    pub fn new(total: u64, available: u64) -> Arc<Self> {
        let machine = Arc::new(Self::default());
        machine.set_host(total, available);
        machine
    }

    pub fn set_host(&self, total: u64, available: u64) {
        *self.host.lock().expect("no test panics with it") = Some(MemoryFigures { total, available });
    }
}

pub fn guard(machine: &Arc<Machine>, options: MemoryOptions) -> Arc<MemoryGuard> {
    let meter: Arc<Machine> = Arc::clone(machine);
    MemoryGuard::new(options, meter)
}

pub fn budget(bytes: u64) -> MemoryOptions {
    MemoryOptions { host_hard_bytes: Some(bytes), host_soft_bytes: Some(bytes), ..MemoryOptions::default() }
}

/// A cache that halves or empties itself, and writes down how it was asked.
pub struct Cache {
    place: Place,
    reserved: bool,
    pub bytes: AtomicU64,
    asked: Mutex<Vec<Cleanup>>,
    /// Called back while reclaiming: no lock of the guard may be held.
    guard: OnceLock<Weak<MemoryGuard>>,
}

impl Cache {
    pub fn new(guard: &Arc<MemoryGuard>, place: Place, bytes: u64) -> Arc<Self> {
        Self::register(guard, Self::of(place, bytes))
    }

    /// A cache whose values hold reservations.
    pub fn reserved(guard: &Arc<MemoryGuard>, bytes: u64) -> Arc<Self> {
        Self::register(guard, Self { reserved: true, ..Self::of(Place::Host, bytes) })
    }

    fn of(place: Place, bytes: u64) -> Self {
        let (bytes, asked) = (AtomicU64::new(bytes), Mutex::default());
        Self { place, reserved: false, bytes, asked, guard: OnceLock::new() }
    }

    fn register(guard: &Arc<MemoryGuard>, cache: Self) -> Arc<Self> {
        let cache = Arc::new(cache);
        cache.guard.get_or_init(|| Arc::downgrade(guard));
        let weak: Weak<Self> = Arc::downgrade(&cache);
        guard.register(weak);
        cache
    }

    pub fn asked(&self) -> Vec<Cleanup> {
        self.asked.lock().expect("no test panics with it").clone()
    }
}

impl Reclaim for Cache {
    fn name(&self) -> &str {
        "results"
    }

    fn place(&self) -> Place {
        self.place
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn reserved(&self) -> bool {
        self.reserved
    }

    fn reclaim(&self, strength: Cleanup) -> u64 {
        if let Some(guard) = self.guard.get().and_then(Weak::upgrade) {
            assert!(!guard.report().places.is_empty());
        }
        self.asked.lock().expect("no test panics with it").push(strength);
        let before = self.bytes();
        let after = if strength == Cleanup::Soft { before / 2 } else { 0 };
        self.bytes.store(after, Ordering::Relaxed);
        before - after
    }
}
