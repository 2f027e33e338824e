//! The ONNX Runtime library: found by absolute path, checked before it is trusted, loaded once per process.
//!
//! `ort` panics where the library is missing or of another version. So nothing of `ort` is touched before the file
//! has been proved here: right kind of file, complete, loadable, exporting `OrtGetApiBase`, new enough.

mod allocator;
mod assignment;
mod environment;
mod error;
mod file_kind;
mod heaps;
mod probe;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{LazyLock, OnceLock},
};

use ort::environment::Environment;
use parking_lot::Mutex;

pub(crate) use allocator::{SESSION_USES_ALLOCATOR, unscoped_bytes};
pub(crate) use assignment::{AssignedNode, RECORD_ASSIGNMENT, assigned_nodes};
pub use error::RuntimeError;
pub(crate) use heaps::sweep_heaps;

use crate::stamp::Stamp;

/// ONNX Runtime, loaded. Lives until the process ends.
#[derive(Debug)]
pub struct Runtime {
    path: PathBuf,
    version: String,
    /// Never dropped, on purpose: sessions, the logger and the runtime's own threads refer to it, and tearing it down
    /// while a host runs its exit handlers (in an order nobody controls) is how plugins crash at quit. The library
    /// itself is never unloaded for the same reason.
    environment: Environment,
}

static LOADED: OnceLock<Runtime> = OnceLock::new();

/// The last failure of each path with the version of the file it belongs to (`None`: there was no file).
static FAILURES: LazyLock<Mutex<HashMap<PathBuf, Failure>>> = LazyLock::new(Mutex::default);

type Failure = (Option<Stamp>, RuntimeError);

impl Runtime {
    /// Loads the library at `library`, an absolute path; nothing else is ever searched. Repeated calls are free. A
    /// failure is remembered for as long as the file stays as it is, so that a broken installation costs nothing per
    /// frame and a repaired one works without restarting the host.
    ///
    /// A process has one ONNX Runtime: asking for a second, different one is an error. It has one pool of threads for
    /// all sessions, so that their number does not grow with what is loaded; the first caller says how many `threads`
    /// take part in a run, the calling one included.
    ///
    /// # Errors
    /// [`RuntimeError`] with the file, what was found and what to do. Never a panic.
    pub fn load(library: &Path, threads: usize) -> Result<&'static Self, RuntimeError> {
        if let Some(runtime) = LOADED.get().filter(|runtime| runtime.path == library) {
            return Ok(runtime);
        }
        let stamp = Stamp::of(library).ok();
        // Held while loading: `ort` has one process-wide slot for the library, and two loads would race for it.
        let mut failures = FAILURES.lock();
        if let Some((_, error)) = failures.get(library).filter(|(then, _)| *then == stamp) {
            return Err(error.clone());
        }
        load_once(library, threads).inspect_err(|error| {
            log::error!("{error}");
            failures.insert(library.to_owned(), (stamp, error.clone()));
        })
    }

    /// The file it was loaded from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its version: "1.31.1".
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }
}

/// Called with `FAILURES` locked, so by one thread at a time.
fn load_once(library: &Path, threads: usize) -> Result<&'static Runtime, RuntimeError> {
    if !library.is_absolute() {
        return Err(RuntimeError::NotAbsolute { library: library.to_owned() });
    }
    let metadata = std::fs::metadata(library).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => RuntimeError::Missing { library: library.to_owned() },
        _ => RuntimeError::unreadable(library, &error),
    })?;
    if !metadata.is_file() {
        return Err(RuntimeError::wrong_kind(library, "it is not a file"));
    }
    if let Some(loaded) = LOADED.get() {
        return if loaded.path == library || same_file(&loaded.path, library) {
            Ok(loaded)
        } else {
            Err(RuntimeError::AnotherLoaded { library: library.to_owned(), loaded: loaded.path.clone() })
        };
    }
    file_kind::check(library, metadata.len())?;
    let version = probe::check(library)?;
    let environment = environment::create(library, threads)?;
    log::info!("ONNX Runtime {version} loaded from {}", library.display());
    Ok(LOADED.get_or_init(|| Runtime { path: library.to_owned(), version, environment }))
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
