//! Starting ONNX Runtime inside the process.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    thread,
};

use ort::{
    environment::{Environment, GlobalThreadPoolOptions},
    logging::LogLevel,
};

use super::{RuntimeError, allocator};

/// The environment lives as long as the process (see [`super::Runtime`]); kept here too in case a later step of
/// starting fails, because `ort` makes only one per process.
static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();

/// Hands the proved library to `ort` and makes the process-wide environment with its threads, its allocator and its
/// logger.
pub(super) fn create(library: &Path, threads: usize) -> Result<Environment, RuntimeError> {
    let not_starting = |reason: String| RuntimeError::NotStarting { library: library.to_owned(), reason };
    // On a thread of its own for two reasons. Linux gives a thread the name of the one that starts it, and the pool that
    // starts here stays for as long as the process: a profiler or a crash report shall show whose it is. And `ort`
    // asserts things about the library. They were proved, but the file could be exchanged in between, and no panic may
    // reach a host.
    thread::scope(|scope| {
        let starting = thread::Builder::new().name("onnxruntime".to_owned());
        let starting = starting.spawn_scoped(scope, || start(library, threads)).map_err(|error| error.to_string())?;
        starting.join().unwrap_or_else(|_| Err("an internal check failed".to_owned()))
    })
    .map_err(not_starting)
}

fn start(library: &Path, threads: usize) -> Result<Environment, String> {
    let builder = ort::init_from(library).map_err(|error| error.to_string())?;
    if let Some(environment) = ENVIRONMENT.get() {
        return Ok(environment.clone());
    }
    let environment = builder
        .with_name("sam3roto")
        .with_telemetry(false)
        .with_logger(Arc::new(log_message))
        .with_global_thread_pool(thread_pool(threads).map_err(|error| error.to_string())?)
        .build()
        .map_err(|error| error.to_string())?;
    // A custom logger is created at the level "verbose": thousands of lines per session.
    environment.set_log_level(LogLevel::Warning);
    let environment = ENVIRONMENT.get_or_init(|| environment).clone();
    allocator::register(&environment).map_err(|error| error.to_string())?;
    Ok(environment)
}

/// Threads that spin while they wait are no faster on an idle machine, take twice the time on a busy one, and burn the
/// host's processors.
fn thread_pool(threads: usize) -> ort::Result<GlobalThreadPoolOptions> {
    GlobalThreadPoolOptions::default()
        .with_intra_threads(threads.max(1))?
        .with_inter_threads(1)?
        .with_spin_control(false)
}

/// ONNX Runtime's messages in our log, one level lower: its warnings are about its own optimiser and come in hundreds,
/// its errors reach us a second time as the result of the call.
fn log_message(level: LogLevel, _category: &str, id: &str, _location: &str, message: &str) {
    let level = match level {
        LogLevel::Fatal => log::Level::Error,
        LogLevel::Error => log::Level::Warn,
        LogLevel::Warning => log::Level::Debug,
        LogLevel::Info | LogLevel::Verbose => log::Level::Trace,
    };
    log::log!(target: "onnxruntime", level, "{id}: {message}");
}
