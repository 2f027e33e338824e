//! Means over square windows of several quantities at once, row after row.
//!
//! Down the columns, sums run along (one row enters, one leaves); along a row, windows are put together from windows of a
//! half, a quarter ... of the size, which vectorises and does not drift. Only the rows that a window reaches are kept, so
//! that they stay in the processor's caches.

use crate::wide::{LANES, compiled_for_avx2};
use crate::workspace::fit_vec;
use raster::Plane;

/// What windows reach over.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extent {
    pub width: usize,
    pub height: usize,
    /// How far a window reaches to each side, at least 1: it is `2 radius + 1` squared.
    pub radius: usize,
}

/// Means of `lanes` samples a pixel and of products of two of them. The picture is mirrored at its border (the border's
/// pixel twice).
#[derive(Debug, Default, Clone)]
pub(crate) struct WindowMeans {
    extent: Extent,
    lanes: usize,
    products: &'static [(usize, usize)],
    /// Samples of a row of one lane, at the least [`Extent::width`].
    stride: usize,
    /// The last rows, each a row of the first lane, then one of the second ...
    rows: Vec<f32>,
    /// How many there are.
    kept: usize,
    /// The row that the columns' sums are of.
    at: Option<usize>,
    /// For each quantity the sums down the columns, mirrored to both sides as far as windows reach.
    columns: Vec<f32>,
    means: Vec<f32>,
    /// A row of zeros.
    nothing: Vec<f32>,
    along: AlongRow,
}

impl WindowMeans {
    /// Starts on another picture, of which nothing is known.
    pub fn begin(&mut self, extent: Extent, lanes: usize, products: &'static [(usize, usize)]) {
        let stride = stride(extent.width);
        let kept = (2 * extent.radius + 2).min(extent.height);
        let quantities = lanes + products.len();
        fit_vec(&mut self.rows, kept * lanes * stride);
        fit_vec(&mut self.columns, quantities * (extent.width + 2 * extent.radius));
        fit_vec(&mut self.means, quantities * stride);
        fit_vec(&mut self.nothing, extent.width);
        self.along.fit(extent);
        (self.extent, self.lanes, self.products) = (extent, lanes, products);
        (self.stride, self.kept, self.at) = (stride, kept, None);
    }

    /// Where row `y` of the picture is to be written: the lanes one after the other, [`stride`] apart. The rows are given in
    /// order, and none before the means of row `y - radius - 1` are known.
    pub fn row_mut(&mut self, y: usize) -> &mut [f32] {
        let length = self.lanes * self.stride;
        let begin = y % self.kept * length;
        &mut self.rows[begin..begin + length]
    }

    /// The means round the pixels of row `y`: for each lane, then for each product, [`stride`] apart. Wants the rows up to
    /// `y + radius`; of rows in order the next costs least.
    pub fn means(&mut self, y: usize) -> &[f32] {
        let reach = self.extent.radius as isize;
        let height = self.extent.height;
        let at = |offset: isize| Some(mirrored(y as isize + offset, height));
        if y > 0 && self.at == Some(y - 1) {
            self.exchange(at(reach), at(-reach - 1));
        } else {
            self.columns.fill(0.0);
            (-reach..=reach).for_each(|offset| self.exchange(at(offset), None));
        }
        self.at = Some(y);
        let Extent { width, radius, .. } = self.extent;
        let columns = self.columns.chunks_exact_mut(width + 2 * radius);
        for (column, mean) in
            columns.zip(self.means.chunks_exact_mut(self.stride)).take(self.lanes + self.products.len())
        {
            mirror(column, radius);
            self.along.means(column, &mut mean[..width]);
        }
        &self.means[..self.stride * (self.lanes + self.products.len())]
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let held = [&self.rows, &self.columns, &self.means, &self.nothing].map(Vec::capacity);
        held.iter().sum::<usize>() * size_of::<f32>() + self.along.byte_size()
    }

    /// Row `enters` of the picture comes into the sums, row `leaves` goes.
    fn exchange(&mut self, enters: Option<usize>, leaves: Option<usize>) {
        let Extent { width, radius, .. } = self.extent;
        let (stride, length) = (self.stride, self.lanes * self.stride);
        let lane = |row: Option<usize>, lane: usize| match row {
            Some(y) => {
                let begin = y % self.kept * length + lane * stride;
                &self.rows[begin..begin + width]
            }
            None => &self.nothing[..width],
        };
        let sums = self.columns.chunks_exact_mut(width + 2 * radius).map(|sums| &mut sums[radius..radius + width]);
        for (quantity, sums) in sums.enumerate().take(self.lanes + self.products.len()) {
            if quantity < self.lanes {
                slide(sums, lane(enters, quantity), lane(leaves, quantity));
            } else {
                let (a, b) = self.products[quantity - self.lanes];
                slide_product(sums, lane(enters, a), lane(enters, b), lane(leaves, a), lane(leaves, b));
            }
        }
    }
}

/// How far the lanes of a row of `width` pixels are apart: room for whole blocks, and not a power of two, of which the
/// processor could keep few in its first cache.
pub(crate) fn stride(width: usize) -> usize {
    width.next_multiple_of(LANES) + 2 * LANES
}

/// Puts windows along a row together.
#[derive(Debug, Default, Clone)]
struct AlongRow {
    window: usize,
    /// Sums over some samples from each sample on.
    sums: [Vec<f32>; 2],
    /// What the parts of the windows done so far add up to.
    parts: Vec<f32>,
}

impl AlongRow {
    fn fit(&mut self, extent: Extent) {
        self.window = 2 * extent.radius + 1;
        self.sums.iter_mut().for_each(|sums| fit_vec(sums, extent.width + 2 * extent.radius));
        fit_vec(&mut self.parts, extent.width);
    }

    /// `out` = means over the windows of `row`, which is longer than it by as much as windows reach.
    ///
    /// From sums over 1, 2, 4 ... samples windows are made as their length is of binary digits.
    fn means(&mut self, row: &[f32], out: &mut [f32]) {
        let (width, window) = (out.len(), self.window);
        let share = 1.0 / (window as f32).powi(2);
        let last = 1 << window.ilog2();
        let [to, known] = &mut self.sums;
        // The length is odd: the first digit is one of them.
        let (mut size, mut begin, mut in_parts) = (1, 1, false);
        loop {
            let from = if size == 1 { row } else { &known[..row.len() + 1 - size] };
            // Two digits at a time where sums of twice the size are not asked for.
            let step = if window & (2 * size) == 0 && 4 * size <= last { 4 } else { 2 };
            if step * size == last {
                let near = if in_parts { &self.parts[..width] } else { &row[..width] };
                let part = |number: usize| &from[begin + number * size..begin + number * size + width];
                return match step {
                    4 => finish_four(out, near, part(0), part(1), part(2), part(3), share),
                    _ => finish_two(out, near, part(0), part(1), share),
                };
            }
            let count = row.len() + 1 - step * size;
            let part = |number: usize| &from[number * size..number * size + count];
            match step {
                4 => add_four(&mut to[..count], part(0), part(1), part(2), part(3)),
                _ => add_two(&mut to[..count], part(0), part(1)),
            }
            std::mem::swap(to, known);
            size *= step;
            if window & size != 0 {
                if !in_parts {
                    self.parts[..width].copy_from_slice(&row[..width]);
                    in_parts = true;
                }
                add(&mut self.parts[..width], &known[begin..begin + width]);
                begin += size;
            }
        }
    }

    fn byte_size(&self) -> usize {
        (self.sums.iter().map(Vec::capacity).sum::<usize>() + self.parts.capacity()) * size_of::<f32>()
    }
}

compiled_for_avx2! {
    fn slide(sums: &mut [f32], enters: &[f32], leaves: &[f32]) = slide_inline;
}

#[inline(always)]
fn slide_inline(sums: &mut [f32], enters: &[f32], leaves: &[f32]) {
    sums.iter_mut().zip(enters).zip(leaves).for_each(|((sum, enters), leaves)| *sum += enters - leaves);
}

compiled_for_avx2! {
    /// As [`slide`], with the products of `a` and `b` that enter and of `c` and `d` that leave.
    fn slide_product(sums: &mut [f32], a: &[f32], b: &[f32], c: &[f32], d: &[f32]) = slide_product_inline;
}

#[inline(always)]
fn slide_product_inline(sums: &mut [f32], a: &[f32], b: &[f32], c: &[f32], d: &[f32]) {
    for ((sum, (a, b)), (c, d)) in sums.iter_mut().zip(a.iter().zip(b)).zip(c.iter().zip(d)) {
        *sum += a * b - c * d;
    }
}

compiled_for_avx2! {
    fn add(to: &mut [f32], a: &[f32]) = add_inline;
}

#[inline(always)]
fn add_inline(to: &mut [f32], a: &[f32]) {
    to.iter_mut().zip(a).for_each(|(to, a)| *to += a);
}

compiled_for_avx2! {
    fn add_two(to: &mut [f32], a: &[f32], b: &[f32]) = add_two_inline;
}

#[inline(always)]
fn add_two_inline(to: &mut [f32], a: &[f32], b: &[f32]) {
    to.iter_mut().zip(a).zip(b).for_each(|((to, a), b)| *to = a + b);
}

compiled_for_avx2! {
    fn add_four(to: &mut [f32], a: &[f32], b: &[f32], c: &[f32], d: &[f32]) = add_four_inline;
}

#[inline(always)]
fn add_four_inline(to: &mut [f32], a: &[f32], b: &[f32], c: &[f32], d: &[f32]) {
    for ((to, (a, b)), (c, d)) in to.iter_mut().zip(a.iter().zip(b)).zip(c.iter().zip(d)) {
        *to = (a + b) + (c + d);
    }
}

compiled_for_avx2! {
    /// `out` = `share` of the sum of the rest.
    fn finish_two(out: &mut [f32], near: &[f32], a: &[f32], b: &[f32], share: f32) = finish_two_inline;
}

#[inline(always)]
fn finish_two_inline(out: &mut [f32], near: &[f32], a: &[f32], b: &[f32], share: f32) {
    for ((out, near), (a, b)) in out.iter_mut().zip(near).zip(a.iter().zip(b)) {
        *out = (near + (a + b)) * share;
    }
}

compiled_for_avx2! {
    /// `out` = `share` of the sum of the rest.
    fn finish_four(out: &mut [f32], near: &[f32], a: &[f32], b: &[f32], c: &[f32], d: &[f32], share: f32) =
        finish_four_inline;
}

#[inline(always)]
fn finish_four_inline(out: &mut [f32], near: &[f32], a: &[f32], b: &[f32], c: &[f32], d: &[f32], share: f32) {
    for (((out, near), (a, b)), (c, d)) in out.iter_mut().zip(near).zip(a.iter().zip(b)).zip(c.iter().zip(d)) {
        *out = (near + ((a + b) + (c + d))) * share;
    }
}

/// Mirrors what is in the middle of a row into the `radius` samples at each of its ends.
fn mirror(row: &mut [f32], radius: usize) {
    let width = row.len() - 2 * radius;
    if radius > width {
        for x in 0..radius {
            row[x] = row[radius + mirrored(x as isize - radius as isize, width)];
            row[radius + width + x] = row[radius + mirrored((width + x) as isize, width)];
        }
        return;
    }
    let (left, rest) = row.split_at_mut(radius);
    let (middle, right) = rest.split_at_mut(width);
    left.iter_mut().rev().zip(&*middle).for_each(|(to, from)| *to = *from);
    right.iter_mut().zip(middle.iter().rev()).for_each(|(to, from)| *to = *from);
}

/// The index within 0..`count` that `index` falls on in a picture mirrored at its border.
fn mirrored(index: isize, count: usize) -> usize {
    let within = index.rem_euclid(2 * count as isize) as usize;
    if within < count { within } else { 2 * count - 1 - within }
}

/// Whether two planes have as many columns and rows.
pub(crate) fn same_size<A, B>(a: &Plane<A>, b: &Plane<B>) -> bool {
    a.width() == b.width() && a.height() == b.height()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(x: usize, y: usize, extent: Extent) -> f32 {
        ((y * extent.width + x) * 37 % 11) as f32
    }

    /// The means over the window round a pixel, and over the squares there.
    fn added_up(x: usize, y: usize, extent: Extent) -> [f32; 2] {
        let reach = extent.radius as isize;
        let at =
            |centre: usize, count: usize| (-reach..=reach).map(move |offset| mirrored(centre as isize + offset, count));
        let window = at(y, extent.height).flat_map(|y| at(x, extent.width).map(move |x| (x, y)));
        let sums = window.fold([0.0, 0.0], |[sum, squares], (x, y)| {
            let value = sample(x, y, extent);
            [sum + value, squares + value * value]
        });
        sums.map(|sum| sum / ((2 * extent.radius + 1) as f32).powi(2))
    }

    /// Asserts the means of rows from `first` on.
    fn assert_means(windows: &mut WindowMeans, extent: Extent, first: usize) {
        windows.begin(extent, 1, &[(0, 0)]);
        let mut next = first.saturating_sub(extent.radius);
        for y in first..extent.height {
            while next <= (y + extent.radius).min(extent.height - 1) {
                let row = windows.row_mut(next).iter_mut().take(extent.width);
                row.enumerate().for_each(|(x, to)| *to = sample(x, next, extent));
                next += 1;
            }
            let (means, squares) = windows.means(y).split_at(stride(extent.width));
            for x in 0..extent.width {
                let [mean, square] = added_up(x, y, extent);
                assert!((means[x] - mean).abs() < 1e-4, "{extent:?} {x} {y}");
                assert!((squares[x] - square).abs() < 1e-3, "{extent:?} {x} {y}");
            }
        }
    }

    #[test]
    fn means_are_those_of_adding_every_window() {
        let mut windows = WindowMeans::default();
        for (width, height, radius) in
            [(1, 1, 1), (9, 7, 1), (5, 80, 3), (6, 4, 8), (20, 3, 5), (40, 30, 8), (90, 20, 11), (70, 9, 23)]
        {
            let extent = Extent { width, height, radius };
            assert_means(&mut windows, extent, 0);
            assert_means(&mut windows, extent, height / 2);
        }
    }
}
