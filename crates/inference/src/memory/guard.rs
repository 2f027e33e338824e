//! Admission and cleanup.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use super::{
    Cleanup, LedgerRow, Megabytes, MemoryMeter, MemoryOptions, MemoryRefused, MemoryReport, Owner, Place, PlaceReport,
    Reclaim, Reservation,
    history::History,
    ledger::Ledger,
    limits::Limits,
    options::share,
    report::{CleanupCounts, CleanupReport},
};
use crate::{runtime, sync::Mutex};

/// Soft cleanups of a place that could be done without follow each other at this distance. A host that fills its own
/// cache to nine tenths of the machine is under pressure for hours, a large model alone may be over the soft budget, and
/// emptying our caches at every frame would change neither.
const RELIEF_EVERY: Duration = Duration::from_secs(5);

/// From so many bytes on an admission reads the machine's figures anew. Figures may be a tenth of a second old, and
/// what others took meanwhile must not be given twice; reading them takes some 0.1 ms.
const FRESH_FIGURES_FROM: u64 = 64 << 20;

/// Cleanups that the report shows.
const CLEANUPS_SHOWN: usize = 16;

/// Says what may be allocated, and has memory given back where it is short. One per engine, for all threads. None of
/// its locks is held while a cache, the meter or ONNX Runtime is called.
pub struct MemoryGuard {
    options: MemoryOptions,
    meter: Arc<dyn MemoryMeter>,
    ledger: Arc<Ledger>,
    reclaims: Mutex<Vec<Weak<dyn Reclaim>>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Hard budgets set after the guard was made.
    hard: BTreeMap<Place, u64>,
    /// When places were last relieved.
    relieved: BTreeMap<Place, Instant>,
    cleanups: CleanupCounts,
    last_cleanups: VecDeque<(Instant, CleanupReport)>,
    history: History,
}

impl MemoryGuard {
    /// A guard with an empty ledger.
    pub fn new(options: MemoryOptions, meter: Arc<dyn MemoryMeter>) -> Arc<Self> {
        let guard =
            Self { options, meter, ledger: Arc::default(), reclaims: Mutex::default(), state: Mutex::default() };
        guard.limits(Place::Host);
        Arc::new(guard)
    }

    /// Makes a cache known: its bytes stand in the ledger, and it gives memory back when it is short.
    pub fn register(&self, cache: Weak<dyn Reclaim>) {
        let mut reclaims = self.reclaims.lock();
        reclaims.retain(|known| known.strong_count() > 0);
        reclaims.push(cache);
    }

    /// Asks for memory before it is allocated. Where it does not fit comfortably caches give memory back, softly and
    /// then all they have.
    ///
    /// # Errors
    /// [`MemoryRefused`] when it does not fit even then.
    pub fn admit(&self, owner: Owner, place: Place, bytes: u64) -> Result<Reservation, MemoryRefused> {
        let admit = |limit| {
            let id = self.ledger.admit(owner.clone(), place, bytes, limit)?;
            Some(Reservation::new(Arc::clone(&self.ledger), id, owner.clone(), place))
        };
        if bytes >= FRESH_FIGURES_FROM {
            self.meter.forget();
        }
        if let Some(reservation) = admit(self.limits(place).comfortable()) {
            return Ok(reservation);
        }
        let why = || format!("{} for the {owner}", Megabytes(bytes));
        let mut freed = self.relieve(place, why);
        if let Some(reservation) = admit(self.limits(place).utmost()) {
            return Ok(reservation);
        }
        for strength in [Cleanup::Soft, Cleanup::Hard] {
            freed += self.clean(Some(place), strength, why());
            if let Some(reservation) = admit(self.limits(place).utmost()) {
                return Ok(reservation);
            }
        }
        self.state.lock().cleanups.refused += 1;
        let refused = self.refused(Some(owner), place, bytes, freed);
        log::warn!("{refused}");
        Err(refused)
    }

    /// Whether [`Self::admit`] would give `bytes` now, counting what caches could give back. Frees nothing.
    ///
    /// # Errors
    /// [`MemoryRefused`] when it would not.
    pub fn can_load(&self, place: Place, bytes: u64) -> Result<(), MemoryRefused> {
        let reclaimable: u64 = self.caches(place).iter().map(|cache| cache.bytes()).sum();
        if bytes <= self.room(place).saturating_add(reclaimable) {
            return Ok(());
        }
        Err(self.refused(None, place, bytes, 0))
    }

    /// Bytes that would be admitted now without anything given back.
    pub fn room(&self, place: Place) -> u64 {
        let limit = self.limits(place).utmost();
        let totals = self.ledger.totals(place);
        let in_budget = limit.budget.saturating_sub(totals.charged);
        limit.free.map_or(in_budget, |free| in_budget.min(free.saturating_sub(totals.pending)))
    }

    /// The most that a place may ever hold, however much of it is taken now.
    pub fn budget(&self, place: Place) -> u64 {
        self.limits(place).hard
    }

    /// How many items of `item_bytes` fit at once, with `headroom_percent` of the room left alone: 1 to `most`. 1 even
    /// where none fits: then it is for [`Self::admit`] to say so.
    pub fn largest_batch(&self, place: Place, item_bytes: u64, headroom_percent: u8, most: usize) -> usize {
        let room = share(self.room(place), 100u8.saturating_sub(headroom_percent));
        let fitting = usize::try_from(room / item_bytes.max(1)).unwrap_or(usize::MAX);
        fitting.clamp(1, most.max(1))
    }

    /// Has memory given back everywhere. Returns the bytes freed.
    pub fn cleanup(&self, strength: Cleanup) -> u64 {
        self.clean(None, strength, "asked for".to_owned())
    }

    /// To be called after each frame: has caches give memory back where a place is over its soft budget or under
    /// pressure, and looks whether memory rises and never falls.
    pub fn after_frame(&self) {
        for place in self.places() {
            let comfortable = self.limits(place).comfortable();
            if self.ledger.totals(place).charged > comfortable.budget || comfortable.free == Some(0) {
                self.relieve(place, || "after a frame".to_owned());
            }
        }
        let (rows, resident) = (self.rows(), self.meter.process_resident());
        let leak = self.state.lock().history.sample(resident, &rows).cloned();
        match leak {
            // The host's own caches grow for hours.
            Some(leak) if leak.owner.is_none() => log::info!("{}", leak.words()),
            Some(leak) => log::warn!("{}", leak.words()),
            None => {}
        }
    }

    /// Sets the hard budget of a place; `None` is again what the options say.
    pub fn set_hard_budget(&self, place: Place, bytes: Option<u64>) {
        let mut state = self.state.lock();
        match bytes {
            Some(bytes) => state.hard.insert(place, bytes),
            None => state.hard.remove(&place),
        };
        drop(state);
        self.limits(place);
    }

    /// Everything `doctor` shows.
    pub fn report(&self) -> MemoryReport {
        let rows = self.rows();
        let place_report = |place| {
            let limits = self.limits(place);
            PlaceReport {
                place,
                figures: limits.figures,
                in_ledger_bytes: rows.iter().filter(|row| row.place == place).map(|row| row.charged_bytes).sum(),
                peak_bytes: self.ledger.peak(place),
                soft_budget_bytes: limits.soft,
                hard_budget_bytes: limits.hard,
            }
        };
        let places = self.places().into_iter().map(place_report).collect();
        let process_resident_bytes = self.meter.process_resident();
        let state = self.state.lock();
        let age = |(when, report): &(Instant, CleanupReport)| CleanupReport {
            seconds_ago: when.elapsed().as_secs(),
            ..report.clone()
        };
        MemoryReport {
            places,
            rows,
            outside_bytes: runtime::unscoped_bytes(),
            process_resident_bytes,
            pressure_percent: self.options.pressure_percent,
            cleanups: state.cleanups,
            last_cleanups: state.last_cleanups.iter().map(age).collect(),
            history: state.history.points(),
            leak: state.history.leak().cloned(),
        }
    }

    /// A soft cleanup, unless there was one lately.
    fn relieve(&self, place: Place, why: impl FnOnce() -> String) -> u64 {
        let now = Instant::now();
        let mut state = self.state.lock();
        if state.relieved.get(&place).is_some_and(|last| now.duration_since(*last) < RELIEF_EVERY) {
            return 0;
        }
        state.relieved.insert(place, now);
        drop(state);
        self.clean(Some(place), Cleanup::Soft, why())
    }

    fn clean(&self, place: Option<Place>, strength: Cleanup, why: String) -> u64 {
        let mut freed = 0u64;
        for cache in self.known().iter().filter(|cache| place.is_none_or(|place| cache.place() == place)) {
            freed = freed.saturating_add(cache.reclaim(strength));
        }
        self.meter.forget();
        if freed > 0 {
            log::info!("{strength} cleanup ({why}): {} freed", Megabytes(freed));
        }
        let mut state = self.state.lock();
        match strength {
            Cleanup::Soft => state.cleanups.soft += 1,
            Cleanup::Hard => state.cleanups.hard += 1,
        }
        state.cleanups.freed_bytes = state.cleanups.freed_bytes.saturating_add(freed);
        state.last_cleanups.truncate(CLEANUPS_SHOWN - 1);
        let report = CleanupReport { strength, why, freed_bytes: freed, seconds_ago: 0 };
        state.last_cleanups.push_front((Instant::now(), report));
        freed
    }

    /// The limits of a place now; the ledger learns of them and of what the caches hold.
    fn limits(&self, place: Place) -> Limits {
        let figures = self.meter.at(place);
        let caches = self.caches(place).iter().filter(|cache| !cache.reserved()).map(|cache| cache.bytes()).sum();
        // Held while the ledger learns, so that of two budgets set the later one stays.
        let state = self.state.lock();
        let limits = Limits::new(&self.options, place, figures, state.hard.get(&place).copied());
        self.ledger.set_place(place, caches, limits.hard);
        limits
    }

    fn refused(&self, owner: Option<Owner>, place: Place, asked: u64, freed: u64) -> MemoryRefused {
        let limits = self.limits(place);
        MemoryRefused {
            owner,
            place,
            asked,
            in_ledger: self.ledger.totals(place).charged,
            hard_budget: limits.hard,
            available: limits.figures.map(|figures| figures.available),
            freed,
        }
    }

    fn places(&self) -> Vec<Place> {
        let mut places = self.ledger.places();
        places.extend(self.known().iter().map(|cache| cache.place()));
        places.sort_unstable();
        places.dedup();
        places
    }

    fn known(&self) -> Vec<Arc<dyn Reclaim>> {
        self.reclaims.lock().iter().filter_map(Weak::upgrade).collect()
    }

    fn caches(&self, place: Place) -> Vec<Arc<dyn Reclaim>> {
        self.known().into_iter().filter(|cache| cache.place() == place).collect()
    }

    fn rows(&self) -> Vec<LedgerRow> {
        let cache_row = |cache: &Arc<dyn Reclaim>| {
            let bytes = cache.bytes();
            LedgerRow {
                place: cache.place(),
                owner: Owner::cache(cache.name()),
                reserved_bytes: 0,
                settled_bytes: 0,
                measured_bytes: bytes,
                charged_bytes: bytes,
                peak_bytes: bytes,
            }
        };
        let mut rows = self.ledger.rows();
        rows.extend(self.known().iter().filter(|cache| !cache.reserved()).map(cache_row));
        rows
    }
}

impl fmt::Debug for MemoryGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryGuard")
            .field("options", &self.options)
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}
