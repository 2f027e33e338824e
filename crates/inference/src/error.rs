//! What can go wrong with a model, in words for the person who has to put it right.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::runtime::RuntimeError;

/// Why a session could not be loaded or run.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InferenceError {
    /// The caller gave up; no result, nothing wrong.
    #[error("stopped on request")]
    Aborted,
    /// ONNX Runtime itself is not usable.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The model file is not there.
    #[error("the model file {} does not exist; install the model again or correct the model folder", file.display())]
    ModelMissing {
        /// The file that was looked for.
        file: PathBuf,
    },
    /// The model file is there and cannot be read.
    #[error("the model file {} cannot be read: {reason}; check its permissions", file.display())]
    ModelUnreadable {
        /// The file.
        file: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// The file is not the one its manifest describes: cut short, damaged or exchanged.
    #[error(
        "the model file {} is damaged or not the one its model.toml describes: expected {expected}, found {found}; install the model again, or remove model.toml if the file was exchanged on purpose",
        file.display()
    )]
    ModelDiffers {
        /// The file.
        file: PathBuf,
        /// Size or checksum of the manifest.
        expected: String,
        /// Size or checksum of the file.
        found: String,
    },
    /// ONNX Runtime refuses the file.
    #[error(
        "the model file {} ({bytes} bytes) is not a usable ONNX model for {model}: {reason}; it may be cut short or of another kind: install the model again",
        file.display()
    )]
    ModelRejected {
        /// The file.
        file: PathBuf,
        /// What the file was to be used as.
        model: &'static str,
        /// Its size.
        bytes: u64,
        /// ONNX Runtime's words.
        reason: String,
    },
    /// The file is a good model of another kind.
    #[error(
        "the model file {} is not a {model}: expected {expected}, found {found}; choose the file that belongs to this model family",
        file.display()
    )]
    Contract {
        /// The file.
        file: PathBuf,
        /// What the file was to be used as.
        model: &'static str,
        /// The tensor the contract wants.
        expected: String,
        /// The tensor or tensors of the file.
        found: String,
    },
    /// The system has no thread left.
    #[error("no thread could be started: {reason}; close other work on this machine")]
    NoThread {
        /// The operating system's words.
        reason: String,
    },
    /// A run failed.
    #[error("running {model} ({}) failed: {reason}", file.display())]
    Run {
        /// The file.
        file: PathBuf,
        /// What the file is used as.
        model: &'static str,
        /// ONNX Runtime's words.
        reason: String,
    },
}

impl InferenceError {
    pub(crate) fn unreadable(file: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::ModelMissing { file: file.to_owned() },
            _ => Self::ModelUnreadable { file: file.to_owned(), reason: error.to_string() },
        }
    }
}
