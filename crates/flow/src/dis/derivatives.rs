//! Derivatives of the two pictures, the second one brought onto the first by the motion found so far.

use super::checker::{Board, deal};
use super::grid::{Grid, stripe_rows};
use super::pyramid::{BORDER, Level};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// The term of brightness, those of its slope along x and along y.
pub(super) const TERMS: usize = 3;

/// A term's derivatives along x, y and time at the cells of one colour.
pub(super) type Term = [Vec<f32>; 3];

/// Square added to a length that is divided by (OpenCV's zeta, 0.1).
pub(super) const FLOOR: f32 = 0.1 * 0.1;

/// Working memory of the derivatives.
#[derive(Default)]
pub(super) struct Derivatives {
    /// Mean of the first picture and the warped second one.
    mean: Grid,
    /// Warped second picture less the first.
    change: Grid,
    across: Grid,
    down: Grid,
    scratch: Vec<f32>,
}

impl Derivatives {
    /// Warps the level's second picture and takes first derivatives.
    pub fn take(&mut self, level: &Level) {
        let (width, height) = (level.from.width, level.from.height);
        for grid in [&mut self.mean, &mut self.change, &mut self.across, &mut self.down] {
            grid.reshape(width, height);
        }
        self.mean.par_rows_mut().zip(self.change.par_rows_mut()).enumerate().for_each(|(y, (mean, change))| {
            warp_row(level, y, mean);
            for ((mean, change), &from) in mean.iter_mut().zip(change).zip(level.from.row(y)) {
                let warped = *mean;
                *mean = 0.5 * (from + warped);
                *change = warped - from;
            }
        });
        let mean = &self.mean;
        self.across.par_rows_mut().zip(self.down.par_rows_mut()).enumerate().for_each(|(y, (across, down))| {
            along_x(mean.row(y), across);
            along_y(mean, y, down);
        });
    }

    /// Writes the three terms, each divided by the length of its derivatives in space, to the cells of both colours.
    pub fn deal(&mut self, board: Board, red: &mut [Term; TERMS], black: &mut [Term; TERMS]) {
        let Self { change, across, down, scratch, .. } = self;
        let (change, across, down) = (&*change, &*across, &*down);
        for (term, (red, black)) in red.iter_mut().zip(black).enumerate() {
            deal_term(board, red, black, scratch, |y, [x_row, y_row, time_row]| match term {
                0 => {
                    x_row.copy_from_slice(across.row(y));
                    y_row.copy_from_slice(down.row(y));
                    time_row.copy_from_slice(change.row(y));
                }
                1 => {
                    along_x(across.row(y), x_row);
                    along_y(across, y, y_row);
                    along_x(change.row(y), time_row);
                }
                _ => {
                    along_y(across, y, x_row);
                    along_y(down, y, y_row);
                    along_y(change, y, time_row);
                }
            });
        }
    }
}

fn deal_term(
    board: Board,
    red: &mut Term,
    black: &mut Term,
    scratch: &mut Vec<f32>,
    derive: impl Fn(usize, [&mut [f32]; 3]) + Sync,
) {
    let (width, rows, stride) = (board.width, stripe_rows(board.height), board.stride());
    scratch.resize(board.height.div_ceil(rows) * width * 3, 0.0);
    let [r0, r1, r2] = red.each_mut().map(|field| board.inner(field).par_chunks_mut(rows * stride));
    let [b0, b1, b2] = black.each_mut().map(|field| board.inner(field).par_chunks_mut(rows * stride));
    let outputs = (r0, r1, r2, b0, b1, b2).into_par_iter();
    outputs.zip(scratch.par_chunks_exact_mut(width * 3)).enumerate().for_each(|(stripe, (out, scratch))| {
        let (x_row, rest) = scratch.split_at_mut(width);
        let (y_row, time_row) = rest.split_at_mut(width);
        let (mut red, mut black) = ([out.0, out.1, out.2], [out.3, out.4, out.5]);
        for index in 0..red[0].len() / stride {
            let y = stripe * rows + index;
            derive(y, [&mut *x_row, &mut *y_row, &mut *time_row]);
            normalise(x_row, y_row, time_row);
            let cells = index * stride + 1..(index + 1) * stride - 1;
            for ((row, red), black) in [&*x_row, &*y_row, &*time_row].into_iter().zip(&mut red).zip(&mut black) {
                let halves = [&mut red[cells.clone()], &mut black[cells.clone()]];
                deal_row(board, y, row, halves);
            }
        }
    });
}

/// Deals one row of pixels to the cells of red and black.
pub(super) fn deal_row(board: Board, y: usize, row: &[f32], [red, black]: [&mut [f32]; 2]) {
    if board.phase(0, y) == 0 { deal(row, red, black) } else { deal(row, black, red) }
}

fn normalise(x: &mut [f32], y: &mut [f32], time: &mut [f32]) {
    for ((x, y), time) in x.iter_mut().zip(y).zip(time) {
        let scale = 1.0 / (*x * *x + *y * *y + FLOOR).sqrt();
        (*x, *y, *time) = (*x * scale, *y * scale, *time * scale);
    }
}

/// Differences of the neighbours at left and right, as OpenCV takes them: twice the derivative.
fn along_x(row: &[f32], out: &mut [f32]) {
    let last = row.len() - 1;
    out[0] = row[last.min(1)] - row[0];
    out[last] = row[last] - row[last.saturating_sub(1)];
    if let Some(inner) = out.get_mut(1..last) {
        for ((out, left), right) in inner.iter_mut().zip(row).zip(&row[2..]) {
            *out = right - left;
        }
    }
}

/// Differences of the neighbours above and below.
fn along_y(grid: &Grid, y: usize, out: &mut [f32]) {
    let (above, below) = (grid.row(y.saturating_sub(1)), grid.row((y + 1).min(grid.height - 1)));
    for ((out, above), below) in out.iter_mut().zip(above).zip(below) {
        *out = below - above;
    }
}

/// A row of the second picture as the first one's motion sees it, bilinear, the border repeated.
fn warp_row(level: &Level, y: usize, out: &mut [f32]) {
    let picture = &level.to_bordered;
    let high = [level.from.width - 1 + BORDER, level.from.height - 1 + BORDER].map(|high| high as f32);
    let [u, v] = level.motion.each_ref().map(|part| part.row(y));
    for (x, ((out, u), v)) in out.iter_mut().zip(u).zip(v).enumerate() {
        let at_x = ((x + BORDER) as f32 + u).max(BORDER as f32).min(high[0]);
        let at_y = ((y + BORDER) as f32 + v).max(BORDER as f32).min(high[1]);
        // Through i32: one instruction.
        let (left, top) = (at_x as i32, at_y as i32);
        let (part_x, part_y) = (at_x - left as f32, at_y - top as f32);
        let start = top as usize * picture.width + left as usize;
        let (above, below) = (&picture.data[start..start + 2], &picture.data[start + picture.width..][..2]);
        let upper = above[0] + part_x * (above[1] - above[0]);
        let lower = below[0] + part_x * (below[1] - below[0]);
        *out = upper + part_y * (lower - upper);
    }
}
