//! What the tests of the engine share: the library under test, and small ONNX files made on the spot.
#![allow(dead_code, clippy::unwrap_used)] // Every test file uses its own part.

pub mod onnx;

#[path = "../../../../tests/support/promised.rs"]
mod promised;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use inference::{Contract, Dim, Element, Engine, EngineOptions, Limits, ModelFile, Sizes, Stage, TensorSpec};
pub use promised::library;

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
