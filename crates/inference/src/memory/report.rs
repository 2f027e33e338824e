//! What the guard tells.

use serde::Serialize;

use super::{Cleanup, HistoryPoint, LeakSuspicion, MemoryFigures, Owner, Place};

/// The state of a [`super::MemoryGuard`].
#[derive(Debug, Clone, Serialize)]
pub struct MemoryReport {
    /// Main memory, and every device that something was admitted to.
    pub places: Vec<PlaceReport>,
    /// The ledger. The charges of a place's rows add up to its `in_ledger_bytes`.
    pub rows: Vec<LedgerRow>,
    /// Bytes that ONNX Runtime took of main memory where no row stands for them: for itself, and for trying devices out.
    pub outside_bytes: u64,
    /// Bytes of main memory that this process occupies, the host application included.
    pub process_resident_bytes: Option<u64>,
    /// Percentage of a place in use from which caches give memory back.
    pub pressure_percent: u8,
    /// How often memory was given back, and how much.
    pub cleanups: CleanupCounts,
    /// The last cleanups, newest first.
    pub last_cleanups: Vec<CleanupReport>,
    /// What memory did over the frames, oldest first.
    pub history: Vec<HistoryPoint>,
    /// Memory that rises and never falls.
    pub leak: Option<LeakSuspicion>,
}

/// One place.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PlaceReport {
    /// Which.
    pub place: Place,
    /// What the system says.
    pub figures: Option<MemoryFigures>,
    /// Everything in the ledger.
    pub in_ledger_bytes: u64,
    /// The most that was ever in the ledger at one moment: what shows that the hard budget was kept to.
    pub peak_bytes: u64,
    /// From here on caches give memory back.
    pub soft_budget_bytes: u64,
    /// Never more than this.
    pub hard_budget_bytes: u64,
}

/// What one owner holds in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerRow {
    /// Where.
    pub place: Place,
    /// Who.
    pub owner: Owner,
    /// Bytes admitted.
    pub reserved_bytes: u64,
    /// Of these, bytes that are said to be held by now.
    pub settled_bytes: u64,
    /// Bytes counted by ONNX Runtime's allocator, or by the cache.
    pub measured_bytes: u64,
    /// Bytes it counts with: for each of its reservations the larger of both.
    pub charged_bytes: u64,
    /// Most bytes it ever counted with.
    pub peak_bytes: u64,
}

/// Cleanups since the guard was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CleanupCounts {
    /// Soft ones.
    pub soft: u64,
    /// Hard ones.
    pub hard: u64,
    /// Bytes they freed.
    pub freed_bytes: u64,
    /// Admissions that were refused.
    pub refused: u64,
}

/// One cleanup.
#[derive(Debug, Clone, Serialize)]
pub struct CleanupReport {
    /// How strong.
    pub strength: Cleanup,
    /// Why.
    pub why: String,
    /// Bytes freed.
    pub freed_bytes: u64,
    /// When, in seconds before the report.
    pub seconds_ago: u64,
}
