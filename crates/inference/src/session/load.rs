//! From a file to a session, with the options that keep a host's machine usable.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use ort::{
    logging::LogLevel,
    session::{
        Session as OrtSession,
        builder::{AutoDevicePolicy, GraphOptimizationLevel, LoadCanceler, SessionBuilder},
    },
    value::Outlet,
};

use super::{
    ModelFile, Session, Turns, estimate,
    interruptible::{Outcome, interruptible},
    out_of_memory,
};
use crate::{
    abort::Abort,
    counters::Counters,
    device::{self, Device, Precision, Proof, ProviderOptions},
    error::InferenceError,
    hash::ContentHash,
    memory::{Cleanup, MemoryGuard, Owner, Place, Reservation},
    runtime::{self, AssignedNode, RECORD_ASSIGNMENT, Runtime, SESSION_USES_ALLOCATOR},
};

/// Everything a load needs besides the file.
pub(crate) struct LoadOptions<'a> {
    pub setup: Setup<'a>,
    pub hash: ContentHash,
    pub counters: Arc<Counters>,
    pub guard: Arc<MemoryGuard>,
}

/// Loads a model on a device, checks it against its contract and the device against its promise.
///
/// Where memory runs out while loading, all that can be freed is freed, and the load is tried once more.
pub(crate) fn load(model: &ModelFile, options: LoadOptions<'_>, abort: &dyn Abort) -> Result<Session, InferenceError> {
    let device = options.setup.device;
    if !device.in_library() {
        return Err(InferenceError::device_unusable(model, device, device::not_in_library(device)));
    }
    let file_bytes = estimate::file_bytes(&model.path);
    let asked = estimate::load_bytes(file_bytes);
    let owner = Owner::session(model.name_on(device));
    let reservation = options
        .guard
        .admit(owner, device.place(), asked)
        .map_err(|refused| InferenceError::out_of_memory(model, device, asked, refused.to_string()))?;
    let inner = match commit(model, &options.setup, &reservation, asked, abort) {
        Err(InferenceError::OutOfMemory { .. }) => {
            options.guard.cleanup(Cleanup::Hard);
            commit(model, &options.setup, &reservation, asked, abort)
        }
        done => done,
    }?;
    model.contract.check(&model.path, inner.inputs(), inner.outputs())?;
    prove(model, device, &inner)?;
    match device.place() {
        Place::Host if reservation.measured() > 0 => reservation.settle(),
        _ => reservation.resize(estimate::resident_bytes(file_bytes)),
    }
    Ok(Session {
        model: model.clone(),
        hash: options.hash,
        device,
        counters: options.counters,
        guard: options.guard,
        peaks: estimate::Peaks::default(),
        takes_batches: takes_batches(inner.inputs(), inner.outputs()),
        inner: Turns::new(inner),
        reservation,
    })
}

/// Whether the first axis of every input and output is free. Exports that call it free for the input and fix it for the
/// output (MobileSAM) take one item.
fn takes_batches(inputs: &[Outlet], outputs: &[Outlet]) -> bool {
    let is_free =
        |outlet: &Outlet| outlet.dtype().tensor_shape().and_then(|shape| shape.first()).is_some_and(|&n| n < 0);
    inputs.iter().chain(outputs).all(is_free)
}

/// One try.
fn commit(
    model: &ModelFile,
    setup: &Setup<'_>,
    reservation: &Reservation,
    asked: u64,
    abort: &dyn Abort,
) -> Result<OrtSession, InferenceError> {
    let failed = |reason: String| {
        if out_of_memory::told(&reason) {
            InferenceError::out_of_memory(model, setup.device, asked, reason)
        } else if setup.device == Device::Cpu {
            InferenceError::rejected(model, reason)
        } else {
            // Whose fault it is shows when the CPU tries the file.
            InferenceError::device_unusable(model, setup.device, reason)
        }
    };
    // A builder cannot change threads, so it is made on the loading one; its canceler comes back this way.
    let canceler = OnceLock::new();
    let interrupt = || {
        // Cancelling fails only when the load has ended already.
        let _ = canceler.get().map(LoadCanceler::cancel);
    };
    let work = || {
        let _counted = reservation.scope();
        let mut builder = setup.builder()?;
        canceler.get_or_init(|| builder.canceler());
        builder.commit_from_file(&model.path)
    };
    match interruptible(abort, interrupt, work) {
        Outcome::Done { value: Ok(inner), .. } => Ok(inner),
        Outcome::Done { interrupted: true, .. } => Err(InferenceError::Aborted),
        Outcome::Done { value: Err(error), .. } => Err(failed(error.message().to_owned())),
        Outcome::Panicked(words) => Err(failed(words)),
    }
}

/// Asks ONNX Runtime who runs the nodes: a provider may be registered without complaint and take none of them.
fn prove(model: &ModelFile, device: Device, inner: &OrtSession) -> Result<(), InferenceError> {
    if device == Device::Cpu {
        return Ok(());
    }
    let unusable = |reason| InferenceError::device_unusable(model, device, reason);
    match device::weigh(device, &assigned(inner).map_err(unusable)?) {
        Proof::Proven => Ok(()),
        Proof::SilentFallback(reason) => Err(unusable(reason)),
    }
}

/// Who runs the nodes of a session, or why that cannot be told.
pub(super) fn assigned(inner: &OrtSession) -> Result<Vec<AssignedNode>, String> {
    runtime::assigned_nodes(inner).map_err(|error| format!("what it runs cannot be told: {}", error.message()))
}

/// How sessions are made, whatever the model.
#[derive(Clone, Copy)]
pub(crate) struct Setup<'a> {
    pub runtime: &'static Runtime,
    pub device: Device,
    pub precision: Precision,
    /// Where providers that compile models keep what they made.
    pub compiled: Option<&'a Path>,
    pub guard: &'a MemoryGuard,
}

impl Setup<'_> {
    #[allow(clippy::result_large_err)] // `ort` hands its builder back inside the errors.
    pub(super) fn builder(&self) -> Result<SessionBuilder, ort::Error<()>> {
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
            .and_then(|builder| builder.with_optimization_level(GraphOptimizationLevel::All))
            .and_then(|builder| builder.with_deterministic_compute(true))
            .and_then(|builder| builder.with_log_level(LogLevel::Warning))
            .map_err(|error| ort::Error::new_with_code(error.code(), error.message()))
    }
}
