//! Curves held against the mattes that they were made from.

use super::error::CommandError;
use super::interrupt::Interrupt;
use crate::sequence::{Footage, MatteChannel, SequenceError, matte_plane};
use matte::{Spline, SplineShot, spline_coverage};
use metrics::jaccard;

/// Draws the curves of each frame again, and tells in a line how much of the mattes they share: pixels in both over pixels in either,
/// at alpha 0.5.
pub(super) fn agreement(
    curves: &SplineShot,
    footage: &Footage,
    channel: MatteChannel,
    interrupt: &Interrupt,
) -> Result<String, CommandError> {
    let mut shares = Vec::with_capacity(curves.frames.len());
    for (done, frame) in curves.frames.iter().enumerate() {
        if interrupt.is_raised() {
            return Err(CommandError::Interrupted { done, asked: curves.frames.len() });
        }
        let matte = matte_plane(&*footage.frame(*frame)?, channel).map_err(SequenceError::from)?;
        let splines: Vec<Spline> = curves.at(*frame).into_iter().map(|(_, spline)| spline.clone()).collect();
        let share = jaccard(&spline_coverage(&splines, curves.width, curves.height), &matte);
        let unmeasured =
            |error: metrics::MetricsError| CommandError::Unmeasured { frame: *frame, problem: error.to_string() };
        shares.push((share.map_err(unmeasured)?, *frame));
    }
    let mean = shares.iter().map(|(share, _)| share).sum::<f64>() / shares.len().max(1) as f64;
    let worst = shares.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    Ok(worst.map_or_else(String::new, |(share, frame)| {
        format!("curves and mattes share {mean:.4} of their area (IoU), {share:.4} at worst, in frame {frame}\n")
    }))
}
