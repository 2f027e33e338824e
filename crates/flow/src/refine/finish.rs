//! From what the neighbours say to the refined matte.

use super::coarse::Cells;
use super::sides::{Said, Sides, mean_of};
use super::{RefineSettings, slope_squares};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Width of the neighbourhood in which an edge's steepness is compared, in cells: 6 pixels of a picture of 480 rows.
const CONTRAST_SIGMA: f32 = 1.5;
/// The most that steepness is multiplied by.
const MOST_CONTRAST: f32 = 2.5;
/// Difference to both past and future that makes a pop.
const POP: f32 = 0.5;
/// Weight from which past and future are sure enough for that: that of one adjacent frame at four fifths of confidence.
const SURE: f32 = 0.8;

/// The mean of the frame and what the gate lets in of its neighbours.
pub(super) fn average(cells: Cells, own: &Plane<f32>, sides: &Sides, gate: &Plane<f32>) -> Plane<f32> {
    let mut out = own.clone();
    let gates = || vec![0f32; own.width()];
    out.par_rows_mut().enumerate().for_each_init(gates, |gates, (y, out)| {
        let said = sides.said.row(y);
        for columns in sides.active.runs(y) {
            cells.spread(gate, y, columns.clone(), gates);
            for x in columns {
                let [past, future, past_weight, future_weight] = said[x];
                let (sum, weight) = (past + future, past_weight + future_weight);
                out[x] = (out[x] + gates[x] * sum) / (1.0 + gates[x] * weight);
            }
        }
    });
    out
}

/// Gives the averaged edge the steepness of the frame's own, about alpha 1/2.
pub(super) fn restore_contrast(
    cells: Cells,
    own: &Plane<f32>,
    mut averaged: Plane<f32>,
    sides: &Sides,
    keep: f32,
) -> Plane<f32> {
    if keep == 0.0 {
        return averaged;
    }
    let active = Some(&sides.active.set);
    let [before, after] = cells.means(CONTRAST_SIGMA, active, |y, columns, [before, after]| {
        slope_squares(own, y, columns.clone(), before);
        slope_squares(&averaged, y, columns, after);
    });
    let mut gain = before;
    for (gain, after) in gain.data_mut().iter_mut().zip(after.data()) {
        *gain = (((*gain + 1e-6) / (after + 1e-6)).sqrt().clamp(1.0, MOST_CONTRAST) - 1.0) * keep + 1.0;
    }
    let gains = || vec![0f32; own.width()];
    averaged.par_rows_mut().enumerate().for_each_init(gains, |gains, (y, row)| {
        for columns in sides.active.runs(y) {
            cells.spread(&gain, y, columns.clone(), gains);
            for x in columns {
                row[x] = (0.5 + (row[x] - 0.5) * gains[x]).clamp(0.0, 1.0);
            }
        }
    });
    averaged
}

/// Goes back to the own matte where both past and future have its value within a pixel.
pub(super) fn keep_detail(
    cells: Cells,
    own: &Plane<f32>,
    mut refined: Plane<f32>,
    sides: &Sides,
    keep: f32,
) -> Plane<f32> {
    if keep == 0.0 {
        return refined;
    }
    let (width, height, reach) = (own.width(), own.height(), cells.unit().round().max(1.0) as usize);
    refined.par_rows_mut().enumerate().for_each(|(y, row)| {
        let lines = y.saturating_sub(reach)..(y + reach + 1).min(height);
        for x in sides.active.runs(y).flatten() {
            let here = own.row(y)[x];
            let columns = x.saturating_sub(reach)..(x + reach + 1).min(width);
            let has = |side: usize| {
                let near = lines.clone().flat_map(|line| columns.clone().map(move |column| (column, line)));
                let near = near.filter_map(|(x, y)| sides.bounds(side, x, y));
                let widest = near.reduce(|[low, high], [least, most]| [low.min(least), high.max(most)]);
                widest.is_some_and(|[low, high]| low <= here && here <= high)
            };
            if row[x] != here && has(0) && (sides.single || has(1)) {
                row[x] += keep * (here - row[x]);
            }
        }
    });
    refined
}

/// Keeps the own matte beyond the edge's band, but for pops.
pub(super) fn keep_inside_band(
    cells: Cells,
    own: &Plane<f32>,
    mut refined: Plane<f32>,
    sides: &Sides,
    settings: &RefineSettings,
) -> Plane<f32> {
    let band = if settings.edge_band.is_nan() { 0.0 } else { settings.edge_band };
    let inner = |alpha: f32| alpha > 0.0 && alpha < 1.0;
    let near = cells.within(band, Some(&sides.active.set), |x, y| {
        let alpha = refined.row(y)[x];
        inner(alpha) || refined.row(y).get(x + 1).is_some_and(|right| *right != alpha) || {
            refined.row(y + 1).get(x).is_some_and(|below| *below != alpha)
        }
    });
    refined.par_rows_mut().enumerate().for_each(|(y, row)| {
        let (own, said, near) = (own.row(y), sides.said.row(y), near.row(y / cells.side));
        for x in sides.active.runs(y).flatten() {
            if settings.remove_pops && !sides.single && deny(&said[x], own[x]) {
                row[x] = 0.5 * (mean_of(&said[x], 0, own[x]) + mean_of(&said[x], 1, own[x]));
            } else if !near[x / cells.side] {
                row[x] = own[x];
            }
        }
    });
    refined
}

/// Whether the past and the future, both sure, say something else altogether.
fn deny(said: &Said, own: f32) -> bool {
    let sure = said[2..].iter().all(|&weight| weight > SURE);
    sure && (0..2).all(|side| (own - mean_of(said, side, own)).abs() > POP)
}
