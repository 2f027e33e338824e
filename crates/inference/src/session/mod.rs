//! A loaded model: checked against its contract, shared by all threads, run with abort.

mod estimate;
mod interruptible;
mod load;
mod out_of_memory;
mod pool;
mod run;
mod setup;
mod shelf;
mod trial;
mod turns;
mod words;

use std::{path::PathBuf, sync::Arc};

use ndarray::{ArrayD, ArrayViewD};

pub(crate) use estimate::run_bytes;
pub(crate) use load::{LoadOptions, load};
pub use pool::{Pool, Pooled};
pub(crate) use setup::Setup;
pub(crate) use trial::try_out;
pub use turns::Turns;

use crate::{
    abort::Abort,
    contract::{Contract, Sizes},
    counters::Counters,
    device::{Device, ModelKey},
    error::InferenceError,
    hash::ContentHash,
    memory::{MemoryGuard, Owner, Reservation},
};

/// A model file and what it is to be used as.
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// The file.
    pub path: PathBuf,
    /// What it must provide.
    pub contract: &'static Contract,
    /// What the sizes that the contract only names are in this file.
    pub sizes: Sizes,
    /// Size in bytes as its manifest declares it.
    pub declared_bytes: Option<u64>,
    /// Checksum as its manifest declares it.
    pub declared_hash: Option<ContentHash>,
    /// The file of its weights, where they lie beside it.
    pub data: Option<DataFile>,
}

/// Weights of a graph that lie in a file of their own, which the graph names and ONNX Runtime reads.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// The file.
    pub path: PathBuf,
    /// Size in bytes as its manifest declares it.
    pub declared_bytes: Option<u64>,
    /// Checksum as its manifest declares it.
    pub declared_hash: Option<ContentHash>,
}

impl ModelFile {
    /// What it is called in the ledger when it is loaded on a device.
    fn name_on(&self, device: Device) -> String {
        format!("{} on {device}", self.contract.name)
    }
}

/// An input array of a run.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// 32-bit floats, in row-major order.
    F32(ArrayViewD<'a, f32>),
    /// 32-bit integers, in row-major order.
    I32(ArrayViewD<'a, i32>),
    /// 64-bit integers, in row-major order.
    I64(ArrayViewD<'a, i64>),
    /// Truth values, in row-major order.
    Bool(ArrayViewD<'a, bool>),
}

impl Input<'_> {
    fn shape(&self) -> &[usize] {
        match self {
            Self::F32(array) => array.shape(),
            Self::I32(array) => array.shape(),
            Self::I64(array) => array.shape(),
            Self::Bool(array) => array.shape(),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::F32(array) => array.len() * size_of::<f32>(),
            Self::I32(array) => array.len() * size_of::<i32>(),
            Self::I64(array) => array.len() * size_of::<i64>(),
            Self::Bool(array) => array.len() * size_of::<bool>(),
        }
    }
}

/// A model loaded into memory on a device, shared by all instances and threads. Runs of one session follow each other
/// (ONNX Runtime's `Run` is exclusive in `ort`) in fair order; a run itself uses the engine's threads.
#[derive(Debug)]
pub struct Session {
    model: ModelFile,
    hash: ContentHash,
    device: Device,
    counters: Arc<Counters>,
    guard: Arc<MemoryGuard>,
    peaks: estimate::Peaks,
    takes_batches: bool,
    inner: Turns<ort::session::Session>,
    /// Dropped after what it stands for.
    reservation: Reservation,
}

impl Session {
    /// Runs the model. `inputs` are fed by name, `outputs` names what is wanted; the arrays come back in that order.
    ///
    /// # Errors
    /// [`InferenceError::Aborted`] when `abort` said so while waiting for the session or during the run;
    /// [`InferenceError::OutOfMemory`] when the guard or the device has no memory for it; [`InferenceError::Run`] with
    /// ONNX Runtime's words otherwise (a wrong shape).
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
        &self.model.path
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
        self.model.contract
    }

    /// Whether the graph leaves free how many items a run takes.
    pub(crate) fn takes_batches(&self) -> bool {
        self.takes_batches
    }

    pub(crate) fn key(&self) -> ModelKey {
        (self.hash, self.model.contract.name)
    }

    /// Bytes it holds between runs, as they stand in the ledger.
    pub fn bytes(&self) -> u64 {
        self.reservation.bytes().max(self.reservation.measured())
    }

    /// Callers waiting for their turn now.
    pub fn waiting(&self) -> usize {
        self.inner.waiting()
    }

    fn run_owner(&self) -> Owner {
        Owner::run(self.model.name_on(self.device))
    }
}
