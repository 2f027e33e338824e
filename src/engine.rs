//! The one engine of the process: made from the settings by the first render that needs it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use flow::PairMotion;
use inference::{DiskOptions, Engine, EngineOptions, FeatureCache, Layout, Limits, MemoryOptions};
use segment::{Segmentation, ShotState};

use crate::freed_blocks::FreedBlocks;
use crate::output::workspaces::Workspaces;
use crate::presence::{host_threads, is_unattended};
use crate::refine::estimator::BuiltIn;
use crate::refine::film::FlowPicture;
use crate::roto::finished::FinishedMatte;
use crate::roto::model_frame::ModelPicture;
use crate::roto::quality::FrameQuality;
use crate::roto::results::Folders;
use crate::roto::track::turns::Turns;
use crate::settings::error::SettingsError;
use crate::settings::{self, MEGABYTE, Settings, places};

/// What all effects and instances of the process share. Everything in it stands in the engine's ledger.
#[derive(Debug)]
pub struct Shared {
    /// Sessions, encoded pictures, memory, devices.
    pub engine: Arc<Engine>,
    /// Pictures as models see them.
    pub pictures: Arc<FeatureCache<ModelPicture>>,
    /// Decoded and tracked masks.
    pub masks: Arc<FeatureCache<Segmentation>>,
    /// What trackers know after frames.
    pub states: Arc<FeatureCache<ShotState>>,
    /// Who tracks which span.
    pub turns: Turns,
    /// How well tracked frames stand.
    pub qualities: Arc<FeatureCache<FrameQuality>>,
    /// The folders that nodes name for their results.
    pub folders: Folders,
    /// Finished mattes.
    pub mattes: Arc<FeatureCache<FinishedMatte>>,
    /// Memory for finishing mattes.
    pub workspaces: Arc<Workspaces>,
    /// Pictures in which motion is searched.
    pub flow_pictures: Arc<FeatureCache<FlowPicture>>,
    /// The motion of pairs of frames.
    pub motions: Arc<FeatureCache<PairMotion>>,
    /// Who finds motion without a network.
    pub built_in_flow: BuiltIn,
    /// The guard knows them weakly.
    _freed: Arc<FreedBlocks>,
}

/// A model's picture takes 2 MB: the frames round the one that is worked on, so that a moved point or slider does not
/// wait for a large frame to be scaled down again.
const PICTURE_BYTES: u64 = 64_000_000;
/// A decoded mask takes 400 kB: a shot's worth, so that sliders of the matte never wait for the network.
const MASK_BYTES: u64 = 64_000_000;
/// A state of SAM3's tracker counts 6 MB, and most of that it shares with its neighbours: some thirty frames to go on from.
const STATE_BYTES: u64 = 192_000_000;
/// Four numbers for each frame and object.
const QUALITY_BYTES: u64 = 1_000_000;
/// A finished matte of a full HD frame takes some 300 kB: a shot's worth, so that playing it again costs next to nothing.
const MATTE_BYTES: u64 = 96_000_000;
/// A picture in which motion is searched takes 1.5 MB: the windows of a few frames that are rendered at the same time.
const FLOW_PICTURE_BYTES: u64 = 48_000_000;
/// The motion of a pair takes 5 MB, of which a frame in a window of three needs six: some ten frames to go back and forth.
const MOTION_BYTES: u64 = 192_000_000;

/// What stays of each of these, and of the encoded pictures, where nobody is there to come back to a frame: enough for the
/// frames that are rendered at the same time, and for nodes that share a source.
const UNATTENDED_BYTES: u64 = 4_000_000;
const UNATTENDED_FEATURES: u64 = 2;
/// Of pictures and pairs of frames the next frame needs all but one, and what is found twice takes long.
const UNATTENDED_FLOW_PICTURE_BYTES: u64 = 16_000_000;
const UNATTENDED_MOTION_BYTES: u64 = 64_000_000;
/// The same of freed pages. Measured on MobileSAM at HD: 8 MB cost 15 ms a frame against 48 MB, which do not raise the
/// peak, because the encoder's largest block empties the store first.
const UNATTENDED_FREED: usize = 48 << 20;

/// The model families of all effects.
const LAYOUTS: &[Layout] = &{
    let (segmenting, moving, matting) = (segment::LAYOUTS, flow::LAYOUTS, segment::matting::LAYOUTS);
    let mut all = [segmenting[0]; segment::LAYOUTS.len() + flow::LAYOUTS.len() + segment::matting::LAYOUTS.len()];
    let (first, others) = all.split_at_mut(segmenting.len());
    first.copy_from_slice(segmenting);
    let (second, third) = others.split_at_mut(moving.len());
    second.copy_from_slice(moving);
    third.copy_from_slice(matting);
    all
};

static SHARED: OnceLock<Shared> = OnceLock::new();

/// What serves every effect and every instance. Never called while a host describes.
///
/// # Errors
/// [`SettingsError`] while the settings are refused; asking again reads them again.
pub fn shared() -> Result<&'static Shared, SettingsError> {
    if let Some(shared) = SHARED.get() {
        return Ok(shared);
    }
    let settings = settings::current()?;
    crate::logging::start();
    Ok(SHARED.get_or_init(|| {
        let engine = Engine::new(options(&settings));
        let most = |bytes: u64| Limits::bytes(if is_unattended() { bytes.min(UNATTENDED_BYTES) } else { bytes });
        let pictures = engine.cache("pictures", most(PICTURE_BYTES));
        let masks = engine.cache("masks", most(MASK_BYTES));
        let states = engine.cache("tracking states", Limits::bytes(STATE_BYTES));
        let mattes = engine.cache("mattes", most(MATTE_BYTES));
        let qualities = engine.cache("track quality", most(QUALITY_BYTES));
        let kept = |attended, unattended| Limits::bytes(if is_unattended() { unattended } else { attended });
        let flow_pictures = engine.cache("flow pictures", kept(FLOW_PICTURE_BYTES, UNATTENDED_FLOW_PICTURE_BYTES));
        let motions = engine.cache("motion", kept(MOTION_BYTES, UNATTENDED_MOTION_BYTES));
        let freed = FreedBlocks::known_to(engine.guard());
        let workspaces = Workspaces::known_to(engine.guard());
        if is_unattended() {
            blocks::keep(UNATTENDED_FREED);
        }
        Shared {
            engine,
            pictures,
            masks,
            states,
            turns: Turns::default(),
            qualities,
            folders: Folders::new(settings.disk_mb * MEGABYTE),
            mattes,
            workspaces,
            flow_pictures,
            motions,
            built_in_flow: BuiltIn::default(),
            _freed: freed,
        }
    }))
}

/// To be called when a frame is finished: the guard looks at the memory there is.
pub fn after_frame() {
    if let Some(shared) = SHARED.get() {
        shared.engine.guard().after_frame();
    }
}

/// Ends all work in the background, and returns when none runs any more.
pub fn quiesce() {
    if let Some(shared) = SHARED.get() {
        shared.engine.quiesce();
    }
}

/// Gives back what can be computed again.
pub fn purge() {
    if let Some(shared) = SHARED.get() {
        shared.engine.purge();
        shared.pictures.clear();
        shared.masks.clear();
        shared.states.clear();
        shared.qualities.clear();
        shared.turns.forget();
        shared.mattes.clear();
        shared.workspaces.clear();
        shared.flow_pictures.clear();
        shared.motions.clear();
        shared.built_in_flow.forget();
        blocks::give_back();
    }
}

fn options(settings: &Settings) -> EngineOptions {
    let own_folder = openfx::library_path().and_then(|path| path.parent().map(Path::to_owned)).unwrap_or_default();
    let bytes = |megabytes: u64| megabytes * MEGABYTE;
    let disk = |folder| DiskOptions { folder, max_bytes: bytes(settings.disk_mb) };
    EngineOptions {
        library: settings.library.clone().unwrap_or_else(|| own_folder.join(library_name())),
        model_dirs: model_folders(settings, &own_folder),
        layouts: LAYOUTS,
        threads: settings.threads.and_then(|threads| usize::try_from(threads).ok()).unwrap_or_else(host_threads),
        devices: settings.devices.clone(),
        precision: settings.precision,
        batch: settings.batch.and_then(|batch| usize::try_from(batch).ok()),
        memory: MemoryOptions {
            pressure_percent: u8::try_from(settings.pressure_percent).unwrap_or(u8::MAX),
            host_soft_bytes: settings.host_soft_mb.map(bytes),
            host_hard_bytes: settings.host_hard_mb.map(bytes),
            device_hard_bytes: settings.device_mb.map(bytes),
        },
        features: Limits {
            bytes: bytes(settings.features_mb),
            entries: settings.features_entries.unwrap_or(if is_unattended() {
                UNATTENDED_FEATURES
            } else {
                Limits::NONE.entries
            }),
        },
        half_precision: settings.features_in_half,
        disk: settings.cache_folder.clone().map(disk),
        sweep_heaps: is_unattended(),
    }
}

/// The private name of the runtime: hosts ship their own ONNX Runtime, and the loader would hand out whichever library
/// of one name came first.
fn library_name() -> &'static str {
    if cfg!(windows) {
        "sam3roto_onnxruntime.dll"
    } else if cfg!(target_os = "macos") {
        "libsam3roto_onnxruntime.dylib"
    } else {
        "libsam3roto_onnxruntime.so"
    }
}

/// The folders of the settings, the user's own, the bundle's: the first that holds a model wins.
fn model_folders(settings: &Settings, own_folder: &Path) -> Vec<PathBuf> {
    let mut folders = settings.models.clone();
    folders.extend(places::data(&|name| std::env::var_os(name)).map(|data| data.join("models")));
    folders.extend(own_folder.parent().map(|contents| contents.join("Resources").join("models")));
    folders
}
