//! What the past and the future say of each pixel.

use super::active::{Active, Flat, Laid};
use super::agreement::agreeing_motion;
use super::coarse::Cells;
use super::distance_trust::DistanceTrust;
use super::object_motion::ObjectMotion;
use super::shrunk::shrunk;
use super::{Neighbour, clean};
use crate::field::between;
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use std::borrow::Cow;

/// Share that a neighbour's weight falls to with each further frame.
const DECAY: f32 = 0.7;

/// Difference to the own frame that makes a pop of a neighbour.
const POP: f32 = 0.5;
/// Difference up to which frames agree.
const AGREE: f32 = 0.1;
/// Neighbours from which there can be a majority against one of them.
const FEWEST: usize = 3;

/// Weighted sums of alpha of past and future, then their weights. Plain numbers, so that pages nobody touches stay unused.
pub(super) type Said = [f32; 4];

/// The mean of one side (0 the past, 1 the future); the own alpha where it says nothing.
#[inline(always)]
pub(super) fn mean_of(said: &Said, side: usize, own: f32) -> f32 {
    if said[2 + side] > 0.0 { said[side] / said[2 + side] } else { own }
}

/// The neighbours' mattes where the motion brings them.
pub(super) struct Sides {
    /// Of each pixel; nothing where there is nothing to do.
    pub said: Plane<Said>,
    /// Where there is anything to do.
    pub active: Active,
    /// There is one neighbour only: both sides are the same.
    pub single: bool,
    brought: Brought,
    sides: Vec<usize>,
}

impl Sides {
    /// `motions` are those of [`motions`].
    pub fn gather(cells: Cells, own: &Plane<f32>, neighbours: &[Neighbour], motions: &[ObjectMotion]) -> Self {
        let flat = Flat::of(cells, own);
        let flats: Vec<Flat> = neighbours.iter().map(|neighbour| Flat::of(cells, neighbour.matte)).collect();
        let laid: Vec<Laid> =
            flats.iter().zip(motions).map(|(flat, motion)| Laid { flat, motion, times: [1.0, 1.0] }).collect();
        let active = Active::of(cells, &flat, &laid);
        let brought = Brought::of(own, neighbours, motions, &active);
        let trust = DistanceTrust::of(cells, own, neighbours, &brought, &active);
        let sides = sides(neighbours);
        let mut said = Plane::new(own.width(), own.height(), [0f32; 4]);
        let buffers = || (trust.row_buffers(own.width()), vec![[0f32; 2]; neighbours.len()]);
        said.par_rows_mut().enumerate().for_each_init(buffers, |(trusted, brought_here), (y, said)| {
            for columns in active.runs(y) {
                trust.spread(y, columns.clone(), trusted);
                for x in columns {
                    brought_here.copy_from_slice(brought.at(x, y));
                    leave_out_pops(own.row(y)[x], brought_here);
                    for (index, ([alpha, weight], side)) in brought_here.iter().zip(&sides).enumerate() {
                        let weight = weight * trust.of_neighbour(index, trusted, x);
                        said[x][*side] += weight * alpha;
                        said[x][2 + *side] += weight;
                    }
                }
            }
        });
        Self { said, active, single: neighbours.len() == 1, brought, sides }
    }

    /// The least and the most that the neighbours of one side bring to a pixel; nothing where they say nothing.
    pub fn bounds(&self, side: usize, x: usize, y: usize) -> Option<[f32; 2]> {
        let of_side = self.brought.at(x, y).iter().zip(&self.sides).filter(|(_, of)| **of == side);
        let said = of_side.filter(|([_, weight], _)| *weight > 0.0).map(|([alpha, _], _)| *alpha);
        said.fold(None, |bounds, alpha| {
            let [low, high] = bounds.unwrap_or([alpha, alpha]);
            Some([low.min(alpha), high.max(alpha)])
        })
    }
}

/// What each neighbour brings to each pixel: alpha, and the weight of its confidence and distance.
pub(super) struct Brought {
    /// All neighbours of a pixel one after the other. Pages nobody touches stay unused.
    values: Plane<[f32; 2]>,
    count: usize,
}

impl Brought {
    fn of(own: &Plane<f32>, neighbours: &[Neighbour], motions: &[ObjectMotion], active: &Active) -> Self {
        let (width, count) = (own.width(), neighbours.len());
        let mut values = Plane::new(width * count, own.height(), [0f32; 2]);
        let rows = || [0; 3].map(|_| vec![0f32; width]);
        values.par_rows_mut().enumerate().for_each_init(rows, |rows, (y, values)| {
            for columns in active.runs(y) {
                for (index, (neighbour, motion)) in neighbours.iter().zip(motions).enumerate() {
                    motion.spread(y, columns.clone(), rows);
                    let nearness = DECAY.powi((neighbour.distance.unsigned_abs().clamp(1, 1000) - 1) as i32);
                    let [us, vs, confidences] = &*rows;
                    for x in columns.clone() {
                        let alpha = alpha_at(neighbour.matte, x as f32 + us[x], y as f32 + vs[x]);
                        values[x * count + index] = [alpha, nearness * clean(confidences[x])];
                    }
                }
            }
        });
        Self { values, count }
    }

    /// All neighbours' values at a pixel.
    #[inline(always)]
    pub fn at(&self, x: usize, y: usize) -> &[[f32; 2]] {
        &self.values.row(y)[x * self.count..(x + 1) * self.count]
    }
}

/// Takes the weight of those of a pixel's `[alpha, weight]` that have a pop there: most frames agree, the own one is among
/// them, and this one says something else altogether. Near an edge that jitters they do not agree, and all count.
fn leave_out_pops(own: f32, brought: &mut [[f32; 2]]) {
    let off = |alpha: f32| (alpha - own).abs() > POP;
    if brought.len() < FEWEST || !brought.iter().any(|[alpha, _]| off(*alpha)) {
        return;
    }
    let agree = brought.iter().filter(|[alpha, _]| (alpha - own).abs() < AGREE).count();
    if 2 * (agree + 1) > brought.len() + 1 {
        brought.iter_mut().filter(|[alpha, _]| off(*alpha)).for_each(|[_, weight]| *weight = 0.0);
    }
}

/// The motion of what a matte shows to each neighbour.
pub(super) fn motions(own: &Plane<f32>, neighbours: &[Neighbour]) -> Vec<ObjectMotion> {
    // Mostly one size for all.
    let mut small: Vec<Cow<Plane<f32>>> = Vec::new();
    let motion = |neighbour: &Neighbour| {
        let size = (neighbour.motion.width, neighbour.motion.height);
        let known = small.iter().position(|small| (small.width(), small.height()) == size);
        let known = known.unwrap_or_else(|| {
            small.push(shrunk(own, size));
            small.len() - 1
        });
        agreeing_motion((own.width(), own.height()), &small[known], neighbour)
    };
    neighbours.iter().map(motion).collect()
}

/// Which side each neighbour speaks for. At the ends of a shot all are of one side: then every other one speaks for the
/// other.
fn sides(neighbours: &[Neighbour]) -> Vec<usize> {
    let after = |neighbour: &Neighbour| usize::from(neighbour.distance > 0);
    let both = neighbours.iter().any(|n| after(n) == 0) && neighbours.iter().any(|n| after(n) == 1);
    neighbours.iter().enumerate().map(|(index, n)| if both { after(n) } else { index % 2 }).collect()
}

/// The alpha at a place between pixels, bilinear, the border repeated.
#[inline(always)]
pub(super) fn alpha_at(matte: &Plane<f32>, x: f32, y: f32) -> f32 {
    let ((left, right, across), (top, bottom, down)) = (between(x, matte.width()), between(y, matte.height()));
    let (above, below) = (matte.row(top), matte.row(bottom));
    let upper = clean(above[left]) + across * (clean(above[right]) - clean(above[left]));
    let lower = clean(below[left]) + across * (clean(below[right]) - clean(below[left]));
    upper + down * (lower - upper)
}

#[cfg(test)]
mod tests {
    use super::super::clean_plane;
    use super::*;
    use crate::Flow;

    /// What is left out says nothing else than what the matte is: the same as if every cell were looked at.
    #[test]
    fn cells_without_an_edge_under_them_say_what_the_matte_is() {
        let disc = |middle: f32| {
            let alpha = |i: usize| {
                let (x, y) = ((i % 320) as f32, (i / 320) as f32);
                (40.5 - (x - middle).hypot(y - 120.0)).clamp(0.0, 1.0)
            };
            Plane::from_vec(320, 240, (0..320 * 240).map(alpha).collect()).unwrap()
        };
        let (own, before, after) = (disc(160.0), disc(150.5), disc(171.25));
        let motions =
            [Flow::from_fn(160, 120, |_, y| [-4.0, y as f32 * 0.02]), Flow::from_fn(160, 120, |_, _| [6.0, 0.5])];
        let trust = Plane::new(160, 120, 0.75f32);
        let neighbours: Vec<Neighbour> = [(-1, &before, &motions[0]), (1, &after, &motions[1])]
            .map(|(distance, matte, motion)| Neighbour { distance, matte, motion, confidence: &trust, pictures: None })
            .to_vec();
        let cells = Cells::of(320, 240);
        let own = clean_plane(&own);
        let moved = super::motions(&own, &neighbours);
        let found = Sides::gather(cells, &own, &neighbours, &moved);
        let set = found.active.set.data().iter().filter(|set| **set).count();
        assert!(set > 100 && 6 * set < found.active.set.data().len(), "{set} of {}", found.active.set.data().len());
        let mut rows = [0; 3].map(|_| vec![0f32; 320]);
        for y in 0..240 {
            for (neighbour, motion) in neighbours.iter().zip(&moved) {
                motion.spread(y, 0..320, &mut rows);
                for x in (0..320).filter(|&x| !found.active.runs(y).any(|run| run.contains(&x))) {
                    let alpha = alpha_at(neighbour.matte, x as f32 + rows[0][x], y as f32 + rows[1][x]);
                    assert_eq!(alpha, own.row(y)[x], "at {x}, {y} of {}", neighbour.distance);
                }
            }
        }
    }
}
