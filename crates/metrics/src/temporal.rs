//! Errors over time.

use crate::error::{MetricsError, clean, same_size};
use raster::Plane;

/// dtSSD of one step: the root of the mean of ((matte - matte before) - (truth - truth before))^2, times 100 (Erofeev et
/// al. 2015, as the evaluation script of Robust Video Matting has it).
///
/// # Errors
/// [`MetricsError`] when the mattes differ in size or have no pixel.
pub fn temporal_difference(matte: [&Plane<f32>; 2], truth: [&Plane<f32>; 2]) -> Result<f64, MetricsError> {
    same_size("the matte", truth[1], matte[1])?;
    same_size("the matte before", truth[1], matte[0])?;
    same_size("the true matte before", truth[1], truth[0])?;
    let steps = matte[0].data().iter().zip(matte[1].data()).zip(truth[0].data().iter().zip(truth[1].data()));
    let sum: f64 = steps
        .map(|((before, now), (true_before, true_now))| {
            let step = (clean(*now) - clean(*before)) - (clean(*true_now) - clean(*true_before));
            step * step
        })
        .sum();
    Ok((sum / truth[1].data().len() as f64).sqrt() * 1e2)
}

/// Flow-warp error of one step: the root of the mean of (matte - matte before, warped onto it)^2 over trusted pixels, times
/// 100. `trust` 0..1 weighs each pixel, such as the confidence in the motion. Alone it rewards mattes that are too smooth:
/// what counts is its excess over that of the truth. 0 where nothing is trusted.
///
/// # Errors
/// [`MetricsError`] when the planes differ in size or have no pixel.
pub fn warp_error(matte: &Plane<f32>, before: &Plane<f32>, trust: &Plane<f32>) -> Result<f64, MetricsError> {
    same_size("the warped matte", matte, before)?;
    same_size("the trust", matte, trust)?;
    let (mut sum, mut weights) = (0.0, 0.0);
    for ((now, before), trust) in matte.data().iter().zip(before.data()).zip(trust.data()) {
        let (step, trust) = (clean(*now) - clean(*before), clean(*trust));
        sum += trust * step * step;
        weights += trust;
    }
    Ok(if weights > 0.0 { (sum / weights).sqrt() * 1e2 } else { 0.0 })
}
