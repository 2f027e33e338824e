//! Which optimised graphs are kept on disk, and under which key.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{ModelFile, Setup, estimate};
use crate::{
    abort::Abort,
    device::Device,
    disk::optimised::{self, Draft},
    hash::ContentHash,
    key::{Key, KeyBuilder},
};

/// Larger models are optimised anew: a graph is written as one message of protobuf, which holds 2 GB at most.
const LARGEST: u64 = 1_500_000_000;

/// Where the optimised graph of a model is kept.
pub(super) struct Shelf<'a> {
    folder: &'a Path,
    key: Key,
}

impl<'a> Shelf<'a> {
    /// None where no folder is set, for other devices than the CPU (their providers compile after the graph is
    /// written), and for models that cannot be kept.
    pub fn of(model: &ModelFile, hash: ContentHash, setup: &Setup<'a>) -> Option<Self> {
        let folder = setup.compiled.filter(|_| setup.device == Device::Cpu)?;
        let bytes = fs::metadata(&model.path).ok()?.len();
        // An optimised graph still names the file of its weights, beside which it would have to lie.
        if model.data.is_some() || bytes != estimate::file_bytes(&model.path) || bytes > LARGEST {
            log::debug!(
                "the optimised graph of {} is not kept: it is too large, or its weights lie in another file",
                model.path.display()
            );
            return None;
        }
        let key = KeyBuilder::new("optimised graph 1, level all")
            .bytes(&hash.0)
            .bytes(model.contract.name.as_bytes())
            .bytes(setup.runtime.version().as_bytes())
            .bytes(setup.device.setting().as_bytes())
            .bytes(std::env::consts::OS.as_bytes())
            .bytes(std::env::consts::ARCH.as_bytes())
            .bytes(processor().as_bytes());
        Some(Self { folder, key: key.finish() })
    }

    pub fn find(&self, abort: &dyn Abort) -> Option<PathBuf> {
        optimised::find(self.folder, self.key, abort)
    }

    pub fn draft(&self) -> Draft {
        Draft::new(self.folder, self.key)
    }
}

/// The instructions that the processor has, of those that ONNX Runtime asks for: weights are laid out for them.
fn processor() -> String {
    let mut words = String::new();
    macro_rules! note {
        ($detected:ident: $($feature:tt)*) => {
            $(words.push_str(if std::arch::$detected!($feature) { concat!($feature, " ") } else { "- " });)*
        };
    }
    #[cfg(target_arch = "x86_64")]
    note!(is_x86_feature_detected: "sse4.1" "avx" "f16c" "fma" "avx2" "avxvnni" "avx512f" "avx512bw" "avx512dq" "avx512vl" "avx512vnni" "avx512bf16");
    #[cfg(target_arch = "aarch64")]
    note!(is_aarch64_feature_detected: "neon" "fp16" "dotprod" "i8mm" "bf16" "sve");
    words
}
