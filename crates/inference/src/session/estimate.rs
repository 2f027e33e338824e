//! How much memory loads and runs will take: guessed before the first, known after it.

use std::{collections::HashMap, fs, path::Path};

use super::Input;
use crate::sync::Mutex;

/// While a model is loaded its file is parsed, its weights are copied out, and many are laid out anew for the kernels.
/// MobileSAM's encoder (28 MB) and decoder (17 MB) take up to three times their files.
const LOAD_FACTOR: u64 = 3;

/// What stays of it.
const RESIDENT_FACTOR: u64 = 2;

/// A run's memory before any was measured, as a multiple of what goes in. MobileSAM's encoder takes 17 times its input
/// at its peak, its decoder 10 times.
const RUN_FACTOR: u64 = 18;

/// A small input can be multiplied by a network in any way; 16 MB hinder nobody.
const RUN_AT_LEAST: u64 = 16 << 20;

/// Input shapes whose peaks are remembered. Prompts of any number of points make many.
const SHAPES: usize = 64;

/// Bytes of a model on disk: the file, and those beside it that hold its weights ("encoder.onnx.data",
/// "encoder.onnx_data_1").
pub(super) fn file_bytes(model: &Path) -> u64 {
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let (Some(folder), Some(name)) = (model.parent(), model.file_name()) else { return size(model) };
    let name = name.to_string_lossy();
    let is_data = |file: &str| {
        file.strip_prefix(&*name).is_some_and(|rest| rest.starts_with(['.', '_']) && rest[1..].starts_with("data"))
    };
    let beside = fs::read_dir(folder).into_iter().flatten().flatten();
    let data = beside.filter(|entry| is_data(&entry.file_name().to_string_lossy())).map(|entry| size(&entry.path()));
    data.fold(size(model), u64::saturating_add)
}

/// Bytes that loading takes at its peak.
pub(super) fn load_bytes(file_bytes: u64) -> u64 {
    file_bytes.saturating_mul(LOAD_FACTOR)
}

/// Bytes that a loaded model keeps.
pub(super) fn resident_bytes(file_bytes: u64) -> u64 {
    file_bytes.saturating_mul(RESIDENT_FACTOR)
}

/// What runs of a session took, by the shapes of their inputs.
#[derive(Debug, Default)]
pub(super) struct Peaks(Mutex<HashMap<Vec<usize>, u64>>);

impl Peaks {
    /// Bytes that a run will take: the most one of these shapes ever did, or a guess.
    pub fn expected(&self, inputs: &[(&str, Input<'_>)]) -> u64 {
        let known = self.0.lock().get(&shapes(inputs)).copied();
        known.unwrap_or_else(|| guess(inputs))
    }

    /// A run of these inputs took so much.
    pub fn learn(&self, inputs: &[(&str, Input<'_>)], bytes: u64) {
        if bytes == 0 {
            return; // Nothing was measured: not on this device.
        }
        let mut peaks = self.0.lock();
        if peaks.len() >= SHAPES {
            peaks.clear();
        }
        let peak = peaks.entry(shapes(inputs)).or_default();
        *peak = bytes.max(*peak);
    }
}

fn guess(inputs: &[(&str, Input<'_>)]) -> u64 {
    let bytes: usize = inputs.iter().map(|(_, input)| input.bytes()).sum();
    run_bytes(bytes as u64)
}

/// Bytes that a run with so many bytes of input is guessed to take.
pub(crate) fn run_bytes(input_bytes: u64) -> u64 {
    input_bytes.saturating_mul(RUN_FACTOR).max(RUN_AT_LEAST)
}

/// The shapes one after the other, each preceded by its number of axes.
fn shapes(inputs: &[(&str, Input<'_>)]) -> Vec<usize> {
    let mut shapes = Vec::new();
    for (_, input) in inputs {
        let shape = input.shape();
        shapes.push(shape.len());
        shapes.extend(shape);
    }
    shapes
}

#[cfg(all(test, not(feature = "interleave")))]
mod tests {
    use ndarray::ArrayD;

    use super::*;

    #[test]
    fn weights_beside_a_model_count_and_other_files_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("encoder.onnx");
        assert_eq!(file_bytes(&model), 0);
        for (name, bytes) in [
            ("encoder.onnx", 10),
            ("encoder.onnx.data", 100),
            ("encoder.onnx_data", 1000),
            ("encoder.onnx_data_1", 10_000),
            ("encoder.onnx.bak", 1),
            ("encoder.onnx", 10),
            ("sam.onnx.data", 1),
        ] {
            fs::write(folder.path().join(name), vec![0; bytes]).unwrap();
        }
        assert_eq!(file_bytes(&model), 11_110);
    }

    #[test]
    fn a_run_is_expected_to_take_what_it_took_and_guessed_before() {
        let peaks = Peaks::default();
        let (large, small) = (ArrayD::<f32>::zeros(vec![1, 1 << 20]), ArrayD::<f32>::zeros(vec![2, 3]));
        let large = [("x", Input::F32(large.view()))];
        let small = [("x", Input::F32(small.view()))];
        assert_eq!((peaks.expected(&large), peaks.expected(&small)), (72 << 20, RUN_AT_LEAST));
        peaks.learn(&large, 500);
        peaks.learn(&large, 400);
        peaks.learn(&small, 0);
        assert_eq!((peaks.expected(&large), peaks.expected(&small)), (500, RUN_AT_LEAST));
    }
}
