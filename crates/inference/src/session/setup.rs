//! How sessions are made, whatever the model: the options that keep a host's machine usable.

use std::path::Path;

use ort::{
    logging::LogLevel,
    session::{
        Session as OrtSession,
        builder::{AutoDevicePolicy, GraphOptimizationLevel, SessionBuilder},
    },
};

use crate::{
    device::{Device, Precision, ProviderOptions},
    memory::{MemoryGuard, Place},
    runtime::{self, AssignedNode, RECORD_ASSIGNMENT, Runtime, SESSION_USES_ALLOCATOR},
};

/// What every session of an engine on a device is made with.
#[derive(Clone, Copy)]
pub(crate) struct Setup<'a> {
    pub runtime: &'static Runtime,
    pub device: Device,
    pub precision: Precision,
    /// Where providers that compile models keep what they made, and where optimised graphs are kept.
    pub compiled: Option<&'a Path>,
    pub guard: &'a MemoryGuard,
}

/// What a session's graph is, and what becomes of it.
///
/// MobileSAM's encoder and decoder load in half the time from their optimised graphs, 254 ms instead of 514 (medians of
/// 7 fresh processes each on two busy cores, the check of the 48 MB included), and the process, its heaps not swept,
/// holds 127 MB instead of 144, with the same bits in the results. The load that writes them takes no longer than
/// another, but leaves 13 MB more with such a process. The graphs have to be read by path: from memory nothing is gained.
#[derive(Clone, Copy)]
pub(super) enum Graph<'a> {
    /// A model's, to be optimised.
    Given,
    /// A model's, to be optimised and then written to a file.
    Kept(&'a Path),
    /// One from such a file.
    Optimised,
}

impl Graph<'_> {
    fn level(self) -> GraphOptimizationLevel {
        match self {
            Self::Given | Self::Kept(_) => GraphOptimizationLevel::All,
            Self::Optimised => GraphOptimizationLevel::Disable,
        }
    }
}

impl Setup<'_> {
    #[allow(clippy::result_large_err)] // `ort` hands its builder back inside the errors.
    pub(super) fn builder(&self, graph: Graph<'_>) -> Result<SessionBuilder, ort::Error<()>> {
        let providers = self.device.providers(ProviderOptions {
            precision: self.precision,
            device_bytes: match self.device.place() {
                Place::Host => None,
                place => Some(self.guard.room(place)).filter(|&bytes| bytes < u64::MAX),
            },
            compiled: self.compiled,
        });
        // Never a device of ONNX Runtime's own choosing: what runs where is decided, and told, by the engine.
        OrtSession::builder(self.runtime.environment())?
            .with_auto_device(AutoDevicePolicy::PreferCPU)
            .and_then(|builder| builder.with_execution_providers(providers))
            .and_then(|builder| builder.with_config_entry(SESSION_USES_ALLOCATOR.0, SESSION_USES_ALLOCATOR.1))
            .and_then(|builder| builder.with_config_entry(RECORD_ASSIGNMENT.0, RECORD_ASSIGNMENT.1))
            // One block per run instead of one per tensor: a third less processor time. DirectML refuses it.
            .and_then(|builder| builder.with_memory_pattern(!matches!(self.device, Device::DirectMl(_))))
            .and_then(|builder| builder.with_optimization_level(graph.level()))
            .and_then(|builder| match graph {
                Graph::Kept(path) => builder.with_optimized_model_path(path),
                Graph::Given | Graph::Optimised => Ok(builder),
            })
            .and_then(|builder| builder.with_deterministic_compute(true))
            .and_then(|builder| builder.with_log_level(LogLevel::Warning))
            .map_err(|error| ort::Error::new_with_code(error.code(), error.message()))
    }
}

/// Who runs the nodes of a session, or why that cannot be told.
pub(super) fn assigned(inner: &OrtSession) -> Result<Vec<AssignedNode>, String> {
    runtime::assigned_nodes(inner).map_err(|error| format!("what it runs cannot be told: {}", error.message()))
}
