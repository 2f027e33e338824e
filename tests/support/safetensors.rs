//! Reads safetensors files, in which the exporter keeps what PyTorch made, and compares arrays with it.
#![allow(dead_code)] // Every test file uses its own part.
#![allow(clippy::expect_used)] // A fixture that cannot be read fails its test.

use std::{collections::BTreeMap, fs, path::Path};

use ndarray::ArrayD;
use serde_json::Value;

/// A tensor of a safetensors file.
#[derive(Debug, Clone, PartialEq)]
pub enum Tensor {
    F32(ArrayD<f32>),
    I64(ArrayD<i64>),
    U8(ArrayD<u8>),
}

impl Tensor {
    pub fn f32(&self) -> &ArrayD<f32> {
        match self {
            Self::F32(array) => array,
            other => panic!("not f32: {other:?}"),
        }
    }

    pub fn i64(&self) -> &ArrayD<i64> {
        match self {
            Self::I64(array) => array,
            other => panic!("not i64: {other:?}"),
        }
    }
}

/// The tensors of a file by name.
pub type Tensors = BTreeMap<String, Tensor>;

/// Reads a safetensors file: the length of the header, the header as JSON, the data.
pub fn tensors(path: &Path) -> Tensors {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (length, rest) = bytes.split_first_chunk().expect("a length");
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header: BTreeMap<String, Value> = serde_json::from_slice(header).expect("a JSON header");
    let numbers = |value: &Value| -> Vec<usize> {
        value.as_array().expect("a list").iter().map(|number| number.as_u64().expect("a number") as usize).collect()
    };
    let tensor = |(name, entry): (String, Value)| {
        let (shape, at) = (numbers(&entry["shape"]), numbers(&entry["data_offsets"]));
        let raw = &data[at[0]..at[1]];
        let tensor = match entry["dtype"].as_str() {
            Some("F32") => Tensor::F32(array(shape, raw, f32::from_le_bytes)),
            Some("I64") => Tensor::I64(array(shape, raw, i64::from_le_bytes)),
            Some("U8") => Tensor::U8(array(shape, raw, u8::from_le_bytes)),
            other => panic!("{name}: {other:?}"),
        };
        (name, tensor)
    };
    header.into_iter().filter(|(name, _)| name != "__metadata__").map(tensor).collect()
}

fn array<T, const N: usize>(shape: Vec<usize>, raw: &[u8], value: impl Fn([u8; N]) -> T) -> ArrayD<T> {
    let values = raw.as_chunks().0.iter().map(|bytes| value(*bytes)).collect();
    ArrayD::from_shape_vec(shape, values).expect("as many values as the shape says")
}

/// The largest difference of two arrays.
pub fn difference<'a>(found: impl IntoIterator<Item = &'a f32>, expected: impl IntoIterator<Item = &'a f32>) -> f32 {
    let (mut found, mut expected) = (found.into_iter(), expected.into_iter());
    let mut largest = 0f32;
    loop {
        match (found.next(), expected.next()) {
            (Some(a), Some(b)) => largest = if (a - b).abs() > largest || a.is_nan() { (a - b).abs() } else { largest },
            (None, None) => return largest,
            _ => panic!("arrays of different lengths"),
        }
    }
}
