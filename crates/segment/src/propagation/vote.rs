//! Label propagation: every cell takes the labels of the most similar cells of remembered frames.

use std::{array, ops::Range};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::cells::{Cells, Grid, ONE};

/// Most similar cells, over all memories, whose labels count.
const NEIGHBOURS: usize = 10;

/// Cells that are asked where the object is looked for in wide windows or the whole picture, but for equals: a third of
/// those of 16:9. Half as many lose objects that have half left the picture.
const MOST_ASKED: usize = 768;

/// How fast a label loses weight with similarity: the softmax's temperature, in cosines.
pub(super) const TEMPERATURE: f32 = 0.07;

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
}

/// A remembered frame on the same grid.
pub(super) struct Memory<'a> {
    pub cells: &'a Cells,
    /// How much of each cell the object covers, 0..=1.
    pub labels: &'a [f32],
    /// How far, in cells, its content has moved since.
    pub shift: (isize, isize),
    /// How far from there a cell is looked for; `None`: everywhere.
    pub reach: Option<isize>,
    /// Added to its similarities.
    pub bonus: f32,
}

/// The labels that the cells of `region` take, 0 for all others; of those only the ones that are `asked`, where that is
/// said. The same bits for any number of threads.
pub(super) fn vote(now: &Cells, memories: &[Memory<'_>], region: Region, asked: Option<&[bool]>) -> Vec<f32> {
    let grid = now.grid;
    let one = |x: usize, y: usize| match asked {
        Some(asked) if !asked[y * grid.columns + x] => 0.0,
        _ => vote_for(now, memories, (x, y)),
    };
    let row = |y: usize| (region.x0..region.x1).map(|x| one(x, y)).collect::<Vec<_>>();
    let rows: Vec<Vec<f32>> = (region.y0..region.y1).into_par_iter().map(row).collect();
    let mut labels = vec![0f32; grid.len()];
    for (row, y) in rows.iter().zip(region.y0..) {
        let start = y * grid.columns + region.x0;
        labels[start..start + row.len()].copy_from_slice(row);
    }
    labels
}

/// Which cells of the whole picture look most like a cell of the object: to ask them all where windows are wide or there
/// are none would cost three times as much, and the rest is not the object anyway.
pub(super) fn likeliest(now: &Cells, memories: &[Memory<'_>]) -> Vec<bool> {
    let objects: Vec<_> = memories.iter().map(|memory| (memory, well_covered(memory.labels))).collect();
    let likeness: Vec<f32> = (0..now.grid.len()).into_par_iter().map(|cell| likeness(now, &objects, cell)).collect();
    let mut sorted = likeness.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let least = sorted.get(MOST_ASKED).copied().unwrap_or(f32::NEG_INFINITY);
    likeness.into_iter().map(|likeness| likeness >= least).collect()
}

/// The cells that the object covers as well as any of its frame's, by half at least.
fn well_covered(labels: &[f32]) -> Vec<usize> {
    let enough = 0.5 * labels.iter().copied().fold(0f32, f32::max);
    (0..labels.len()).filter(|&cell| labels[cell] > enough).collect()
}

/// How similar the most similar of the objects' cells is.
fn likeness(now: &Cells, objects: &[(&Memory<'_>, Vec<usize>)], cell: usize) -> f32 {
    let feature = now.feature(cell);
    let similar = |(memory, inside): &(&Memory<'_>, Vec<usize>)| {
        let similarities = inside.iter().map(|&at| cosine(feature, memory.cells.feature(at)) + memory.bonus);
        similarities.fold(NONE, f32::max)
    };
    objects.iter().map(similar).fold(NONE, f32::max)
}

fn vote_for(now: &Cells, memories: &[Memory<'_>], (x, y): (usize, usize)) -> f32 {
    let grid = now.grid;
    let feature = now.feature(y * grid.columns + x);
    if feature.iter().all(|&value| value == 0) {
        return 0.0;
    }
    let mut ballot = Ballot::default();
    for memory in memories {
        let at = (x as isize - memory.shift.0, y as isize - memory.shift.1);
        let rows = within(at.1, memory.reach, grid.rows);
        for row in rows {
            let columns = match memory.reach {
                Some(reach) => within(at.0, Some(chord(reach, row as isize - at.1)), grid.columns),
                None => 0..grid.columns,
            };
            for cell in row * grid.columns + columns.start..row * grid.columns + columns.end {
                ballot.add(cosine(feature, memory.cells.feature(cell)) + memory.bonus, memory.labels[cell]);
            }
        }
    }
    ballot.outcome()
}

/// The cells of a line up to `reach` from `at`; all of them without a reach.
fn within(at: isize, reach: Option<isize>, cells: usize) -> Range<usize> {
    let Some(reach) = reach else { return 0..cells };
    let bound = |at: isize| at.clamp(0, cells as isize) as usize;
    bound(at - reach)..bound(at + reach + 1)
}

/// How far to either side a disc of this radius reaches so many rows from its middle.
fn chord(radius: isize, rows: isize) -> isize {
    (radius * radius - rows * rows).max(0).isqrt()
}

/// Whole numbers: the same on every machine, and fast on the humblest. None of the sums comes near 2^31.
fn cosine(a: &[i16], b: &[i16]) -> f32 {
    product(a, b) as f32 / (ONE * ONE)
}

/// Summed up so many channels at a time: compilers make full use of the instruction that multiplies and adds pairs (of
/// SSE2) only where they see whole sums of a fixed length, and take two and a half times as long for one loop.
const AT_A_TIME: usize = 32;

fn product(a: &[i16], b: &[i16]) -> i32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<AT_A_TIME>(), b.as_chunks::<AT_A_TIME>());
    let whole = a.iter().zip(b).fold(0i32, |sum, (a, b)| {
        let products: [i32; AT_A_TIME] = array::from_fn(|at| i32::from(a[at]).wrapping_mul(i32::from(b[at])));
        sum.wrapping_add(products.into_iter().fold(0, i32::wrapping_add))
    });
    let rest = a_rest.iter().zip(b_rest);
    rest.fold(whole, |sum, (&a, &b)| sum.wrapping_add(i32::from(a).wrapping_mul(i32::from(b))))
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

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { columns: 12, rows: 9, cell: 16.0 };

    fn cells(is_one: impl Fn(usize, usize) -> bool) -> Cells {
        let (count, one) = (GRID.len(), ONE as i16);
        let features = (0..count * count).map(|i| if is_one(i / count, i % count) { one } else { 0 }).collect();
        Cells { grid: GRID, channels: count, features }
    }

    /// Cells that look like nothing else, each like itself.
    fn distinct() -> Cells {
        cells(|cell, channel| cell == channel)
    }

    /// The cells of a picture that moved by this much, and blank ones where there was nothing.
    fn moved(by: (isize, isize)) -> Cells {
        cells(|cell, channel| {
            let (x, y) = (channel % GRID.columns, channel / GRID.columns);
            let at = (x.checked_add_signed(by.0), y.checked_add_signed(by.1));
            at == (Some(cell % GRID.columns), Some(cell / GRID.columns))
        })
    }

    fn memory<'a>(cells: &'a Cells, labels: &'a [f32]) -> Memory<'a> {
        Memory { cells, labels, shift: (0, 0), reach: None, bonus: 0.0 }
    }

    fn one_cell(x: usize, y: usize) -> Vec<f32> {
        (0..GRID.len()).map(|cell| f32::from(u8::from(cell == y * GRID.columns + x))).collect()
    }

    #[test]
    fn a_cell_takes_the_label_of_the_cell_that_looks_like_it() {
        let (features, labels) = (distinct(), one_cell(4, 3));
        let votes = vote(&moved((2, 1)), &[memory(&features, &labels)], Region::whole(GRID), None);
        assert!(votes[4 * GRID.columns + 6] > 0.99 && votes.iter().sum::<f32>() < 1.01, "{votes:?}");
    }

    #[test]
    fn a_window_holds_what_lies_within_reach_of_where_motion_puts_it() {
        let (features, labels) = (distinct(), one_cell(4, 3));
        let seen = |shift, reach| {
            let memory = Memory { shift, reach: Some(reach), ..memory(&features, &labels) };
            vote(&moved((2, 1)), &[memory], Region::whole(GRID), None)[4 * GRID.columns + 6] > 0.99
        };
        assert!(seen((2, 1), 0) && seen((0, 0), 3) && seen((1, 1), 1));
        assert!(!seen((0, 0), 2) && !seen((-2, -1), 3));
    }

    #[test]
    fn a_bonus_is_worth_its_weight() {
        let (features, inside, outside) = (distinct(), one_cell(4, 3), vec![0.0; GRID.len()]);
        let near = |labels| Memory { reach: Some(0), ..memory(&features, labels) };
        let favoured = Memory { bonus: TEMPERATURE * 2.5f32.ln(), ..near(&inside) };
        let votes = vote(&distinct(), &[near(&outside), favoured], Region::whole(GRID), None);
        assert!((votes[3 * GRID.columns + 4] - 2.5 / 3.5).abs() < 1e-4);
    }

    #[test]
    fn beyond_the_region_nothing_is_asked() {
        let (features, labels) = (distinct(), vec![1.0; GRID.len()]);
        let region = Region { x0: 3, y0: 2, x1: 12, y1: 7 };
        let votes = vote(&distinct(), &[memory(&features, &labels)], region, None);
        let asked = |cell: usize| (3..12).contains(&(cell % GRID.columns)) && (2..7).contains(&(cell / GRID.columns));
        assert!((0..GRID.len()).all(|cell| (votes[cell] > 0.0) == asked(cell)));
        assert_eq!(vote(&distinct(), &[], region, None), vec![0.0; GRID.len()]);
    }

    #[test]
    fn products_are_sums_over_all_channels_however_many() {
        for channels in [0, 1, 31, 32, 33, 96, 100] {
            let values = |by: i32| (0..channels).map(|at| (at * by % 4001 - 2000) as i16).collect::<Vec<_>>();
            let (a, b) = (values(7919), values(104_729));
            let expected: i32 = a.iter().zip(&b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum();
            assert_eq!(product(&a, &b), expected, "{channels}");
        }
    }

    #[test]
    fn the_likeliest_cells_vote_as_all_do() {
        let (features, labels) = (distinct(), one_cell(4, 3));
        let now = moved((5, 4));
        let memories = [memory(&features, &labels)];
        let votes = vote(&now, &memories, Region::whole(GRID), Some(&likeliest(&now, &memories)));
        assert_eq!(votes, vote(&now, &memories, Region::whole(GRID), None));
        assert!(votes[7 * GRID.columns + 9] > 0.99);
    }

    #[test]
    fn cells_that_are_not_asked_have_no_votes() {
        let (features, labels) = (distinct(), vec![1.0; GRID.len()]);
        let asked: Vec<bool> = (0..GRID.len()).map(|cell| cell % 3 == 0).collect();
        let votes = vote(&distinct(), &[memory(&features, &labels)], Region::whole(GRID), Some(&asked));
        assert!(votes.iter().zip(&asked).all(|(vote, asked)| (*vote > 0.0) == *asked));
    }

    #[test]
    fn regions_grow_as_far_as_the_grid() {
        let region = Region::around(GRID, |cell| cell == 0 || cell == GRID.columns + 1);
        assert_eq!(region, Some(Region { x0: 0, y0: 0, x1: 2, y1: 2 }));
        let grown = region.map(|region| region.grown(3, (1, 0), GRID));
        assert_eq!(grown, Some(Region { x0: 0, y0: 0, x1: 6, y1: 5 }));
        assert_eq!(Region::around(GRID, |_| false), None);
    }
}
