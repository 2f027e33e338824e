//! Label propagation: every cell takes the labels of the most similar cells of remembered frames.

use ndarray::{Array2, ArrayView2, Axis, Slice};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::cells::Grid;

/// Most similar cells, over all memories, whose labels count (measured: resources of the recipe in the module's text).
const NEIGHBOURS: usize = 10;

/// How fast a label loses weight with similarity: the softmax's temperature, in cosines.
pub(super) const TEMPERATURE: f32 = 0.07;

/// Columns and rows of cells that are compared together: one product of matrices for each.
const TILE: (usize, usize) = (8, 4);

/// A rectangle of cells, `x1` and `y1` outside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub x0: usize,
    pub y0: usize,
    pub x1: usize,
    pub y1: usize,
}

impl Region {
    /// All cells.
    pub fn whole(grid: Grid) -> Self {
        Self { x0: 0, y0: 0, x1: grid.columns, y1: grid.rows }
    }

    /// The box of the cells for which `is_in` holds; `None` where it holds for none.
    pub fn around(grid: Grid, is_in: impl Fn(usize) -> bool) -> Option<Self> {
        let inside = (0..grid.len()).filter(|&cell| is_in(cell)).map(|cell| (cell % grid.columns, cell / grid.columns));
        inside.fold(None, |region: Option<Self>, (x, y)| {
            let Self { x0, y0, x1, y1 } = region.unwrap_or(Self { x0: x, y0: y, x1: x, y1: y });
            Some(Self { x0: x0.min(x), y0: y0.min(y), x1: x1.max(x + 1), y1: y1.max(y + 1) })
        })
    }

    /// The region moved, with `margin` more cells on every side, as far as it lies on the grid; empty where it does not.
    pub fn grown(self, margin: isize, (dx, dy): (isize, isize), grid: Grid) -> Self {
        let low = |at: usize, by: isize, most: usize| (at as isize + by - margin).clamp(0, most as isize) as usize;
        let high = |at: usize, by: isize, most: usize| (at as isize + by + margin).clamp(0, most as isize) as usize;
        Self {
            x0: low(self.x0, dx, grid.columns),
            y0: low(self.y0, dy, grid.rows),
            x1: high(self.x1, dx, grid.columns),
            y1: high(self.y1, dy, grid.rows),
        }
    }

    fn tiles(self) -> Vec<Self> {
        let Self { x0, y0, x1, y1 } = self;
        let rows = (y0..y1).step_by(TILE.1).map(move |y| (y, (y + TILE.1).min(y1)));
        let tile =
            move |(y0, y1)| (x0..x1).step_by(TILE.0).map(move |x| Self { x0: x, y0, x1: (x + TILE.0).min(x1), y1 });
        rows.flat_map(tile).collect()
    }

    fn cells(self, grid: Grid) -> impl Iterator<Item = (usize, usize, usize)> {
        (self.y0..self.y1).flat_map(move |y| (self.x0..self.x1).map(move |x| (x, y, y * grid.columns + x)))
    }
}

/// A remembered frame on the same grid.
pub(super) struct Memory<'a> {
    /// One row a cell.
    pub features: ArrayView2<'a, f32>,
    /// How much of each cell the object covers, 0..=1.
    pub labels: &'a [f32],
    /// How far, in cells, its content has moved since.
    pub shift: (isize, isize),
    /// How far from there a cell is looked for; `None`: everywhere.
    pub reach: Option<isize>,
    /// Added to its similarities.
    pub bonus: f32,
}

/// The labels that the cells of `region` take, 0 for all others. The same bits for any number of threads.
pub(super) fn vote(grid: Grid, now: &Array2<f32>, memories: &[Memory<'_>], region: Region) -> Vec<f32> {
    let tiles = region.tiles();
    let found: Vec<Vec<f32>> = tiles.par_iter().map(|&tile| vote_tile(grid, now, memories, tile)).collect();
    let mut labels = vec![0f32; grid.len()];
    for (tile, found) in tiles.iter().zip(found) {
        for ((.., cell), label) in tile.cells(grid).zip(found) {
            labels[cell] = label;
        }
    }
    labels
}

fn vote_tile(grid: Grid, now: &Array2<f32>, memories: &[Memory<'_>], tile: Region) -> Vec<f32> {
    let cells: Vec<_> = tile.cells(grid).collect();
    let indices: Vec<usize> = cells.iter().map(|(.., cell)| *cell).collect();
    let queries = now.select(Axis(0), &indices);
    let mut ballots = vec![Ballot::default(); cells.len()];
    for memory in memories {
        let (dx, dy) = memory.shift;
        let keys = match memory.reach {
            Some(reach) => tile.grown(reach, (-dx, -dy), grid),
            None => Region::whole(grid),
        };
        let furthest = memory.reach.map_or(isize::MAX, |reach| reach * reach);
        for y in keys.y0..keys.y1 {
            let row = y * grid.columns + keys.x0..y * grid.columns + keys.x1;
            let similar = queries.dot(&memory.features.slice_axis(Axis(0), Slice::from(row.clone())).t());
            for ((ballot, similar), &(qx, qy, _)) in ballots.iter_mut().zip(similar.outer_iter()).zip(&cells) {
                let down = y as isize + dy - qy as isize;
                for ((&similarity, &label), x) in similar.iter().zip(&memory.labels[row.clone()]).zip(keys.x0..) {
                    let across = x as isize + dx - qx as isize;
                    if across * across + down * down <= furthest {
                        ballot.add(similarity + memory.bonus, label);
                    }
                }
            }
        }
    }
    let is_blank = |cell: usize| now.row(cell).iter().all(|&value| value == 0.0);
    let outcome = |(ballot, &cell): (&Ballot, &usize)| if is_blank(cell) { 0.0 } else { ballot.outcome() };
    ballots.iter().zip(&indices).map(outcome).collect()
}

/// The most similar cells so far, the best first.
#[derive(Debug, Clone, Copy)]
struct Ballot {
    votes: [(f32, f32); NEIGHBOURS],
}

/// Below any cosine: no vote.
const NONE: f32 = -9.0;

impl Default for Ballot {
    fn default() -> Self {
        Self { votes: [(NONE, 0.0); NEIGHBOURS] }
    }
}

impl Ballot {
    /// Of equals the first stays before.
    fn add(&mut self, similarity: f32, label: f32) {
        if similarity > self.votes[NEIGHBOURS - 1].0 {
            let at = self.votes.partition_point(|&(other, _)| other >= similarity);
            self.votes.copy_within(at..NEIGHBOURS - 1, at + 1);
            self.votes[at] = (similarity, label);
        }
    }

    fn outcome(&self) -> f32 {
        let best = self.votes[0].0;
        let weighted = self.votes.iter().map(|(similarity, label)| (((similarity - best) / TEMPERATURE).exp(), label));
        let (weights, labels) =
            weighted.fold((0f32, 0f32), |(sum, labels), (weight, label)| (sum + weight, labels + weight * label));
        labels / weights
    }
}
