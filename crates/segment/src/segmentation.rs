//! A mask as the network gives it, and how it lies over the picture.

use std::sync::Arc;

use raster::Plane;

/// The network's full low-resolution logits, to be refined by the next prompt on the same picture.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviousLogits {
    pub(crate) canvas: Arc<Plane<f32>>,
    pub(crate) model: &'static str,
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

    /// The logits interpolated bilinearly to a plane of `width` x `height` samples that covers the frame exactly. At
    /// the size of the model picture this is the first step of SAM's own postprocessing, save that nothing from
    /// beyond the picture's edge flows in (the network's answer for its padding is not about the object).
    pub fn resampled(&self, width: usize, height: usize) -> Plane<f32> {
        let columns = taps(width, self.extent.0, self.logits.width());
        let rows = taps(height, self.extent.1, self.logits.height());
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

/// Where each of `count` equal cells over `extent` samples lies among `samples` (which is at least 1).
fn taps(count: usize, extent: f32, samples: usize) -> Vec<Tap> {
    let last = samples.saturating_sub(1);
    let step = f64::from(extent) / count as f64;
    (0..count)
        .map(|i| {
            let at = ((i as f64 + 0.5) * step - 0.5).clamp(0.0, last as f64);
            let first = at as usize;
            Tap { first, second: (first + 1).min(last), weight: (at - first as f64) as f32 }
        })
        .collect()
}

fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}
