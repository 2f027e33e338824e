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
const CORRELATION: [f32; 2] = [0.0, 0.4];
/// Mean square displacement of which half is taken for jitter, in square pixels of a picture of 480 rows: where past and
/// future agree on more, both have lost what the frame shows, such as an arm that is too fast for them.
const MOST_JITTER: f32 = 16.0;
/// The same in square pixels of the picture itself, below which it does not fall: an outline is off by a pixel or two however
/// small the picture.
const MOST_JITTER_OF_SMALL: f32 = 4.0;
/// How many times the outline's usual displacement half is taken for jitter: a matte that jitters does so in most places, and
/// one that is still in most places has lost an arm where it is not.
const MOST_OF_USUAL: f32 = 10.0;
/// Share of the outline that is displaced by no more than is usual.
const USUAL: f32 = 0.5;
/// The outline's usual displacement at which the gate is half open, in square pixels of a picture of 480 rows: of a matte that
/// is mostly still, less is jitter.
const STILL: f32 = 0.1;
/// Steepness from which a cell belongs to the outline.
const OUTLINE: f32 = 1e-3;
/// Mean square displacement, in square pixels of a picture of 480 rows, of which half is taken for jitter however still the
/// rest of the outline is.
const LEAST_JITTER: f32 = 0.5;

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
    let mut gate = shared;
    // One neighbour alone cannot tell jitter from motion gone wrong: half of the difference is taken for jitter.
    let share = if sides.single { 0.5 } else { 1.0 };
    gate.data_mut().iter_mut().for_each(|shared| *shared = share * shared.max(0.0));
    let square = cells.unit() * cells.unit();
    let most = (MOST_JITTER * square).max(MOST_JITTER_OF_SMALL);
    let usual = usual(&gate, &steepness);
    let jitters = usual / (usual + STILL * square);
    let most = (MOST_OF_USUAL * usual).max(LEAST_JITTER * square).min(most);
    for ((gate, all), steepness) in gate.data_mut().iter_mut().zip(all.data()).zip(steepness.data()) {
        let shared = *gate;
        let displacement = displacement(shared, *steepness);
        let correlation = shared / (all + 1e-6);
        let exceeds = displacement / (displacement + allowed * allowed + 1e-9);
        let plausible = 1.0 / (1.0 + (displacement / most).powi(2));
        *gate = jitters
            * exceeds
            * plausible
            * ((correlation - CORRELATION[0]) / (CORRELATION[1] - CORRELATION[0])).clamp(0.0, 1.0);
    }
    gate
}

/// The edge's mean square displacement in pixels.
fn displacement(shared: f32, steepness: f32) -> f32 {
    shared / (steepness + 1e-5)
}

/// The displacement that [`USUAL`] of the outline does not exceed.
fn usual(shared: &Plane<f32>, steepness: &Plane<f32>) -> f32 {
    let cells = shared.data().iter().zip(steepness.data()).filter(|(_, steepness)| **steepness > OUTLINE);
    let mut found: Vec<[f32; 2]> = cells.map(|(shared, length)| [displacement(*shared, *length), *length]).collect();
    found.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]));
    let mut rest = USUAL * found.iter().map(|[_, length]| length).sum::<f32>();
    let reached = found.iter().find(|[_, length]| {
        rest -= length;
        rest <= 0.0
    });
    reached.map_or(0.0, |[displacement, _]| *displacement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_places_far_off_do_not_make_a_still_outline_jitter() {
        let plane = |values: [f32; 5]| Plane::from_vec(5, 1, values.to_vec()).unwrap();
        let still = usual(&plane([0.0, 0.0, 0.0, 9.0, 9.0]), &plane([1.0; 5]));
        let jittering = usual(&plane([0.5, 0.5, 0.5, 0.0, 9.0]), &plane([1.0; 5]));
        assert!(still < 1e-6 && (jittering - 0.5).abs() < 1e-3, "{still}, {jittering}");
        assert_eq!(usual(&plane([0.0; 5]), &plane([0.0; 5])), 0.0, "there is no outline");
    }
}
