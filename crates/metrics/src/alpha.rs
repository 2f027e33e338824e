//! Errors of alpha in one frame.

use crate::error::{MetricsError, clean, same_size};
use crate::gaussian::gradient_length;
use raster::Plane;

/// MAD: the mean of |matte - truth|, times 1000.
///
/// # Errors
/// [`MetricsError`] when the mattes differ in size or have no pixel.
pub fn mean_absolute_difference(matte: &Plane<f32>, truth: &Plane<f32>) -> Result<f64, MetricsError> {
    same_size("the matte", truth, matte)?;
    Ok(mean(matte, truth, f64::abs) * 1e3)
}

/// MSE: the mean of (matte - truth)^2, times 1000.
///
/// # Errors
/// [`MetricsError`] when the mattes differ in size or have no pixel.
pub fn mean_squared_error(matte: &Plane<f32>, truth: &Plane<f32>) -> Result<f64, MetricsError> {
    same_size("the matte", truth, matte)?;
    Ok(mean(matte, truth, |difference| difference * difference) * 1e3)
}

/// Grad: the sum of squared differences of the lengths of both mattes' gradients, over 1000. Gradients are by derivatives
/// of a Gaussian of 1.4 pixels, both mattes stretched to 0..1 first (Rhemann et al. 2009, as the evaluation script of
/// Robust Video Matting has it).
///
/// # Errors
/// [`MetricsError`] when the mattes differ in size or have no pixel.
pub fn gradient_error(matte: &Plane<f32>, truth: &Plane<f32>) -> Result<f64, MetricsError> {
    same_size("the matte", truth, matte)?;
    let (matte, truth) = (gradient_length(&stretched(matte)), gradient_length(&stretched(truth)));
    let squares = matte.data().iter().zip(truth.data()).map(|(matte, truth)| (matte - truth) * (matte - truth));
    Ok(squares.sum::<f64>() / 1e3)
}

fn mean(matte: &Plane<f32>, truth: &Plane<f32>, of: impl Fn(f64) -> f64) -> f64 {
    let differences = matte.data().iter().zip(truth.data()).map(|(matte, truth)| of(clean(*matte) - clean(*truth)));
    differences.sum::<f64>() / truth.data().len() as f64
}

/// The matte with its least value at 0 and its greatest at 1; a flat one is 0.
fn stretched(matte: &Plane<f32>) -> Plane<f64> {
    let matte = matte.map(|&alpha| clean(alpha));
    let (least, most) = matte.data().iter().fold((f64::MAX, f64::MIN), |(a, b), &v| (a.min(v), b.max(v)));
    let range = most - least;
    matte.map(|&alpha| if range > 0.0 { (alpha - least) / range } else { 0.0 })
}
