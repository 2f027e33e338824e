//! A loaded model: checked against its contract, shared by all threads, run with abort.

use std::path::PathBuf;

use ndarray::{ArrayD, ArrayViewD};

use crate::{abort::Abort, contract::Contract, error::InferenceError, hash::ContentHash};

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
    /// 32-bit floats.
    F32(ArrayViewD<'a, f32>),
    /// 64-bit integers.
    I64(ArrayViewD<'a, i64>),
}

/// A model loaded into memory, shared by all instances and threads. Runs of one session follow each other, because
/// ONNX Runtime's `Run` is exclusive in `ort`; a run itself uses the engine's threads.
#[derive(Debug)]
pub struct Session {
    file: PathBuf,
    contract: &'static Contract,
    hash: ContentHash,
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
        let _ = (inputs, outputs, abort);
        Err(InferenceError::Run {
            file: self.file.clone(),
            model: self.contract.name,
            reason: "not written yet".into(),
        })
    }

    /// The checksum of the model file.
    pub fn hash(&self) -> ContentHash {
        self.hash
    }
}
