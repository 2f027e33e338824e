//! The figures of a frame, from masks and pictures alone.

use flow::{Dis, Flow, Preset, Sampling, luma_of_bytes, warp};
use raster::Plane;
use segment::{Segmentation, thumbnail};

use super::FrameQuality;

/// The stability score of Segment Anything (`stability_score_offset`): the logits between which the area should not
/// change much.
const STABILITY: f32 = 1.0;

/// Gaining a third of the picture's border within a frame is as bad as can be.
pub(super) const BORDER_WEIGHT: f32 = 3.0;

/// A frame as it is measured: everything at a quarter of the model picture's size.
pub struct Look {
    /// Logits of the object, over exactly the picture.
    pub logits: Plane<f32>,
    /// The picture's brightness, 0..255, of the same size.
    pub luma: Plane<f32>,
    /// The model's own estimate of the intersection over union with the true mask.
    pub iou: f32,
}

impl Look {
    /// A mask on a model's picture.
    pub fn of(mask: &Segmentation, picture: &Plane<[u8; 3]>) -> Self {
        let small = thumbnail(picture);
        let logits = mask.resampled(small.width(), small.height());
        Self { logits, luma: luma_of_bytes(&small), iou: mask.iou }
    }
}

/// Measures frames; keeps the working memory of the search for motion.
pub struct Measure(Dis);

impl Default for Measure {
    fn default() -> Self {
        Self(Dis::new(Preset::Medium))
    }
}

impl Measure {
    /// The figures of a frame beside the one that it was tracked from. Without one, and beside one of another size,
    /// the mask itself is judged alone.
    pub fn quality(&mut self, look: &Look, neighbour: Option<&Look>) -> FrameQuality {
        let sure = sure(look);
        let size = (look.logits.width(), look.logits.height());
        let neighbour = neighbour.filter(|other| (other.logits.width(), other.logits.height()) == size);
        let Some(other) = neighbour.filter(|_| !look.logits.is_empty()) else {
            return FrameQuality { sure, size: 1.0, motion: 1.0, border: 1.0 };
        };
        FrameQuality {
            sure,
            size: ratio(area(&look.logits, 0.0), area(&other.logits, 0.0)),
            motion: self.agreement(look, other),
            border: 1.0 - (BORDER_WEIGHT * (contact(&look.logits) - contact(&other.logits))).clamp(0.0, 1.0),
        }
    }

    /// Intersection over union of the mask and its neighbour's, moved as the picture moves. 1 where both are empty.
    fn agreement(&mut self, look: &Look, other: &Look) -> f32 {
        let (width, height) = (look.luma.width(), look.luma.height());
        // Pictures too small for a search stand still.
        let flow = self.0.flow(&look.luma, &other.luma).unwrap_or_else(|_| Flow::still(width, height));
        // Logits far from the edge would pull it about where the motion mixes them with others.
        let inside = other.logits.map(|&logit| if logit > 0.0 { 1.0f32 } else { 0.0 });
        let Ok(moved) = warp(&inside, &flow, Sampling::Bilinear) else { return 1.0 };
        let (mut both, mut either) = (0usize, 0usize);
        for (logit, moved) in look.logits.data().iter().zip(moved.data()) {
            let (here, there) = (*logit > 0.0, *moved > 0.5);
            both += usize::from(here && there);
            either += usize::from(here || there);
        }
        if either == 0 { 1.0 } else { both as f32 / either as f32 }
    }
}

/// How sure the model is. Of an object that is out of sight nothing can be said: nothing speaks against it.
fn sure(look: &Look) -> f32 {
    let loose = area(&look.logits, -STABILITY);
    if area(&look.logits, 0.0) == 0 {
        return 1.0;
    }
    let stable = area(&look.logits, STABILITY) as f32 / loose as f32;
    // A value that is no number is no confidence.
    let iou = if look.iou.is_nan() { 0.0 } else { look.iou.clamp(0.0, 1.0) };
    iou.min(stable)
}

/// Samples above a logit.
fn area(logits: &Plane<f32>, above: f32) -> usize {
    logits.data().iter().filter(|&&logit| logit > above).count()
}

fn ratio(a: usize, b: usize) -> f32 {
    if a.max(b) == 0 { 1.0 } else { a.min(b) as f32 / a.max(b) as f32 }
}

/// The share of the picture's border that the mask touches.
fn contact(logits: &Plane<f32>) -> f32 {
    let (width, height) = (logits.width(), logits.height());
    let row = |y: usize| logits.row(y).iter().filter(|&&logit| logit > 0.0).count();
    let sides = logits.rows().skip(1).take(height.saturating_sub(2));
    let ends = |row: &[f32]| [row.first(), row.last()].into_iter().flatten().filter(|&&logit| logit > 0.0).count();
    let touched = row(0) + row(height.saturating_sub(1)) + sides.map(ends).sum::<usize>();
    touched as f32 / (2 * (width + height)).saturating_sub(4).max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (usize, usize) = (128, 96);

    /// A textured disc with its middle at `x` before a still, textured wall, and the mask that `inside` says.
    fn look(x: f32, inside: impl Fn(f32, f32) -> f32) -> Look {
        let plane = |value: &dyn Fn(f32, f32) -> f32| {
            let at = |i: usize| value((i % SIZE.0) as f32, (i / SIZE.0) as f32);
            Plane::from_vec(SIZE.0, SIZE.1, (0..SIZE.0 * SIZE.1).map(at).collect()).unwrap()
        };
        // Waves much longer than the motion, none of them the same along both axes.
        let wave = |x: f32, y: f32| {
            128.0 + 40.0 * (0.19 * x + 0.07 * y).sin() + 30.0 * (0.23 * y - 0.05 * x).cos() + 20.0 * (0.11 * x).cos()
        };
        let luma = plane(&|px, py| if disc(x)(px, py) > 0.0 { wave(px - x, py) } else { wave(px * 0.6, 40.0 + py) });
        Look { logits: plane(&inside), luma, iou: 0.95 }
    }

    /// Logits of the disc: well above and below zero away from the edge.
    fn disc(x: f32) -> impl Fn(f32, f32) -> f32 {
        move |px, py| 5.0 * (20.0 - (px - x).hypot(py - 48.0))
    }

    fn beside(look: &Look, neighbour: &Look) -> FrameQuality {
        Measure::default().quality(look, Some(neighbour))
    }

    #[test]
    fn a_mask_that_moves_with_its_object_gives_no_reason_to_look() {
        let found = beside(&look(66.0, disc(66.0)), &look(60.0, disc(60.0)));
        assert!(found.score() > 0.9, "{found:?}");
    }

    #[test]
    fn a_mask_that_stays_behind_its_object_does_not_move_as_the_picture() {
        let found = beside(&look(68.0, disc(54.0)), &look(60.0, disc(60.0)));
        assert!(found.motion < 0.6 && found.size > 0.95, "{found:?}");
    }

    #[test]
    fn a_mask_that_loses_half_of_itself_changes_its_size() {
        let half = |x: f32, y: f32| if x < 60.0 { disc(60.0)(x, y) } else { -5.0 };
        let found = beside(&look(60.0, half), &look(60.0, disc(60.0)));
        assert!((0.4..0.6).contains(&found.size), "{found:?}");
    }

    #[test]
    fn a_mask_that_vanishes_or_appears_changes_its_size_altogether() {
        let (there, gone) = (look(60.0, disc(60.0)), look(60.0, |_, _| -5.0));
        assert_eq!((beside(&there, &gone).size, beside(&gone, &there).size), (0.0, 0.0));
        assert_eq!(beside(&gone, &gone).score(), 1.0, "out of sight is no fault");
    }

    #[test]
    fn a_mask_that_runs_to_the_border_is_told_and_one_that_lies_there_is_not() {
        let spilt = |x: f32, y: f32| if y < 10.0 { 5.0 } else { disc(60.0)(x, y) };
        let (before, after) = (look(60.0, disc(60.0)), look(60.0, spilt));
        assert!(beside(&after, &before).border < 0.2);
        assert_eq!(beside(&after, &after).border, 1.0);
    }

    #[test]
    fn the_model_is_as_sure_as_it_says_and_as_its_edge_is_firm() {
        let firm = look(60.0, disc(60.0));
        assert!((Measure::default().quality(&firm, None).sure - 0.95).abs() < 0.05);
        let doubtful = Look { iou: 0.3, ..look(60.0, disc(60.0)) };
        assert_eq!(Measure::default().quality(&doubtful, None).sure, 0.3);
        let soft = look(60.0, |x, y| disc(60.0)(x, y) / 50.0);
        assert!(Measure::default().quality(&soft, None).sure < 0.5);
        assert_eq!(Measure::default().quality(&Look { iou: f32::NAN, ..firm }, None).sure, 0.0);
    }

    #[test]
    fn frames_of_other_sizes_and_of_one_pixel_are_judged_alone() {
        let tiny = Look { logits: Plane::new(1, 1, 9.0), luma: Plane::new(1, 1, 7.0), iou: 1.0 };
        assert_eq!(beside(&tiny, &look(60.0, disc(60.0))).score(), 1.0);
        assert_eq!(beside(&tiny, &tiny).score(), 1.0);
    }
}
