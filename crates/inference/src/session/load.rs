//! From a file to a session.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use ort::{
    session::{Session as OrtSession, builder::LoadCanceler},
    value::Outlet,
};

use super::{
    ModelFile, Session, Turns, estimate,
    interruptible::{Outcome, interruptible},
    out_of_memory,
    setup::{Graph, Setup, assigned},
    shelf::Shelf,
    words::tidy,
};
use crate::{
    abort::Abort,
    counters::Counters,
    device::{self, Device, Proof},
    disk::optimised,
    error::InferenceError,
    hash::ContentHash,
    memory::{Cleanup, MemoryGuard, Owner, Place, Reservation},
    runtime,
};

/// Everything a load needs besides the file.
pub(crate) struct LoadOptions<'a> {
    pub setup: Setup<'a>,
    pub hash: ContentHash,
    pub counters: Arc<Counters>,
    pub guard: Arc<MemoryGuard>,
    /// See [`EngineOptions::sweep_heaps`](crate::EngineOptions::sweep_heaps).
    pub sweep_heaps: bool,
}

/// Loads a model on a device, checks it against its contract and the device against its promise.
///
/// Where memory runs out while loading, all that can be freed is freed, and the load is tried once more.
pub(crate) fn load(model: &ModelFile, options: LoadOptions<'_>, abort: &dyn Abort) -> Result<Session, InferenceError> {
    let device = options.setup.device;
    if !device.in_library() {
        return Err(InferenceError::device_unusable(model, device, device::not_in_library(device)));
    }
    let file_bytes = estimate::file_bytes(&model.path);
    let asked = estimate::load_bytes(file_bytes);
    let owner = Owner::session(model.name_on(device));
    let reservation = options
        .guard
        .admit(owner, device.place(), asked)
        .map_err(|refused| InferenceError::refused(model, device, &refused))?;
    let attempt = Attempt { model, setup: &options.setup, reservation: &reservation, asked, abort };
    let inner = match Shelf::of(model, options.hash, &options.setup) {
        Some(shelf) => attempt.make_with(&shelf)?,
        None => attempt.make()?,
    };
    if options.sweep_heaps {
        runtime::sweep_heaps();
    }
    prove(model, device, &inner)?;
    reservation.resize(match device.place() {
        // Weights that ONNX Runtime has not laid out anew stay outside of every allocator that can be registered. What
        // was measured counts where it is more.
        Place::Host => file_bytes,
        Place::Device(_) => estimate::resident_bytes(file_bytes),
    });
    Ok(Session {
        model: model.clone(),
        hash: options.hash,
        device,
        counters: options.counters,
        guard: options.guard,
        peaks: estimate::Peaks::default(),
        takes_batches: takes_batches(inner.inputs(), inner.outputs()),
        inner: Turns::new(inner),
        reservation,
    })
}

/// Whether the first axis of every input and output is free. Exports that call it free for the input and fix it for the
/// output (MobileSAM) take one item.
fn takes_batches(inputs: &[Outlet], outputs: &[Outlet]) -> bool {
    let is_free =
        |outlet: &Outlet| outlet.dtype().tensor_shape().and_then(|shape| shape.first()).is_some_and(|&n| n < 0);
    inputs.iter().chain(outputs).all(is_free)
}

/// A load that may be tried twice.
struct Attempt<'a> {
    model: &'a ModelFile,
    setup: &'a Setup<'a>,
    reservation: &'a Reservation,
    asked: u64,
    abort: &'a dyn Abort,
}

impl Attempt<'_> {
    /// From the optimised graph that is kept; where there is none of use, from the model, whose graph is then kept.
    fn make_with(&self, shelf: &Shelf<'_>) -> Result<OrtSession, InferenceError> {
        let name = self.model.contract.name;
        if let Some(graph) = shelf.find(self.abort) {
            match self.commit(&graph, Graph::Optimised) {
                Err(InferenceError::OutOfMemory { .. }) => return self.make(),
                Err(error @ (InferenceError::ModelRejected { .. } | InferenceError::Contract { .. })) => {
                    log::warn!("the optimised graph of {name} is of no use and made anew: {error}");
                    optimised::discard(&graph);
                }
                done => return done,
            }
        }
        let draft = shelf.draft();
        match self.commit(&self.model.path, Graph::Kept(draft.path())) {
            Ok(inner) => {
                if let Err(error) = draft.keep(self.abort) {
                    log::debug!("the optimised graph of {name} is not kept: {error}");
                }
                Ok(inner)
            }
            Err(error @ (InferenceError::Aborted | InferenceError::Contract { .. })) => Err(error),
            // The model's fault, or that of a folder that takes nothing.
            Err(error) => {
                log::debug!("{name} is loaded without keeping its optimised graph: {error}");
                self.make()
            }
        }
    }

    fn make(&self) -> Result<OrtSession, InferenceError> {
        match self.commit_model() {
            Err(InferenceError::OutOfMemory { reason, .. }) => {
                log::warn!("no memory to load {}: {reason}; freeing what can be freed", self.model.contract.name);
                self.setup.guard.cleanup(Cleanup::Hard);
                self.commit_model()
            }
            done => done,
        }
    }

    fn commit_model(&self) -> Result<OrtSession, InferenceError> {
        self.commit(&self.model.path, Graph::Given)
    }

    fn commit(&self, file: &Path, graph: Graph<'_>) -> Result<OrtSession, InferenceError> {
        // A builder cannot change threads, so it is made on the loading one; its canceler comes back this way.
        let canceler = OnceLock::new();
        let interrupt = || {
            // Cancelling fails only when the load has ended already.
            let _ = canceler.get().map(LoadCanceler::cancel);
        };
        let work = || {
            let _counted = self.reservation.scope();
            let mut builder = self.setup.builder(graph)?;
            canceler.get_or_init(|| builder.canceler());
            builder.commit_from_file(file)
        };
        match interruptible(self.abort, interrupt, work) {
            Outcome::Done { value: Ok(inner), .. } => {
                let Self { model, .. } = self;
                model.contract.check(&model.path, &model.sizes, inner.inputs(), inner.outputs())?;
                Ok(inner)
            }
            Outcome::Done { interrupted: true, .. } => Err(InferenceError::Aborted),
            Outcome::Done { value: Err(error), .. } => Err(self.failed(tidy(error.message()))),
            Outcome::Panicked(words) => Err(self.failed(words)),
            Outcome::NoThread(reason) => Err(InferenceError::NoThread { reason }),
        }
    }

    fn failed(&self, reason: String) -> InferenceError {
        let device = self.setup.device;
        if out_of_memory::told(&reason) {
            InferenceError::out_of_memory(self.model, device, self.asked, &reason)
        } else if device == Device::Cpu {
            InferenceError::rejected(self.model, reason)
        } else {
            // Whose fault it is shows when the CPU tries the file.
            InferenceError::device_unusable(self.model, device, reason)
        }
    }
}

/// Asks ONNX Runtime who runs the nodes: a provider may be registered without complaint and take none of them.
fn prove(model: &ModelFile, device: Device, inner: &OrtSession) -> Result<(), InferenceError> {
    if device == Device::Cpu {
        return Ok(());
    }
    let unusable = |reason| InferenceError::device_unusable(model, device, reason);
    match device::weigh(device, &assigned(inner).map_err(unusable)?) {
        Proof::Proven => Ok(()),
        Proof::SilentFallback(reason) => Err(unusable(reason)),
    }
}
