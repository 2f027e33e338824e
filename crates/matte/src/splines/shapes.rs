//! The edge of a matte as curves.

use super::Spline;
use super::budget::{self, Divided};
use super::corners::sharpest;
use super::division::Member;
use super::joints::{Cutter, Joint};
use super::outline::Outline;
use crate::contours;
use raster::Plane;

/// Where the edge of a matte is.
const EDGE: f32 = 0.5;

/// How mattes become curves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplineSettings {
    /// How far a curve may be from the edge of the matte (its contour at 0.5), in pixels.
    pub tolerance: f64,
    /// Objects and holes of less than this many square pixels are left out.
    pub smallest_area: f64,
    /// How many points each curve may have: the tolerance is loosened for it until it has no more. None for as many as the
    /// tolerance takes.
    pub most_points: Option<usize>,
}

impl Default for SplineSettings {
    /// Half a pixel, no specks of less than 5 x 5 pixels, and as many points as that takes.
    fn default() -> Self {
        Self { tolerance: 0.5, smallest_area: 25.0, most_points: None }
    }
}

/// Curves along the edge of a matte, largest area first. The same matte gives the same curves.
pub fn splines(matte: &Plane<f32>, settings: &SplineSettings) -> Vec<Spline> {
    outlines(matte, settings).iter().map(|outline| fitted(outline, settings)).collect()
}

/// The contours that are no specks, largest area first.
pub(super) fn outlines(matte: &Plane<f32>, settings: &SplineSettings) -> Vec<Outline> {
    let mut lines: Vec<_> = contours(matte, EDGE).into_iter().map(|line| (line.signed_area().abs(), line)).collect();
    lines.retain(|(area, _)| *area >= settings.smallest_area);
    lines.sort_by(|a, b| b.0.total_cmp(&a.0));
    lines.iter().filter_map(|(_, line)| Outline::new(line)).collect()
}

/// The curve with few points along one outline.
fn fitted(outline: &Outline, settings: &SplineSettings) -> Spline {
    let mut divided = divided(outline, settings.tolerance, settings.most_points);
    finished(outline, divided.joints.pop().unwrap_or_default(), divided.tolerance)
}

/// Few joints for an outline, where its pieces fit best; the first one at its sharpest corner.
pub(super) fn divided(outline: &Outline, tolerance: f64, most: Option<usize>) -> Divided {
    let members = |tolerance| vec![Member::new(outline, &[0], tolerance)];
    budget::divided(members, sharpest(outline), tolerance, most)
}

/// Few samples of an outline between which the line is within a tolerance of cubic pieces.
pub(super) fn anchors(outline: &Outline, tolerance: f64) -> Vec<usize> {
    divided(outline, tolerance, None).joints.into_iter().flatten().map(|joint| joint.index).collect()
}

/// The curve through joints, on corners that are near, and smooth where it can be.
pub(super) fn finished(outline: &Outline, joints: Vec<Joint>, tolerance: f64) -> Spline {
    let cutter = Cutter::new(outline, tolerance);
    cutter.spline(&cutter.smoothed(cutter.cornered(joints)))
}
