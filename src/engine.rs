//! The one engine of the process: where its files are, how much it may use.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use inference::{Engine, EngineOptions, FeatureCache, Limits};

use crate::roto::mask::{CachedMatte, Decoded};

/// Where the ONNX Runtime library is, instead of beside the plugin.
const LIBRARY_VARIABLE: &str = "SAM3ROTO_ONNXRUNTIME";
/// Folders searched for models before all others, separated as in PATH.
const MODELS_VARIABLE: &str = "SAM3ROTO_MODELS";
/// Threads of one network run.
const THREADS_VARIABLE: &str = "SAM3ROTO_THREADS";
/// Most megabytes of encoded pictures kept in memory.
const FEATURES_VARIABLE: &str = "SAM3ROTO_FEATURE_CACHE_MB";

/// MobileSAM's encoded picture is 4 MB: this keeps a shot of five seconds.
const DEFAULT_FEATURE_MEGABYTES: u64 = 512;

/// Serves every effect and every instance; made by the first render that needs it, never while a host describes.
pub fn engine() -> &'static Arc<Engine> {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(options()))
}

fn options() -> EngineOptions {
    let own_folder = openfx::library_path().and_then(|path| path.parent().map(Path::to_owned)).unwrap_or_default();
    EngineOptions {
        library: path_variable(LIBRARY_VARIABLE).unwrap_or_else(|| own_folder.join(library_name())),
        model_dirs: model_folders(&own_folder),
        layouts: segment::LAYOUTS,
        threads: number_variable(THREADS_VARIABLE)
            .and_then(|threads| usize::try_from(threads).ok())
            .filter(|&threads| threads > 0)
            .unwrap_or_else(processors),
        feature_budget_bytes: number_variable(FEATURES_VARIABLE).unwrap_or(DEFAULT_FEATURE_MEGABYTES) * 1_000_000,
        ..EngineOptions::default()
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

/// The environment's folders, the user's own, the bundle's: the first that holds a model wins.
fn model_folders(own_folder: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os(MODELS_VARIABLE).map(|list| std::env::split_paths(&list).collect()).unwrap_or_default();
    folders.retain(|folder| !folder.as_os_str().is_empty());
    folders.extend(user_data_folder().map(|folder| folder.join("sam3roto").join("models")));
    folders.extend(own_folder.parent().map(|contents| contents.join("Resources").join("models")));
    folders
}

/// Where programs keep a user's data on this system.
fn user_data_folder() -> Option<PathBuf> {
    let home = || path_variable("HOME");
    if cfg!(windows) {
        path_variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library").join("Application Support"))
    } else {
        path_variable("XDG_DATA_HOME").or_else(|| home().map(|home| home.join(".local").join("share")))
    }
}

fn path_variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// A whole number from the environment. One that cannot be read is told in the log and left out.
fn number_variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.trim().parse();
    if number.is_err() {
        log::warn!("{name} is \"{text}\": expected a whole number, such as 4; the default is used");
    }
    number.ok()
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A frame's matte at MobileSAM's size takes about 10 MB: the last few frames, for windows, sizes and sliders.
const MATTE_BYTES: u64 = 96_000_000;

/// Mattes at model size, shared by all instances.
pub fn mattes() -> &'static FeatureCache<CachedMatte> {
    static MATTES: OnceLock<FeatureCache<CachedMatte>> = OnceLock::new();
    MATTES.get_or_init(|| FeatureCache::new("mattes", Limits::bytes(MATTE_BYTES)))
}

/// A frame's decoded logits take 150 kB: a shot's worth, so that sliders of the matte never wait for the network.
const DECODED_BYTES: u64 = 64_000_000;

/// Decoded masks, shared by all instances.
pub fn decoded() -> &'static FeatureCache<Decoded> {
    static DECODED: OnceLock<FeatureCache<Decoded>> = OnceLock::new();
    DECODED.get_or_init(|| FeatureCache::new("decoded masks", Limits::bytes(DECODED_BYTES)))
}

/// Gives back what can be computed again.
pub fn purge() {
    engine().purge();
    decoded().clear();
    mattes().clear();
}
