//! From a file to a session, with the options that keep a host's machine usable.

use std::sync::{Arc, OnceLock};

use ort::{
    logging::LogLevel,
    session::{
        Session as OrtSession,
        builder::{AutoDevicePolicy, GraphOptimizationLevel, LoadCanceler, SessionBuilder},
    },
};
use parking_lot::Mutex;

use super::{
    ModelFile, Session,
    interruptible::{Outcome, interruptible},
};
use crate::{
    abort::Abort,
    counters::Counters,
    device::{Device, Precision, ProviderOptions},
    error::InferenceError,
    hash::ContentHash,
    runtime::Runtime,
    runtime::SESSION_USES_ARENA,
    stamp::Stamp,
};

/// Everything a load needs besides the file.
pub(crate) struct LoadOptions {
    pub runtime: &'static Runtime,
    pub device: Device,
    pub intra_threads: usize,
    pub hash: ContentHash,
    pub counters: Arc<Counters>,
}

/// Loads a model and checks it against its contract.
pub(crate) fn load(model: &ModelFile, options: LoadOptions, abort: &dyn Abort) -> Result<Session, InferenceError> {
    let bytes = Stamp::of(&model.path).map_err(|error| InferenceError::unreadable(&model.path, &error))?.bytes;
    let rejected = |reason: String| InferenceError::ModelRejected {
        file: model.path.clone(),
        model: model.contract.name,
        bytes,
        reason,
    };
    // A builder cannot change threads, so it is made on the loading one; its canceler comes back this way.
    let canceler = OnceLock::new();
    let interrupt = || {
        // Cancelling fails only when the load has ended already.
        let _ = canceler.get().map(LoadCanceler::cancel);
    };
    let work = || {
        let mut builder = configure(&options)?;
        canceler.get_or_init(|| builder.canceler());
        builder.commit_from_file(&model.path)
    };
    let inner = match interruptible(abort, interrupt, work) {
        Outcome::Done { value: Ok(inner), .. } => inner,
        Outcome::Done { interrupted: true, .. } => return Err(InferenceError::Aborted),
        Outcome::Done { value: Err(error), .. } => return Err(rejected(error.message().to_owned())),
        Outcome::Panicked(words) => return Err(rejected(words)),
    };
    model.contract.check(&model.path, inner.inputs(), inner.outputs())?;
    Ok(Session {
        file: model.path.clone(),
        bytes,
        hash: options.hash,
        device: options.device,
        contract: model.contract,
        counters: options.counters,
        inner: Mutex::new(inner),
    })
}

#[allow(clippy::result_large_err)] // `ort` hands its builder back inside the errors.
fn configure(options: &LoadOptions) -> Result<SessionBuilder, ort::Error<()>> {
    let providers = ProviderOptions { precision: Precision::default(), device_bytes: None, compiled: None };
    let providers = options.device.providers(providers);
    // Never a device of ONNX Runtime's own choosing: what runs where is decided, and told, by the engine.
    OrtSession::builder(options.runtime.environment())?
        .with_auto_device(AutoDevicePolicy::PreferCPU)
        .and_then(|builder| builder.with_execution_providers(providers))
        .and_then(|builder| builder.with_config_entry(SESSION_USES_ARENA.0, SESSION_USES_ARENA.1))
        // One block per run instead of one per tensor: with the shrinking arena 35 MB less, and faster.
        .and_then(|builder| builder.with_memory_pattern(true))
        .and_then(|builder| builder.with_optimization_level(GraphOptimizationLevel::All))
        .and_then(|builder| builder.with_intra_threads(options.intra_threads))
        .and_then(|builder| builder.with_inter_threads(1))
        // Threads that spin while they wait are no faster on an idle machine, take twice the time on a busy one, and
        // burn the host's processors.
        .and_then(|builder| builder.with_intra_op_spinning(false))
        .and_then(|builder| builder.with_inter_op_spinning(false))
        .and_then(|builder| builder.with_deterministic_compute(true))
        .and_then(|builder| builder.with_log_level(LogLevel::Warning))
        .map_err(|error| ort::Error::new_with_code(error.code(), error.message()))
}
