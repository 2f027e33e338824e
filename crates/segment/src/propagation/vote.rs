//! Label propagation: every cell takes the labels of the most similar cells of remembered frames.

use std::{array, ops::Range};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{
    cells::{Cells, Grid, ONE},
    products::{TOGETHER, products},
};

/// Most similar cells, over all memories, whose labels count.
const NEIGHBOURS: usize = 10;

/// Cells that are asked where the object is looked for in wide windows or the whole picture, but for equals: a third of
/// those of 16:9. Half as many lose objects that have half left the picture.
const MOST_ASKED: usize = 768;

/// Features of an object that are compared with the cells of a row at a time: as many as there are cells in a row.
const KEPT_AT_HAND: usize = 64;

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

impl Memory<'_> {
    /// The columns that a cell of column `x` is compared with in the row so many rows away from where it should be.
    fn window(&self, x: usize, away: isize) -> Range<usize> {
        let half = self.reach.map(|reach| chord(reach, away));
        within(x as isize - self.shift.0, half, self.cells.grid.columns)
    }
}

/// The labels that the cells of `region` take, 0 for all others; of those only the ones that are `asked`, where that is
/// said. The same bits for any number of threads.
pub(super) fn vote(now: &Cells, memories: &[Memory<'_>], region: Region, asked: Option<&[bool]>) -> Vec<f32> {
    let grid = now.grid;
    let row = |y: usize| {
        let is_asked = |x: &usize| asked.is_none_or(|asked| asked[y * grid.columns + x]);
        let columns = (region.x0..region.x1).filter(is_asked).filter(|x| !now.is_blank(y * grid.columns + x));
        Row { now, y, columns: columns.collect() }.votes(memories)
    };
    let rows: Vec<_> = (region.y0..region.y1).into_par_iter().map(row).collect();
    let mut labels = vec![0f32; grid.len()];
    for (row, y) in rows.into_iter().zip(region.y0..) {
        row.into_iter().for_each(|(x, label)| labels[y * grid.columns + x] = label);
    }
    labels
}

/// Which cells of the whole picture look most like a cell of the object: to ask them all where windows are wide or there
/// are none would cost three times as much, and the rest is not the object anyway.
pub(super) fn likeliest(now: &Cells, memories: &[Memory<'_>]) -> Vec<bool> {
    let objects: Vec<_> = memories.iter().map(|memory| (well_covered(memory), memory.bonus)).collect();
    let row = |y: usize| Row { now, y, columns: (0..now.grid.columns).collect() }.likeness(&objects);
    let likeness: Vec<f32> = (0..now.grid.rows).into_par_iter().flat_map_iter(row).collect();
    let mut sorted = likeness.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let least = sorted.get(MOST_ASKED).copied().unwrap_or(f32::NEG_INFINITY);
    likeness.into_iter().map(|likeness| likeness >= least).collect()
}

/// The features of the cells that the object covers as well as any of its frame's, by half at least.
fn well_covered(memory: &Memory<'_>) -> Vec<i16> {
    let enough = 0.5 * memory.labels.iter().copied().fold(0f32, f32::max);
    let covered = memory.labels.iter().enumerate().filter(|(_, label)| **label > enough);
    covered.flat_map(|(cell, _)| memory.cells.feature(cell)).copied().collect()
}

/// Cells of one row, from left to right. They are compared together with a row of a remembered frame, which processors
/// keep at hand meanwhile.
struct Row<'a> {
    now: &'a Cells,
    y: usize,
    columns: Vec<usize>,
}

impl Row<'_> {
    /// The labels that the cells take, beside their columns.
    fn votes(&self, memories: &[Memory<'_>]) -> Vec<(usize, f32)> {
        let mut ballots = vec![Ballot::default(); self.columns.len()];
        let mut found = Vec::new();
        for memory in memories {
            let down = self.y as isize - memory.shift.1;
            for row in within(down, memory.reach, self.now.grid.rows) {
                let window = |x: usize| memory.window(x, row as isize - down);
                for (columns, ballots) in self.columns.chunks(TOGETHER).zip(ballots.chunks_mut(TOGETHER)) {
                    let all = window(columns[0]).start..window(columns[columns.len() - 1]).end;
                    let first = row * self.now.grid.columns;
                    let cells = first + all.start..first + all.end;
                    products(self.features(columns), memory.cells.features_of(cells.clone()), &mut found);
                    for (at, (&x, ballot)) in columns.iter().zip(ballots).enumerate() {
                        let own = window(x);
                        let skipped = own.start - all.start;
                        let labels = &memory.labels[first + own.start..first + own.end];
                        for (products, &label) in found[skipped..].iter().zip(labels) {
                            ballot.add(cosine(products[at]) + memory.bonus, label);
                        }
                    }
                }
            }
        }
        self.columns.iter().zip(ballots).map(|(&x, ballot)| (x, ballot.outcome())).collect()
    }

    /// How similar the most similar of these features is to each cell, and what is added to it.
    fn likeness(&self, objects: &[(Vec<i16>, f32)]) -> Vec<f32> {
        let mut likeness = vec![NONE; self.columns.len()];
        let mut found = Vec::new();
        for (object, bonus) in objects {
            for object in object.chunks(KEPT_AT_HAND * self.now.channels) {
                for (columns, likeness) in self.columns.chunks(TOGETHER).zip(likeness.chunks_mut(TOGETHER)) {
                    products(self.features(columns), object, &mut found);
                    for (at, likeness) in likeness.iter_mut().enumerate() {
                        let most = found.iter().map(|products| products[at]).max();
                        *likeness = most.map_or(*likeness, |most| likeness.max(cosine(most) + bonus));
                    }
                }
            }
        }
        likeness
    }

    /// The features of at most [`TOGETHER`] columns, the last one's as often as it takes.
    fn features(&self, columns: &[usize]) -> [&[i16]; TOGETHER] {
        array::from_fn(|at| {
            let x = columns[at.min(columns.len() - 1)];
            self.now.feature(self.y * self.now.grid.columns + x)
        })
    }
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

/// Of a product of whole numbers: the same on every machine.
fn cosine(product: i32) -> f32 {
    product as f32 / (ONE * ONE)
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
            let mut at = NEIGHBOURS - 1;
            while at > 0 && self.votes[at - 1].0 < similarity {
                self.votes[at] = self.votes[at - 1];
                at -= 1;
            }
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

    /// The vote of one cell by itself.
    fn alone(now: &Cells, memories: &[Memory<'_>], (x, y): (usize, usize)) -> f32 {
        let mut ballot = Ballot::default();
        for memory in memories {
            for cell in 0..GRID.len() {
                let at = ((cell % GRID.columns) as isize, (cell / GRID.columns) as isize);
                let (across, down) = (at.0 - x as isize + memory.shift.0, at.1 - y as isize + memory.shift.1);
                if memory.reach.is_none_or(|reach| across * across + down * down <= reach * reach) {
                    let pairs = now.feature(y * GRID.columns + x).iter().zip(memory.cells.feature(cell));
                    let product: i32 = pairs.map(|(&a, &b)| i32::from(a) * i32::from(b)).sum();
                    ballot.add(cosine(product) + memory.bonus, memory.labels[cell]);
                }
            }
        }
        ballot.outcome()
    }

    #[test]
    fn cells_that_are_asked_together_vote_as_each_does_alone() {
        let textured = |seed: usize| {
            let features = (0..GRID.len() * 20).map(|at| ((at * 7919 + at % 101 * seed * 31) % 8001) as i16 - 4000);
            Cells { grid: GRID, channels: 20, features: features.collect() }
        };
        let (now, before, long_before) = (textured(3), textured(4), textured(7));
        let labels: Vec<f32> = (0..GRID.len()).map(|cell| (cell * 37 % 11) as f32 / 10.0).collect();
        let memories = [
            Memory { bonus: 0.05, ..memory(&long_before, &labels) },
            Memory { shift: (2, -1), reach: Some(3), ..memory(&before, &labels) },
            Memory { shift: (-9, 4), reach: Some(2), ..memory(&now, &labels) },
        ];
        let asked: Vec<bool> = (0..GRID.len()).map(|cell| cell * 53 % 7 < 5).collect();
        let votes = vote(&now, &memories, Region::whole(GRID), Some(&asked));
        for (cell, vote) in votes.into_iter().enumerate().filter(|(cell, _)| asked[*cell]) {
            assert_eq!(vote, alone(&now, &memories, (cell % GRID.columns, cell / GRID.columns)), "cell {cell}");
        }
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
