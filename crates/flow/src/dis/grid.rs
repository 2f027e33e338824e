//! Planes of working memory that change their size without giving it up.

use rayon::iter::IndexedParallelIterator;
use rayon::slice::ParallelSliceMut;

/// Rows of `f32` without padding.
#[derive(Default)]
pub(super) struct Grid {
    pub width: usize,
    pub height: usize,
    pub data: Vec<f32>,
}

impl Grid {
    /// Makes it a grid of this size. What it holds then is not said.
    pub fn reshape(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.data.resize(width * height, 0.0);
    }

    pub fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// The rows as a rayon iterator, several to a task.
    pub fn par_rows_mut(&mut self) -> impl IndexedParallelIterator<Item = &mut [f32]> {
        let rows = task_rows(self.width);
        self.data.par_chunks_exact_mut(self.width.max(1)).with_min_len(rows)
    }
}

/// Rows of `width` that make a task worth giving to another thread.
pub(super) fn task_rows(width: usize) -> usize {
    (16_384 / width.max(1)).max(1)
}

/// Rows of each stripe when `height` rows are shared out; it depends on nothing else, so results do not either.
pub(super) fn stripe_rows(height: usize) -> usize {
    height.div_ceil(32).max(8)
}
