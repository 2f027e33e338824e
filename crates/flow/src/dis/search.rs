//! Inverse search: the motion of patches on a sparse grid.

use super::patch::{Patch, Place, SIDE};
use super::pyramid::{BORDER, Level};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Rows of patches are shared out in this many stripes, across which vectors are not handed on (as OpenCV does it): the
/// result does not depend on the number of threads.
const STRIPES: usize = 8;

/// Motion of patches whose corners lie `stride` pixels apart.
#[derive(Default)]
pub(super) struct Sparse {
    pub stride: usize,
    pub columns: usize,
    pub rows: usize,
    pub vectors: Vec<[f32; 2]>,
}

impl Sparse {
    /// Finds the patches' motion from the level's coarse motion. `steps` is the number of Gauss-Newton steps, which both
    /// passes share.
    pub fn search(&mut self, level: &Level, stride: usize, steps: usize) {
        self.stride = stride;
        self.columns = 1 + (level.from.width - SIDE) / stride;
        self.rows = 1 + (level.from.height - SIDE) / stride;
        let columns = self.columns;
        self.vectors.resize(columns * self.rows, [0.0; 2]);
        let stripe_rows = self.rows.div_ceil(STRIPES);
        self.vectors.par_chunks_mut(stripe_rows * columns).enumerate().for_each(|(stripe, vectors)| {
            let mut stripe =
                Stripe { level, stride, columns, first_row: stripe * stripe_rows, vectors, steps: steps / 2 };
            stripe.start();
            stripe.pass(Order::Forward);
            stripe.pass(Order::Backward);
        });
    }
}

/// Which neighbours have been visited before.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Forward,
    Backward,
}

struct Stripe<'a> {
    level: &'a Level,
    stride: usize,
    columns: usize,
    first_row: usize,
    vectors: &'a mut [[f32; 2]],
    steps: usize,
}

impl Stripe<'_> {
    /// The coarser scale's motion at the patches' middles.
    fn start(&mut self) {
        let [u, v] = &self.level.motion;
        for (index, vector) in self.vectors.iter_mut().enumerate() {
            let (column, row) =
                (index % self.columns * self.stride, (self.first_row + index / self.columns) * self.stride);
            let (x, y) = (column + SIDE / 2, row + SIDE / 2);
            *vector = [u.row(y)[x], v.row(y)[x]];
        }
    }

    /// Visits all patches: the best of the patch's own vector and those of its two visited neighbours, then descent.
    fn pass(&mut self, order: Order) {
        let count = self.vectors.len();
        let rows = count / self.columns;
        for visit in 0..count {
            let index = if order == Order::Forward { visit } else { count - 1 - visit };
            let (column, row) = (index % self.columns, index / self.columns);
            let (beside, above) = match order {
                Order::Forward => ((column > 0).then(|| index - 1), (row > 0).then(|| index - self.columns)),
                Order::Backward => {
                    ((column + 1 < self.columns).then(|| index + 1), (row + 1 < rows).then(|| index + self.columns))
                }
            };
            let corner = [column * self.stride, (self.first_row + row) * self.stride];
            let candidates = [Some(index), beside, above].map(|at| at.map(|at| self.vectors[at]));
            self.vectors[index] = self.improve(corner, candidates);
        }
    }

    fn improve(&self, corner: [usize; 2], candidates: [Option<[f32; 2]>; 3]) -> [f32; 2] {
        let level = self.level;
        let patch = Patch::new(&level.from, &level.slopes, corner[0], corner[1]);
        let (mut best, mut least) = ([0f32; 2], f32::INFINITY);
        let mut seen = [None; 3];
        for (index, candidate) in candidates.into_iter().enumerate() {
            let Some(vector) = candidate else { continue };
            if seen.contains(&candidate) {
                continue;
            }
            seen[index] = candidate;
            let distance = patch.distance(&level.to_bordered, place(level, corner, vector));
            if distance < least {
                (best, least) = (vector, distance);
            }
        }
        let mut vector = best;
        let mut last = f32::INFINITY;
        for _ in 0..self.steps {
            let comparison = patch.compare(&level.to_bordered, place(level, corner, vector));
            vector = [vector[0] - STEP * comparison.step[0], vector[1] - STEP * comparison.step[1]];
            if comparison.distance >= last {
                break;
            }
            last = comparison.distance;
        }
        // Farther than a patch from where it began: lost (Kroeger et al. 2016, section 2.1).
        let (dx, dy) = (vector[0] - best[0], vector[1] - best[1]);
        if dx * dx + dy * dy <= (SIDE * SIDE) as f32 { vector } else { best }
    }
}

/// Share of a Gauss-Newton step that is taken: OpenCV's derivatives are 8 times as large as the picture's (Sobel's sums),
/// so its steps are this much smaller. Whole steps fit noise and cost a fifth of the accuracy on real pairs.
const STEP: f32 = 0.125;

/// Where the patch at `corner` lies in the bordered second picture; patches that left the picture stay just outside.
fn place(level: &Level, corner: [usize; 2], vector: [f32; 2]) -> Place {
    let (column, part_x) = along(corner[0], vector[0], level.from.width);
    let (row, part_y) = along(corner[1], vector[1], level.from.height);
    Place { column, row, part: [part_x, part_y] }
}

fn along(corner: usize, by: f32, side: usize) -> (usize, f32) {
    let (low, high) = ((BORDER - SIDE + 1) as f32, (BORDER + side - 1) as f32);
    let position = (corner + BORDER) as f32 + by;
    // Comparisons that a vector which is not a number fails.
    let position = if position > low { position } else { low };
    let position = if position < high { position } else { high };
    // Through i32: one instruction.
    let whole = position as i32;
    (whole as usize, position - whole as f32)
}

impl Sparse {
    /// Rows (of patches) that cover row `y` of pixels; the last one where none reaches so far down.
    pub fn rows_over(&self, y: usize) -> std::ops::Range<usize> {
        covering(y, self.stride, self.rows)
    }

    /// The vectors of a row of patches.
    pub fn row(&self, row: usize) -> &[[f32; 2]] {
        &self.vectors[row * self.columns..(row + 1) * self.columns]
    }
}

fn covering(pixel: usize, stride: usize, patches: usize) -> std::ops::Range<usize> {
    let first = (pixel + 1).saturating_sub(SIDE).div_ceil(stride).min(patches - 1);
    let end = (pixel / stride + 1).min(patches);
    first..end.max(first + 1)
}
