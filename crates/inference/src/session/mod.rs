//! A loaded model: checked against its contract, shared by all threads, run with abort.

mod interruptible;
mod load;
mod run;

use std::{path::PathBuf, sync::Arc};

use ndarray::{ArrayD, ArrayViewD};
use parking_lot::Mutex;

pub(crate) use load::{LoadOptions, load};

use crate::{
    abort::Abort, cache::ByteSize, contract::Contract, counters::Counters, device::Device, error::InferenceError,
    hash::ContentHash,
};

/// A model file and what it is to be used as.
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// The file.
    pub path: PathBuf,
    /// What it must provide.
    pub contract: &'static Contract,
    /// Size in bytes as its manifest declares it.
    pub declared_bytes: Option<u64>,
    /// Checksum as its manifest declares it.
    pub declared_hash: Option<ContentHash>,
}

/// An input array of a run.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// 32-bit floats, in row-major order.
    F32(ArrayViewD<'a, f32>),
    /// 64-bit integers, in row-major order.
    I64(ArrayViewD<'a, i64>),
}

/// A model loaded into memory, shared by all instances and threads. Runs of one session follow each other (ONNX
/// Runtime's `Run` is exclusive in `ort`); a run itself uses the engine's threads.
#[derive(Debug)]
pub struct Session {
    file: PathBuf,
    bytes: u64,
    hash: ContentHash,
    device: Device,
    contract: &'static Contract,
    counters: Arc<Counters>,
    inner: Mutex<ort::session::Session>,
}

impl Session {
    /// Runs the model. `inputs` are fed by name, `outputs` names what is wanted; the arrays come back in that order.
    ///
    /// # Errors
    /// [`InferenceError::Aborted`] when `abort` said so while waiting for the session or during the run;
    /// [`InferenceError::Run`] with ONNX Runtime's words otherwise (a wrong shape, an allocation failure).
    pub fn run(
        &self,
        inputs: &[(&str, Input<'_>)],
        outputs: &[&str],
        abort: &dyn Abort,
    ) -> Result<Vec<ArrayD<f32>>, InferenceError> {
        let result = run::run(self, inputs, outputs, abort);
        match &result {
            Ok(_) => {}
            Err(InferenceError::Aborted) => self.counters.aborted_run(),
            Err(_) => self.counters.failed_run(),
        }
        result
    }

    /// The model file.
    pub fn file(&self) -> &std::path::Path {
        &self.file
    }

    /// The checksum of the model file.
    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// Where it runs.
    pub fn device(&self) -> Device {
        self.device
    }

    /// What it is used as.
    pub fn contract(&self) -> &'static Contract {
        self.contract
    }
}

/// The weights, which are about the file; working memory belongs to runs and is given back after each.
impl ByteSize for Session {
    fn byte_size(&self) -> u64 {
        self.bytes
    }
}
