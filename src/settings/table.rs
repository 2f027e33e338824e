//! Every setting, once.

use super::kind::Kind;

/// A setting.
pub struct Row {
    /// Section and key: `engine.threads` is `threads` below `[engine]`.
    pub key: &'static str,
    /// The variable of the environment that wins over the file.
    pub variable: &'static str,
    /// What it takes and where the value goes.
    pub(super) kind: Kind,
    /// What it does, for the documentation.
    pub meaning: &'static str,
}

/// All settings in the order of the documentation.
pub static TABLE: &[Row] = &[
    Row {
        key: "engine.library",
        variable: "SAM3ROTO_ONNXRUNTIME",
        kind: Kind::Path { otherwise: "the one in the bundle", field: |settings| &mut settings.library },
        meaning: "The ONNX Runtime library. Set it to use a build for your graphics card.",
    },
    Row {
        key: "engine.models",
        variable: "SAM3ROTO_MODELS",
        kind: Kind::Folders(|settings| &mut settings.models),
        meaning: "Folders of models, searched before the user's data folder and the bundle.",
    },
    Row {
        key: "engine.device",
        variable: "SAM3ROTO_DEVICE",
        kind: Kind::Devices(|settings| &mut settings.devices),
        meaning: "Where networks run. `auto` takes the fastest device that proves to run the model; TensorRT is only used when named, as it compiles a model for minutes before its first frame. The CPU is always the last resort.",
    },
    Row {
        key: "engine.half_precision",
        variable: "SAM3ROTO_HALF_PRECISION",
        kind: Kind::Switch(|settings| &mut settings.half_precision),
        meaning: "Lets TensorRT and CoreML compute in 16 bits: faster, with rounding that can be seen.",
    },
    Row {
        key: "engine.threads",
        variable: "SAM3ROTO_THREADS",
        kind: Kind::WholeOrAuto {
            range: 1..=256,
            auto: "as many as the host uses",
            field: |settings| &mut settings.threads,
        },
        meaning: "Threads of the network. Fewer leave more of the machine to the host.",
    },
    Row {
        key: "engine.batch",
        variable: "SAM3ROTO_BATCH",
        kind: Kind::WholeOrAuto {
            range: 1..=32,
            auto: "as many as memory allows",
            field: |settings| &mut settings.batch,
        },
        meaning: "Most frames that an analysis gives to the network at once.",
    },
    Row {
        key: "cache.features_mb",
        variable: "SAM3ROTO_FEATURE_CACHE_MB",
        kind: Kind::Whole { range: 0..=1_000_000, field: |settings| &mut settings.features_mb },
        meaning: "Most megabytes of encoded pictures in memory. A picture of MobileSAM takes 4: the default keeps a shot of five seconds.",
    },
    Row {
        key: "log.level",
        variable: "SAM3ROTO_LOG",
        kind: Kind::Levels(|settings| &mut settings.log_level),
        meaning: "What is written to standard error, where a terminal or a render log shows it.",
    },
    Row {
        key: "log.file",
        variable: "SAM3ROTO_LOG_FILE",
        kind: Kind::Levels(|settings| &mut settings.log_file),
        meaning: "What is written to the log file; `off` for no file.",
    },
    Row {
        key: "log.folder",
        variable: "SAM3ROTO_LOG_FOLDER",
        kind: Kind::Path { otherwise: "the user's folder for logs", field: |settings| &mut settings.log_folder },
        meaning: "The folder of the log file. Several hosts may write to one.",
    },
    Row {
        key: "log.megabytes",
        variable: "SAM3ROTO_LOG_MB",
        kind: Kind::Whole { range: 1..=1000, field: |settings| &mut settings.log_megabytes },
        meaning: "Size at which a new log file is begun.",
    },
    Row {
        key: "log.files",
        variable: "SAM3ROTO_LOG_FILES",
        kind: Kind::Whole { range: 1..=100, field: |settings| &mut settings.log_files },
        meaning: "Log files kept, the current one included.",
    },
];
