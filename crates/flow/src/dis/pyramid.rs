//! One scale of the two pictures with what the search reads at it.

use super::grid::Grid;
use super::resize::{Sample, Source};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Pixels by which the second picture is continued beyond each border (by repeating it): more than a patch and a pixel.
pub(super) const BORDER: usize = 16;

/// Both pictures at one scale.
#[derive(Default)]
pub(super) struct Level {
    /// The first picture.
    pub from: Grid,
    /// The second one.
    pub to: Grid,
    /// The second one with [`BORDER`] pixels on each side.
    pub to_bordered: Grid,
    /// Derivatives of the first one along x and y per pixel.
    pub slopes: [Grid; 2],
    /// The motion at this scale: its x and its y part.
    pub motion: [Grid; 2],
    scratch: Vec<f32>,
}

impl Level {
    /// The level made from the pictures themselves. Where the level is larger, their border is repeated.
    pub fn finest<T: Sample>(&mut self, from: &Source<T>, to: &Source<T>, width: usize, height: usize) {
        for (picture, out) in [(from, &mut self.from), (to, &mut self.to)] {
            if width > picture.width || height > picture.height {
                picture.extend(width, height, out);
            } else {
                picture.shrink(width, height, out, &mut self.scratch);
            }
        }
        self.complete();
    }

    /// The level of half the size of `finer`.
    pub fn coarser(&mut self, finer: &Level) {
        let (width, height) = (finer.from.width / 2, finer.from.height / 2);
        Source::of_grid(&finer.from).shrink(width, height, &mut self.from, &mut self.scratch);
        Source::of_grid(&finer.to).shrink(width, height, &mut self.to, &mut self.scratch);
        self.complete();
    }

    fn complete(&mut self) {
        let (width, height) = (self.from.width, self.from.height);
        for part in &mut self.motion {
            part.reshape(width, height);
        }
        continue_beyond(&self.to, &mut self.to_bordered);
        let from = &self.from;
        let [across, down] = &mut self.slopes;
        across.reshape(width, height);
        down.reshape(width, height);
        across.par_rows_mut().zip(down.par_rows_mut()).enumerate().for_each(|(y, (across, down))| {
            let (above, below) = (from.row(y.saturating_sub(1)), from.row((y + 1).min(height - 1)));
            sobel([above, from.row(y), below], across, down);
        });
    }
}

fn continue_beyond(picture: &Grid, out: &mut Grid) {
    let (width, height) = (picture.width, picture.height);
    out.reshape(width + 2 * BORDER, height + 2 * BORDER);
    out.par_rows_mut().enumerate().for_each(|(y, out)| {
        let row = picture.row(y.saturating_sub(BORDER).min(height - 1));
        out[..BORDER].fill(row[0]);
        out[BORDER..BORDER + width].copy_from_slice(row);
        out[BORDER + width..].fill(row[width - 1]);
    });
}

/// Sobel's derivatives of the middle row, per pixel (so divided by 8).
fn sobel(rows: [&[f32]; 3], across: &mut [f32], down: &mut [f32]) {
    let width = across.len();
    let derivative = |left: usize, x: usize, right: usize| {
        let [above, row, below] = rows;
        let step = (above[right] - above[left]) + 2.0 * (row[right] - row[left]) + (below[right] - below[left]);
        let drop = (below[left] - above[left]) + 2.0 * (below[x] - above[x]) + (below[right] - above[right]);
        (step * 0.125, drop * 0.125)
    };
    for x in [0, width - 1] {
        (across[x], down[x]) = derivative(x.saturating_sub(1), x, (x + 1).min(width - 1));
    }
    if width < 3 {
        return;
    }
    let [above, row, below] = rows.map(|row| &row[..width]);
    let inner = across[1..width - 1].iter_mut().zip(&mut down[1..width - 1]);
    let neighbours = above.windows(3).zip(row.windows(3)).zip(below.windows(3));
    for ((across, down), ((above, row), below)) in inner.zip(neighbours) {
        *across = 0.125 * ((above[2] - above[0]) + 2.0 * (row[2] - row[0]) + (below[2] - below[0]));
        *down = 0.125 * ((below[0] - above[0]) + 2.0 * (below[1] - above[1]) + (below[2] - above[2]));
    }
}
