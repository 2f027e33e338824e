//! The one engine of a process: runtime, sessions, features, models and counters together.

use std::{path::PathBuf, sync::Arc};

use ndarray::ArrayD;

use crate::{
    abort::Abort,
    cache::{FeatureCache, Limits, SharedCache},
    counters::{Counters, CountersSnapshot, Stage},
    device::{Device, DeviceOrder, Placement, Precision},
    error::InferenceError,
    feature::Feature,
    hash::{ContentHash, ModelHashes},
    registry::{Layout, Registry},
    report::{Budgets, DeviceReport, EngineReport, LibraryReport, SessionReport},
    runtime::{Runtime, RuntimeError},
    session::{self, Input, LoadOptions, ModelFile, Session},
};

/// What an engine is made with.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// The ONNX Runtime library, absolute.
    pub library: PathBuf,
    /// Folders searched for models, first one first.
    pub model_dirs: Vec<PathBuf>,
    /// Model families known by file names (`segment::LAYOUTS`).
    pub layouts: &'static [Layout],
    /// Threads of one run, the calling one included; 0 counts as 1.
    pub threads: usize,
    /// The devices, in the order in which they are tried.
    pub devices: DeviceOrder,
    /// What a device computes in where it has the choice.
    pub precision: Precision,
    /// Items of one run at most; `None` leaves it to the memory that is free.
    pub batch: Option<usize>,
    /// Most bytes of encoder outputs kept in memory.
    pub feature_budget_bytes: u64,
}

/// Nothing installed, one thread, devices chosen by the system: a start for those who name what they need.
impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            library: PathBuf::new(),
            model_dirs: Vec::new(),
            layouts: &[],
            threads: 1,
            devices: DeviceOrder::auto(),
            precision: Precision::default(),
            batch: None,
            feature_budget_bytes: 0,
        }
    }
}

/// Serves all effects, instances and threads of a process.
#[derive(Debug)]
pub struct Engine {
    options: EngineOptions,
    sessions: SharedCache<SessionKey, Session>,
    hashes: ModelHashes,
    features: FeatureCache<Feature>,
    registry: Registry,
    counters: Arc<Counters>,
}

/// What makes two sessions one: the same file content, used as the same thing, in the same place.
type SessionKey = (ContentHash, &'static str, Device);

impl Engine {
    /// Makes an engine. Loads nothing and cannot fail: the library is loaded with the first session, so that a
    /// broken installation is reported where a message can be shown.
    pub fn new(options: EngineOptions) -> Arc<Self> {
        Arc::new(Self {
            sessions: SharedCache::new("sessions", Limits::NONE),
            hashes: ModelHashes::new(),
            features: FeatureCache::new("features", Limits::bytes(options.feature_budget_bytes)),
            registry: Registry::new(options.model_dirs.clone(), options.layouts),
            counters: Arc::default(),
            options: EngineOptions { threads: options.threads.max(1), ..options },
        })
    }

    /// ONNX Runtime, loaded if it is not yet.
    ///
    /// # Errors
    /// As [`Runtime::load`].
    pub fn runtime(&self) -> Result<&'static Runtime, RuntimeError> {
        Runtime::load(&self.options.library)
    }

    /// The session of a model on a device. Loaded once however many ask at the same time; the others wait, each
    /// polling its own `abort`. A failed load leaves nothing behind: the next call tries again.
    ///
    /// # Errors
    /// [`InferenceError`]: aborted, no runtime, file missing, damaged, refused, or against its contract.
    pub fn session(
        &self,
        model: &ModelFile,
        device: Device,
        abort: &dyn Abort,
    ) -> Result<Arc<Session>, InferenceError> {
        // The file first: "the model is missing" helps more than "the library is missing" where both are.
        let hash = self.model_hash(model, abort)?;
        let runtime = self.runtime()?;
        let intra_threads = self.options.threads;
        let mut loaded = false;
        let session = self.sessions.get_or_compute((hash, model.contract.name, device), abort, || {
            loaded = true;
            let options = LoadOptions { runtime, device, intra_threads, hash, counters: Arc::clone(&self.counters) };
            self.counters.measure(Stage::LoadSession, || session::load(model, options, abort))
        })?;
        if !loaded {
            self.counters.session_hit();
        }
        Ok(session)
    }

    /// Runs a model where it is best run. `inputs` are fed by name, `outputs` names what is wanted; the arrays come back
    /// in that order.
    ///
    /// # Errors
    /// Those of [`Engine::session`] and [`Session::run`].
    pub fn run(
        &self,
        model: &ModelFile,
        inputs: &[(&str, Input<'_>)],
        outputs: &[&str],
        abort: &dyn Abort,
    ) -> Result<Vec<ArrayD<f32>>, InferenceError> {
        let placement = self.placement(model, abort)?;
        self.session(model, placement.device, abort)?.run(inputs, outputs, abort)
    }

    /// Where a model runs, and why not on the devices before it. Costs and loads nothing where the order names the CPU
    /// alone.
    ///
    /// # Errors
    /// Those of [`Engine::session`].
    pub fn placement(&self, _model: &ModelFile, _abort: &dyn Abort) -> Result<Placement, InferenceError> {
        Ok(Placement { device: Device::Cpu, fallbacks: Vec::new() })
    }

    /// What the engine was made with.
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// The checksum of a model file, computed once per version of the file.
    ///
    /// # Errors
    /// [`InferenceError::ModelMissing`], [`InferenceError::ModelUnreadable`], [`InferenceError::ModelDiffers`],
    /// [`InferenceError::Aborted`].
    pub fn model_hash(&self, model: &ModelFile, abort: &dyn Abort) -> Result<ContentHash, InferenceError> {
        self.hashes.of(model, &self.counters, abort)
    }

    /// Encoder outputs by content.
    pub fn features(&self) -> &FeatureCache<Feature> {
        &self.features
    }

    /// The installed models.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Runs and durations, with the feature cache's hits and misses.
    pub fn counters(&self) -> CountersSnapshot {
        let features = self.features.statistics();
        CountersSnapshot { feature_hits: features.hits, feature_misses: features.misses, ..self.counters.snapshot() }
    }

    /// Frees what can be computed or loaded again: all features, and the sessions that nobody holds.
    pub fn purge(&self) {
        self.features.clear();
        let sessions = self.sessions.clear_idle();
        log::debug!("purged all features and {sessions} idle sessions");
    }

    /// Everything `doctor` shows. Tries to load the library, so that its problem or version is known.
    pub fn report(&self) -> EngineReport {
        EngineReport {
            library: self.library_report(),
            devices: vec![DeviceReport { device: Device::Cpu, threads: self.options.threads }],
            model_folders: self.registry.folders().to_vec(),
            models: self.registry.list(),
            sessions: self.sessions.values().iter().map(|(session, in_use)| session_report(session, *in_use)).collect(),
            features: self.features.statistics(),
            budgets: Budgets { feature_bytes: self.options.feature_budget_bytes, intra_threads: self.options.threads },
            counters: self.counters(),
        }
    }

    fn library_report(&self) -> LibraryReport {
        let path = self.options.library.clone();
        match self.runtime() {
            Ok(runtime) => LibraryReport { path, version: Some(runtime.version().to_owned()), problem: None },
            Err(error) => LibraryReport { path, version: None, problem: Some(error.to_string()) },
        }
    }
}

fn session_report(session: &Session, in_use: bool) -> SessionReport {
    SessionReport {
        model: session.contract().name,
        file: session.file().to_owned(),
        sha256: session.hash(),
        device: session.device(),
        in_use,
    }
}
