//! The one engine of a process: runtime, sessions, devices, memory, features, models and counters together.

mod batch;
mod ladder;
mod options;
mod placing;
mod reclaim;
mod warm;

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::Duration,
};

pub use options::EngineOptions;

use crate::{
    abort::Abort,
    cache::{ByteSize, FeatureCache, Limits},
    counters::{Counters, CountersSnapshot, Stage},
    device::{Device, Experience, ModelKey},
    disk::{DiskStore, optimised},
    error::InferenceError,
    feature::Feature,
    hash::{ContentHash, ModelHashes},
    memory::{MemoryGuard, MemoryMeter, Place, Reclaim, SystemMeter},
    registry::Registry,
    report::{Budgets, DeviceReport, EngineReport, LibraryReport, SessionReport},
    runtime::{Runtime, RuntimeError},
    session::{self, LoadOptions, ModelFile, Pool, Pooled, Session, Setup},
};

/// Serves all effects, instances and threads of a process.
pub struct Engine {
    options: EngineOptions,
    meter: Arc<dyn MemoryMeter>,
    guard: Arc<MemoryGuard>,
    sessions: Arc<Sessions>,
    /// The guard knows them weakly.
    _idle: Vec<Arc<dyn Reclaim>>,
    experience: Experience,
    hashes: ModelHashes,
    features: Arc<FeatureCache<Feature>>,
    disk: Option<Arc<DiskStore>>,
    registry: Registry,
    counters: Arc<Counters>,
    warm_up: warm::WarmUp,
}

/// What makes two sessions one: the same file content, used as the same thing, in the same place. Everything else that
/// changes a session is the same for all of an engine.
type SessionKey = (ModelKey, Device);
type Sessions = Pool<SessionKey, Session>;

impl Engine {
    /// Makes an engine. Loads nothing and cannot fail: the library is loaded with the first session, so that a
    /// broken installation is reported where a message can be shown.
    pub fn new(options: EngineOptions) -> Arc<Self> {
        Self::with_meter(options, Arc::new(SystemMeter::new()))
    }

    /// Makes an engine whose guard believes another meter than the system's.
    pub fn with_meter(options: EngineOptions, meter: Arc<dyn MemoryMeter>) -> Arc<Self> {
        let guard = MemoryGuard::new(options.memory, Arc::clone(&meter));
        let sessions = Arc::<Sessions>::default();
        let idle = reclaim::of_sessions(&sessions, options.devices.devices());
        let features = Arc::new(FeatureCache::new("features", options.features));
        for sessions in &idle {
            guard.register(Arc::downgrade(sessions));
        }
        let weak: Weak<FeatureCache<Feature>> = Arc::downgrade(&features);
        guard.register(weak);
        Arc::new(Self {
            meter,
            guard,
            sessions,
            _idle: idle,
            experience: Experience::default(),
            hashes: ModelHashes::new(),
            features,
            disk: options.disk.clone().map(DiskStore::open).map(Arc::new),
            registry: Registry::new(options.model_dirs.clone(), options.layouts),
            counters: Arc::default(),
            warm_up: warm::WarmUp::default(),
            options: EngineOptions { threads: options.threads.max(1), ..options },
        })
    }

    /// What the engine was made with.
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// ONNX Runtime, loaded if it is not yet.
    ///
    /// # Errors
    /// As [`Runtime::load`].
    pub fn runtime(&self) -> Result<&'static Runtime, RuntimeError> {
        Runtime::load(&self.options.library, self.options.threads)
    }

    /// The session of a model on a device. Loaded once however many ask at the same time; the others wait, each
    /// polling its own `abort`, and share a failure. A failed load leaves nothing behind: the next call tries again.
    ///
    /// # Errors
    /// [`InferenceError`]: aborted, no runtime, file missing, damaged, refused, or against its contract; a device that
    /// does not run it, proven; no memory.
    pub fn session(
        &self,
        model: &ModelFile,
        device: Device,
        abort: &dyn Abort,
    ) -> Result<Arc<Session>, InferenceError> {
        // The file first: "the model is missing" helps more than "the library is missing" where both are.
        let hash = self.model_hash(model, abort)?;
        let runtime = self.runtime()?;
        let key = ((hash, model.contract.name), device);
        let (session, was_there) = self.sessions.get_or_load(key, abort, || {
            let compiled = self.compiled_folder(device);
            let options = LoadOptions {
                setup: self.setup(runtime, device, compiled.as_deref()),
                hash,
                counters: Arc::clone(&self.counters),
                guard: Arc::clone(&self.guard),
                sweep_heaps: self.options.sweep_heaps,
            };
            self.counters.measure(Stage::LoadSession, || session::load(model, options, abort))
        })?;
        if was_there {
            self.counters.session_hit();
        }
        Ok(session)
    }

    /// Has models loaded in the background, on the devices they will run on. Returns at once; what cannot be loaded is
    /// told when it is needed.
    pub fn warm(self: &Arc<Self>, models: Vec<ModelFile>) {
        self.warm_up.begin(self, models);
    }

    /// Stops loading in the background, and returns when nothing does so any more. To be called before a host unloads
    /// the plugin.
    pub fn quiesce(&self) {
        self.warm_up.quiesce();
    }

    /// The checksum of a model file, computed once per version of the file.
    ///
    /// # Errors
    /// [`InferenceError::ModelMissing`], [`InferenceError::ModelUnreadable`], [`InferenceError::ModelDiffers`],
    /// [`InferenceError::Aborted`].
    pub fn model_hash(&self, model: &ModelFile, abort: &dyn Abort) -> Result<ContentHash, InferenceError> {
        self.hashes.of(model, &self.counters, abort)
    }

    /// The memory guard of everything the engine holds.
    pub fn guard(&self) -> &Arc<MemoryGuard> {
        &self.guard
    }

    /// Results on disk; `None` when no folder was given.
    pub fn disk(&self) -> Option<&DiskStore> {
        self.disk.as_deref()
    }

    /// A cache of the caller's own whose bytes stand in the ledger, and which gives memory back with the others. It
    /// stays the caller's: the engine forgets it when the caller does.
    pub fn cache<V: ByteSize + Send + Sync + 'static>(&self, name: &str, limits: Limits) -> Arc<FeatureCache<V>> {
        let cache = Arc::new(FeatureCache::<V>::new(name, limits));
        let weak: Weak<FeatureCache<V>> = Arc::downgrade(&cache);
        self.guard.register(weak);
        cache
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

    /// Frees what can be computed or loaded again: all features, and the sessions that nobody holds. Devices that had
    /// no memory, or did not work, are tried again.
    pub fn purge(&self) {
        self.features.clear();
        let sessions = self.sessions.evict(Duration::ZERO, |_| true).len();
        self.experience.forget();
        log::debug!("purged all features and {sessions} idle sessions");
    }

    /// Everything `doctor` shows. Tries to load the library, so that its problem or version is known, and then each
    /// device with a model of a few bytes.
    pub fn report(&self) -> EngineReport {
        let library = self.library_report();
        EngineReport {
            devices: self.device_reports(),
            library,
            model_folders: self.registry.folders().to_vec(),
            models: self.registry.list(),
            sessions: self.sessions.values().iter().map(session_report).collect(),
            features: self.features.statistics(),
            memory: self.guard.report(),
            disk: self.disk.as_ref().map(|disk| disk.stats()),
            budgets: Budgets {
                feature_bytes: self.options.features.bytes,
                feature_entries: self.options.features.entries,
                half_precision: self.options.half_precision,
                threads: self.options.threads,
                batch: self.options.batch,
            },
            counters: self.counters(),
        }
    }

    /// Where compiled models and optimised graphs are kept, if results are kept at all.
    fn compiled_folder(&self, device: Device) -> Option<PathBuf> {
        let folder = self.options.disk.as_ref().filter(|_| device.keeps())?.folder.join(optimised::FOLDER);
        // Without it everything is compiled again.
        fs::create_dir_all(&folder).is_ok().then_some(folder)
    }

    fn setup<'a>(&'a self, runtime: &'static Runtime, device: Device, compiled: Option<&'a Path>) -> Setup<'a> {
        Setup { runtime, device, precision: self.options.precision, compiled, guard: &self.guard }
    }

    fn device_reports(&self) -> Vec<DeviceReport> {
        let runtime = self.runtime();
        let report = |&device: &Device| {
            let problem = match &runtime {
                Ok(runtime) => session::try_out(&self.setup(runtime, device, None)).err(),
                Err(_) => Some("ONNX Runtime is not loaded".to_owned()),
            };
            let memory = match device.place() {
                Place::Host => self.meter.host(),
                Place::Device(number) => self.meter.device(number),
            };
            DeviceReport { device, name: device.to_string(), problem, memory }
        };
        self.options.devices.devices().iter().map(report).collect()
    }

    fn library_report(&self) -> LibraryReport {
        let path = self.options.library.clone();
        match self.runtime() {
            Ok(runtime) => LibraryReport { path, version: Some(runtime.version().to_owned()), problem: None },
            Err(error) => LibraryReport { path, version: None, problem: Some(error.to_string()) },
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("options", &self.options).finish_non_exhaustive()
    }
}

fn session_report(pooled: &Pooled<Session>) -> SessionReport {
    let session = &pooled.value;
    SessionReport {
        model: session.contract().name,
        file: session.file().to_owned(),
        sha256: session.hash(),
        device: session.device(),
        bytes: session.bytes(),
        in_use: pooled.in_use,
        waiting: session.waiting(),
        idle_seconds: pooled.idle.as_secs(),
    }
}
