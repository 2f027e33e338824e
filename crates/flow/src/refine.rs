//! Temporal refinement of a matte along motion.
//!
//! Neighbouring frames' mattes are brought onto the frame by the object's motion and averaged with its own, as much as the
//! frame's own matte is found to jitter: where past and future agree that it is off in the same direction, it is noise;
//! where they disagree with each other, the motion is wrong or the object changes, and the matte stays.

mod coarse;
mod motion_blur;
mod object_motion;
mod shrunk;
mod soft_mean;

use crate::field::between;
use crate::{Flow, FlowError};
use coarse::Cells;
pub use motion_blur::edge_motion_blur;
use object_motion::ObjectMotion;
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use shrunk::shrunk;
use std::borrow::Cow;
use std::ops::RangeInclusive;

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

/// Share that a neighbour's weight falls to with each further frame.
const DECAY: f32 = 0.7;
/// Width of the neighbourhood in which jitter is estimated, in cells: 20 pixels of a picture of 480 rows.
const JITTER_SIGMA: f32 = 5.0;
/// Width of the neighbourhood in which an edge's steepness is compared, in cells: 6 pixels of a picture of 480 rows.
const CONTRAST_SIGMA: f32 = 1.5;
/// The most that steepness is multiplied by.
const MOST_CONTRAST: f32 = 2.5;
/// Correlation of both differences up to which they are taken for motion gone wrong, and from which for jitter in full.
/// Pure jitter with three frames on each side has 0.73.
const CORRELATION: [f32; 2] = [0.15, 0.6];
/// Difference to both past and future that makes a pop.
const POP: f32 = 0.5;
/// Weight from which past and future are sure enough for that: that of one adjacent frame at four fifths of confidence.
const SURE: f32 = 0.8;

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
    }
    if matte.is_empty() || neighbours.iter().any(|neighbour| neighbour.motion.vectors.is_empty()) {
        return Err(FlowError::Empty);
    }
    let own = clean_plane(matte);
    let strength = clean(settings.strength);
    if neighbours.is_empty() || strength == 0.0 {
        return Ok(own);
    }
    let cells = Cells::of(size.0, size.1);
    let sides = Sides::gather(&own, neighbours);
    let gate = jitter(cells, &own, &sides, strength);
    let averaged = average(cells, &own, &sides, &gate);
    let steep = restore_contrast(cells, &own, averaged, clean(settings.keep_contrast));
    let detailed = keep_detail(cells, &own, steep, &sides, clean(settings.keep_detail));
    Ok(keep_inside_band(cells, own, detailed, &sides, settings))
}

/// An alpha 0..1; what is not a number is 0.
fn clean(alpha: f32) -> f32 {
    if alpha > 0.0 { alpha.min(1.0) } else { 0.0 }
}

fn clean_plane(matte: &Plane<f32>) -> Plane<f32> {
    matte.map(|&alpha| clean(alpha))
}

/// What the past and the future say of each pixel.
#[derive(Clone, Copy, Default)]
struct Said {
    /// Weighted sums of alpha: past, future.
    sum: [f32; 2],
    weight: [f32; 2],
}

impl Said {
    /// The mean of one side; the own alpha where it says nothing.
    fn of(self, side: usize, own: f32) -> f32 {
        if self.weight[side] > 0.0 { self.sum[side] / self.weight[side] } else { own }
    }

    /// Whether the past and the future, both sure, say something else altogether.
    fn deny(self, own: f32) -> bool {
        let sure = self.weight.iter().all(|&weight| weight > SURE);
        sure && (0..2).all(|side| (own - self.of(side, own)).abs() > POP)
    }
}

/// The alpha at a place between pixels, bilinear, the border repeated.
#[inline(always)]
fn alpha_at(matte: &Plane<f32>, x: f32, y: f32) -> f32 {
    let ((left, right, across), (top, bottom, down)) = (between(x, matte.width()), between(y, matte.height()));
    let (above, below) = (matte.row(top), matte.row(bottom));
    let upper = clean(above[left]) + across * (clean(above[right]) - clean(above[left]));
    let lower = clean(below[left]) + across * (clean(below[right]) - clean(below[left]));
    upper + down * (lower - upper)
}

struct Sides {
    said: Plane<Said>,
    /// There is one neighbour only: both sides are the same.
    single: bool,
}

impl Sides {
    fn gather(own: &Plane<f32>, neighbours: &[Neighbour]) -> Self {
        let (width, height) = (own.width(), own.height());
        // Mostly one size for all.
        let mut small: Vec<Cow<Plane<f32>>> = Vec::new();
        let motions: Vec<ObjectMotion> = neighbours
            .iter()
            .map(|Neighbour { motion, confidence, .. }| {
                let size = (motion.width, motion.height);
                let known = small.iter().position(|small| (small.width(), small.height()) == size);
                let known = known.unwrap_or_else(|| {
                    small.push(shrunk(own, size));
                    small.len() - 1
                });
                ObjectMotion::of((width, height), &small[known], motion, Some(confidence))
            })
            .collect();
        let sides = sides(neighbours);
        let mut said = Plane::new(width, height, Said::default());
        said.par_rows_mut().enumerate().for_each_init(Default::default, |rows: &mut [Vec<f32>; 3], (y, said)| {
            for ((neighbour, motion), side) in neighbours.iter().zip(&motions).zip(&sides) {
                motion.spread(y, width, rows);
                let nearness = DECAY.powi((neighbour.distance.unsigned_abs().clamp(1, 1000) - 1) as i32);
                let [us, vs, confidences] = &*rows;
                for (x, (said, confidence)) in said.iter_mut().zip(confidences).enumerate() {
                    let alpha = alpha_at(neighbour.matte, x as f32 + us[x], y as f32 + vs[x]);
                    let weight = nearness * clean(*confidence);
                    said.sum[*side] += weight * alpha;
                    said.weight[*side] += weight;
                }
            }
        });
        Self { said, single: neighbours.len() == 1 }
    }
}

/// Which side each neighbour speaks for. At the ends of a shot all are of one side: then every other one speaks for the
/// other.
fn sides(neighbours: &[Neighbour]) -> Vec<usize> {
    let after = |neighbour: &Neighbour| usize::from(neighbour.distance > 0);
    let both = neighbours.iter().any(|n| after(n) == 0) && neighbours.iter().any(|n| after(n) == 1);
    neighbours.iter().enumerate().map(|(index, n)| if both { after(n) } else { index % 2 }).collect()
}

/// How much of the neighbours each cell lets in, 0..1: how far the matte's jitter there exceeds what the strength allows.
fn jitter(cells: Cells, own: &Plane<f32>, sides: &Sides, strength: f32) -> Plane<f32> {
    let [shared, all, steepness] = cells.means(JITTER_SIGMA, |y, [shared, all, steepness]| {
        slope_squares(own, y, steepness);
        let out = shared.iter_mut().zip(all);
        for (((shared, all), said), &alpha) in out.zip(sides.said.row(y)).zip(own.row(y)) {
            let past = alpha - said.of(0, alpha);
            let future = if sides.single { past } else { alpha - said.of(1, alpha) };
            *shared = past * future;
            *all = 0.5 * (past * past + future * future);
        }
    });
    let allowed = HALF_JITTER * cells.unit() * (1.0 - strength) / strength;
    let mut gate = shared;
    for ((gate, all), steepness) in gate.data_mut().iter_mut().zip(all.data()).zip(steepness.data()) {
        // One neighbour alone cannot tell jitter from motion gone wrong: half of the difference is taken for jitter.
        let shared = gate.max(0.0) * if sides.single { 0.5 } else { 1.0 };
        // The edge's mean square displacement in pixels.
        let displacement = shared / (steepness + 1e-5);
        let correlation = shared / (all + 1e-6);
        let exceeds = displacement / (displacement + allowed * allowed + 1e-9);
        *gate = exceeds * ((correlation - CORRELATION[0]) / (CORRELATION[1] - CORRELATION[0])).clamp(0.0, 1.0);
    }
    gate
}

/// Squares of the lengths of the matte's gradients in row `y`.
fn slope_squares(matte: &Plane<f32>, y: usize, out: &mut [f32]) {
    let (row, below) = (matte.row(y), matte.row((y + 1).min(matte.height() - 1)));
    for (out, (here, below)) in out.iter_mut().zip(row.iter().zip(below)) {
        *out = (below - here) * (below - here);
    }
    for (out, pair) in out.iter_mut().zip(row.windows(2)) {
        *out += (pair[1] - pair[0]) * (pair[1] - pair[0]);
    }
}

fn average(cells: Cells, own: &Plane<f32>, sides: &Sides, gate: &Plane<f32>) -> Plane<f32> {
    let mut out = own.clone();
    out.par_rows_mut().enumerate().for_each_init(Vec::new, |gates, (y, out)| {
        cells.spread(gate, y, gates);
        for ((out, said), gate) in out.iter_mut().zip(sides.said.row(y)).zip(gates) {
            let (sum, weight) = (said.sum[0] + said.sum[1], said.weight[0] + said.weight[1]);
            *out = (*out + *gate * sum) / (1.0 + *gate * weight);
        }
    });
    out
}

/// Gives the averaged edge the steepness of the frame's own, about alpha 1/2.
fn restore_contrast(cells: Cells, own: &Plane<f32>, mut averaged: Plane<f32>, keep: f32) -> Plane<f32> {
    if keep == 0.0 {
        return averaged;
    }
    let [before, after] = cells.means(CONTRAST_SIGMA, |y, [before, after]| {
        slope_squares(own, y, before);
        slope_squares(&averaged, y, after);
    });
    let mut gain = before;
    for (gain, after) in gain.data_mut().iter_mut().zip(after.data()) {
        *gain = (((*gain + 1e-6) / (after + 1e-6)).sqrt().clamp(1.0, MOST_CONTRAST) - 1.0) * keep + 1.0;
    }
    averaged.par_rows_mut().enumerate().for_each_init(Vec::new, |gains, (y, row)| {
        cells.spread(&gain, y, gains);
        for (alpha, gain) in row.iter_mut().zip(gains) {
            *alpha = (0.5 + (*alpha - 0.5) * *gain).clamp(0.0, 1.0);
        }
    });
    averaged
}

/// Goes back to the own matte where both past and future have its value within a pixel.
fn keep_detail(cells: Cells, own: &Plane<f32>, mut refined: Plane<f32>, sides: &Sides, keep: f32) -> Plane<f32> {
    if keep == 0.0 {
        return refined;
    }
    let (width, height, reach) = (own.width(), own.height(), cells.unit().round().max(1.0) as usize);
    refined.par_rows_mut().enumerate().for_each(|(y, row)| {
        let lines = y.saturating_sub(reach)..(y + reach + 1).min(height);
        for (x, (alpha, &here)) in row.iter_mut().zip(own.row(y)).enumerate() {
            let columns = x.saturating_sub(reach)..(x + reach + 1).min(width);
            let has = |side: usize| {
                let near = lines.clone().flat_map(|line| &sides.said.row(line)[columns.clone()]);
                let near = near.filter(|said| said.weight[side] > 0.0).map(|said| said.of(side, here));
                let (low, high) = near.fold((f32::MAX, f32::MIN), |(low, high), at| (low.min(at), high.max(at)));
                low <= here && here <= high
            };
            if *alpha != here && has(0) && (sides.single || has(1)) {
                *alpha += keep * (here - *alpha);
            }
        }
    });
    refined
}

/// Keeps the own matte beyond the edge's band, but for pops.
fn keep_inside_band(
    cells: Cells,
    own: Plane<f32>,
    mut refined: Plane<f32>,
    sides: &Sides,
    settings: &RefineSettings,
) -> Plane<f32> {
    let band = if settings.edge_band.is_nan() { 0.0 } else { settings.edge_band };
    let inner = |alpha: f32| alpha > 0.0 && alpha < 1.0;
    let near = cells.within(band, |x, y| {
        let alpha = refined.row(y)[x];
        inner(alpha) || refined.row(y).get(x + 1).is_some_and(|right| *right != alpha) || {
            refined.row(y + 1).get(x).is_some_and(|below| *below != alpha)
        }
    });
    refined.par_rows_mut().enumerate().for_each(|(y, row)| {
        let (own, said, near) = (own.row(y), sides.said.row(y), near.row(y / cells.side));
        for (x, alpha) in row.iter_mut().enumerate() {
            if settings.remove_pops && !sides.single && said[x].deny(own[x]) {
                *alpha = 0.5 * (said[x].of(0, own[x]) + said[x].of(1, own[x]));
            } else if !near[x / cells.side] {
                *alpha = own[x];
            }
        }
    });
    refined
}
