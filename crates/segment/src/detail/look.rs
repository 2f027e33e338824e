//! What is asked at the second look.

use std::sync::Arc;

use inference::Abort;
use raster::Plane;

use super::crop::{Crop, bounds};
use super::points::inner_points;
use crate::{
    error::SegmentError,
    model::{Embedding, ImageSegmenter},
    prompt::{Point, Prompt},
    segmentation::{PreviousLogits, Segmentation},
};

/// The box is larger than the mask by this share of its sides on each side.
const ROOM: f32 = 0.05;

/// The object in a crop that was encoded: decoded with a box round the mask that was found before, with places well inside
/// of it, and with the points of the whole picture that lie in the crop. `points`: on both axes 0 to 1 of the whole picture.
///
/// The first mask's logits are not handed on: a decoder that gets them repeats what the first look got wrong. On the first
/// dozen frames of DAVIS dance-twirl and blackswan and of a shot of the example `composites` J gains 0.025, 0.008 and 0.048
/// without them, and 0.008, 0.006 and 0.022 with them.
///
/// # Errors
/// [`SegmentError::NoPrompt`] for an empty mask, [`SegmentError::PromptKind`] of a model that takes no box,
/// [`SegmentError::OtherModel`], [`SegmentError::Inference`].
pub fn look(
    model: &dyn ImageSegmenter,
    embedding: &Embedding,
    mask: &Segmentation,
    crop: &Crop,
    points: &[([f64; 2], bool)],
    abort: &dyn Abort,
) -> Result<Segmentation, SegmentError> {
    let prompt = prompt(embedding.picture_size(), mask, crop, points).ok_or(SegmentError::NoPrompt)?;
    Ok(without_canvas(model.segment(embedding, &prompt, abort)?))
}

/// In pixels of the crop as the model sees it.
fn prompt(
    (width, height): (usize, usize),
    mask: &Segmentation,
    crop: &Crop,
    points: &[([f64; 2], bool)],
) -> Option<Prompt> {
    let pixels = [width as f64, height as f64];
    let to_crop = |axis: usize, place: f64| (crop.share(axis, place) * pixels[axis]) as f32;
    let [across, down] = bounds(mask)?;
    let edges = [to_crop(0, across[0]), to_crop(1, down[0]), to_crop(0, across[1]), to_crop(1, down[1])];
    let room = [ROOM * (edges[2] - edges[0]), ROOM * (edges[3] - edges[1])];
    let box_ = [edges[0] - room[0], edges[1] - room[1], edges[2] + room[0], edges[3] + room[1]];
    let inner = inner_points(&mask.logits).into_iter();
    let inner = inner.map(|[x, y]| ([f64::from(x / mask.extent.0), f64::from(y / mask.extent.1)], true));
    let points = points.iter().copied().chain(inner);
    let points = points.map(|([u, v], include)| Point { x: to_crop(0, u), y: to_crop(1, v), include });
    let is_inside = |point: &Point| (0.0..=width as f32).contains(&point.x) && (0.0..=height as f32).contains(&point.y);
    Some(Prompt { points: points.filter(is_inside).collect(), box_: Some(box_), ..Prompt::default() })
}

/// The mask of the whole picture over a crop of it.
pub(super) fn over_crop(mask: &Segmentation, crop: &Crop, columns: usize, rows: usize) -> Plane<f32> {
    let [(left, width), (top, height)] = [crop.within(0), crop.within(1)];
    let extent = (f64::from(mask.extent.0), f64::from(mask.extent.1));
    mask.part([left * extent.0, top * extent.1], [width * extent.0, height * extent.1], columns, rows)
}

/// Nobody refines it: what that would need is not kept.
fn without_canvas(found: Segmentation) -> Segmentation {
    let previous = PreviousLogits { canvas: Arc::new(Plane::new(1, 1, 0.0)), model: found.previous.model.clone() };
    Segmentation { previous, ..found }
}
