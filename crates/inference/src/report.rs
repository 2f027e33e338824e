//! What the doctor tells: library, devices, models, caches, budgets.

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    cache::CacheStatistics,
    counters::CountersSnapshot,
    device::Device,
    disk::DiskReport,
    hash::ContentHash,
    memory::{MemoryFigures, MemoryReport},
    registry::FoundModel,
};

/// The state of an engine, for `doctor`.
#[derive(Debug, Clone, Serialize)]
pub struct EngineReport {
    /// ONNX Runtime.
    pub library: LibraryReport,
    /// The devices in the order in which they are tried.
    pub devices: Vec<DeviceReport>,
    /// The folders searched for models, in order.
    pub model_folders: Vec<PathBuf>,
    /// The models found there, usable or not.
    pub models: Vec<FoundModel>,
    /// The sessions loaded now.
    pub sessions: Vec<SessionReport>,
    /// The feature cache.
    pub features: CacheStatistics,
    /// The memory guard's ledger and figures.
    pub memory: MemoryReport,
    /// Results on disk; `None` without a folder.
    pub disk: Option<DiskReport>,
    /// The limits the engine works within.
    pub budgets: Budgets,
    /// What it did so far.
    pub counters: CountersSnapshot,
}

/// The state of the ONNX Runtime library.
#[derive(Debug, Clone, Serialize)]
pub struct LibraryReport {
    /// Where it is expected.
    pub path: PathBuf,
    /// Its version once loaded.
    pub version: Option<String>,
    /// Why it cannot be used.
    pub problem: Option<String>,
}

/// A device of the engine's order, tried out.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceReport {
    /// Which, as a setting writes it.
    pub device: Device,
    /// Its name for people: "CUDA 0".
    pub name: String,
    /// Why it cannot be used, or does not do the work that it accepts; `None` when it ran a product of matrices.
    pub problem: Option<String>,
    /// Its memory, where that is known.
    pub memory: Option<MemoryFigures>,
}

/// A loaded session.
#[derive(Debug, Clone, Serialize)]
pub struct SessionReport {
    /// What it is used as.
    pub model: &'static str,
    /// Its file.
    pub file: PathBuf,
    /// The file's checksum.
    pub sha256: ContentHash,
    /// Where it runs.
    pub device: Device,
    /// Bytes it holds between runs.
    pub bytes: u64,
    /// Whether somebody holds it now.
    pub in_use: bool,
    /// Callers waiting for their turn.
    pub waiting: usize,
    /// Seconds since somebody asked for it.
    pub idle_seconds: u64,
}

/// The limits an engine works within.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Budgets {
    /// Most bytes of features kept in memory.
    pub feature_bytes: u64,
    /// Most features kept in memory.
    pub feature_entries: u64,
    /// Whether features are kept in half precision.
    pub half_precision: bool,
    /// Threads of a run.
    pub threads: usize,
    /// Items of a run at most; `None` leaves it to the memory that is free.
    pub batch: Option<usize>,
}
