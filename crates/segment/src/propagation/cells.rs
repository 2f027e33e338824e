//! The cells of an embedding: what the encoder says of each patch of the picture.

use std::{ops::Range, sync::Arc};

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
        // A row at a time, since the cells beside each other are so in the tensor and their channels are not.
        let mut row = vec![0f32; grid.columns * channels];
        for (y, features) in features.chunks_exact_mut(grid.columns * channels).enumerate() {
            for (channel, plane) in values.chunks_exact(side * side).enumerate() {
                let values = row[channel..].iter_mut().step_by(channels);
                values.zip(&plane[y * side..]).for_each(|(value, &found)| *value = found);
            }
            for (feature, values) in features.chunks_exact_mut(channels).zip(row.chunks_exact(channels)) {
                normalise(values, feature);
            }
        }
        Some(Self { grid, channels, features: features.into() })
    }

    /// The feature of one cell.
    pub fn feature(&self, cell: usize) -> &[i16] {
        self.features_of(cell..cell + 1)
    }

    /// The features of some cells, one after the other.
    pub fn features_of(&self, cells: Range<usize>) -> &[i16] {
        &self.features[cells.start * self.channels..cells.end * self.channels]
    }

    /// Whether the encoder gave nothing that is a number.
    pub fn is_blank(&self, cell: usize) -> bool {
        self.feature(cell).iter().all(|&value| value == 0)
    }
}

/// Scales a cell's values to length [`ONE`]; leaves `feature` alone where they have no direction.
fn normalise(values: &[f32], feature: &mut [i16]) {
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length.is_finite() && length > SHORTEST {
        for (rounded, value) in feature.iter_mut().zip(values) {
            *rounded = rounded_to_even(value / length * ONE) as i16;
        }
    }
}

/// To the nearest whole number, of two to the even one; values up to [`ONE`]. Among floats beyond 2^23 there are whole
/// ones only, so that adding does it: processors without an instruction for it would call a function for each value.
fn rounded_to_even(value: f32) -> f32 {
    const WHOLE: f32 = 12_582_912.0;
    (value + WHOLE) - WHOLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_rounded_as_to_the_nearest_even_number() {
        for step in -70_000..=70_000 {
            let value = step as f32 * 0.25;
            assert_eq!(rounded_to_even(value), value.round_ties_even(), "{value}");
        }
    }
}
