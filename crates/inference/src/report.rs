//! What the doctor tells: library, devices, models, caches, budgets.

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    cache::CacheStatistics, counters::CountersSnapshot, device::Device, hash::ContentHash, registry::FoundModel,
};

/// The state of an engine, for `doctor`.
#[derive(Debug, Clone, Serialize)]
pub struct EngineReport {
    /// ONNX Runtime.
    pub library: LibraryReport,
    /// The devices sessions can run on.
    pub devices: Vec<DeviceReport>,
    /// The folders searched for models, in order.
    pub model_folders: Vec<PathBuf>,
    /// The models found there, usable or not.
    pub models: Vec<FoundModel>,
    /// The sessions loaded now.
    pub sessions: Vec<SessionReport>,
    /// The feature cache.
    pub features: CacheStatistics,
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

/// A device sessions can run on.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceReport {
    /// Which.
    pub device: Device,
    /// Threads a run uses there.
    pub threads: usize,
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
    /// Whether somebody holds it now.
    pub in_use: bool,
}

/// The limits an engine works within.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Budgets {
    /// Most bytes of features kept in memory.
    pub feature_bytes: u64,
    /// Threads of a run.
    pub intra_threads: usize,
}
