//! Every setting, once.

use std::ops::RangeInclusive;

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

/// Megabytes from less than the smallest model to more than any machine has.
const MEMORY: RangeInclusive<u64> = 64..=100_000_000;

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
        key: "engine.precision",
        variable: "SAM3ROTO_PRECISION",
        kind: Kind::Precision(|settings| &mut settings.precision),
        meaning: "What TensorRT and CoreML compute in. 16 bits are faster and take half the memory, with rounding that can be seen. The other devices compute in what the model file holds.",
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
        key: "memory.pressure_percent",
        variable: "SAM3ROTO_MEMORY_PRESSURE_PERCENT",
        kind: Kind::Whole { range: 50..=95, field: |settings| &mut settings.pressure_percent },
        meaning: "Share of the memory in use, by all programs together, from which caches and idle models are given back.",
    },
    Row {
        key: "memory.host_soft_mb",
        variable: "SAM3ROTO_MEMORY_HOST_SOFT_MB",
        kind: Kind::WholeOrAuto {
            range: MEMORY,
            auto: "80 % of host_hard_mb",
            field: |settings| &mut settings.host_soft_mb,
        },
        meaning: "Megabytes of main memory from which the plugin makes its caches smaller.",
    },
    Row {
        key: "memory.host_hard_mb",
        variable: "SAM3ROTO_MEMORY_HOST_HARD_MB",
        kind: Kind::WholeOrAuto {
            range: MEMORY,
            auto: "half of the machine's",
            field: |settings| &mut settings.host_hard_mb,
        },
        meaning: "Most megabytes of main memory for models, runs and caches together. What does not fit is refused in words, before it is loaded.",
    },
    Row {
        key: "memory.device_mb",
        variable: "SAM3ROTO_MEMORY_DEVICE_MB",
        kind: Kind::WholeOrAuto {
            range: MEMORY,
            auto: "pressure_percent of the card's",
            field: |settings| &mut settings.device_mb,
        },
        meaning: "Most megabytes of each graphics card. Leave room for the host's own viewer.",
    },
    Row {
        key: "cache.features_mb",
        variable: "SAM3ROTO_FEATURE_CACHE_MB",
        kind: Kind::Whole { range: 0..=1_000_000, field: |settings| &mut settings.features_mb },
        meaning: "Most megabytes of encoded pictures in memory. A picture of MobileSAM takes 2, or 4 without half_precision.",
    },
    Row {
        key: "cache.features_entries",
        variable: "SAM3ROTO_FEATURE_CACHE_ENTRIES",
        kind: Kind::WholeOrAuto {
            range: 1..=1_000_000,
            auto: "as many as features_mb holds; 8 in a host without a user",
            field: |settings| &mut settings.features_entries,
        },
        meaning: "Most encoded pictures in memory.",
    },
    Row {
        key: "cache.half_precision",
        variable: "SAM3ROTO_CACHE_HALF_PRECISION",
        kind: Kind::Switch(|settings| &mut settings.features_in_half),
        meaning: "Keeps encoded pictures in 16 bits, in memory and on disk: twice as many, with no difference to be seen in a matte.",
    },
    Row {
        key: "cache.folder",
        variable: "SAM3ROTO_CACHE",
        kind: Kind::Path { otherwise: "none, nothing is kept on disk", field: |settings| &mut settings.cache_folder },
        meaning: "A folder that keeps results for the next session, for other hosts and for a farm. Any number of them may share it. `sam3roto cache` shows, checks and empties it.",
    },
    Row {
        key: "cache.disk_mb",
        variable: "SAM3ROTO_CACHE_MB",
        kind: Kind::Whole { range: 100..=100_000_000, field: |settings| &mut settings.disk_mb },
        meaning: "Most megabytes in that folder. Results unused for longest are removed first.",
    },
    Row {
        key: "presets.folder",
        variable: "SAM3ROTO_PRESETS",
        kind: Kind::Path {
            otherwise: "`presets` in the user's data folder",
            field: |settings| &mut settings.presets_folder,
        },
        meaning: "The folder of your own presets for MatteOutput: files that name parameters and their values.",
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
