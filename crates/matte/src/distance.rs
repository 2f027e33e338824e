//! Coarse logits to a signed distance from the edge, on the guide's grid.

use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use std::ops::Range;

/// Logits beyond this say nothing more: the probability is 1 to within 2e-22. Networks stay within about 35.
const LOGIT_LIMIT: f32 = 50.0;

/// Rows of logits that are worth handing to another thread.
const ROWS: usize = 16;

/// The least change of logits per cell that counts as a slope. Where a network is undecided over a wide region, a
/// smaller slope would put the edge at a place it knows nothing about; SAM's edges rise by 3 to 15 per cell.
const LEAST_SLOPE: f32 = 0.6;

/// The logits with the edge at 0 and all of them numbers; one that is not a number counts as background.
pub(crate) fn centred(logits: &Plane<f32>, level: f32) -> Plane<f32> {
    logits.map(|&logit| if logit.is_nan() { -LOGIT_LIMIT } else { logit.clamp(-LOGIT_LIMIT, LOGIT_LIMIT) } - level)
}

/// Signed distance from the edge in pixels of a `width` x `height` grid over the same picture, positive inside.
///
/// First order: the logits, enlarged with the Catmull-Rom cubic (so the edge is that of plain bicubic enlargement), over
/// the length of their gradient. Reliable within a few cells of the edge, which is where it is used. `logits` are
/// [`centred`].
pub(crate) fn signed_distance(logits: &Plane<f32>, width: usize, height: usize) -> Plane<f32> {
    let mut distance = Plane::new(width, height, -LOGIT_LIMIT);
    if logits.is_empty() || distance.is_empty() {
        return distance;
    }
    let cell = [width as f32 / logits.width() as f32, height as f32 / logits.height() as f32];
    let slopes = smooth(&slopes(logits, cell));
    let least = LEAST_SLOPE / cell_size(logits, width, height);
    let across = cubic_taps(logits.width(), width);
    let down = cubic_taps(logits.height(), height);
    let coarse_row = || [vec![0f32; logits.width()], vec![0f32; logits.width()]];
    distance.par_rows_mut().zip(&down).for_each_init(coarse_row, |[logit_row, slope_row], (out, tap)| {
        blend_rows(logits, tap, logit_row);
        blend_rows(&slopes, tap, slope_row);
        for (out, tap) in out.iter_mut().zip(&across) {
            *out = tap.of(logit_row) / tap.of(slope_row).max(least);
        }
    });
    distance
}

/// Side of a logit's cell in pixels of the finer grid (the geometric mean of both sides, at least 1).
pub(crate) fn cell_size(logits: &Plane<f32>, width: usize, height: usize) -> f32 {
    let cells = (logits.width().max(1) * logits.height().max(1)) as f32;
    ((width * height) as f32 / cells).sqrt().max(1.0)
}

/// Length of the logits' gradient per pixel of the finer grid; `cell` is the size of a logit's cell there.
fn slopes(logits: &Plane<f32>, cell: [f32; 2]) -> Plane<f32> {
    let (width, height) = (logits.width(), logits.height());
    let mut slopes = Plane::new(width, height, 0f32);
    slopes.par_rows_mut().enumerate().with_min_len(ROWS).for_each(|(y, out)| {
        let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
        let (row, above_row, below_row) = (logits.row(y), logits.row(above), logits.row(below));
        let tall = (below - above).max(1) as f32 * cell[1];
        for (x, out) in out.iter_mut().enumerate() {
            let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
            let wide = (right - left).max(1) as f32 * cell[0];
            *out = ((row[right] - row[left]) / wide).hypot((below_row[x] - above_row[x]) / tall);
        }
    });
    slopes
}

/// Mean over 3 x 3, cut off at the border: a single cell's gradient is too restless to divide by.
fn smooth(plane: &Plane<f32>) -> Plane<f32> {
    let (width, height) = (plane.width(), plane.height());
    let mut smooth = Plane::new(width, height, 0f32);
    smooth.par_rows_mut().enumerate().with_min_len(ROWS).for_each(|(y, out)| {
        let rows = y.saturating_sub(1)..(y + 2).min(height);
        let mean = |columns: Range<usize>| {
            let sum: f32 = rows.clone().flat_map(|y| &plane.row(y)[columns.clone()]).sum();
            sum / (rows.len() * columns.len()) as f32
        };
        if rows.len() == 3 && width >= 3 {
            let nine = [y - 1, y, y + 1].map(|y| [0, 1, 2].map(|shift| &plane.row(y)[shift..shift + width - 2]));
            means_of_nine(nine, &mut out[1..width - 1]);
            out[0] = mean(0..2);
            out[width - 1] = mean(width - 2..width);
        } else {
            for (x, out) in out.iter_mut().enumerate() {
                *out = mean(x.saturating_sub(1)..(x + 2).min(width));
            }
        }
    });
    smooth
}

/// Summed row by row, as at the border.
fn means_of_nine([[a, b, c], [d, e, f], [g, h, i]]: [[&[f32]; 3]; 3], out: &mut [f32]) {
    let rows = a.iter().zip(b).zip(c).zip(d).zip(e).zip(f).zip(g).zip(h).zip(i);
    for (out, ((((((((a, b), c), d), e), f), g), h), i)) in out.iter_mut().zip(rows) {
        *out = (a + b + c + d + e + f + g + h + i) / 9.0;
    }
}

/// Four neighbours and their weights.
struct CubicTap {
    at: [usize; 4],
    weight: [f32; 4],
}

impl CubicTap {
    fn of(&self, row: &[f32]) -> f32 {
        (0..4).map(|i| self.weight[i] * row[self.at[i]]).sum()
    }
}

/// The Catmull-Rom cubic (Keys 1981, a = -1/2), sampled at the centres of `output` pixels over `input` ones.
fn cubic_taps(input: usize, output: usize) -> Vec<CubicTap> {
    let scale = input as f64 / output as f64;
    let last = input as isize - 1;
    (0..output)
        .map(|index| {
            let position = (index as f64 + 0.5) * scale - 0.5;
            let t = (position - position.floor()) as f32;
            let first = position.floor() as isize - 1;
            let at = std::array::from_fn(|i| (first + i as isize).clamp(0, last) as usize);
            let (t2, t3) = (t * t, t * t * t);
            let weight = [
                -0.5 * t + t2 - 0.5 * t3,
                1.0 - 2.5 * t2 + 1.5 * t3,
                0.5 * t + 2.0 * t2 - 1.5 * t3,
                -0.5 * t2 + 0.5 * t3,
            ];
            CubicTap { at, weight }
        })
        .collect()
}

fn blend_rows(plane: &Plane<f32>, tap: &CubicTap, out: &mut [f32]) {
    out.fill(0.0);
    for (&y, &weight) in tap.at.iter().zip(&tap.weight) {
        for (out, value) in out.iter_mut().zip(plane.row(y)) {
            *out += weight * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits of a straight edge: `slope` per cell along x, 0 at the cell coordinate `at`.
    fn edge(slope: f32, at: f32) -> Plane<f32> {
        let row = (0..32).map(|x| slope * (x as f32 + 0.5 - at));
        Plane::from_vec(32, 8, row.collect::<Vec<_>>().repeat(8)).unwrap()
    }

    #[test]
    fn a_straight_edge_gives_the_true_distance_whatever_the_slope_and_the_cells_shape() {
        for (width, height) in [(128, 32), (128, 8), (64, 64)] {
            let cell = width as f32 / 32.0;
            for slope in [2.0, 3.0, 9.0] {
                let distance = signed_distance(&edge(slope, 13.25), width, height);
                // Away from the left and right border, where the cubic runs out of neighbours.
                for x in width / 4..width * 3 / 4 {
                    let expected = x as f32 + 0.5 - 13.25 * cell;
                    let found = distance.row(height / 2)[x];
                    let clipped = slope * expected.abs() / cell > 12.0;
                    assert!(clipped || (found - expected).abs() < 0.02, "{found}, not {expected}");
                }
            }
        }
    }

    #[test]
    fn the_threshold_moves_the_edge_along_the_slope() {
        let distance = signed_distance(&centred(&edge(3.0, 16.0), 1.5), 128, 32);
        assert!((distance.row(3)[66] - 0.5).abs() < 0.02, "half a cell, two pixels, to the right");
    }

    #[test]
    fn broken_logits_and_single_cells_give_finite_distances() {
        let broken = Plane::from_vec(3, 1, vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY]).unwrap();
        assert!(signed_distance(&centred(&broken, 0.0), 12, 4).data().iter().all(|d| d.is_finite()));
        assert!(signed_distance(&Plane::new(1, 1, 3.0), 1, 1).data()[0] > 3.0);
        assert!(signed_distance(&Plane::new(0, 0, 0.0), 2, 2).data().iter().all(|&d| d < -40.0));
    }
}
