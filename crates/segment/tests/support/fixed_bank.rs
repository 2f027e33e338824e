//! The stand-in of a video export with a memory of fixed size: `fixed_bank.py` of `resources/export`.
#![allow(dead_code)] // Every test file uses its own part.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A fixture that is not there fails its test.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use inference::Engine;

use crate::{fixtures, support};

/// Its folder, and so its name.
pub const NAME: &str = "fixed_bank";

/// The folder that it lies in.
pub fn models() -> PathBuf {
    fixtures::folder().join("video")
}

pub fn engine_over(models: &Path) -> Option<Arc<Engine>> {
    Some(fixtures::engine_of(support::library()?, models.to_owned(), 1))
}

/// The model in a folder of its own.
pub fn copied() -> tempfile::TempDir {
    let models_ = tempfile::tempdir().unwrap();
    let folder = models_.path().join(NAME);
    fs::create_dir_all(folder.join("onnx")).unwrap();
    let from = models().join(NAME);
    for entry in fs::read_dir(from.join("onnx")).unwrap().flatten() {
        fs::copy(entry.path(), folder.join("onnx").join(entry.file_name())).unwrap();
    }
    fs::copy(from.join("constants.json"), folder.join("constants.json")).unwrap();
    models_
}

/// Changes the constants.
pub fn edit(models: &Path, from: &str, to: &str) {
    let file = models.join(NAME).join("constants.json");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}
