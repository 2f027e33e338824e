//! What a person says about the object: points, a box, an earlier result.

use std::sync::Arc;

use raster::Plane;

use crate::{error::SegmentError, segmentation::PreviousLogits};

/// A point on the object or on something that is not the object. Pixels of the model picture, y down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Pixels from the left edge.
    pub x: f32,
    /// Pixels from the top edge.
    pub y: f32,
    /// `true`: the object is here. `false`: what is here does not belong to it.
    pub include: bool,
}

/// Everything said about the object on one frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prompt {
    /// Points in any number.
    pub points: Vec<Point>,
    /// A box round the object: two opposite corners `[x1, y1, x2, y2]` in either order.
    pub box_: Option<[f32; 4]>,
    /// An earlier result of the same model on the same picture, to be refined.
    pub previous: Option<PreviousLogits>,
    /// A mask of the object over the whole model picture and of its size: at least 0.5 inside. An earlier result goes
    /// before it. Only for models that can use one.
    pub mask: Option<Arc<Plane<f32>>>,
}

/// A prompt reduced to what a model can use on a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct UsablePrompt {
    /// The points inside the picture.
    pub points: Vec<Point>,
    /// The box, corners sorted, clipped to the picture.
    pub box_: Option<[f32; 4]>,
    /// How many points and boxes were left out because they lie outside, are empty or not finite.
    pub ignored: usize,
}

/// Labels of points for the decoders of all families (`PromptEncoder` of Segment Anything).
pub(crate) mod label {
    pub const EXCLUDE: i64 = 0;
    pub const INCLUDE: i64 = 1;
    pub const BOX_TOP_LEFT: i64 = 2;
    pub const BOX_BOTTOM_RIGHT: i64 = 3;
    pub const NOT_A_POINT: i64 = -1;
}

impl UsablePrompt {
    /// Every point with its label.
    pub(crate) fn labelled_points(&self) -> impl Iterator<Item = ([f32; 2], i64)> {
        let label = |include| if include { label::INCLUDE } else { label::EXCLUDE };
        self.points.iter().map(move |point| ([point.x, point.y], label(point.include)))
    }

    /// The box as two points with their labels, if there is one.
    pub(crate) fn labelled_corners(&self) -> impl Iterator<Item = ([f32; 2], i64)> {
        let corners =
            |[x1, y1, x2, y2]: [f32; 4]| [([x1, y1], label::BOX_TOP_LEFT), ([x2, y2], label::BOX_BOTTOM_RIGHT)];
        self.box_.map(corners).into_iter().flatten()
    }
}

impl Prompt {
    /// The part of this prompt that means something on a picture of `width` x `height` pixels: points outside are
    /// left out (a network extrapolates from them to nonsense), a box is sorted and clipped, a box thinner than one
    /// pixel after clipping is left out, numbers that are not finite are left out.
    ///
    /// # Errors
    /// [`SegmentError::NoPrompt`] when nothing says what the object is (no include point, no box, nothing to refine);
    /// [`SegmentError::PromptOutside`] when something did and lies outside.
    pub fn usable(&self, width: usize, height: usize) -> Result<UsablePrompt, SegmentError> {
        let refines = self.previous.is_some() || self.mask.is_some();
        usable(&self.points, self.box_, refines, width, height)
    }
}

/// As [`Prompt::usable`]; `refines`: whether there is something that even no point at all, or only exclude points, say
/// something about.
pub(crate) fn usable(
    points: &[Point],
    box_: Option<[f32; 4]>,
    refines: bool,
    width: usize,
    height: usize,
) -> Result<UsablePrompt, SegmentError> {
    let (w, h) = (width as f32, height as f32);
    let inside = |point: &&Point| (0.0..=w).contains(&point.x) && (0.0..=h).contains(&point.y);
    let inside: Vec<_> = points.iter().filter(inside).copied().collect();
    let clipped = box_.and_then(|corners| clip(corners, w, h));
    let ignored = points.len() - inside.len() + usize::from(box_.is_some() && clipped.is_none());
    if inside.iter().any(|point| point.include) || clipped.is_some() || refines {
        return Ok(UsablePrompt { points: inside, box_: clipped, ignored });
    }
    let meant = points.iter().filter(|point| point.include).count() + usize::from(box_.is_some());
    Err(match meant {
        0 => SegmentError::NoPrompt,
        count => SegmentError::PromptOutside { count, width, height },
    })
}

pub(crate) fn clip([xa, ya, xb, yb]: [f32; 4], w: f32, h: f32) -> Option<[f32; 4]> {
    if ![xa, ya, xb, yb].iter().all(|value| value.is_finite()) {
        return None;
    }
    let (x1, x2) = (xa.min(xb).clamp(0.0, w), xa.max(xb).clamp(0.0, w));
    let (y1, y2) = (ya.min(yb).clamp(0.0, h), ya.max(yb).clamp(0.0, h));
    (x2 - x1 >= 1.0 && y2 - y1 >= 1.0).then_some([x1, y1, x2, y2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f32, y: f32, include: bool) -> Point {
        Point { x, y, include }
    }

    #[test]
    fn points_outside_and_not_finite_are_left_out_and_counted() {
        let prompt = Prompt {
            points: vec![
                point(5.0, 5.0, true),
                point(-1.0, 5.0, true),
                point(f32::NAN, 1.0, false),
                point(5.0, f32::INFINITY, true),
            ],
            ..Prompt::default()
        };
        let usable = prompt.usable(10, 10).unwrap();
        assert_eq!(usable.points, vec![point(5.0, 5.0, true)]);
        assert_eq!(usable.ignored, 3);
    }

    #[test]
    fn a_point_on_the_far_edge_of_the_picture_counts_as_inside() {
        let prompt = Prompt { points: vec![point(10.0, 10.0, true)], ..Prompt::default() };
        assert_eq!(prompt.usable(10, 10).unwrap().ignored, 0);
    }

    #[test]
    fn an_inverted_box_is_sorted_and_clipped() {
        let prompt = Prompt { box_: Some([12.0, 8.0, 2.0, -3.0]), ..Prompt::default() };
        assert_eq!(prompt.usable(10, 10).unwrap().box_, Some([2.0, 0.0, 10.0, 8.0]));
    }

    #[test]
    fn an_empty_prompt_and_exclude_points_alone_say_nothing() {
        assert!(matches!(Prompt::default().usable(10, 10), Err(SegmentError::NoPrompt)));
        let only_exclude = Prompt { points: vec![point(5.0, 5.0, false)], ..Prompt::default() };
        assert!(matches!(only_exclude.usable(10, 10), Err(SegmentError::NoPrompt)));
    }

    #[test]
    fn prompts_that_all_lie_outside_are_told_with_their_number() {
        let prompt = Prompt {
            points: vec![point(50.0, 5.0, true), point(5.0, 5.0, false)],
            box_: Some([20.0, 0.0, 30.0, 10.0]),
            ..Prompt::default()
        };
        assert!(matches!(prompt.usable(10, 10), Err(SegmentError::PromptOutside { count: 2, width: 10, height: 10 })));
    }

    #[test]
    fn a_box_without_area_is_left_out() {
        let prompt =
            Prompt { points: vec![point(5.0, 5.0, true)], box_: Some([3.0, 3.0, 3.5, 9.0]), ..Prompt::default() };
        let usable = prompt.usable(10, 10).unwrap();
        assert_eq!((usable.box_, usable.ignored), (None, 1));
    }
}
