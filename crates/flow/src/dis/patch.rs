//! A square of 8 x 8 pixels of the first picture, compared with places in the second.
//!
//! Loops run over rows of eight floats so that the compiler makes vector instructions of them.

use super::grid::Grid;

/// Side of a patch in pixels (OpenCV's presets; Kroeger et al. 2016, section 3.2, use 8 as well).
pub(super) const SIDE: usize = 8;
const PIXELS: f32 = (SIDE * SIDE) as f32;

type Row = [f32; SIDE];

/// A place in the bordered second picture: whole pixels and the rest.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub column: usize,
    pub row: usize,
    pub part: [f32; 2],
}

/// A patch with its mean brightness taken out of all comparisons.
#[derive(Default)]
pub(super) struct Patch {
    values: [Row; SIDE],
    across: [Row; SIDE],
    down: [Row; SIDE],
    /// Inverse of the sum over the patch of the products of its derivatives: xx, xy, yy.
    inverse: [f32; 3],
    mean_slope: [f32; 2],
}

/// How a patch compares with a place.
pub(super) struct Comparison {
    /// Sum of squared differences, without the difference of the means.
    pub distance: f32,
    /// The Gauss-Newton step that the patch should go against.
    pub step: [f32; 2],
}

impl Patch {
    /// The patch whose top left pixel is at (`column`, `row`).
    pub fn new(picture: &Grid, slopes: &[Grid; 2], column: usize, row: usize) -> Self {
        let mut patch = Self::default();
        cut(picture, column, row, &mut patch.values);
        cut(&slopes[0], column, row, &mut patch.across);
        cut(&slopes[1], column, row, &mut patch.down);
        let mut sums = [[0f32; LANES]; 5];
        sum_slopes(&patch.across, &patch.down, &mut sums);
        let [x, y, xx, xy, yy] = sums.map(total);
        let determinant = (xx * yy - xy * xy).max(LEAST_DETERMINANT);
        patch.inverse = [yy / determinant, -xy / determinant, xx / determinant];
        patch.mean_slope = [x / PIXELS, y / PIXELS];
        patch
    }

    /// Sum of squared differences to a place in the bordered second picture, without the difference of the means.
    pub fn distance(&self, picture: &Grid, place: Place) -> f32 {
        let mut sums = [[0f32; LANES]; 2];
        self.sum_differences(picture, place, &mut sums);
        let [sum, square] = sums.map(total);
        square - sum * sum / PIXELS
    }

    /// The distance, and the step towards a smaller one.
    pub fn compare(&self, picture: &Grid, place: Place) -> Comparison {
        let mut sums = [[0f32; LANES]; 4];
        self.sum_products(picture, place, &mut sums);
        let [sum, square, across, down] = sums.map(total);
        let slope = [across - sum * self.mean_slope[0], down - sum * self.mean_slope[1]];
        let [xx, xy, yy] = self.inverse;
        Comparison {
            distance: square - sum * sum / PIXELS,
            step: [xx * slope[0] + xy * slope[1], xy * slope[0] + yy * slope[1]],
        }
    }

    /// Sums of the differences and of their squares.
    // Not inlined: writing to memory is what makes the compiler keep four lanes together.
    #[inline(never)]
    fn sum_differences(&self, picture: &Grid, place: Place, out: &mut [[f32; LANES]; 2]) {
        let (mut sum, mut square) = ([0f32; LANES], [0f32; LANES]);
        for half in [0, LANES] {
            self.differences(half, picture, place, |_, difference| {
                for i in 0..LANES {
                    sum[i] += difference[i];
                    square[i] += difference[i] * difference[i];
                }
            });
        }
        *out = [sum, square];
    }

    /// Sums of the differences, of their squares, and of their products with the patch's derivatives.
    #[inline(never)]
    fn sum_products(&self, picture: &Grid, place: Place, out: &mut [[f32; LANES]; 4]) {
        let (mut sum, mut square) = ([0f32; LANES], [0f32; LANES]);
        let (mut across, mut down) = ([0f32; LANES], [0f32; LANES]);
        for half in [0, LANES] {
            self.differences(half, picture, place, |y, difference| {
                let (slope_x, slope_y) = (&self.across[y][half..half + LANES], &self.down[y][half..half + LANES]);
                for i in 0..LANES {
                    sum[i] += difference[i];
                    square[i] += difference[i] * difference[i];
                    across[i] += difference[i] * slope_x[i];
                    down[i] += difference[i] * slope_y[i];
                }
            });
        }
        *out = [sum, square, across, down];
    }

    /// Gives `each` the rows of the second picture at a place less those of the patch, four columns from `half` on.
    #[inline(always)]
    fn differences(&self, half: usize, picture: &Grid, place: Place, mut each: impl FnMut(usize, &[f32; LANES])) {
        let [part_x, part_y] = place.part;
        let stride = picture.width;
        let start = place.row * stride + place.column + half;
        let covered = &picture.data[start..start + SIDE * stride + LANES + 1];
        let mut above = across(&covered[..=LANES], part_x);
        for y in 0..SIDE {
            let at = (y + 1) * stride;
            let below = across(&covered[at..=at + LANES], part_x);
            let values = &self.values[y][half..half + LANES];
            let mut difference = [0f32; LANES];
            for i in 0..LANES {
                difference[i] = above[i] + part_y * (below[i] - above[i]) - values[i];
            }
            each(y, &difference);
            above = below;
        }
    }
}

/// Columns compared at once: two halves of a patch use fewer registers than there are.
const LANES: usize = 4;

/// Between the pixels of a row.
#[inline(always)]
fn across(row: &[f32], part: f32) -> [f32; LANES] {
    let mut out = [0f32; LANES];
    for i in 0..LANES {
        out[i] = row[i] + part * (row[i + 1] - row[i]);
    }
    out
}

/// Under this a patch has no structure to speak of (OpenCV's EPS, its derivatives being 8 times ours).
const LEAST_DETERMINANT: f32 = 0.001 / 4096.0;

fn cut(grid: &Grid, column: usize, row: usize, out: &mut [Row; SIDE]) {
    for (out, row) in out.iter_mut().zip(row..) {
        let start = row * grid.width + column;
        out.copy_from_slice(&grid.data[start..start + SIDE]);
    }
}

/// Sums of the derivatives and of their products: x, y, xx, xy, yy.
#[inline(never)]
fn sum_slopes(across: &[Row; SIDE], down: &[Row; SIDE], out: &mut [[f32; LANES]; 5]) {
    let ([mut x, mut y], [mut xx, mut xy, mut yy]) = ([[0f32; LANES]; 2], [[0f32; LANES]; 3]);
    for half in [0, LANES] {
        for (across, down) in across.iter().zip(down) {
            let (across, down) = (&across[half..half + LANES], &down[half..half + LANES]);
            for i in 0..LANES {
                x[i] += across[i];
                y[i] += down[i];
                xx[i] += across[i] * across[i];
                xy[i] += across[i] * down[i];
                yy[i] += down[i] * down[i];
            }
        }
    }
    *out = [x, y, xx, xy, yy];
}

fn total([a, b, c, d]: [f32; LANES]) -> f32 {
    (a + b) + (c + d)
}
