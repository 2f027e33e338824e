//! The cells of an embedding: what the encoder says of each patch of the picture.

use std::sync::Arc;

use crate::model::Embedding;

/// How the cells of a picture lie: `columns` x `rows` of them cover it from its top left corner, row after row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    pub columns: usize,
    pub rows: usize,
    /// Pixels of the picture on a side of a cell.
    pub cell: f32,
}

impl Grid {
    /// Cells in all.
    pub fn len(self) -> usize {
        self.columns * self.rows
    }
}

/// Features of the cells of one picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cells {
    pub grid: Grid,
    pub channels: usize,
    /// Cell after cell, each of length [`ONE`], or 0 where the encoder gave nothing that is a number.
    pub features: Arc<[i16]>,
}

/// A feature's length. The product of two fits 32 bits with room to spare, and rounding costs a cosine 1e-4 at most.
pub(super) const ONE: f32 = 16384.0;

/// Shorter features have no direction.
const SHORTEST: f32 = 1e-6;

impl Cells {
    /// The cells of the coarsest tensor [1, channels, side, side] of an embedding that lie on the picture; `None` where
    /// there is no such tensor.
    pub fn of(embedding: &Embedding) -> Option<Self> {
        let tensors = embedding.tensors();
        let square = tensors.iter().filter(|tensor| matches!(tensor.shape(), [1, _, rows, columns] if rows == columns));
        let tensor = square.min_by_key(|tensor| tensor.shape()[3])?;
        let (channels, side) = (tensor.shape()[1], tensor.shape()[3]);
        let (width, height) = embedding.picture_size();
        let canvas = width.max(height);
        if channels == 0 || side == 0 || canvas == 0 {
            return None;
        }
        let cell = canvas as f32 / side as f32;
        let covered = |pixels: usize| ((pixels as f32 / cell).round() as usize).clamp(1, side);
        let grid = Grid { columns: covered(width), rows: covered(height), cell };
        let tensor = tensor.as_standard_layout();
        let values = tensor.as_slice()?;
        let mut features = vec![0i16; grid.len() * channels];
        let mut one = vec![0f32; channels];
        for (index, feature) in features.chunks_exact_mut(channels).enumerate() {
            let at = index / grid.columns * side + index % grid.columns;
            for (value, plane) in one.iter_mut().zip(values.chunks_exact(side * side)) {
                *value = plane[at];
            }
            let length = one.iter().map(|value| value * value).sum::<f32>().sqrt();
            if length.is_finite() && length > SHORTEST {
                for (rounded, value) in feature.iter_mut().zip(&one) {
                    *rounded = (value / length * ONE).round_ties_even() as i16;
                }
            }
        }
        Some(Self { grid, channels, features: features.into() })
    }

    /// The feature of one cell.
    pub fn feature(&self, cell: usize) -> &[i16] {
        &self.features[cell * self.channels..(cell + 1) * self.channels]
    }
}
