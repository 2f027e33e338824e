//! Which parts of a frame there is anything to do in: where neither the matte nor what is laid over it has an edge, every
//! step gives back what it was given.

use super::coarse::Cells;
use super::object_motion::ObjectMotion;
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use std::ops::Range;

/// Some sample of a cell is above 0, some is below 1. With one of them alone, all are 1, or all are 0.
const ABOVE_ZERO: u8 = 1;
const BELOW_ONE: u8 = 2;
const MIXED: u8 = ABOVE_ZERO | BELOW_ONE;

/// Cells that motion may spread over; a cell that moves over more is looked at pixel by pixel.
const MOST_CELLS: usize = 1024;

/// What each cell of a matte holds: all 0, all 1, or something else. The first column and row of the next cells count as
/// well, so that a cell of one value has no slope either.
pub(super) struct Flat(Plane<u8>);

impl Flat {
    /// What is not a number is 0.
    pub fn of(cells: Cells, matte: &Plane<f32>) -> Self {
        let (columns, rows) = cells.grid();
        let mut flat = Plane::new(columns, rows, 0u8);
        flat.par_rows_mut().enumerate().for_each(|(cell_row, flat)| {
            let first = cell_row * cells.side;
            for y in first..(first + cells.side + 1).min(matte.height()) {
                let row = matte.row(y);
                for (flat, samples) in flat.iter_mut().zip(row.chunks(cells.side)) {
                    *flat |= samples.iter().fold(0, |held, sample| held | holds(*sample));
                }
                for (flat, sample) in flat.iter_mut().zip(row[cells.side.min(row.len())..].iter().step_by(cells.side)) {
                    *flat |= holds(*sample);
                }
            }
        });
        Self(flat)
    }

    /// Whether every cell under these pixels holds what `held` says and nothing else.
    fn is_all(&self, held: u8, cells: Cells, [x, y]: [Range<usize>; 2]) -> bool {
        let across = x.start / cells.side..(x.end - 1) / cells.side + 1;
        let down = y.start / cells.side..(y.end - 1) / cells.side + 1;
        across.len().saturating_mul(down.len()) <= MOST_CELLS
            && down.into_iter().all(|y| self.0.row(y)[across.clone()].iter().all(|flat| *flat == held))
    }
}

fn holds(sample: f32) -> u8 {
    let above = if sample > 0.0 { ABOVE_ZERO } else { 0 };
    // What is not a number is below, too.
    above | if sample >= 1.0 { 0 } else { BELOW_ONE }
}

/// A matte and how the frame moves over it.
pub(super) struct Laid<'a> {
    pub flat: &'a Flat,
    pub motion: &'a ObjectMotion,
    /// What the motion is multiplied by, at least and at most.
    pub times: [f32; 2],
}

/// The cells in which something may change.
pub(super) struct Active {
    cells: Cells,
    pub set: Plane<bool>,
}

impl Active {
    /// Cells of the matte `own` that have an edge, or over which the motion lays anything else than what they hold.
    pub fn of(cells: Cells, own: &Flat, laid: &[Laid]) -> Self {
        let (columns, rows) = cells.grid();
        let mut set = Plane::new(columns, rows, false);
        set.par_rows_mut().enumerate().for_each(|(row, set)| {
            let y = cells.pixels_down(row);
            for (column, (set, &held)) in set.iter_mut().zip(own.0.row(row)).enumerate() {
                let x = cells.pixels_across(column);
                *set = held == MIXED
                    || laid.iter().any(|laid| {
                        let under = cells.moved([x.clone(), y.clone()], laid.motion, laid.times);
                        !under.is_some_and(|under| laid.flat.is_all(held, cells, under))
                    });
            }
        });
        Self { cells, set }
    }

    /// The columns of row `y` in which something may change, cells that touch together.
    pub fn runs(&self, y: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        let row = self.set.row(y / self.cells.side);
        let mut column = 0;
        std::iter::from_fn(move || {
            let first = column + row[column.min(row.len())..].iter().position(|set| *set)?;
            let count = row[first..].iter().take_while(|set| **set).count();
            column = first + count;
            Some(self.cells.pixels_across(first).start..self.cells.pixels_across(column - 1).end)
        })
    }
}
