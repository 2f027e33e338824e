//! Between cells, samples and masks.

use raster::Plane;

use super::cells::Grid;
use crate::{segmentation::Segmentation, thumbnail::REDUCTION};

/// Samples of a mask on a side of a thumbnail's, so that an edge counts for what it covers.
const FINER: usize = 2;

/// How much of each thumbnail sample a mask covers, 0..=1.
pub(super) fn coverage(mask: &Segmentation, width: usize, height: usize) -> Plane<f32> {
    let fine = mask.resampled(width * FINER, height * FINER);
    let mut coverage = Plane::new(width, height, 0f32);
    for (y, row) in coverage.rows_mut().enumerate() {
        for fine in (y * FINER..(y + 1) * FINER).map(|y| fine.row(y)) {
            for (value, pair) in row.iter_mut().zip(fine.chunks_exact(FINER)) {
                *value += pair.iter().filter(|&&logit| logit > 0.0).count() as f32 / (FINER * FINER) as f32;
            }
        }
    }
    coverage
}

/// The mean of a plane of thumbnail samples over each cell.
pub(super) fn cell_means(plane: &Plane<f32>, grid: Grid) -> Vec<f32> {
    let side = grid.cell / REDUCTION as f32;
    let (columns, rows) = (spans(grid.columns, side, plane.width()), spans(grid.rows, side, plane.height()));
    let mut means = Vec::with_capacity(grid.len());
    for row in &rows {
        for column in &columns {
            let (mut sum, mut weight) = (0f32, 0f32);
            for (y, share) in row.samples() {
                for (value, (_, part)) in plane.row(y)[column.first..].iter().zip(column.samples()) {
                    sum += share * part * value;
                    weight += share * part;
                }
            }
            means.push(if weight > 0.0 { sum / weight } else { 0.0 });
        }
    }
    means
}

/// The samples under one cell, the outermost possibly in part.
struct Span {
    first: usize,
    last: usize,
    from: f32,
    to: f32,
}

impl Span {
    fn samples(&self) -> impl Iterator<Item = (usize, f32)> {
        let share = |at: usize| self.to.min(at as f32 + 1.0) - self.from.max(at as f32);
        (self.first..=self.last).map(move |at| (at, share(at)))
    }
}

fn spans(cells: usize, side: f32, samples: usize) -> Vec<Span> {
    let last = samples.saturating_sub(1);
    let span = |cell: usize| {
        let (from, to) = (cell as f32 * side, ((cell + 1) as f32 * side).min(samples as f32));
        let first = (from as usize).min(last);
        Span { first, last: ((to.ceil() as usize).max(1) - 1).clamp(first, last), from: from.min(to), to }
    };
    (0..cells).map(span).collect()
}

/// Values of cells as a smooth plane of thumbnail samples, 0..=1: cubic convolution with a = -0.75, as OpenCV's
/// `INTER_CUBIC`.
pub(super) fn enlarged(cells: &[f32], grid: Grid, width: usize, height: usize) -> Plane<f32> {
    let (columns, rows) = (cubic(grid, grid.columns, width), cubic(grid, grid.rows, height));
    let across: Vec<f32> =
        cells.chunks_exact(grid.columns).flat_map(|row| columns.iter().map(|tap| tap.of(|at| row[at]))).collect();
    let mut plane = Plane::new(width, height, 0f32);
    for (line, tap) in plane.rows_mut().zip(&rows) {
        for (x, value) in line.iter_mut().enumerate() {
            *value = tap.of(|at| across[at * width + x]).clamp(0.0, 1.0);
        }
    }
    plane
}

/// A plane over the same picture with another number of samples, linearly between those that are there.
pub(super) fn resized(plane: &Plane<f32>, width: usize, height: usize) -> Plane<f32> {
    let taps = |count: usize, samples: usize| -> Vec<(usize, usize, f32)> {
        let last = samples.saturating_sub(1);
        let tap = |index: usize| {
            let at = ((index as f32 + 0.5) * samples as f32 / count as f32 - 0.5).clamp(0.0, last as f32);
            (at as usize, (at as usize + 1).min(last), at.fract())
        };
        (0..count).map(tap).collect()
    };
    let mut out = Plane::new(width, height, 0f32);
    if plane.is_empty() {
        return out;
    }
    let columns = taps(width, plane.width());
    for (line, (above, below, down)) in out.rows_mut().zip(taps(height, plane.height())) {
        let (upper, lower) = (plane.row(above), plane.row(below));
        for (value, &(left, right, across)) in line.iter_mut().zip(&columns) {
            let mix = |row: &[f32]| row[left] + (row[right] - row[left]) * across;
            *value = mix(upper) + (mix(lower) - mix(upper)) * down;
        }
    }
    out
}

struct Tap {
    at: [usize; 4],
    weights: [f32; 4],
}

impl Tap {
    fn of(&self, value: impl Fn(usize) -> f32) -> f32 {
        self.at.iter().zip(&self.weights).map(|(&at, weight)| weight * value(at)).sum()
    }
}

fn cubic(grid: Grid, cells: usize, samples: usize) -> Vec<Tap> {
    const A: f32 = -0.75;
    let near = |x: f32| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let far = |x: f32| ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A;
    let side = grid.cell / REDUCTION as f32;
    let tap = |sample: usize| {
        let at = (sample as f32 + 0.5) / side - 0.5;
        let (whole, part) = (at.floor(), at - at.floor());
        let clamped = |step: f32| ((whole + step).max(0.0) as usize).min(cells - 1);
        let weights = [far(1.0 + part), near(part), near(1.0 - part), far(2.0 - part)];
        Tap { at: [clamped(-1.0), clamped(0.0), clamped(1.0), clamped(2.0)], weights }
    };
    (0..samples).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slope(width: usize, height: usize, f: impl Fn(f32, f32) -> f32) -> Plane<f32> {
        let at = |i: usize| f((i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
        Plane::from_vec(width, height, (0..width * height).map(at).collect()).unwrap()
    }

    #[test]
    fn cells_hold_the_means_of_the_samples_they_lie_on_also_where_they_cut_them() {
        // Cells of 14 pixels (SAM3): 3.5 samples.
        let grid = Grid { columns: 4, rows: 2, cell: 14.0 };
        let means = cell_means(&slope(14, 7, |x, _| x), grid);
        for (cell, mean) in means.iter().enumerate() {
            let expected = ((cell % 4) as f32 + 0.5) * 3.5;
            assert!((mean - expected).abs() < 0.15, "{cell}: {mean} {expected}");
        }
        let total: f32 = cell_means(&slope(14, 7, |_, _| 1.0), grid).iter().sum();
        assert!((total - 8.0).abs() < 1e-4);
    }

    #[test]
    fn cells_beyond_the_last_sample_are_empty_and_one_cell_is_served() {
        let grid = Grid { columns: 2, rows: 1, cell: 16.0 };
        assert_eq!(cell_means(&Plane::new(3, 1, 1.0), grid)[0], 1.0);
        assert!(cell_means(&Plane::new(3, 1, 1.0), grid)[1].is_finite());
        let one = Grid { columns: 1, rows: 1, cell: 16.0 };
        assert_eq!(enlarged(&[0.25], one, 3, 2).data(), [0.25; 6]);
    }

    #[test]
    fn votes_are_enlarged_without_a_shift() {
        let grid = Grid { columns: 16, rows: 9, cell: 16.0 };
        let cells: Vec<f32> = (0..grid.len()).map(|cell| (cell % 16) as f32 / 15.0).collect();
        let plane = enlarged(&cells, grid, 64, 36);
        for x in 8..56 {
            let expected = ((x as f32 + 0.5) / 4.0 - 0.5) / 15.0;
            // This kernel bends slopes by a few hundredths of a cell.
            assert!((plane.row(18)[x] - expected).abs() < 0.06 / 15.0, "{x}");
        }
    }

    #[test]
    fn resizing_to_the_same_size_changes_nothing_and_keeps_slopes() {
        let plane = slope(9, 5, |x, y| x - 2.0 * y);
        assert_eq!(resized(&plane, 9, 5), plane);
        let larger = resized(&plane, 18, 10);
        assert!((larger.row(5)[8] - (4.25 - 2.0 * 2.75)).abs() < 1e-5);
        assert_eq!(resized(&Plane::new(0, 0, 0.0), 2, 1).data(), [0.0, 0.0]);
    }
}
