//! A soft blur of any radius, at a cost that does not depend on it.

use crate::workspace::{fit_plane, fit_vec, no_plane, safe_alpha};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Passes of a box: three come within 3 % of a Gaussian (Wells, "Efficient Synthesis of Gaussian Filters", 1986).
const PASSES: usize = 3;
/// Columns and rows that share a task.
const STRIP: usize = 16;
/// The largest deviation, and the widest box to each side, in pixels.
const WIDEST: f32 = 4096.0;
/// Closer to 0 and 1 than this, a value is 0 and 1: rounding must not leave a veil.
const VEIL: f32 = 1e-6;

/// Blurs alphas; keeps its memory from frame to frame.
#[derive(Debug)]
pub struct Blur {
    turned: Plane<f32>,
    scratch: Vec<Vec<f32>>,
}

impl Default for Blur {
    fn default() -> Self {
        Self { turned: no_plane(), scratch: Vec::new() }
    }
}

impl Blur {
    /// Blurs with about a Gaussian of standard deviation `deviation` pixels, any fraction of one; the frame's border is
    /// repeated outwards. Nothing for 0, less, or NaN. Values stay within 0..1, and where the matte is 0 or 1 all round
    /// it stays exactly so.
    pub fn blur(&mut self, alpha: &mut Plane<f32>, deviation: f32) {
        if deviation.is_nan() || deviation <= 0.0 || alpha.is_empty() {
            return;
        }
        let side = half_width(deviation);
        fit_plane(&mut self.turned, alpha.height(), alpha.width());
        self.rows(alpha, side);
        let mut turned = std::mem::replace(&mut self.turned, no_plane());
        turn(alpha, &mut turned);
        self.rows(&mut turned, side);
        turn(&turned, alpha);
        self.turned = turned;
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let scratch: usize = self.scratch.iter().map(Vec::capacity).sum();
        (self.turned.data().len() + scratch) * size_of::<f32>()
    }

    fn rows(&mut self, plane: &mut Plane<f32>, side: f32) {
        let width = plane.width();
        fit_vec(&mut self.scratch, plane.height().div_ceil(STRIP));
        plane.data_mut().par_chunks_mut(width * STRIP).zip(self.scratch.par_iter_mut()).for_each(|(rows, scratch)| {
            fit_vec(scratch, width);
            for row in rows.chunks_exact_mut(width) {
                for value in row.iter_mut() {
                    *value = safe_alpha(*value);
                }
                for _ in 0..PASSES {
                    scratch[..width].copy_from_slice(row);
                    mean_over_box(&scratch[..width], row, side);
                }
            }
        });
    }
}

/// Half the width of the box whose passes add up to the deviation: a box that takes in `s` pixels in full to each side and a
/// part `p` of the next has, with w = 2 (s + p) + 1 pixels, the variance (s (s + 1) (2 s + 1) / 3 + 2 p (s + 1)^2) / w.
/// The result is s + p.
fn half_width(deviation: f32) -> f32 {
    let variance = f64::from(deviation.min(WIDEST)).powi(2) / PASSES as f64;
    let full = |s: f64| s * (s + 1.0) / 3.0;
    let mut whole = (((1.0 + 12.0 * variance).sqrt() - 1.0) * 0.5).floor();
    while full(whole + 1.0) <= variance {
        whole += 1.0;
    }
    while whole > 0.0 && full(whole) > variance {
        whole -= 1.0;
    }
    let within = whole * (whole + 1.0) * (2.0 * whole + 1.0) / 3.0;
    let part = (variance * (2.0 * whole + 1.0) - within) / (2.0 * ((whole + 1.0).powi(2) - variance));
    ((whole + part.clamp(0.0, 1.0)) as f32).min(WIDEST)
}

/// `out` = the means of `row` over `side` pixels to each side, its ends repeated.
fn mean_over_box(row: &[f32], out: &mut [f32], side: f32) {
    let (whole, part) = (side as usize, f64::from(side.fract()));
    let last = row.len() - 1;
    let (first_value, last_value) = (f64::from(row[0]), f64::from(row[last]));
    let share = 1.0 / (2.0 * f64::from(side) + 1.0);
    // Sums run in f64: they neither drift nor depend on where a row begins to be worked on.
    let mut sum = (whole + 1) as f64 * first_value;
    sum += row[1..].iter().take(whole).map(|&value| f64::from(value)).sum::<f64>();
    sum += whole.saturating_sub(last) as f64 * last_value;
    for (x, out) in out.iter_mut().enumerate() {
        let leaving = if x > whole { f64::from(row[x - whole - 1]) } else { first_value };
        let entering = if x + whole < last { f64::from(row[x + whole + 1]) } else { last_value };
        let mean = ((sum + part * (leaving + entering)) * share) as f32;
        *out = if mean < VEIL { 0.0 } else { mean.min(1.0) };
        if *out > 1.0 - VEIL {
            *out = 1.0;
        }
        sum += entering - if x >= whole { f64::from(row[x - whole]) } else { first_value };
    }
}

/// `out` = `source` with rows and columns exchanged; sizes fit.
fn turn(source: &Plane<f32>, out: &mut Plane<f32>) {
    let (width, height) = (out.width(), out.height());
    out.data_mut().par_chunks_mut(width * STRIP).enumerate().for_each(|(band, rows)| {
        for left in (0..width).step_by(STRIP) {
            let right = (left + STRIP).min(width);
            for (y, out) in (band * STRIP..height).zip(rows.chunks_exact_mut(width)) {
                for (x, out) in (left..right).zip(&mut out[left..right]) {
                    *out = source.data()[x * height + y];
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blurred(alpha: &Plane<f32>, deviation: f32) -> Plane<f32> {
        let mut out = alpha.clone();
        Blur::default().blur(&mut out, deviation);
        out
    }

    #[test]
    fn an_impulse_spreads_with_the_deviation_asked_for_and_keeps_its_sum() {
        let mut alpha = Plane::new(201, 1, 0.0);
        alpha.row_mut(0)[100] = 1.0;
        for deviation in [0.2f32, 0.7, 1.0, 2.5, 4.9, 5.0, 12.0] {
            let out = blurred(&alpha, deviation);
            let sum: f32 = out.data().iter().sum();
            let variance: f32 =
                out.data().iter().enumerate().map(|(x, value)| value * (x as f32 - 100.0).powi(2)).sum();
            assert!((sum - 1.0).abs() < 1e-4, "{deviation}: {sum}");
            assert!((variance.sqrt() - deviation).abs() < 0.01 * deviation + 0.002, "{deviation}: {}", variance.sqrt());
        }
    }

    #[test]
    fn small_blurs_do_not_turn_black_and_flat_parts_stay_exactly_flat() {
        for deviation in [1e-6, 0.01, 0.5, 1.0, 2.0, 4.0, 4.99, 500.0, f32::INFINITY] {
            assert!(blurred(&Plane::new(40, 30, 1.0), deviation).data().iter().all(|&alpha| alpha == 1.0));
            assert!(blurred(&Plane::new(40, 30, 0.0), deviation).data().iter().all(|&alpha| alpha == 0.0));
            assert!(blurred(&Plane::new(1, 1, 0.25), deviation).data().iter().all(|&a| (a - 0.25).abs() < 1e-6));
        }
    }
}
