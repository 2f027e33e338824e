//! What an encoder gives and later steps reuse: a few arrays under one key.

use half::{f16, slice::HalfFloatSliceExt};
use ndarray::{ArrayD, CowArray, IxDyn};

use crate::cache::{ByteSize, Stored};

/// The outputs of an encoder for one picture, in the order the model's contract names them.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    tensors: Vec<Tensor>,
}

#[derive(Debug, Clone, PartialEq)]
enum Tensor {
    Single(ArrayD<f32>),
    Half { shape: Vec<usize>, values: Vec<f16> },
}

impl Feature {
    /// Keeps the arrays as they are.
    pub fn new(tensors: Vec<ArrayD<f32>>) -> Self {
        Self { tensors: tensors.into_iter().map(Tensor::Single).collect() }
    }

    /// Keeps the arrays in half precision: half the memory, half the disk. Whoever reads them gets the rounded values,
    /// the first time as every time. An array with a value that half precision cannot hold (over 65504, infinite, not
    /// a number) is kept as it is.
    pub fn half(tensors: Vec<ArrayD<f32>>) -> Self {
        Self { tensors: tensors.into_iter().map(Tensor::rounded).collect() }
    }

    /// The arrays, in the order given to [`Feature::new`]: those kept as they are borrowed, those in half precision
    /// converted, a fraction of a millisecond for a million values.
    pub fn tensors(&self) -> Vec<CowArray<'_, f32, IxDyn>> {
        self.tensors.iter().map(Tensor::single).collect()
    }
}

impl Tensor {
    fn rounded(array: ArrayD<f32>) -> Self {
        let limit = f16::MAX.to_f32();
        if !array.iter().all(|value| value.abs() <= limit) {
            return Self::Single(array);
        }
        let array = array.as_standard_layout();
        let mut values = vec![f16::ZERO; array.len()];
        if let Some(singles) = array.as_slice() {
            values.convert_from_f32_slice(singles);
        }
        Self::Half { shape: array.shape().to_vec(), values }
    }

    fn single(&self) -> CowArray<'_, f32, IxDyn> {
        match self {
            Self::Single(array) => array.view().into(),
            Self::Half { shape, values } => {
                let mut singles = vec![0.0; values.len()];
                values.convert_to_f32_slice(&mut singles);
                // The shape is the one the values came in.
                ArrayD::from_shape_vec(shape.clone(), singles).unwrap_or_default().into()
            }
        }
    }
}

impl ByteSize for Feature {
    fn byte_size(&self) -> u64 {
        let bytes = |tensor: &Tensor| match tensor {
            Tensor::Single(array) => array.len() * size_of::<f32>(),
            Tensor::Half { values, .. } => values.len() * size_of::<f16>(),
        };
        self.tensors.iter().map(|tensor| bytes(tensor) as u64).sum()
    }
}

/// Number of arrays (4 bytes), then of each: bytes of a value (1), dimensions (1), lengths (8 each), the values in
/// row-major order. All little-endian.
impl Stored for Feature {
    const KIND: &'static str = "feature-1";

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.tensors.len() as u32).to_le_bytes());
        for tensor in &self.tensors {
            match tensor {
                Tensor::Single(array) => {
                    write_shape(size_of::<f32>(), array.shape(), out);
                    write_values(array.len(), array.iter().map(|value| value.to_le_bytes()), out);
                }
                Tensor::Half { shape, values } => {
                    write_shape(size_of::<f16>(), shape, out);
                    write_values(values.len(), values.iter().map(|value| value.to_le_bytes()), out);
                }
            }
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let count = u32::from_le_bytes(take(&mut rest)?);
        let mut tensors = Vec::new();
        for _ in 0..count {
            tensors.push(Tensor::read(&mut rest)?);
        }
        rest.is_empty().then_some(Self { tensors })
    }
}

impl Tensor {
    fn read(rest: &mut &[u8]) -> Option<Self> {
        let [value_bytes, dimensions] = take(rest)?;
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            shape.push(usize::try_from(u64::from_le_bytes(take(rest)?)).ok()?);
        }
        let bytes = shape.iter().try_fold(usize::from(value_bytes), |bytes, &length| bytes.checked_mul(length))?;
        let (values, others) = rest.split_at_checked(bytes)?;
        *rest = others;
        match usize::from(value_bytes) {
            4 => {
                let values = values.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect();
                ArrayD::from_shape_vec(shape, values).ok().map(Self::Single)
            }
            2 => {
                let values = values.as_chunks().0.iter().map(|&value| f16::from_le_bytes(value)).collect();
                Some(Self::Half { shape, values })
            }
            _ => None,
        }
    }
}

fn write_shape(value_bytes: usize, shape: &[usize], out: &mut Vec<u8>) {
    // Arrays have a handful of dimensions: ndarray's own limit is far below 256.
    out.extend_from_slice(&[value_bytes as u8, shape.len() as u8]);
    shape.iter().for_each(|&length| out.extend_from_slice(&(length as u64).to_le_bytes()));
}

fn write_values<const N: usize>(count: usize, values: impl Iterator<Item = [u8; N]>, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + count * N, 0);
    for (target, value) in out[start..].as_chunks_mut().0.iter_mut().zip(values) {
        *target = value;
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (&taken, others) = rest.split_first_chunk()?;
    *rest = others;
    Some(taken)
}
