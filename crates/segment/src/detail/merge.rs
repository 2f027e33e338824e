//! The first mask and what the second look found in its crop, as one mask.

use super::crop::Crop;
use super::look::over_crop;
use crate::segmentation::Segmentation;

/// The two are of the same object where they share at least this much of their area. With less the second look is as often
/// wrong as right (0.7: DAVIS dance-twirl loses up to 0.07 of J on a frame).
const SAME: f32 = 0.85;

/// From the crop's border inwards, in shares of its sides: over so much the first mask goes over into the second.
const RING: f64 = 1.0 / 24.0;

/// `mask` with what was found in the crop instead, on the same samples: finer ones measured no better, because a matte's
/// edge follows the picture between them anyway. At the crop's border it is the first mask, so that nothing is cut off
/// there. `None` where the two are not of the same object.
pub fn merged(mask: &Segmentation, inside: &Segmentation, crop: &Crop) -> Option<Segmentation> {
    if agreement(mask, inside, crop) < SAME {
        return None;
    }
    let inner = [inside.extent.0, inside.extent.1].map(f64::from);
    let mut logits = mask.logits.clone();
    let columns = Samples::of(crop, 0, mask.extent.0, logits.width());
    let rows = Samples::of(crop, 1, mask.extent.1, logits.height());
    let part = inside.part(
        [columns.start * inner[0], rows.start * inner[1]],
        [columns.length * inner[0], rows.length * inner[1]],
        columns.weights.len(),
        rows.weights.len(),
    );
    for ((target, found), down) in logits.rows_mut().skip(rows.first).zip(part.rows()).zip(&rows.weights) {
        for ((value, found), across) in target.iter_mut().skip(columns.first).zip(found).zip(&columns.weights) {
            *value += across.min(*down) * (found - *value);
        }
    }
    Some(Segmentation { logits, iou: inside.iou, ..mask.clone() })
}

/// Intersection over union of both masks in the crop.
fn agreement(mask: &Segmentation, inside: &Segmentation, crop: &Crop) -> f32 {
    let (columns, rows) = (inside.logits.width(), inside.logits.height());
    let found = inside.resampled(columns, rows);
    let first = over_crop(mask, crop, columns, rows);
    let pairs = first.data().iter().zip(found.data());
    let (both, either) = pairs.fold((0u32, 0u32), |(both, either), (first, found)| {
        let (first, found) = (*first > 0.0, *found > 0.0);
        (both + u32::from(first && found), either + u32::from(first || found))
    });
    both as f32 / either.max(1) as f32
}

/// The samples of the mask on one axis whose middles lie in the crop.
struct Samples {
    first: usize,
    /// Where they begin, and their length, in shares of the crop.
    start: f64,
    length: f64,
    /// How much the second mask counts at each.
    weights: Vec<f32>,
}

impl Samples {
    fn of(crop: &Crop, axis: usize, extent: f32, samples: usize) -> Self {
        let extent = f64::from(extent);
        let place = |sample: f64| crop.share(axis, sample / extent);
        let (begin, length) = crop.within(axis);
        let middle_after = |share: f64| ((share * extent - 0.5).ceil().max(0.0) as usize).min(samples);
        let (first, end) = (middle_after(begin), middle_after(begin + length));
        let at_border = [crop.at[axis] == 0, crop.at[axis] + crop.size[axis] == crop.of[axis]];
        let weight = |sample: usize| {
            let share = place(sample as f64 + 0.5);
            let away = [share, 1.0 - share].into_iter().zip(at_border).filter(|(_, border)| !border);
            away.fold(1f64, |weight, (away, _)| weight.min(away / RING)).clamp(0.0, 1.0) as f32
        };
        let start = place(first as f64);
        Self { first, start, length: place(end as f64) - start, weights: (first..end).map(weight).collect() }
    }
}
