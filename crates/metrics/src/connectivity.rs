//! Connectivity: how far parts of a matte hang together with its main part.

use crate::error::{MetricsError, clean, same_size};
use raster::Plane;

/// Step between thresholds and the difference from which a pixel counts as loose (Rhemann et al. 2009).
const STEPS: usize = 10;
const LOOSE: f64 = 0.15;

/// Conn: the sum of differences of connectedness, over 1000 (Rhemann et al. 2009; thresholds in steps of 0.1). A pixel's
/// connectedness is how far its alpha lies above the level up to which it belongs to the largest part that is at least so
/// opaque in both mattes; less than 0.15 above counts as fully connected. Parts hang together through 4 neighbours.
///
/// # Errors
/// [`MetricsError`] when the mattes differ in size or have no pixel.
pub fn connectivity_error(matte: &Plane<f32>, truth: &Plane<f32>) -> Result<f64, MetricsError> {
    same_size("the matte", truth, matte)?;
    let (matte, truth) = (matte.map(|&alpha| clean(alpha)), truth.map(|&alpha| clean(alpha)));
    // The level that each pixel left the largest part at.
    let mut left_at: Vec<Option<f64>> = vec![None; truth.data().len()];
    for step in 1..=STEPS {
        let level = step as f64 / STEPS as f64;
        let opaque: Vec<bool> =
            matte.data().iter().zip(truth.data()).map(|(matte, truth)| *matte >= level && *truth >= level).collect();
        let main = largest_part(&opaque, truth.width());
        for (left, inside) in left_at.iter_mut().zip(main) {
            if left.is_none() && !inside {
                *left = Some((step - 1) as f64 / STEPS as f64);
            }
        }
    }
    let connectedness = |alpha: f64, level: f64| {
        let above = alpha - level;
        if above >= LOOSE { 1.0 - above } else { 1.0 }
    };
    let pixels = left_at.iter().zip(matte.data().iter().zip(truth.data()));
    let sum: f64 = pixels
        .map(|(level, (matte, truth))| {
            let level = level.unwrap_or(1.0);
            (connectedness(*matte, level) - connectedness(*truth, level)).abs()
        })
        .sum();
    Ok(sum / 1e3)
}

/// Which pixels belong to the largest part; the first of equally large ones.
fn largest_part(inside: &[bool], width: usize) -> Vec<bool> {
    let mut part = vec![0usize; inside.len()];
    let (mut largest, mut size, mut stack) = (0, 0, Vec::new());
    let mut number = 0;
    for start in 0..inside.len() {
        if !inside[start] || part[start] != 0 {
            continue;
        }
        number += 1;
        part[start] = number;
        stack.push(start);
        let mut count = 0;
        while let Some(at) = stack.pop() {
            count += 1;
            let x = at % width;
            let neighbours = [
                (x > 0).then(|| at - 1),
                (x + 1 < width).then_some(at + 1),
                at.checked_sub(width),
                (at + width < inside.len()).then_some(at + width),
            ];
            for next in neighbours.into_iter().flatten() {
                if inside[next] && part[next] == 0 {
                    part[next] = number;
                    stack.push(next);
                }
            }
        }
        if count > size {
            (largest, size) = (number, count);
        }
    }
    part.into_iter().map(|part| part != 0 && part == largest).collect()
}
