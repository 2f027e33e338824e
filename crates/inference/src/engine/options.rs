//! What an engine is made with.

use std::path::PathBuf;

use crate::{
    cache::Limits,
    device::{DeviceOrder, Precision},
    disk::DiskOptions,
    memory::MemoryOptions,
    registry::Layout,
};

/// What an [`Engine`](super::Engine) is made with.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// The ONNX Runtime library, absolute.
    pub library: PathBuf,
    /// Folders searched for models, first one first.
    pub model_dirs: Vec<PathBuf>,
    /// Model families known by file names (`segment::LAYOUTS`).
    pub layouts: &'static [Layout],
    /// Threads of one run, the calling one included; 0 counts as 1.
    pub threads: usize,
    /// The devices, in the order in which they are tried.
    pub devices: DeviceOrder,
    /// What a device computes in where it has the choice.
    pub precision: Precision,
    /// Items of one run at most; `None` leaves it to the memory that is free.
    pub batch: Option<usize>,
    /// Budgets of the memory guard.
    pub memory: MemoryOptions,
    /// Most that the cache of encoder outputs keeps in memory.
    pub features: Limits,
    /// Whether encoder outputs are kept in half precision.
    pub half_precision: bool,
    /// Where results are kept on disk, if anywhere.
    pub disk: Option<DiskOptions>,
    /// Whether the heaps of the whole process are swept after a model was loaded, for what loading left in them. While
    /// that lasts (a large heap in many pieces: up to a second) other threads may wait for memory, so it is for
    /// processes that nobody sits at.
    pub sweep_heaps: bool,
}

/// Encoder outputs kept when nobody says otherwise: 128 pictures of MobileSAM in single precision.
const DEFAULT_FEATURES: Limits = Limits::bytes(512 << 20);

/// Nothing installed, one thread, devices chosen by the system: a start for those who name what they need.
impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            library: PathBuf::new(),
            model_dirs: Vec::new(),
            layouts: &[],
            threads: 1,
            devices: DeviceOrder::auto(),
            precision: Precision::default(),
            batch: None,
            memory: MemoryOptions::default(),
            features: DEFAULT_FEATURES,
            half_precision: true,
            disk: None,
            sweep_heaps: false,
        }
    }
}
