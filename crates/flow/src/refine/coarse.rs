//! Means over cells of the picture: what varies slowly costs nothing there.

use super::object_motion::ObjectMotion;
use super::soft_mean::soft_mean;
use crate::field::between;
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use std::ops::Range;

/// Rows of cells over the height of a picture: smoothing grows with the picture.
const ROWS: usize = 120;

/// How a picture is divided into cells.
#[derive(Clone, Copy)]
pub(super) struct Cells {
    width: usize,
    height: usize,
    /// Side of a cell in pixels.
    pub side: usize,
}

impl Cells {
    pub fn of(width: usize, height: usize) -> Self {
        Self { width, height, side: ((height as f32 / ROWS as f32).round() as usize).max(1) }
    }

    /// What is a pixel in a picture of 480 rows, in pixels here.
    pub fn unit(self) -> f32 {
        self.side as f32 / 4.0
    }

    /// Means over the cells of `N` values, which `fill` gives for a part of each row of pixels, softened with a width of
    /// `sigma` cells. Cells that are not of `among` count as 0 and are not asked for.
    pub fn means<const N: usize>(
        self,
        sigma: f32,
        among: Option<&Plane<bool>>,
        fill: impl Fn(usize, Range<usize>, &mut [Vec<f32>; N]) + Sync,
    ) -> [Plane<f32>; N] {
        self.sharp_means(among, fill).map(|means| soft_mean(&means, sigma))
    }

    /// As [`Cells::means`], of each cell for itself.
    pub fn sharp_means<const N: usize>(
        self,
        among: Option<&Plane<bool>>,
        fill: impl Fn(usize, Range<usize>, &mut [Vec<f32>; N]) + Sync,
    ) -> [Plane<f32>; N] {
        let (columns, rows) = self.grid();
        let mut sums = Plane::new(columns, rows, [0f32; N]);
        let buffers = || std::array::from_fn::<Vec<f32>, N, _>(|_| vec![0f32; self.width]);
        sums.par_rows_mut().enumerate().for_each_init(buffers, |buffers, (cell_row, sums)| {
            let asked = |column: usize| among.is_none_or(|among| among.row(cell_row)[column]);
            let lines = self.pixels_down(cell_row);
            let mut next = 0;
            while let Some(first) = (next..columns).find(|column| asked(*column)) {
                let end = (first..columns).find(|column| !asked(*column)).unwrap_or(columns);
                let run = self.pixels_across(first).start..self.pixels_across(end - 1).end;
                for y in lines.clone() {
                    fill(y, run.clone(), buffers);
                    for (index, buffer) in buffers.iter().enumerate() {
                        for (sums, values) in sums[first..end].iter_mut().zip(buffer[run.clone()].chunks(self.side)) {
                            sums[index] += values.iter().sum::<f32>();
                        }
                    }
                }
                next = end;
            }
            for (column, sum) in sums.iter_mut().enumerate() {
                let count = (self.pixels_across(column).len() * lines.len()) as f32;
                sum.iter_mut().for_each(|sum| *sum /= count);
            }
        });
        std::array::from_fn(|index| sums.map(|sums| sums[index]))
    }

    /// Which cells lie within `reach` pixels, along x and along y, of a cell (of `among`) in which a pixel is `set`.
    pub fn within(
        self,
        reach: f32,
        among: Option<&Plane<bool>>,
        set: impl Fn(usize, usize) -> bool + Sync,
    ) -> Plane<bool> {
        let (columns, rows) = self.grid();
        let mut cells = Plane::new(columns, rows, false);
        cells.par_rows_mut().enumerate().for_each(|(row, cells)| {
            let asked = |column: &usize| among.is_none_or(|among| among.row(row)[*column]);
            for (column, cell) in cells.iter_mut().enumerate().filter(|(column, _)| asked(column)) {
                let across = self.pixels_across(column);
                *cell = self.pixels_down(row).any(|y| across.clone().any(|x| set(x, y)));
            }
        });
        // Not more than the whole picture, whatever is asked for.
        let reach = (reach.max(0.0) / self.side as f32).ceil().min(columns.max(rows) as f32) as usize;
        let mut near = Plane::new(columns, rows, false);
        for (y, row) in cells.rows().enumerate() {
            for (x, _) in row.iter().enumerate().filter(|(_, set)| **set) {
                for line in y.saturating_sub(reach)..(y + reach + 1).min(rows) {
                    near.row_mut(line)[x.saturating_sub(reach)..(x + reach + 1).min(columns)].fill(true);
                }
            }
        }
        near
    }

    /// Columns and rows of cells.
    pub fn grid(self) -> (usize, usize) {
        (self.width.div_ceil(self.side), self.height.div_ceil(self.side))
    }

    /// The columns of pixels in a column of cells.
    pub fn pixels_across(self, column: usize) -> Range<usize> {
        column * self.side..((column + 1) * self.side).min(self.width)
    }

    /// The rows of pixels in a row of cells.
    pub fn pixels_down(self, row: usize) -> Range<usize> {
        row * self.side..((row + 1) * self.side).min(self.height)
    }

    /// The pixels between which a rectangle of pixels is read when it moves by `times` the motion; `None` where that is no
    /// number.
    pub fn moved(self, [x, y]: [Range<usize>; 2], motion: &ObjectMotion, times: [f32; 2]) -> Option<[Range<usize>; 2]> {
        let [across, down] = motion.most([x.clone(), y.clone()]);
        let span = |pixels: Range<usize>, moved: [f32; 2], count: usize| {
            let parts = [moved[0] * times[0], moved[0] * times[1], moved[1] * times[0], moved[1] * times[1]];
            let (least, most) = parts.iter().fold((0f32, 0f32), |(low, high), part| (low.min(*part), high.max(*part)));
            let known = parts.iter().all(|part| part.is_finite());
            let last = (count - 1) as f32;
            // A pixel more on each side: rounding shall not decide.
            let first = (pixels.start as f32 + least - 1.0).floor().clamp(0.0, last) as usize;
            let end = (pixels.end as f32 + most + 1.0).ceil().clamp(0.0, last) as usize + 1;
            known.then_some(first..end)
        };
        Some([span(x, across, self.width)?, span(y, down, self.height)?])
    }

    /// The values of cells at the pixels of row `y` in `columns`, linear between the cells' centres. `out` is as long as the
    /// row.
    pub fn spread(self, cells: &Plane<f32>, y: usize, columns: Range<usize>, out: &mut [f32]) {
        self.spread_to(cells, y, columns, [1.0, 1.0], out);
    }

    /// The same for the pixels of another grid over the same picture: `scale` of them for each pixel here.
    pub fn spread_to(self, cells: &Plane<f32>, y: usize, columns: Range<usize>, scale: [f32; 2], out: &mut [f32]) {
        let (top, bottom, part) = between(self.place(y, scale[1]), cells.height());
        let (above, below) = (cells.row(top), cells.row(bottom));
        for (x, out) in columns.clone().zip(&mut out[columns]) {
            let (left, right, across) = between(self.place(x, scale[0]), cells.width());
            let upper = above[left] + across * (above[right] - above[left]);
            let lower = below[left] + across * (below[right] - below[left]);
            *out = upper + part * (lower - upper);
        }
    }

    /// Where a pixel of a grid with `scale` pixels for each of ours lies between the cells' centres.
    pub fn place(self, at: usize, scale: f32) -> f32 {
        (at as f32 + 0.5) / scale / self.side as f32 - 0.5
    }
}
