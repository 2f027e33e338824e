//! Errors of the region and of its boundary: the measures of the DAVIS benchmark.

use crate::error::{MetricsError, same_size};
use raster::Plane;

/// From this alpha on a pixel belongs to the object.
const OBJECT: f32 = 0.5;

/// Share of the image's diagonal that a boundary may be off (DAVIS).
const TOLERANCE: f64 = 0.008;

/// J: pixels in both over pixels in either; 1 when both are empty (Perazzi et al. 2016).
///
/// # Errors
/// [`MetricsError`] when the mattes differ in size or have no pixel.
pub fn jaccard(matte: &Plane<f32>, truth: &Plane<f32>) -> Result<f64, MetricsError> {
    same_size("the matte", truth, matte)?;
    let (mut both, mut either) = (0usize, 0usize);
    for (matte, truth) in matte.data().iter().zip(truth.data()) {
        let (matte, truth) = (*matte >= OBJECT, *truth >= OBJECT);
        both += usize::from(matte && truth);
        either += usize::from(matte || truth);
    }
    Ok(if either == 0 { 1.0 } else { both as f64 / either as f64 })
}

/// How many pixels a boundary may be off in a picture of this size: 0.008 of the diagonal, rounded up.
pub fn default_boundary_tolerance(width: usize, height: usize) -> usize {
    (TOLERANCE * (width as f64).hypot(height as f64)).ceil() as usize
}

/// F: the harmonic mean of how much of the matte's boundary lies within `tolerance` pixels of the true one, and the
/// reverse (Perazzi et al. 2016; DAVIS' own evaluation). A boundary that neither has counts as found.
///
/// # Errors
/// [`MetricsError`] when the mattes differ in size or have no pixel.
pub fn boundary_f(matte: &Plane<f32>, truth: &Plane<f32>, tolerance: usize) -> Result<f64, MetricsError> {
    same_size("the matte", truth, matte)?;
    let (matte, truth) = (boundary(matte), boundary(truth));
    let precision = share_near(&matte, &truth, tolerance);
    let recall = share_near(&truth, &matte, tolerance);
    let (precision, recall) = match (precision, recall) {
        (None, None) => (1.0, 1.0),
        // One has a boundary and the other none.
        (None, Some(_)) => (1.0, 0.0),
        (Some(_), None) => (0.0, 1.0),
        (Some(precision), Some(recall)) => (precision, recall),
    };
    Ok(if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 })
}

/// Pixels that differ from the one at right, below, or at the lower right (DAVIS' `seg2bmap`).
fn boundary(matte: &Plane<f32>) -> Plane<bool> {
    let (width, height) = (matte.width(), matte.height());
    let mut out = Plane::new(width, height, false);
    for (y, out) in out.rows_mut().enumerate() {
        let (row, below) = (matte.row(y), matte.row((y + 1).min(height - 1)));
        for (x, out) in out.iter_mut().enumerate() {
            let right = (x + 1).min(width - 1);
            let here = row[x] >= OBJECT;
            *out = [row[right], below[x], below[right]].iter().any(|&other| (other >= OBJECT) != here);
        }
    }
    out
}

/// The share of a boundary's pixels that have one of the other within a disc; nothing without a pixel.
fn share_near(boundary: &Plane<bool>, other: &Plane<bool>, tolerance: usize) -> Option<f64> {
    let (mut near, mut count) = (0usize, 0usize);
    for (y, row) in boundary.rows().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, on)| **on) {
            count += 1;
            near += usize::from(any_within(other, x, y, tolerance));
        }
    }
    (count > 0).then(|| near as f64 / count as f64)
}

fn any_within(plane: &Plane<bool>, x: usize, y: usize, radius: usize) -> bool {
    let rows = y.saturating_sub(radius)..(y + radius + 1).min(plane.height());
    rows.into_iter().any(|row| {
        let rise = row.abs_diff(y);
        let half = ((radius * radius - rise * rise) as f64).sqrt() as usize;
        let columns = x.saturating_sub(half)..(x + half + 1).min(plane.width());
        plane.row(row)[columns].contains(&true)
    })
}
