//! Why ONNX Runtime cannot be used, in words for the person who has to put it right.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why ONNX Runtime cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    /// A relative path would depend on the host's working folder.
    #[error("the ONNX Runtime library must be given by its absolute path, not as \"{}\"", library.display())]
    NotAbsolute {
        /// The path as given.
        library: PathBuf,
    },
    /// There is no such file.
    #[error("the ONNX Runtime library {} is missing; install the whole bundle again", library.display())]
    Missing {
        /// The path.
        library: PathBuf,
    },
    /// The file is there and cannot be read.
    #[error("the ONNX Runtime library {} cannot be read: {reason}; check its permissions", library.display())]
    Unreadable {
        /// The path.
        library: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// The file is no library, or one for another system or processor.
    #[error(
        "{} is not a library for {} on {}: {found}; install the bundle made for this system",
        library.display(), std::env::consts::OS, std::env::consts::ARCH
    )]
    WrongKind {
        /// The path.
        library: PathBuf,
        /// What the file is instead.
        found: String,
    },
    /// The file is shorter than its own headers say.
    #[error(
        "the ONNX Runtime library {} is cut short: at least {expected} bytes expected, {found} found; copy or install it again",
        library.display()
    )]
    CutShort {
        /// The path.
        library: PathBuf,
        /// Bytes the file must have at least.
        expected: u64,
        /// Bytes it has.
        found: u64,
    },
    /// The system's loader refuses it.
    #[error(
        "the ONNX Runtime library {} cannot be loaded: {reason}; a library it needs may be missing on this system",
        library.display()
    )]
    NotLoadable {
        /// The path.
        library: PathBuf,
        /// The loader's words.
        reason: String,
    },
    /// A library, but not this one.
    #[error(
        "{} is a library but not ONNX Runtime (it does not export OrtGetApiBase); install the whole bundle again",
        library.display()
    )]
    NotOnnxRuntime {
        /// The path.
        library: PathBuf,
    },
    /// ONNX Runtime of a version without the functions that are used.
    #[error(
        "{} is ONNX Runtime {found}, 1.{needed} or later is needed; install the library that belongs to this bundle",
        library.display()
    )]
    TooOld {
        /// The path.
        library: PathBuf,
        /// Its version.
        found: String,
        /// The minor version needed.
        needed: u32,
    },
    /// A process can have one ONNX Runtime only.
    #[error(
        "ONNX Runtime is already loaded from {}; restart the application to use {}",
        loaded.display(), library.display()
    )]
    AnotherLoaded {
        /// The path asked for.
        library: PathBuf,
        /// The one in use.
        loaded: PathBuf,
    },
    /// Loaded, and fails to start.
    #[error("ONNX Runtime from {} does not start: {reason}", library.display())]
    NotStarting {
        /// The path.
        library: PathBuf,
        /// Its words.
        reason: String,
    },
}

impl RuntimeError {
    pub(super) fn unreadable(library: &Path, error: &io::Error) -> Self {
        Self::Unreadable { library: library.to_owned(), reason: error.to_string() }
    }

    pub(super) fn wrong_kind(library: &Path, found: impl Into<String>) -> Self {
        Self::WrongKind { library: library.to_owned(), found: found.into() }
    }
}
