//! How far neighbours can be trusted by their distance.

use super::Neighbour;
use super::active::Active;
use super::coarse::Cells;
use super::sides::Brought;
use raster::Plane;
use std::ops::Range;

/// Distances that are told from each other; what is farther counts as the last.
const DISTANCES: usize = 5;
/// Width of the neighbourhood in which differences are compared, in cells: 48 pixels of a picture of 480 rows. Jitter of
/// single frames is to average out over it.
const SIGMA: f32 = 12.0;

/// Jitter makes a frame differ from its neighbours by as much at every distance; motion gone wrong, and an object that
/// changes, by more with every frame. So a difference A + B d^2 is fitted to those at the distances d, and neighbours keep
/// the share (A + B) / (A + B d^2) of their weight: adjacent ones all of it.
pub(super) struct DistanceTrust {
    cells: Cells,
    /// By distance; nothing where there are no two distances to compare.
    shares: Vec<Plane<f32>>,
    /// Of each neighbour.
    distances: Vec<usize>,
}

impl DistanceTrust {
    pub fn of(cells: Cells, own: &Plane<f32>, neighbours: &[Neighbour], brought: &Brought, active: &Active) -> Self {
        let distance =
            |neighbour: &Neighbour| neighbour.distance.unsigned_abs().clamp(1, DISTANCES as u32) as usize - 1;
        let distances: Vec<usize> = neighbours.iter().map(distance).collect();
        let there: Vec<usize> = (0..DISTANCES).filter(|at| distances.contains(at)).collect();
        if there.len() < 2 {
            return Self { cells, shares: Vec::new(), distances };
        }
        let many = |at: usize| distances.iter().filter(|distance| **distance == at).count().max(1) as f32;
        let counts: [f32; DISTANCES] = std::array::from_fn(many);
        let differences = cells.means(SIGMA, Some(&active.set), |y, columns, rows: &mut [Vec<f32>; DISTANCES]| {
            let alphas = own.row(y);
            for x in columns {
                rows.iter_mut().for_each(|row| row[x] = 0.0);
                for ([alpha, weight], &at) in brought.at(x, y).iter().zip(&distances) {
                    let difference = alpha - alphas[x];
                    rows[at][x] += if *weight > 0.0 { difference * difference / counts[at] } else { 0.0 };
                }
            }
        });
        let (columns, rows) = cells.grid();
        let mut shares = vec![Plane::new(columns, rows, 1f32); DISTANCES];
        for cell in 0..columns * rows {
            let points = there.iter().map(|&at| (square(at), differences[at].data()[cell]));
            let (level, rise) = line(points, there.len() as f32);
            for &at in &there {
                shares[at].data_mut()[cell] = (level + rise) / (level + rise * square(at));
            }
        }
        Self { cells, shares, distances }
    }

    /// Rows for [`DistanceTrust::spread`].
    pub fn row_buffers(&self, width: usize) -> Vec<Vec<f32>> {
        vec![vec![1.0; width]; self.shares.len()]
    }

    /// The shares of all distances in `columns` of row `y`.
    pub fn spread(&self, y: usize, columns: Range<usize>, out: &mut [Vec<f32>]) {
        for (share, out) in self.shares.iter().zip(out) {
            self.cells.spread(share, y, columns.clone(), out);
        }
    }

    /// What a neighbour keeps of its weight at column `x` of rows that were spread.
    #[inline(always)]
    pub fn of_neighbour(&self, index: usize, rows: &[Vec<f32>], x: usize) -> f32 {
        rows.get(self.distances[index]).map_or(1.0, |row| row[x])
    }
}

/// The square of a distance that is counted from 0.
fn square(at: usize) -> f32 {
    ((at + 1) * (at + 1)) as f32
}

/// The line through points of the squares of distances: its level at 0 and its rise, neither negative. The level is at least
/// a small share of the mean, so that something of the nearest neighbours always counts.
fn line(points: impl Iterator<Item = (f32, f32)> + Clone, count: f32) -> (f32, f32) {
    let (x, y) = points.clone().fold((0.0, 0.0), |(x, y), (at, value)| (x + at / count, y + value / count));
    let (cross, spread) = points.fold((0.0, 0.0), |(cross, spread), (at, value)| {
        (cross + (at - x) * (value - y), spread + (at - x) * (at - x))
    });
    let rise = (cross / spread).max(0.0);
    let level = (y - rise * x).max(0.05 * y) + 1e-9;
    (level, rise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_that_do_not_grow_are_jitter_and_those_that_do_are_not() {
        let at = |values: [f32; 3]| line([1.0, 4.0, 9.0].into_iter().zip(values), 3.0);
        let (level, rise) = at([0.2, 0.2, 0.2]);
        assert!((level - 0.2).abs() < 1e-6 && rise < 1e-6, "{level} {rise}");
        let (level, rise) = at([0.1, 0.4, 0.9]);
        assert!(level < 0.05 && (rise - 0.1).abs() < 1e-6, "{level} {rise}");
        assert_eq!(at([0.9, 0.4, 0.1]).1, 0.0, "what shrinks with distance is no motion gone wrong");
        assert!(at([0.0; 3]).0 > 0.0);
    }
}
