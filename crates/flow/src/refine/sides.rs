//! What the past and the future say of each pixel.

use super::active::{Active, Flat, Laid};
use super::coarse::Cells;
use super::object_motion::ObjectMotion;
use super::shrunk::shrunk;
use super::{Neighbour, clean};
use crate::field::between;
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use std::borrow::Cow;

/// Share that a neighbour's weight falls to with each further frame.
const DECAY: f32 = 0.7;

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
}

impl Sides {
    pub fn gather(cells: Cells, own: &Plane<f32>, neighbours: &[Neighbour]) -> Self {
        let (width, height) = (own.width(), own.height());
        let motions = motions(own, neighbours);
        let flat = Flat::of(cells, own);
        let flats: Vec<Flat> = neighbours.iter().map(|neighbour| Flat::of(cells, neighbour.matte)).collect();
        let laid: Vec<Laid> =
            flats.iter().zip(&motions).map(|(flat, motion)| Laid { flat, motion, times: [1.0, 1.0] }).collect();
        let active = Active::of(cells, &flat, &laid);
        let sides = sides(neighbours);
        let mut said = Plane::new(width, height, [0f32; 4]);
        let rows = || [0; 3].map(|_| vec![0f32; width]);
        said.par_rows_mut().enumerate().for_each_init(rows, |rows, (y, said)| {
            for columns in active.runs(y) {
                for ((neighbour, motion), side) in neighbours.iter().zip(&motions).zip(&sides) {
                    motion.spread(y, columns.clone(), rows);
                    let nearness = DECAY.powi((neighbour.distance.unsigned_abs().clamp(1, 1000) - 1) as i32);
                    let [us, vs, confidences] = &*rows;
                    for x in columns.clone() {
                        let alpha = alpha_at(neighbour.matte, x as f32 + us[x], y as f32 + vs[x]);
                        let weight = nearness * clean(confidences[x]);
                        said[x][*side] += weight * alpha;
                        said[x][2 + *side] += weight;
                    }
                }
            }
        });
        Self { said, active, single: neighbours.len() == 1 }
    }
}

fn motions(own: &Plane<f32>, neighbours: &[Neighbour]) -> Vec<ObjectMotion> {
    // Mostly one size for all.
    let mut small: Vec<Cow<Plane<f32>>> = Vec::new();
    let motion = |Neighbour { motion, confidence, .. }: &Neighbour| {
        let size = (motion.width, motion.height);
        let known = small.iter().position(|small| (small.width(), small.height()) == size);
        let known = known.unwrap_or_else(|| {
            small.push(shrunk(own, size));
            small.len() - 1
        });
        ObjectMotion::of((own.width(), own.height()), &small[known], motion, Some(confidence))
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
fn alpha_at(matte: &Plane<f32>, x: f32, y: f32) -> f32 {
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
            .map(|(distance, matte, motion)| Neighbour { distance, matte, motion, confidence: &trust })
            .to_vec();
        let cells = Cells::of(320, 240);
        let own = clean_plane(&own);
        let found = Sides::gather(cells, &own, &neighbours);
        let set = found.active.set.data().iter().filter(|set| **set).count();
        assert!(set > 100 && 6 * set < found.active.set.data().len(), "{set} of {}", found.active.set.data().len());
        let moved = super::motions(&own, &neighbours);
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
