//! Temporal refinement of a matte along motion.
//!
//! Neighbouring frames' mattes are brought onto the frame by the object's motion and averaged with its own, as much as the
//! frame's own matte is found to jitter: where past and future agree that it is off in the same direction, it is noise;
//! where they disagree with each other, the motion is wrong or the object changes, and the matte stays. Motion along which the
//! pictures do not show the same counts for nothing.

mod active;
mod agreement;
mod coarse;
mod distance_trust;
mod finish;
mod jitter;
mod motion_blur;
mod object_motion;
mod regions;
mod settle;
mod shrunk;
mod sides;
mod soft_mean;
mod spots;

use crate::{Flow, FlowError};
use coarse::Cells;
use finish::{average, keep_detail, keep_inside_band, restore_contrast};
use jitter::jitter;
pub use motion_blur::edge_motion_blur;
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use settle::settled;
use sides::{Sides, motions};
use spots::remove_spots;
use std::ops::{Range, RangeInclusive};

/// What of a matte is refined, and how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RefineSettings {
    /// 0..1: 0 leaves the matte as it is; at 1/2 jitter of [`HALF_JITTER`] pixels is halved, less of it is mostly let be; at
    /// 1 all of it is averaged away that motion allows.
    pub strength: f32,
    /// Pixels on each side of an edge within which the matte may change; beyond, only pops are removed.
    pub edge_band: f32,
    /// 0..1: how much of the edge's steepness, which averaging takes, is given back.
    pub keep_contrast: f32,
    /// 0..1: how much of what past and future show nearby, too, stays as the frame has it, so that hair and other thin
    /// structures do not fade. Jitter of up to a pixel of a picture of 480 rows stays with it.
    pub keep_detail: f32,
    /// Whether spots and holes that are there in one frame only are removed wherever they are.
    pub remove_pops: bool,
}

impl Default for RefineSettings {
    fn default() -> Self {
        Self { strength: 0.5, edge_band: 40.0, keep_contrast: 1.0, keep_detail: 0.0, remove_pops: true }
    }
}

/// Jitter (root mean square, in pixels of a picture of 480 rows) that is halved at the default strength.
pub const HALF_JITTER: f32 = 0.6;

/// A neighbouring frame. Its matte is of the refined one's size; motion and confidence are of one size, which may be
/// another: that at which the motion was searched, over the same picture.
#[derive(Clone, Copy)]
pub struct Neighbour<'a> {
    /// Frames from the refined one: negative before it. 0 counts as 1.
    pub distance: i32,
    /// Its matte.
    pub matte: &'a Plane<f32>,
    /// The motion from the refined frame to it.
    pub motion: &'a Flow,
    /// Confidence in this motion, 0..1.
    pub confidence: &'a Plane<f32>,
    /// The refined frame's picture and the neighbour's, display-referred, of the motion's size. With them the motion counts
    /// where both show the same along it; without, its confidence is all there is.
    pub pictures: Option<[&'a Plane<[u8; 3]>; 2]>,
}

/// The frames that may help to refine `frame`: up to `radius` on each side, within `clip`, and of the same shot.
/// `cut_after` tells of a frame whether another shot begins after it.
pub fn window(
    frame: i32,
    radius: i32,
    clip: RangeInclusive<i32>,
    mut cut_after: impl FnMut(i32) -> bool,
) -> RangeInclusive<i32> {
    let reach = radius.max(0);
    let (earliest, latest) =
        (frame.saturating_sub(reach).max(*clip.start()), frame.saturating_add(reach).min(*clip.end()));
    let mut first = frame;
    while first > earliest && !cut_after(first - 1) {
        first -= 1;
    }
    let mut last = frame;
    while last < latest && !cut_after(last) {
        last += 1;
    }
    first..=last
}

/// The matte, refined by its neighbours. Without neighbours it stays as it is (what is not a number becomes 0).
///
/// # Errors
/// [`FlowError::Size`] when a neighbour's planes are of another size, [`FlowError::Empty`] when there is no pixel.
pub fn refine(
    matte: &Plane<f32>,
    neighbours: &[Neighbour],
    settings: &RefineSettings,
) -> Result<Plane<f32>, FlowError> {
    let size = (matte.width(), matte.height());
    for neighbour in neighbours {
        FlowError::unless_same("a neighbour's matte", size, (neighbour.matte.width(), neighbour.matte.height()))?;
        let motion = (neighbour.motion.width, neighbour.motion.height);
        let confidence = (neighbour.confidence.width(), neighbour.confidence.height());
        FlowError::unless_same("a neighbour's confidence", motion, confidence)?;
        for picture in neighbour.pictures.iter().flatten() {
            FlowError::unless_same("a neighbour's picture", motion, (picture.width(), picture.height()))?;
        }
    }
    if matte.is_empty() || neighbours.iter().any(|neighbour| neighbour.motion.vectors.is_empty()) {
        return Err(FlowError::Empty);
    }
    let mut own = clean_plane(matte);
    let strength = clean(settings.strength);
    if neighbours.is_empty() || strength == 0.0 {
        return Ok(own);
    }
    let cells = Cells::of(size.0, size.1);
    let motions = motions(&own, neighbours);
    if settings.remove_pops {
        remove_spots(cells, &mut own, neighbours, &motions);
    }
    let sides = Sides::gather(cells, &own, neighbours, &motions);
    let gate = jitter(cells, &own, &sides, strength);
    let placed = settled(cells, &own, &sides, &gate);
    let averaged = average(cells, &placed, &sides, &gate);
    let steep = restore_contrast(cells, &placed, averaged, &sides, clean(settings.keep_contrast));
    let detailed = keep_detail(cells, &own, steep, &sides, clean(settings.keep_detail));
    Ok(keep_inside_band(cells, &placed, detailed, &sides, settings))
}

/// An alpha 0..1; what is not a number is 0.
fn clean(alpha: f32) -> f32 {
    if alpha > 0.0 { alpha.min(1.0) } else { 0.0 }
}

fn clean_plane(matte: &Plane<f32>) -> Plane<f32> {
    let mut out = Plane::new(matte.width(), matte.height(), 0f32);
    out.par_rows_mut().zip(matte.par_rows()).for_each(|(out, row)| {
        out.iter_mut().zip(row).for_each(|(out, &alpha)| *out = clean(alpha));
    });
    out
}

/// Squares of the lengths of the matte's gradients in `columns` of row `y`. `out` is as long as the row.
fn slope_squares(matte: &Plane<f32>, y: usize, columns: Range<usize>, out: &mut [f32]) {
    let (row, below) = (matte.row(y), matte.row((y + 1).min(matte.height() - 1)));
    for x in columns.clone() {
        out[x] = (below[x] - row[x]) * (below[x] - row[x]);
    }
    for x in columns.start..columns.end.min(row.len() - 1) {
        out[x] += (row[x + 1] - row[x]) * (row[x + 1] - row[x]);
    }
}
