//! Derivatives by a Gaussian.

use raster::Plane;

/// Width of the Gaussian in pixels and where its tail is cut off (share of the peak): the evaluation script of Robust
/// Video Matting.
const SIGMA: f64 = 1.4;
const TAIL: f64 = 1e-2;

/// Length of the gradient at every pixel, the border's pixels repeated.
pub(crate) fn gradient_length(picture: &Plane<f64>) -> Plane<f64> {
    let half = (SIGMA * (-2.0 * ((std::f64::consts::TAU).sqrt() * SIGMA * TAIL).ln()).sqrt()).ceil() as isize;
    let gauss = |x: f64| (-x * x / (2.0 * SIGMA * SIGMA)).exp() / (SIGMA * std::f64::consts::TAU.sqrt());
    let offsets = -half..=half;
    let mut smooth: Vec<f64> = offsets.clone().map(|x| gauss(x as f64)).collect();
    let mut slope: Vec<f64> = offsets.map(|x| -(x as f64) * gauss(x as f64) / (SIGMA * SIGMA)).collect();
    // The two-dimensional kernel has length 1: so has each of its factors.
    normalise(&mut smooth);
    normalise(&mut slope);
    let across = down(&along(picture, &slope), &smooth);
    let upright = down(&along(picture, &smooth), &slope);
    let mut out = across;
    for (out, upright) in out.data_mut().iter_mut().zip(upright.data()) {
        *out = out.hypot(*upright);
    }
    out
}

fn normalise(kernel: &mut [f64]) {
    let length = kernel.iter().map(|value| value * value).sum::<f64>().sqrt();
    kernel.iter_mut().for_each(|value| *value /= length);
}

fn along(picture: &Plane<f64>, kernel: &[f64]) -> Plane<f64> {
    let mut out = Plane::new(picture.width(), picture.height(), 0.0);
    for (out, row) in out.rows_mut().zip(picture.rows()) {
        for (x, out) in out.iter_mut().enumerate() {
            *out = kernel.iter().enumerate().map(|(i, weight)| weight * row[reach(x, i, kernel, row.len())]).sum();
        }
    }
    out
}

fn down(picture: &Plane<f64>, kernel: &[f64]) -> Plane<f64> {
    let mut out = Plane::new(picture.width(), picture.height(), 0.0);
    for (y, out) in out.rows_mut().enumerate() {
        for (i, weight) in kernel.iter().enumerate() {
            let row = picture.row(reach(y, i, kernel, picture.height()));
            out.iter_mut().zip(row).for_each(|(out, value)| *out += weight * value);
        }
    }
    out
}

/// The sample that entry `i` of a centred kernel meets.
fn reach(at: usize, i: usize, kernel: &[f64], count: usize) -> usize {
    (at + i).saturating_sub(kernel.len() / 2).min(count - 1)
}
