//! The exporter's fixtures: tiny models of both families with what PyTorch makes of them. CONTRACT.md of
//! `resources/export`, "Fixtures".
#![allow(dead_code)] // Every test file uses its own part.
#![allow(clippy::expect_used)] // A fixture that cannot be read fails its test.

#[path = "../../../../tests/support/safetensors.rs"]
mod safetensors;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use inference::{Engine, EngineOptions, Limits};
use raster::Plane;
#[allow(unused_imports, reason = "every test file uses its own part")]
pub use safetensors::{Tensor, Tensors, difference, tensors};
use segment::{LAYOUTS, exported::Exported, open};

/// Both families.
pub const FAMILIES: [&str; 2] = ["sam2", "sam3"];

/// The folder of both.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources/export/fixtures")
}

/// The shot of a family, frame by frame.
pub fn frames(family: &str) -> Vec<Plane<[u8; 3]>> {
    let strip = image::open(folder().join(family).join("frames.png")).expect("a PNG").to_rgb8();
    let side = strip.width() as usize;
    let pixels: Vec<[u8; 3]> = strip.as_raw().as_chunks().0.to_vec();
    pixels.chunks(side * side).map(|frame| Plane::from_vec(side, side, frame.to_vec()).expect("a frame")).collect()
}

/// An engine over the fixtures that keeps encodings as they are.
pub fn engine(library: PathBuf) -> Arc<Engine> {
    engine_of(library, folder(), 1)
}

pub fn engine_of(library: PathBuf, models: PathBuf, threads: usize) -> Arc<Engine> {
    Engine::new(EngineOptions {
        library,
        model_dirs: vec![models],
        layouts: LAYOUTS,
        threads,
        features: Limits::bytes(256 << 20),
        half_precision: false,
        ..EngineOptions::default()
    })
}

/// The tiny model of a family.
pub fn model(engine: &Arc<Engine>, family: &str) -> Arc<Exported> {
    let name = format!("tiny {family} fp32");
    let model = open(engine, &name).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(model.family(), family);
    model.exported().expect("a model of the project's graphs")
}
