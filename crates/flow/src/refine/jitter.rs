//! How much of the difference between a frame and its neighbours is jitter.

use super::HALF_JITTER;
use super::coarse::Cells;
use super::sides::{Sides, mean_of};
use super::slope_squares;
use raster::Plane;

/// Width of the neighbourhood in which jitter is estimated, in cells: 20 pixels of a picture of 480 rows.
const JITTER_SIGMA: f32 = 5.0;
/// Correlation of both differences up to which they are taken for motion gone wrong, and from which for jitter in full.
/// Pure jitter with three frames on each side has 0.73.
const CORRELATION: [f32; 2] = [0.1, 0.5];
/// Mean square displacement of which half is taken for jitter, in square pixels of a picture of 480 rows: where past and
/// future agree on more, both have lost what the frame shows, such as an arm that is too fast for them.
const MOST_JITTER: f32 = 16.0;
/// The same in square pixels of the picture itself, below which it does not fall: an outline is off by a pixel or two however
/// small the picture.
const MOST_JITTER_OF_SMALL: f32 = 4.0;

/// How much of the neighbours each cell lets in, 0..1: how far the matte's jitter there exceeds what the strength allows, and
/// whether it is jitter at all.
pub(super) fn jitter(cells: Cells, own: &Plane<f32>, sides: &Sides, strength: f32) -> Plane<f32> {
    let active = Some(&sides.active.set);
    let [shared, all, steepness] = cells.means(JITTER_SIGMA, active, |y, columns, [shared, all, steepness]| {
        slope_squares(own, y, columns.clone(), steepness);
        let (alphas, said) = (own.row(y), sides.said.row(y));
        for x in columns {
            let past = alphas[x] - mean_of(&said[x], 0, alphas[x]);
            let future = if sides.single { past } else { alphas[x] - mean_of(&said[x], 1, alphas[x]) };
            shared[x] = past * future;
            all[x] = 0.5 * (past * past + future * future);
        }
    });
    let allowed = HALF_JITTER * cells.unit() * (1.0 - strength) / strength;
    let most = (MOST_JITTER * cells.unit() * cells.unit()).max(MOST_JITTER_OF_SMALL);
    let mut gate = shared;
    for ((gate, all), steepness) in gate.data_mut().iter_mut().zip(all.data()).zip(steepness.data()) {
        // One neighbour alone cannot tell jitter from motion gone wrong: half of the difference is taken for jitter.
        let shared = gate.max(0.0) * if sides.single { 0.5 } else { 1.0 };
        // The edge's mean square displacement in pixels.
        let displacement = shared / (steepness + 1e-5);
        let correlation = shared / (all + 1e-6);
        let exceeds = displacement / (displacement + allowed * allowed + 1e-9);
        let plausible = 1.0 / (1.0 + (displacement / most).powi(2));
        *gate =
            exceeds * plausible * ((correlation - CORRELATION[0]) / (CORRELATION[1] - CORRELATION[0])).clamp(0.0, 1.0);
    }
    gate
}
