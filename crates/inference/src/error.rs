//! What can go wrong with a model, in words for the person who has to put it right.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{device::Device, memory::MemoryRefused, runtime::RuntimeError, session::ModelFile, stamp::Stamp};

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
    /// A device cannot run the model.
    #[error("{model} ({}) cannot run on {device}: {reason}", file.display())]
    DeviceUnusable {
        /// The file.
        file: PathBuf,
        /// What the file is used as.
        model: &'static str,
        /// The device.
        device: Device,
        /// Why not.
        reason: String,
    },
    /// There is no memory for a model or a run, after everything that can be freed was freed.
    #[error(
        "not enough memory for {model} ({}) on {device}, which needs about {} MB: {reason}",
        file.display(),
        asked.div_ceil(1 << 20)
    )]
    OutOfMemory {
        /// The file.
        file: PathBuf,
        /// What the file is used as.
        model: &'static str,
        /// The device.
        device: Device,
        /// Bytes that the load or run was expected to take.
        asked: u64,
        /// Why, and what to do now: in the words of the memory guard, ONNX Runtime or the device.
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
    pub(crate) fn rejected(model: &ModelFile, reason: String) -> Self {
        let bytes = Stamp::of(&model.path).map_or(0, |stamp| stamp.bytes);
        Self::ModelRejected { file: model.path.clone(), model: model.contract.name, bytes, reason }
    }

    pub(crate) fn device_unusable(model: &ModelFile, device: Device, reason: String) -> Self {
        Self::DeviceUnusable { file: model.path.clone(), model: model.contract.name, device, reason }
    }

    /// The guard did not admit it.
    pub(crate) fn refused(model: &ModelFile, device: Device, refused: &MemoryRefused) -> Self {
        let (asked, reason) = (refused.asked, refused.to_string());
        Self::OutOfMemory { file: model.path.clone(), model: model.contract.name, device, asked, reason }
    }

    /// It was admitted, and an allocation failed all the same.
    pub(crate) fn out_of_memory(model: &ModelFile, device: Device, asked: u64, words: &str) -> Self {
        let reason = format!("{words}; close other applications, or use a smaller model or working size");
        Self::OutOfMemory { file: model.path.clone(), model: model.contract.name, device, asked, reason }
    }

    pub(crate) fn unreadable(file: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::ModelMissing { file: file.to_owned() },
            _ => Self::ModelUnreadable { file: file.to_owned(), reason: error.to_string() },
        }
    }
}
