//! Moves and widens a matte's edge by amounts in pixels, to any fraction of one.

use crate::tiles::{TILE, TILE_ROWS, Tile};
use crate::workspace::safe_alpha;
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// How far round the edge a way is looked at pixel by pixel, so that the thinnest lines are met.
const NEAR_EDGE: f32 = 4.0;
/// How far outside its 0.5 contour a soft edge may still begin, in pixels: growth is looked for so much further out.
pub(crate) const SOFTEST: f32 = 64.0;

/// Up to this reach it pays to look for tiles in which nothing moves.
const FLAT_REACH: f32 = 64.0;

/// Grows the matte by `amount` pixels, or shrinks it where the amount is negative, into `out`.
///
/// `distance` is the matte's signed distance ([`DistanceTransform::signed`](crate::DistanceTransform::signed)). A pixel
/// takes the largest alpha on the straight way of that length towards the object (shrinking: the smallest, away from it).
/// So the edge keeps its softness, an amount of 0 changes nothing, more is never less, and shrinking is growing the
/// inverted matte. All three planes have one size; NaN moves nothing.
pub fn choke(alpha: &Plane<f32>, distance: &Plane<f32>, amount: f32, out: &mut Plane<f32>) {
    let side = if amount < 0.0 { -1.0 } else { 1.0 };
    let matte = Matte { alpha, distance, side };
    let reach = if amount.is_nan() { 0.0 } else { amount.abs() };
    let width = alpha.width();
    out.data_mut().par_chunks_mut((width * TILE_ROWS).max(1)).enumerate().for_each(|(band, rows)| {
        let top = band * TILE_ROWS;
        for left in (0..width).step_by(TILE) {
            let columns = left..(left + TILE).min(width);
            let tile = Tile { x: columns.clone(), y: top..top + rows.len() / width };
            let quiet = matte.is_flat(&tile, reach);
            for (y, out) in tile.y.zip(rows.chunks_exact_mut(width)) {
                if quiet {
                    out[columns.clone()].copy_from_slice(&alpha.row(y)[columns.clone()]);
                    continue;
                }
                for (x, out) in columns.clone().zip(&mut out[columns.clone()]) {
                    let grown = matte.most_on_the_way(x, y, reach);
                    *out = if side > 0.0 { grown } else { 1.0 - grown };
                }
            }
        }
    });
}

/// Widens the edge by `inside` pixels inwards and `outside` pixels outwards, with an S-shaped ramp, into `out`; `distance`
/// as for [`choke`]. The matte is moved to the middle of the ramp, then outside of it alpha is at least, and inside at most
/// that of the ramp: so 0 and 0 change nothing, and soft detail beyond the feather stays. NaN and less than 0 count as 0.
pub fn feather_by_distance(alpha: &Plane<f32>, distance: &Plane<f32>, inside: f32, outside: f32, out: &mut Plane<f32>) {
    let width = |width: f32| if width.is_nan() { 0.0 } else { width.max(0.0) };
    let (inside, outside) = (width(inside), width(outside));
    let (whole, shift) = (inside + outside, 0.5 * (outside - inside));
    choke(alpha, distance, shift, out);
    if whole <= 0.0 {
        return;
    }
    out.par_rows_mut().zip(distance.par_rows()).for_each(|(row, distance)| {
        for (alpha, &distance) in row.iter_mut().zip(distance) {
            let along = ((distance + outside) / whole).clamp(0.0, 1.0);
            let ramp = along * along * (3.0 - 2.0 * along);
            *alpha = if distance < -shift { alpha.max(ramp) } else { alpha.min(ramp) };
        }
    });
}

/// A matte, or where `side` is -1 its inverse.
struct Matte<'a> {
    alpha: &'a Plane<f32>,
    distance: &'a Plane<f32>,
    side: f32,
}

impl Matte<'_> {
    fn at(&self, x: usize, y: usize) -> f32 {
        let alpha = safe_alpha(self.alpha.row(y)[x]);
        if self.side > 0.0 { alpha } else { 1.0 - alpha }
    }

    fn depth(&self, x: usize, y: usize) -> f32 {
        self.side * self.distance.row(y)[x]
    }

    /// Whether the matte is 0 or 1 all over a tile and as far round it as is looked at: nothing moves there.
    fn is_flat(&self, tile: &Tile, reach: f32) -> bool {
        if reach > FLAT_REACH {
            return false;
        }
        // One pixel more on each side lies between samples.
        let margin = reach as usize + 2;
        let columns = tile.x.start.saturating_sub(margin)..(tile.x.end + margin).min(self.alpha.width());
        let mut rows = tile.y.start.saturating_sub(margin)..(tile.y.end + margin).min(self.alpha.height());
        let first = self.alpha.row(tile.y.start)[tile.x.start];
        let same = |row: &[f32]| row.iter().fold(true, |all, &alpha| all & (alpha == first));
        (first == 0.0 || first == 1.0) && rows.all(|y| same(&self.alpha.row(y)[columns.clone()]))
    }

    fn most_on_the_way(&self, x: usize, y: usize, reach: f32) -> f32 {
        let here = self.at(x, y);
        let depth = self.depth(x, y);
        if reach == 0.0 || here >= 1.0 || depth < -(reach + SOFTEST) {
            return here;
        }
        let Some(towards) = self.towards_object(x, y) else { return here };
        let sample = |way: f32| self.between((x, y), [way * towards[0], way * towards[1]]);
        // Between whole steps the way is taken to be straight, so that going further never finds less.
        let end = reach.floor();
        let part = reach - end;
        let last = sample(end);
        let mut most = here.max(last);
        if part > 0.0 {
            most = most.max(last + part * (sample(end + 1.0) - last));
        }
        let mut step = (-depth - NEAR_EDGE).floor().max(1.0);
        while step < end && most < 1.0 {
            most = most.max(sample(step));
            step += 1.0;
        }
        most
    }

    /// The unit vector towards the object, or into its depth: along each axis to the neighbour that is nearer. Halfway
    /// between two objects it takes one of them, where a central difference would point nowhere.
    fn towards_object(&self, x: usize, y: usize) -> Option<[f32; 2]> {
        let here = self.depth(x, y);
        if !here.is_finite() {
            return None;
        }
        let rise = |low: f32, high: f32| {
            if high >= low { (high - here).max(0.0) } else { -(low - here).max(0.0) }
        };
        let (right, below) = ((x + 1).min(self.alpha.width() - 1), (y + 1).min(self.alpha.height() - 1));
        let across = rise(self.depth(x.saturating_sub(1), y), self.depth(right, y));
        let down = rise(self.depth(x, y.saturating_sub(1)), self.depth(x, below));
        let length = across.hypot(down);
        (length > 1e-6).then(|| [across / length, down / length])
    }

    /// Alpha between the four pixels so far from one; the border is repeated. Equal wherever in a matte they lie.
    fn between(&self, (x, y): (usize, usize), [right, down]: [f32; 2]) -> f32 {
        let (width, height) = (self.alpha.width(), self.alpha.height());
        let place = |at: usize, by: f32, count: usize| {
            let first = at as isize + by.floor() as isize;
            let [first, second] = [first, first + 1].map(|at| at.clamp(0, count as isize - 1) as usize);
            (first, second, by - by.floor())
        };
        let ((left, right, across), (top, below, down)) = (place(x, right, width), place(y, down, height));
        let upper = self.at(left, top) + across * (self.at(right, top) - self.at(left, top));
        let lower = self.at(left, below) + across * (self.at(right, below) - self.at(left, below));
        upper + down * (lower - upper)
    }
}
