//! What the tests of this crate share: the library and the model under test.
#![allow(dead_code)] // Every test file uses its own part.

#[path = "../../../../tests/support/promised.rs"]
mod promised;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use inference::{Engine, EngineOptions, Limits};
pub use promised::library;
use promised::promised;
use segment::LAYOUTS;

/// The folder with `encoder.onnx` and `sam.onnx` of MobileSAM.
pub fn model_folder() -> Option<PathBuf> {
    promised("SAM3ROTO_MODELS").map(|models| models.join("mobilesam"))
}

/// An engine of its own over the models under test.
pub fn engine() -> Option<Arc<Engine>> {
    let (library, folder) = (library()?, model_folder()?);
    folder.parent().map(|models| engine_with(library, models.to_owned()))
}

pub fn engine_with(library: PathBuf, models: PathBuf) -> Arc<Engine> {
    engine_with_threads(library, models, 2)
}

pub fn engine_with_threads(library: PathBuf, models: PathBuf, threads: usize) -> Arc<Engine> {
    Engine::new(EngineOptions {
        library,
        model_dirs: vec![models],
        layouts: LAYOUTS,
        threads,
        features: Limits::bytes(64 << 20),
        ..EngineOptions::default()
    })
}

/// A still as the model picture of its frame.
pub fn picture_of(path: &Path, model: &dyn segment::ImageSegmenter) -> raster::Plane<[u8; 3]> {
    let still = image::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).to_rgb8();
    let (width, height) = (still.width() as usize, still.height() as usize);
    let layout = raster::PixelLayout::packed(width, height, raster::Depth::Byte, raster::Components::Rgb);
    let view = raster::PixelView::new(still.as_raw(), layout).unwrap_or_else(|error| panic!("{error}"));
    let (width, height) = model.input_size(width, height);
    raster::model_picture(&view, raster::SourceEncoding::Display, false, width, height)
}
