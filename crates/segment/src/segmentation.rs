//! A mask as the network gives it, and how it lies over the picture.

use std::sync::Arc;

use raster::Plane;

use crate::identity::Identity;

/// The network's full low-resolution logits, to be refined by the next prompt on the same picture.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviousLogits {
    pub(crate) canvas: Arc<Plane<f32>>,
    pub(crate) model: Identity,
}

/// A mask as logits: 0 is the edge, positive is inside, `sigmoid` gives a probability.
///
/// # Where the samples lie
/// The picture covers the rectangle `(0, 0)..extent` of the logits plane, in logit samples, with sample `(i, j)` in
/// the middle of its cell, at `(i + 0.5, j + 0.5)`. The extent need not be whole: a 1024x431 picture covers 256 x
/// 107.75 samples and `logits` then has 108 rows, the last one partly below the picture. A point at `(u, v)` of the
/// frame, both 0..1 from the top left corner, is at `(u * extent.0, v * extent.1)`. To treat the plane as if all of
/// it covered the frame would shift the lower edge by up to a quarter of a sample: a pixel of the model picture.
/// [`Segmentation::resampled`] does it right for any size.
#[derive(Debug, Clone, PartialEq)]
pub struct Segmentation {
    /// The logits over the picture, the last column and row possibly only in part: `ceil(extent)` samples.
    pub logits: Plane<f32>,
    /// How many samples, whole and part, the picture covers: (width, height).
    pub extent: (f32, f32),
    /// The network's own estimate of the intersection over union with the true mask, about 0..1.
    pub iou: f32,
    /// Points and boxes of the prompt that were left out, see [`crate::Prompt::usable`].
    pub ignored: usize,
    pub(crate) previous: PreviousLogits,
}

impl Segmentation {
    /// What the next prompt on the same picture passes as [`crate::Prompt::previous`] to refine this mask.
    pub fn previous(&self) -> PreviousLogits {
        self.previous.clone()
    }

    /// This mask with a share of another one, 0..1, of the same object on the same picture: the logits in between, whose
    /// edge lies between the two edges. What refines it is the nearer of the two. A mask of another size counts for
    /// nothing.
    #[must_use]
    pub fn blended(&self, other: &Self, share: f32) -> Self {
        if self.extent != other.extent || self.logits.width() != other.logits.width() {
            return self.clone();
        }
        let mut logits = self.logits.clone();
        for (row, other) in logits.rows_mut().zip(other.logits.rows()) {
            row.iter_mut().zip(other).for_each(|(value, &other)| *value = lerp(*value, other, share));
        }
        let nearer = if share > 0.5 { other } else { self };
        Self { logits, iou: lerp(self.iou, other.iou, share), ..nearer.clone() }
    }

    /// The logits interpolated bilinearly to a plane of `width` x `height` samples that covers the frame exactly. At
    /// the size of the model picture this is the first step of SAM's own postprocessing, save that nothing from
    /// beyond the picture's edge flows in (the network's answer for its padding is not about the object).
    pub fn resampled(&self, width: usize, height: usize) -> Plane<f32> {
        self.part([0.0, 0.0], [f64::from(self.extent.0), f64::from(self.extent.1)], width, height)
    }

    /// As [`Segmentation::resampled`], of a part of the picture: where it begins and its size, in logit samples.
    pub(crate) fn part(&self, start: [f64; 2], size: [f64; 2], width: usize, height: usize) -> Plane<f32> {
        let columns = taps(width, start[0], size[0], self.logits.width());
        let rows = taps(height, start[1], size[1], self.logits.height());
        let mut out = Plane::new(width, height, 0.0f32);
        for (target, row) in out.rows_mut().zip(&rows) {
            let (upper, lower) = (self.logits.row(row.first), self.logits.row(row.second));
            for (value, column) in target.iter_mut().zip(&columns) {
                let across = |line: &[f32]| lerp(line[column.first], line[column.second], column.weight);
                *value = lerp(across(upper), across(lower), row.weight);
            }
        }
        out
    }
}

/// Two neighbouring samples and the share of the second.
struct Tap {
    first: usize,
    second: usize,
    weight: f32,
}

/// Where each of `count` equal cells over `extent` samples from `start` on lies among `samples` (which is at least 1).
fn taps(count: usize, start: f64, extent: f64, samples: usize) -> Vec<Tap> {
    let last = samples.saturating_sub(1);
    let step = extent / count as f64;
    (0..count)
        .map(|i| {
            let at = (start + (i as f64 + 0.5) * step - 0.5).clamp(0.0, last as f64);
            let first = at as usize;
            Tap { first, second: (first + 1).min(last), weight: (at - first as f64) as f32 }
        })
        .collect()
}

fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segmentation(logits: Plane<f32>, extent: (f32, f32)) -> Segmentation {
        let previous = PreviousLogits {
            canvas: Arc::new(logits.clone()),
            model: Identity { name: Arc::from("m"), key: inference::Key(1) },
        };
        Segmentation { logits, extent, iou: 1.0, ignored: 0, previous }
    }

    /// Samples of a slope of one per picture pixel, four pixels a sample.
    fn slope(columns: usize, rows: usize) -> Plane<f32> {
        let values = (0..columns * rows).map(|i| 4.0 * ((i / columns) as f32 + 0.5)).collect();
        Plane::from_vec(columns, rows, values).unwrap()
    }

    #[test]
    fn a_picture_of_a_fractional_number_of_samples_is_not_shifted() {
        let mask = segmentation(slope(8, 108), (8.0, 107.75));
        let picture = mask.resampled(32, 431);
        // Each picture pixel has its own position as value, apart from the half sample at either end.
        for y in 2..429 {
            assert!((picture.row(y)[5] - (y as f32 + 0.5)).abs() < 1e-3, "row {y}: {}", picture.row(y)[5]);
        }
        // The same place in a frame of another size.
        let frame = mask.resampled(80, 1077);
        for y in (5..1072).step_by(97) {
            let expected = (y as f32 + 0.5) * 431.0 / 1077.0;
            assert!((frame.row(y)[40] - expected).abs() < 1e-3);
        }
    }

    #[test]
    fn resampling_to_its_own_size_gives_the_same_samples() {
        let plane = Plane::from_vec(3, 2, vec![1.0, -2.0, 3.5, 0.0, 9.0, -1.0]).unwrap();
        assert_eq!(segmentation(plane.clone(), (3.0, 2.0)).resampled(3, 2), plane);
    }

    #[test]
    fn a_blend_of_two_masks_has_its_edge_between_theirs() {
        let edge_at = |at: f32| {
            let values = (0..8).map(|x| at - x as f32).collect();
            segmentation(Plane::from_vec(8, 1, values).unwrap(), (8.0, 1.0))
        };
        let (left, right) = (edge_at(1.0), edge_at(5.0));
        assert_eq!(left.blended(&right, 0.25).logits, edge_at(2.0).logits);
        assert_eq!(left.blended(&right, 0.0), left);
        let other_size = segmentation(Plane::new(4, 1, 9.0), (4.0, 1.0));
        assert_eq!(left.blended(&other_size, 0.5), left);
    }

    #[test]
    fn empty_and_tiny_sizes_are_served() {
        let mask = segmentation(Plane::new(1, 1, 2.5), (0.25, 1.0));
        assert_eq!(mask.resampled(2, 1).data(), [2.5, 2.5]);
        assert!(mask.resampled(0, 7).is_empty());
    }
}
