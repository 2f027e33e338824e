//! The one engine of a process: runtime, sessions, features, models and counters together.

use std::{path::PathBuf, sync::Arc};

use crate::{
    abort::Abort,
    cache::FeatureCache,
    counters::{Counters, CountersSnapshot},
    device::Device,
    error::InferenceError,
    feature::Feature,
    hash::ContentHash,
    registry::{Layout, Registry},
    report::{Budgets, DeviceReport, EngineReport, LibraryReport},
    runtime::{Runtime, RuntimeError},
    session::{ModelFile, Session},
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
    pub intra_threads: usize,
    /// Most bytes of encoder outputs kept in memory.
    pub feature_budget_bytes: u64,
}

/// Serves all effects, instances and threads of a process.
#[derive(Debug)]
pub struct Engine {
    options: EngineOptions,
    features: FeatureCache<Feature>,
    registry: Registry,
    counters: Counters,
}

impl Engine {
    /// Makes an engine. Loads nothing and cannot fail: the library is loaded with the first session, so that a
    /// broken installation is reported where a message can be shown.
    pub fn new(options: EngineOptions) -> Arc<Self> {
        Arc::new(Self {
            features: FeatureCache::new(options.feature_budget_bytes),
            registry: Registry::new(options.model_dirs.clone(), options.layouts),
            counters: Counters::default(),
            options,
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
        let _ = (device, abort);
        Err(InferenceError::ModelMissing { file: model.path.clone() })
    }

    /// The checksum of a model file, computed once per version of the file.
    ///
    /// # Errors
    /// [`InferenceError::ModelMissing`], [`InferenceError::ModelUnreadable`], [`InferenceError::ModelDiffers`].
    pub fn model_hash(&self, model: &ModelFile, abort: &dyn Abort) -> Result<ContentHash, InferenceError> {
        let _ = abort;
        Err(InferenceError::ModelMissing { file: model.path.clone() })
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
        self.counters.snapshot()
    }

    /// Frees what can be computed or loaded again: all features, and the sessions that nobody holds.
    pub fn purge(&self) {
        self.features.clear();
    }

    /// Everything `doctor` shows. Tries to load the library, so that its problem or version is known.
    pub fn report(&self) -> EngineReport {
        let library = match self.runtime() {
            Ok(runtime) => LibraryReport {
                path: runtime.path().to_owned(),
                version: Some(runtime.version().to_owned()),
                problem: None,
            },
            Err(error) => {
                LibraryReport { path: self.options.library.clone(), version: None, problem: Some(error.to_string()) }
            }
        };
        EngineReport {
            library,
            devices: vec![DeviceReport { device: Device::Cpu, threads: self.options.intra_threads }],
            model_folders: self.registry.folders().to_vec(),
            models: self.registry.list(),
            sessions: Vec::new(),
            features: self.features.statistics(),
            budgets: Budgets {
                feature_bytes: self.options.feature_budget_bytes,
                intra_threads: self.options.intra_threads,
            },
            counters: self.counters(),
        }
    }
}
