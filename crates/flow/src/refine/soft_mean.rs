//! A soft mean over a neighbourhood.

use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Box means that follow each other: three are close to a Gaussian.
const PASSES: usize = 3;

/// Nearly a Gaussian mean of this width (its standard deviation) in pixels, the border's pixels repeated. The cost does not
/// depend on the width.
pub(crate) fn soft_mean(plane: &Plane<f32>, sigma: f32) -> Plane<f32> {
    // A box of half width r has the variance r (r + 1) / 3; there are three of them.
    let half = ((0.25 + sigma * sigma).sqrt() - 0.5).round().max(0.0) as usize;
    let mut mean = plane.clone();
    if half == 0 || plane.is_empty() {
        return mean;
    }
    let mut scratch = Plane::new(plane.width(), plane.height(), 0f32);
    for _ in 0..PASSES {
        along_rows(&mean, half, &mut scratch);
        down_columns(&scratch, half, &mut mean);
    }
    mean
}

fn along_rows(from: &Plane<f32>, half: usize, to: &mut Plane<f32>) {
    let scale = 1.0 / (2 * half + 1) as f32;
    to.par_rows_mut().zip(from.par_rows()).for_each(|(to, from)| {
        let last = from.len() - 1;
        let at = |x: isize| from[x.clamp(0, last as isize) as usize];
        let reach = half as isize;
        // In double precision: what goes in must come out.
        let mut sum: f64 = (-reach..=reach).map(|x| f64::from(at(x))).sum();
        for (x, to) in to.iter_mut().enumerate() {
            *to = sum as f32 * scale;
            sum += f64::from(at(x as isize + reach + 1)) - f64::from(at(x as isize - reach));
        }
    });
}

/// Columns that one task takes.
const STRIP: usize = 32;

fn down_columns(from: &Plane<f32>, half: usize, to: &mut Plane<f32>) {
    let (width, height) = (from.width(), from.height());
    let scale = 1.0 / (2 * half + 1) as f32;
    let reach = half as isize;
    let row = |y: isize| from.row(y.clamp(0, height as isize - 1) as usize);
    // Stripes of rows begin afresh, at places that depend on the size alone.
    to.data_mut().par_chunks_mut(width * STRIP.max(half)).enumerate().for_each(|(stripe, rows)| {
        let first = (stripe * STRIP.max(half)) as isize;
        let mut sums = vec![0f64; width];
        for y in first - reach..=first + reach {
            sums.iter_mut().zip(row(y)).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        for (index, to) in rows.chunks_exact_mut(width).enumerate() {
            let y = first + index as isize;
            let (enters, leaves) = (row(y + reach + 1), row(y - reach));
            for ((to, sum), (enters, leaves)) in to.iter_mut().zip(&mut sums).zip(enters.iter().zip(leaves)) {
                *to = *sum as f32 * scale;
                *sum += f64::from(*enters) - f64::from(*leaves);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_plane_stays_and_a_point_spreads_to_the_width() {
        let flat = soft_mean(&Plane::new(30, 20, 0.7f32), 5.0);
        assert!(flat.data().iter().all(|value| (value - 0.7).abs() < 1e-6));
        let mut point = Plane::new(81, 81, 0f32);
        point.row_mut(40)[40] = 1.0;
        let spread = soft_mean(&point, 6.0);
        let sum: f32 = spread.data().iter().sum();
        let variance: f32 = spread.data().iter().enumerate().map(|(i, v)| v * ((i % 81) as f32 - 40.0).powi(2)).sum();
        assert!((sum - 1.0).abs() < 1e-4 && (variance.sqrt() - 6.0).abs() < 0.5, "{sum}, {}", variance.sqrt());
    }

    #[test]
    fn tiny_and_empty_planes_are_blurred_too() {
        assert!(soft_mean(&Plane::new(0, 3, 1.0), 4.0).is_empty());
        assert!((soft_mean(&Plane::new(1, 1, 0.25), 9.0).data()[0] - 0.25).abs() < 1e-6);
        let row = Plane::from_vec(3, 1, vec![0.0, 1.0, 0.0]).unwrap();
        assert_eq!(soft_mean(&row, 0.0), row);
    }
}
