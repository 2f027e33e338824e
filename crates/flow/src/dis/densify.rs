//! From the motion of patches to that of every pixel.

use super::grid::{Grid, stripe_rows};
use super::patch::SIDE;
use super::pyramid::{BORDER, Level};
use super::search::Sparse;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Writes the level's motion: at each pixel the mean over the patches that cover it, each weighted with how well the
/// pixel itself agrees with where the patch sends it: 1 / max(1, |difference|) (Kroeger et al. 2016, equation 3).
pub(super) fn densify(sparse: &Sparse, level: &mut Level, scratch: &mut Vec<f32>) {
    let Level { from, to_bordered, motion: [u, v], .. } = level;
    let (width, rows) = (from.width, stripe_rows(from.height));
    scratch.resize(from.height.div_ceil(rows) * width * 3, 0.0);
    let stripes = u.data.par_chunks_mut(rows * width).zip(v.data.par_chunks_mut(rows * width));
    stripes.zip(scratch.par_chunks_exact_mut(width * 3)).enumerate().for_each(|(stripe, ((u, v), sums))| {
        let (sum_u, sums) = sums.split_at_mut(width);
        let (sum_v, sum_weight) = sums.split_at_mut(width);
        for (index, (u, v)) in u.chunks_exact_mut(width).zip(v.chunks_exact_mut(width)).enumerate() {
            let y = stripe * rows + index;
            sum_u.fill(0.0);
            sum_v.fill(0.0);
            sum_weight.fill(0.0);
            for row in sparse.rows_over(y) {
                add_row(sparse, row, from.row(y), y, to_bordered, [sum_u, sum_v, sum_weight]);
            }
            mean(sum_u, sum_weight, u);
            mean(sum_v, sum_weight, v);
            continue_last(sparse, u, v);
        }
    });
}

/// Adds what a row of patches says of row `y` of pixels.
fn add_row(sparse: &Sparse, row: usize, from: &[f32], y: usize, to: &Grid, sums: [&mut [f32]; 3]) {
    let [sum_u, sum_v, sum_weight] = sums;
    let (width, height) = (to.width - 2 * BORDER, to.height - 2 * BORDER);
    for (column, &[u, v]) in sparse.row(row).iter().enumerate() {
        let x = column * sparse.stride;
        let at_x = ((x + BORDER) as f32 + u).max((BORDER - SIDE + 1) as f32).min((BORDER + width - 1) as f32);
        let at_y = ((y + BORDER) as f32 + v).max(BORDER as f32).min((BORDER + height - 1) as f32);
        let (left, top) = (at_x as i32, at_y as i32);
        let (part_x, part_y) = (at_x - left as f32, at_y - top as f32);
        let start = top as usize * to.width + left as usize;
        let above = to.data[start..].first_chunk::<{ SIDE + 1 }>();
        let below = to.data[start + to.width..].first_chunk::<{ SIDE + 1 }>();
        let (Some(above), Some(below), Some(from)) = (above, below, from[x..].first_chunk::<SIDE>()) else { continue };
        let mut weight = [0f32; SIDE];
        for i in 0..SIDE {
            let upper = above[i] + part_x * (above[i + 1] - above[i]);
            let lower = below[i] + part_x * (below[i + 1] - below[i]);
            let difference = (upper + part_y * (lower - upper) - from[i]).abs();
            weight[i] = 1.0 / if difference > 1.0 { difference } else { 1.0 };
        }
        add(&mut sum_u[x..x + SIDE], &weight, u);
        add(&mut sum_v[x..x + SIDE], &weight, v);
        add(&mut sum_weight[x..x + SIDE], &weight, 1.0);
    }
}

#[inline(always)]
fn add(sum: &mut [f32], weight: &[f32; SIDE], scale: f32) {
    for (sum, weight) in sum.iter_mut().zip(weight) {
        *sum += scale * weight;
    }
}

fn mean(sum: &[f32], weight: &[f32], out: &mut [f32]) {
    for ((out, sum), weight) in out.iter_mut().zip(sum).zip(weight) {
        *out = sum / weight;
    }
}

/// The few pixels at the right border that no patch covers have the motion of the last one that is covered.
fn continue_last(sparse: &Sparse, u: &mut [f32], v: &mut [f32]) {
    let end = (sparse.columns - 1) * sparse.stride + SIDE;
    for part in [u, v] {
        let last = part[end - 1];
        part[end..].fill(last);
    }
}
