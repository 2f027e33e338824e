//! What an encoder gives and later steps reuse: a few arrays under one key.

use ndarray::ArrayD;

use crate::cache::ByteSize;

/// The outputs of an encoder for one picture, in the order the model's contract names them.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    tensors: Vec<ArrayD<f32>>,
}

impl Feature {
    /// Keeps the arrays as they are.
    pub fn new(tensors: Vec<ArrayD<f32>>) -> Self {
        Self { tensors }
    }

    /// The arrays, in the order given to [`Feature::new`].
    pub fn tensors(&self) -> &[ArrayD<f32>] {
        &self.tensors
    }
}

impl ByteSize for Feature {
    fn byte_size(&self) -> u64 {
        self.tensors.iter().map(|tensor| (tensor.len() * size_of::<f32>()) as u64).sum()
    }
}
