//! Moving the frame's own outline to where past and future have it.
//!
//! A mean of alphas is, where outlines lie farther apart than they are soft, no mean of their places: the own one in the
//! middle stays where it is. So the places are averaged first: how far the outline has to move is the area between two
//! outlines over their length, whatever the distance. What is left for the mean of alphas is the shape.

use super::coarse::Cells;
use super::sides::{Sides, alpha_at};
use super::slope_squares;
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Width of the matte's softening from which the direction across the outline is taken, in cells: 6 pixels of a picture of
/// 480 rows. Differences farther from the outline than twice that belong to other outlines and to pops.
const REACH: f32 = 1.5;
/// Slope of the softened matte, per cell, at which a difference counts half.
const HALF_SLOPE: f32 = 0.03;
/// Width of the neighbourhood that moves together, in cells: 12 pixels of a picture of 480 rows.
const TOGETHER: f32 = 3.0;
/// Share of the outline's length that holds it along its own direction, in which nothing tells how far it moved.
const HELD: f32 = 0.05;
/// Distance at which half is moved, in pixels of a picture of 480 rows: what is farther is not the same outline.
const FARTHEST: f32 = 4.0;

/// The frame's own matte, moved as far as the gate lets past and future move it.
pub(super) fn settled(cells: Cells, own: &Plane<f32>, sides: &Sides, gate: &Plane<f32>) -> Plane<f32> {
    let [us, vs] = displacement(cells, own, sides, gate);
    let mut out = own.clone();
    let buffers = || [0; 2].map(|_| vec![0f32; own.width()]);
    out.par_rows_mut().enumerate().for_each_init(buffers, |[across, down], (y, out)| {
        for columns in sides.active.runs(y) {
            cells.spread(&us, y, columns.clone(), across);
            cells.spread(&vs, y, columns.clone(), down);
            for x in columns {
                out[x] = alpha_at(own, x as f32 - across[x], y as f32 - down[x]);
            }
        }
    });
    out
}

/// By how many pixels each cell moves, along x and along y.
fn displacement(cells: Cells, own: &Plane<f32>, sides: &Sides, gate: &Plane<f32>) -> [Plane<f32>; 2] {
    let active = Some(&sides.active.set);
    let [slopes_x, slopes_y] = slopes(cells, own);
    // Of the outline: its length, its length times what past and future weigh there, and its directions. Of the area
    // between it and theirs: the part along each direction.
    let sums = cells.means(TOGETHER, active, |y, columns, [lengths, weighed, xx, xy, yy, areas_x, areas_y]| {
        cells.spread(&slopes_x, y, columns.clone(), areas_x);
        cells.spread(&slopes_y, y, columns.clone(), areas_y);
        slope_squares(own, y, columns.clone(), lengths);
        let (alphas, said) = (own.row(y), sides.said.row(y));
        for x in columns {
            let slope = areas_x[x].hypot(areas_y[x]) + HALF_SLOPE;
            let (across, down) = (areas_x[x] / slope, areas_y[x] / slope);
            let [past, future, past_weight, future_weight] = said[x];
            let weight = past_weight + future_weight;
            let area = weight * alphas[x] - (past + future);
            (areas_x[x], areas_y[x]) = (area * across, area * down);
            let length = lengths[x].sqrt();
            (lengths[x], weighed[x]) = (length, length * weight);
            (xx[x], xy[x], yy[x]) = (length * across * across, length * across * down, length * down * down);
        }
    });
    let farthest = FARTHEST * cells.unit();
    let (columns, rows) = cells.grid();
    let [mut us, mut vs] = [Plane::new(columns, rows, 0f32), Plane::new(columns, rows, 0f32)];
    let moves = us.data_mut().iter_mut().zip(vs.data_mut());
    for (cell, ((u, v), gate)) in moves.zip(gate.data()).enumerate() {
        let [length, weighed, xx, xy, yy, area_x, area_y] = sums.each_ref().map(|sum| sum.data()[cell]);
        let weight = weighed / (length + 1e-6);
        let share = gate / (1.0 + gate * weight);
        let held = HELD * (xx + yy) + 1e-4;
        let (xx, yy) = (xx + held, yy + held);
        let scale = share / (xx * yy - xy * xy);
        let (along_x, along_y) = (scale * (yy * area_x - xy * area_y), scale * (xx * area_y - xy * area_x));
        let keep = 1.0 / (1.0 + (along_x.hypot(along_y) / farthest).powi(4));
        (*u, *v) = (keep * along_x, keep * along_y);
    }
    [us, vs]
}

/// How the softened matte rises from cell to cell, along x and along y.
fn slopes(cells: Cells, own: &Plane<f32>) -> [Plane<f32>; 2] {
    let [soft] = cells.means(REACH, None, |y, columns, [alphas]| {
        alphas[columns.clone()].copy_from_slice(&own.row(y)[columns]);
    });
    let (columns, rows) = cells.grid();
    let [mut along_x, mut along_y] = [soft.clone(), soft.clone()];
    for y in 0..rows {
        let (row, above, below) = (soft.row(y), soft.row(y.saturating_sub(1)), soft.row((y + 1).min(rows - 1)));
        for x in 0..columns {
            along_x.row_mut(y)[x] = 0.5 * (row[(x + 1).min(columns - 1)] - row[x.saturating_sub(1)]);
            along_y.row_mut(y)[x] = 0.5 * (below[x] - above[x]);
        }
    }
    [along_x, along_y]
}

#[cfg(test)]
mod tests {
    use super::super::Neighbour;
    use super::super::sides::motions;
    use super::*;
    use crate::Flow;

    #[test]
    fn an_outline_moves_to_the_mean_of_places_farther_apart_than_it_is_soft() {
        let disc = |middle: f32| {
            let alpha = |i: usize| (80.5 - ((i % 640) as f32 - middle).hypot((i / 640) as f32 - 240.0)).clamp(0.0, 1.0);
            Plane::from_vec(640, 480, (0..640 * 480).map(alpha).collect()).unwrap()
        };
        let (own, other) = (disc(320.0), disc(323.0));
        let (still, trust) = (Flow::still(640, 480), Plane::new(640, 480, 1f32));
        let neighbours = [-1, 1].map(|distance| {
            let (matte, motion, confidence) = (&other, &still, &trust);
            Neighbour { distance, matte, motion, confidence, pictures: None }
        });
        let cells = Cells::of(640, 480);
        let sides = Sides::gather(cells, &own, &neighbours, &motions(&own, &neighbours));
        let (columns, rows) = cells.grid();
        let moved = settled(cells, &own, &sides, &Plane::new(columns, rows, 1f32));
        // Two neighbours of three frames are 3 pixels to the right, so the mean is 2.
        let right = moved.row(240).iter().skip(320).sum::<f32>() - own.row(240).iter().skip(320).sum::<f32>();
        assert!((right - 2.0).abs() < 0.4, "{right}");
    }
}
