//! Exact Euclidean distances on a pixel grid: the lower envelope of parabolas.
//!
//! Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions" (Theory of Computing 8, 2012). Distances
//! along columns come first, then each row takes the lower envelope of the parabolas its columns open. All comparisons
//! are done in `f64`, in which squares of whole distances are exact.

use crate::workspace::{fit_plane, fit_vec, hold_plane, no_plane, safe_alpha};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Columns that lie together in memory while distances run along them.
const STRIP: usize = 32;
/// Rows that share one task and its scratch.
const BAND: usize = 32;
/// A distance along a column that means: there is nothing in this column. Far beyond any picture, and its square is
/// still exact enough to compare.
const NOTHING: f32 = 1e9;

/// Distances are still exact so far beyond what they are asked for: rounding must not decide between two of them.
const SLACK: f32 = 1.0;

/// Computes distances; keeps its memory, so that a second frame of a size allocates nothing.
///
/// The result is the same for any number of threads.
#[derive(Debug)]
pub struct DistanceTransform {
    /// Distances along columns: strips of [`STRIP`] columns one after the other, each from top to bottom.
    along: Vec<f32>,
    envelopes: Vec<Envelope>,
    turned: Plane<f32>,
    turned_distance: Plane<f32>,
}

impl Default for DistanceTransform {
    fn default() -> Self {
        Self { along: Vec::new(), envelopes: Vec::new(), turned: no_plane(), turned_distance: no_plane() }
    }
}

impl DistanceTransform {
    /// The distance in pixels, centre to centre, to the nearest pixel whose mask is 0; infinite where there is none.
    /// Equal to `scipy.ndimage.distance_transform_edt`. `out` takes on the mask's size.
    pub fn to_zero(&mut self, mask: &Plane<u8>, out: &mut Plane<f32>) {
        self.near_zero(mask, f32::INFINITY, out);
    }

    /// As [`to_zero`](Self::to_zero) up to `limit` pixels, to the bit; beyond it any distance of more than that.
    pub(crate) fn near_zero(&mut self, mask: &Plane<u8>, limit: f32, out: &mut Plane<f32>) {
        fit_plane(out, mask.width(), mask.height());
        self.along_columns(mask.width(), mask.height(), |strip, first| zeros_along(mask, strip, first));
        self.across_rows(out, 0, limit);
    }

    /// The signed distance in pixels from a pixel's centre to the matte's edge, positive inside, 0 on the edge.
    ///
    /// The edge is where alpha, interpolated linearly along rows and columns, passes through 0.5: the corners of the
    /// contour that marching squares would draw. Distances to these corners are exact; they lie at most one pixel apart, so
    /// a distance d to the contour comes out at most 0.125 / d too long. Where an edge is a single pixel wide, the corners
    /// also lie up to 0.09 pixels from the edge whose coverage the alphas are.
    /// Values outside 0..1 are clamped, NaN counts as 0. Without an edge the distance is infinite: positive where the
    /// matte is full, negative where it is empty. `out` takes on the matte's size.
    pub fn signed(&mut self, alpha: &Plane<f32>, out: &mut Plane<f32>) {
        self.near_signed(alpha, [0, 0], f32::INFINITY, out);
    }

    /// As [`signed`](Self::signed) up to `limit` pixels from the edge, to the bit; beyond it any distance of more than that,
    /// on the right side. `alpha` is the part of a matte that begins at the column and row `corner`: the bits are those of
    /// the whole matte where no edge lies outside of the part.
    pub(crate) fn near_signed(&mut self, alpha: &Plane<f32>, corner: [usize; 2], limit: f32, out: &mut Plane<f32>) {
        let (width, height) = (alpha.width(), alpha.height());
        fit_plane(out, width, height);
        let mut turned = std::mem::replace(&mut self.turned, no_plane());
        let mut turned_distance = std::mem::replace(&mut self.turned_distance, no_plane());
        fit_plane(&mut turned, height, width);
        fit_plane(&mut turned_distance, height, width);
        self.along_columns(width, height, |strip, first| crossings_along(alpha, strip, first));
        self.across_rows(out, corner[0], limit);
        transposed(alpha, &mut turned, |_, alpha| alpha);
        self.along_columns(height, width, |strip, first| crossings_along(&turned, strip, first));
        self.across_rows(&mut turned_distance, corner[1], limit);
        transposed(&turned_distance, out, |here, turned| here.min(turned));
        out.par_rows_mut().zip(alpha.par_rows()).for_each(|(out, alpha)| {
            for (distance, &alpha) in out.iter_mut().zip(alpha) {
                let height = above_edge(alpha);
                *distance = if height == 0.0 { 0.0 } else { distance.copysign(height) };
            }
        });
        self.turned = turned;
        self.turned_distance = turned_distance;
    }

    /// Has room for signed distances of mattes up to this size.
    pub(crate) fn hold(&mut self, width: usize, height: usize) {
        let strips = |width: usize, height: usize| width.div_ceil(STRIP) * height * STRIP;
        let along = strips(width, height).max(strips(height, width));
        self.along.reserve_exact(along.saturating_sub(self.along.len()));
        for plane in [&mut self.turned, &mut self.turned_distance] {
            hold_plane(plane, width.saturating_mul(height));
        }
        fit_vec(&mut self.envelopes, width.max(height).div_ceil(BAND));
        for envelope in &mut self.envelopes {
            envelope.reserve(width.max(height));
        }
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let planes = self.turned.data().len() + self.turned_distance.data().len() + self.along.capacity();
        planes * size_of::<f32>() + self.envelopes.iter().map(Envelope::byte_size).sum::<usize>()
    }

    /// Lets `sweep(strip, first column)` fill all strips.
    fn along_columns(&mut self, width: usize, height: usize, sweep: impl Fn(&mut [[f32; STRIP]], usize) + Sync) {
        let strips = width.div_ceil(STRIP);
        fit_vec(&mut self.along, strips * height * STRIP);
        let used = &mut self.along[..strips * height * STRIP];
        used.par_chunks_exact_mut((height * STRIP).max(1)).enumerate().for_each(|(strip, distances)| {
            let (rows, _) = distances.as_chunks_mut();
            sweep(rows, strip * STRIP);
        });
    }

    /// `first`: the number of the first column. Distances of more than `limit` need not be exact.
    fn across_rows(&mut self, out: &mut Plane<f32>, first: usize, limit: f32) {
        let (width, height) = (out.width(), out.height());
        if width == 0 || height == 0 {
            return;
        }
        let bands = height.div_ceil(BAND);
        fit_vec(&mut self.envelopes, bands);
        let along = &self.along;
        let rows = out.data_mut().par_chunks_mut(width * BAND);
        rows.zip(self.envelopes.par_iter_mut()).enumerate().for_each(|(band, (rows, envelope))| {
            envelope.reserve(width);
            for (y, out) in (band * BAND..).zip(rows.chunks_exact_mut(width)) {
                for (strip, out) in out.chunks_mut(STRIP).enumerate() {
                    let from = (strip * height + y) * STRIP;
                    out.copy_from_slice(&along[from..from + out.len()]);
                }
                envelope.lower(out, first as f64, limit + SLACK);
            }
        });
    }
}

/// The parabolas whose lower envelope a row's distances are.
#[derive(Debug, Clone, Default)]
struct Envelope {
    parabolas: Vec<Parabola>,
}

/// A parabola and where it begins to be the lowest.
#[derive(Debug, Clone, Copy)]
struct Parabola {
    start: f64,
    column: f64,
    /// The squared distance along its column.
    height: f64,
}

impl Envelope {
    fn reserve(&mut self, width: usize) {
        self.parabolas.clear();
        self.parabolas.reserve(width);
    }

    fn byte_size(&self) -> usize {
        self.parabolas.capacity() * size_of::<Parabola>()
    }

    /// Turns a row of distances along columns into distances. `first`: the number of the first column, on which rounding
    /// depends. Distances of more than `limit` may come out as infinite.
    fn lower(&mut self, row: &mut [f32], first: f64, limit: f32) {
        self.parabolas.clear();
        let limit = limit.min(NOTHING);
        for (column, &along) in row.iter().enumerate() {
            if along < limit {
                self.add(first + column as f64, f64::from(along) * f64::from(along));
            }
        }
        let mut begin = 0;
        for (index, parabola) in self.parabolas.iter().enumerate() {
            let end = self.parabolas.get(index + 1).map_or(row.len(), |next| (next.start - first).ceil() as usize);
            let end = end.clamp(begin, row.len());
            let own = parabola.column - first;
            // Where it is within the limit.
            let reach = (f64::from(limit) * f64::from(limit) - parabola.height).max(0.0).sqrt();
            let from = ((own - reach).max(0.0) as usize).clamp(begin, end);
            let to = ((own + reach + 1.0) as usize).clamp(from, end);
            row[begin..from].fill(f32::INFINITY);
            row[to..end].fill(f32::INFINITY);
            if to - from == 1 && parabola.height == 0.0 && own == from as f64 {
                row[from] = 0.0;
            } else {
                for (column, out) in (from..to).zip(&mut row[from..to]) {
                    let across = column as f64 - own;
                    *out = (across * across + parabola.height).sqrt() as f32;
                }
            }
            begin = end;
        }
        row[begin..].fill(f32::INFINITY);
    }

    fn add(&mut self, column: f64, height: f64) {
        while let Some(last) = self.parabolas.last() {
            // Where both are equally high.
            let start = 0.5 * ((height - last.height) / (column - last.column) + column + last.column);
            if start > last.start {
                return self.parabolas.push(Parabola { start, column, height });
            }
            self.parabolas.pop();
        }
        self.parabolas.push(Parabola { start: f64::NEG_INFINITY, column, height });
    }
}

/// Distances along columns to the nearest 0.
fn zeros_along(mask: &Plane<u8>, strip: &mut [[f32; STRIP]], first: usize) {
    let mut nearest = [NOTHING; STRIP];
    for (y, out) in strip.iter_mut().enumerate() {
        for (nearest, &mask) in nearest.iter_mut().zip(&mask.row(y)[first..]) {
            *nearest = if mask == 0 { 0.0 } else { *nearest + 1.0 };
        }
        *out = nearest;
    }
    nearest = [NOTHING; STRIP];
    for out in strip.iter_mut().rev() {
        for (nearest, out) in nearest.iter_mut().zip(out) {
            *nearest = out.min(*nearest + 1.0);
            *out = *nearest;
        }
    }
}

/// Distances along columns to the nearest place where alpha passes through 0.5.
fn crossings_along(alpha: &Plane<f32>, strip: &mut [[f32; STRIP]], first: usize) {
    let heights = |y: usize| {
        let mut heights = [0f32; STRIP];
        for (height, &alpha) in heights.iter_mut().zip(&alpha.row(y)[first..]) {
            *height = above_edge(alpha);
        }
        heights
    };
    let rows = strip.len();
    let Some(top) = strip.first_mut() else { return };
    *top = [NOTHING; STRIP];
    let mut before = heights(0);
    for y in 1..rows {
        let here = heights(y);
        let above = strip[y - 1];
        for (i, out) in strip[y].iter_mut().enumerate() {
            let step = crossing(here[i], before[i]);
            *out = if step <= 1.0 { step } else { above[i] + 1.0 };
        }
        before = here;
    }
    let mut nearest = [NOTHING; STRIP];
    let mut below = before;
    for (y, out) in strip.iter_mut().enumerate().rev() {
        let here = if y + 1 == rows { below } else { heights(y) };
        for (i, out) in out.iter_mut().enumerate() {
            let step = crossing(here[i], below[i]);
            nearest[i] = if step <= 1.0 { step } else { nearest[i] + 1.0 };
            *out = out.min(nearest[i]);
        }
        below = here;
    }
}

/// How far from the first of two neighbours towards the second their edge lies, 0..1; more than 1 for no edge.
fn crossing(here: f32, there: f32) -> f32 {
    let parted = here * there <= 0.0 && here != there;
    if parted { here / (here - there) } else { 2.0 }
}

/// How far alpha is above 0.5, -0.5..0.5.
fn above_edge(alpha: f32) -> f32 {
    safe_alpha(alpha) - 0.5
}

/// `out` = `combine(out, source turned)`, tile by tile.
fn transposed(source: &Plane<f32>, out: &mut Plane<f32>, combine: impl Fn(f32, f32) -> f32 + Sync) {
    let (width, height) = (out.width(), out.height());
    out.data_mut().par_chunks_mut((width * BAND).max(1)).enumerate().for_each(|(band, rows)| {
        for left in (0..width).step_by(STRIP) {
            for (y, out) in (band * BAND..height).zip(rows.chunks_exact_mut(width)) {
                let right = (left + STRIP).min(width);
                for (x, out) in (left..right).zip(&mut out[left..right]) {
                    *out = combine(*out, source.data()[x * height + y]);
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brute(mask: &Plane<u8>) -> Vec<f32> {
        let zeros: Vec<_> = (0..mask.data().len()).filter(|&i| mask.data()[i] == 0).collect();
        let at = |i: usize| [(i % mask.width()) as f64, (i / mask.width()) as f64];
        let apart = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        let nearest = |i: usize| zeros.iter().map(|&zero| apart(at(i), at(zero))).fold(f64::INFINITY, f64::min);
        (0..mask.data().len()).map(|i| nearest(i) as f32).collect()
    }

    #[test]
    fn distances_to_zeros_are_those_of_looking_at_every_zero() {
        let mut transform = DistanceTransform::default();
        let mut out = Plane::new(0, 0, 0.0);
        for (width, height, one_in) in [(1, 1, 2), (70, 45, 300), (33, 64, 3), (1, 40, 9), (40, 1, 9), (66, 3, 50)] {
            let noise = |i: usize| (i as u32).wrapping_mul(2_654_435_761) >> 8;
            let samples = (0..width * height).map(|i| u8::from(noise(i) % one_in != 0)).collect();
            let mask = Plane::from_vec(width, height, samples).unwrap();
            transform.to_zero(&mask, &mut out);
            for (found, expected) in out.data().iter().zip(brute(&mask)) {
                assert!(*found == expected || (found - expected).abs() <= expected * 1.2e-7, "{found} {expected}");
            }
        }
    }

    #[test]
    fn without_zeros_or_without_pixels_nothing_breaks() {
        let mut transform = DistanceTransform::default();
        let mut out = Plane::new(0, 0, 0.0);
        transform.to_zero(&Plane::new(3, 2, 1), &mut out);
        assert!(out.data().iter().all(|&distance| distance == f32::INFINITY));
        transform.to_zero(&Plane::new(0, 2, 1), &mut out);
        assert!(out.is_empty());
    }

    #[test]
    fn a_straight_edge_along_the_grid_is_found_to_a_fraction_of_a_pixel() {
        let mut transform = DistanceTransform::default();
        let mut out = Plane::new(0, 0, 0.0);
        for part in [0.0, 0.125, 0.5, 0.75, 1.0] {
            let row: Vec<f32> = (0..50).map(|x| ((x as f32 - 20.5 + part) * 0.5 + 0.5).clamp(0.0, 1.0)).collect();
            let alpha = Plane::from_vec(50, 40, row.repeat(40)).unwrap();
            transform.signed(&alpha, &mut out);
            for x in 0..50 {
                let expected = x as f32 - 20.5 + part;
                assert!((out.row(17)[x] - expected).abs() < 1e-5, "{} at {x}, not {expected}", out.row(17)[x]);
            }
        }
    }

    #[test]
    fn a_disc_and_its_complement_have_opposite_distances_close_to_the_true_ones() {
        let mut transform = DistanceTransform::default();
        let true_distance = |i: usize| 22.3 - ((i % 61) as f32 - 30.2).hypot((i / 61) as f32 - 29.6);
        let alpha: Vec<f32> = (0..61 * 61).map(|i| (true_distance(i) + 0.5).clamp(0.0, 1.0)).collect();
        let alpha = Plane::from_vec(61, 61, alpha).unwrap();
        let (mut inside, mut outside) = (Plane::new(0, 0, 0.0), Plane::new(0, 0, 0.0));
        transform.signed(&alpha, &mut inside);
        transform.signed(&alpha.map(|alpha| 1.0 - alpha), &mut outside);
        for i in 0..61 * 61 {
            let (found, expected) = (inside.data()[i], true_distance(i));
            let off = if expected.abs() < 1.5 { 0.3 } else { 0.12 };
            assert!((found - expected).abs() < off, "{found}, not {expected}");
            assert!((found + outside.data()[i]).abs() < 1e-5);
        }
    }

    #[test]
    fn mattes_without_an_edge_are_infinitely_far_inside_or_outside() {
        let mut transform = DistanceTransform::default();
        let mut out = Plane::new(0, 0, 0.0);
        for (alpha, distance) in [(1.0, f32::INFINITY), (7.0, f32::INFINITY), (f32::NAN, f32::NEG_INFINITY)] {
            transform.signed(&Plane::new(4, 1, alpha), &mut out);
            assert!(out.data().iter().all(|&found| found == distance));
        }
    }
}
