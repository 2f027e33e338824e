//! Means over cells of the picture: what varies slowly costs nothing there.

use super::soft_mean::soft_mean;
use crate::field::between;
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

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

    /// Means over the cells of `N` values, which `fill` gives for each row of pixels, softened with a width of `sigma`
    /// cells.
    pub fn means<const N: usize>(self, sigma: f32, fill: impl Fn(usize, &mut [Vec<f32>; N]) + Sync) -> [Plane<f32>; N] {
        let (columns, rows) = self.grid();
        let mut sums = Plane::new(columns, rows, [0f32; N]);
        let buffers = || std::array::from_fn::<Vec<f32>, N, _>(|_| vec![0f32; self.width]);
        sums.par_rows_mut().enumerate().for_each_init(buffers, |buffers, (cell_row, sums)| {
            let lines = cell_row * self.side..((cell_row + 1) * self.side).min(self.height);
            let count = lines.len() as f32;
            for y in lines {
                fill(y, buffers);
                for (index, buffer) in buffers.iter().enumerate() {
                    for (sums, values) in sums.iter_mut().zip(buffer.chunks(self.side)) {
                        sums[index] += values.iter().sum::<f32>();
                    }
                }
            }
            for (cell, sum) in sums.iter_mut().enumerate() {
                let wide = self.side.min(self.width - cell * self.side) as f32;
                sum.iter_mut().for_each(|sum| *sum /= wide * count);
            }
        });
        std::array::from_fn(|index| soft_mean(&sums.map(|sums| sums[index]), sigma))
    }

    /// Which cells lie within `reach` pixels, along x and along y, of a cell in which a pixel is `set`.
    pub fn within(self, reach: f32, set: impl Fn(usize, usize) -> bool + Sync) -> Plane<bool> {
        let (columns, rows) = self.grid();
        let mut cells = Plane::new(columns, rows, false);
        cells.par_rows_mut().enumerate().for_each(|(row, cells)| {
            for (column, cell) in cells.iter_mut().enumerate() {
                let mut lines = row * self.side..((row + 1) * self.side).min(self.height);
                let across = column * self.side..((column + 1) * self.side).min(self.width);
                *cell = lines.any(|y| across.clone().any(|x| set(x, y)));
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

    fn grid(self) -> (usize, usize) {
        (self.width.div_ceil(self.side), self.height.div_ceil(self.side))
    }

    /// The values of cells at the pixels of row `y`, linear between the cells' centres.
    pub fn spread(self, cells: &Plane<f32>, y: usize, out: &mut Vec<f32>) {
        self.spread_to(cells, y, self.width, [1.0, 1.0], out);
    }

    /// The same for the pixels of another grid over the same picture: `width` in a row, `scale` of them for each pixel here.
    pub fn spread_to(self, cells: &Plane<f32>, y: usize, width: usize, scale: [f32; 2], out: &mut Vec<f32>) {
        let place = |at: usize, scale: f32| (at as f32 + 0.5) / scale / self.side as f32 - 0.5;
        let (top, bottom, part) = between(place(y, scale[1]), cells.height());
        let (above, below) = (cells.row(top), cells.row(bottom));
        out.clear();
        out.extend((0..width).map(|x| {
            let (left, right, across) = between(place(x, scale[0]), cells.width());
            let upper = above[left] + across * (above[right] - above[left]);
            let lower = below[left] + across * (below[right] - below[left]);
            upper + part * (lower - upper)
        }));
    }
}
