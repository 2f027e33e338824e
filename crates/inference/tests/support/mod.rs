//! What the tests of the engine share: the library under test, and small ONNX files made on the spot.
#![allow(dead_code, clippy::unwrap_used)] // Every test file uses its own part.

pub mod onnx;

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use inference::{Contract, Dim, Element, Engine, EngineOptions, Limits, ModelFile, Sizes, Stage, TensorSpec};

/// The ONNX Runtime library under test. Without one a test is skipped, loudly; where the project's test command has
/// promised one (`SAM3ROTO_TESTS_REQUIRE=1`) it fails.
pub fn library() -> Option<PathBuf> {
    match env::var_os("SAM3ROTO_ONNXRUNTIME") {
        Some(path) => Some(PathBuf::from(path)),
        None if env::var_os("SAM3ROTO_TESTS_REQUIRE").is_some_and(|value| value == "1") => {
            panic!("SAM3ROTO_ONNXRUNTIME is not set and SAM3ROTO_TESTS_REQUIRE=1")
        }
        None => {
            // Not `eprintln!`: the test harness would swallow it.
            let _ = writeln!(io::stderr(), "SKIPPED: SAM3ROTO_ONNXRUNTIME is not set, nothing was tested here");
            None
        }
    }
}

pub fn engine(library: &Path) -> Arc<Engine> {
    engine_with_features(library, 1 << 20)
}

pub fn engine_with_features(library: &Path, feature_bytes: u64) -> Arc<Engine> {
    Engine::new(EngineOptions {
        library: library.to_owned(),
        threads: 2,
        features: Limits::bytes(feature_bytes),
        ..EngineOptions::default()
    })
}

const ANY: &[Dim] = &[Dim::Any];

/// `y = sin(sin(... x))` over a vector of any length.
pub static SINES: Contract = Contract {
    name: "test model",
    stage: Stage::Encode,
    inputs: &[TensorSpec { name: "x", element: Element::F32, shape: ANY }],
    outputs: &[TensorSpec { name: "y", element: Element::F32, shape: ANY }],
};

pub fn model(path: PathBuf) -> ModelFile {
    ModelFile { path, contract: &SINES, sizes: Sizes::default(), declared_bytes: None, declared_hash: None, data: None }
}

/// Writes a chain of `count` sines as `name` into `folder`.
pub fn write_sines(folder: &Path, name: &str, count: usize) -> ModelFile {
    let path = folder.join(name);
    fs::write(&path, onnx::sines(count)).unwrap();
    model(path)
}
