//! Means over square windows of several quantities at once.
//!
//! Down the columns, sums run along (one row enters, one leaves); along a row, windows are put together from windows of a
//! half, a quarter ... of the size, which vectorises and does not drift. Rows come in bands of a length that depends on the
//! radius alone, so any number of threads adds in the same order.

use crate::workspace::fit_vec;
use raster::Plane;

/// The least rows of a band.
const BAND: usize = 64;

/// Rows of a band whose windows reach `radius` pixels: long against the window, which each band sums up afresh.
pub(crate) fn band_rows(radius: usize) -> usize {
    BAND.max(2 * radius + 1)
}

/// `LANES` samples a pixel; in memory each row holds a row of the first, then one of the second ...
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    pub width: usize,
    pub height: usize,
    pub lanes: usize,
    data: Vec<f32>,
}

impl Lanes {
    /// Takes on a size; allocates only to grow. What the samples hold is not defined.
    pub fn fit(&mut self, width: usize, height: usize, lanes: usize) {
        fit_vec(&mut self.data, width * height * lanes);
        (self.width, self.height, self.lanes) = (width, height, lanes);
    }

    /// Samples in a row of all lanes.
    pub fn stride(&self) -> usize {
        self.width * self.lanes
    }

    pub fn data_mut(&mut self) -> &mut [f32] {
        let used = self.stride() * self.height;
        &mut self.data[..used]
    }

    /// Row `y` of every lane.
    pub fn row<const L: usize>(&self, y: usize) -> [&[f32]; L] {
        let row = &self.data[y * self.stride()..(y + 1) * self.stride()];
        std::array::from_fn(|lane| &row[lane * self.width..(lane + 1) * self.width])
    }

    /// Row `y` of one lane.
    pub fn lane(&self, y: usize, lane: usize) -> &[f32] {
        let begin = y * self.stride() + lane * self.width;
        &self.data[begin..begin + self.width]
    }

    pub fn byte_size(&self) -> usize {
        self.data.capacity() * size_of::<f32>()
    }
}

/// Sums of `QUANTITIES`: the lanes themselves, then products of two of them.
#[derive(Debug, Default, Clone)]
pub(crate) struct WindowScratch {
    columns: Vec<f32>,
    means: Vec<f32>,
    doubled: [Vec<f32>; 2],
}

impl WindowScratch {
    /// Calls `emit(y, means)` for every row of `rows`, top to bottom: for each quantity the means over the windows of
    /// `2 radius + 1` squared round the row's pixels, the picture mirrored at its border (the border's pixel twice).
    ///
    /// `QUANTITIES` = `LANES` + the number of `products`.
    pub fn means<const LANES: usize, const QUANTITIES: usize>(
        &mut self,
        source: &Lanes,
        products: &[(usize, usize)],
        radius: usize,
        rows: std::ops::Range<usize>,
        mut emit: impl FnMut(usize, [&[f32]; QUANTITIES]),
    ) {
        let (width, height) = (source.width, source.height);
        fit_vec(&mut self.columns, width * QUANTITIES);
        fit_vec(&mut self.means, width * QUANTITIES);
        self.columns[..width * QUANTITIES].fill(0.0);
        let share = 1.0 / ((2 * radius + 1) as f32).powi(2);
        let reach = radius as isize;
        for y in rows.clone() {
            let at = |offset: isize| source.row::<LANES>(mirrored(y as isize + offset, height));
            if y == rows.start {
                for offset in -reach..=reach {
                    add::<LANES>(&mut self.columns, at(offset), products);
                }
            } else {
                exchange::<LANES>(&mut self.columns, at(reach), at(-reach - 1), products);
            }
            for (column, mean) in
                self.columns.chunks_exact(width).zip(self.means.chunks_exact_mut(width)).take(QUANTITIES)
            {
                along_row(column, mean, radius, share, &mut self.doubled);
            }
            let means = &self.means;
            emit(y, std::array::from_fn(|quantity| &means[quantity * width..(quantity + 1) * width]));
        }
    }

    /// Room for `count` samples.
    pub fn row_buffer(&mut self, count: usize) -> &mut [f32] {
        fit_vec(&mut self.columns, count);
        &mut self.columns[..count]
    }

    pub fn byte_size(&self) -> usize {
        let doubled: usize = self.doubled.iter().map(Vec::capacity).sum();
        (self.columns.capacity() + self.means.capacity() + doubled) * size_of::<f32>()
    }
}

fn add<const LANES: usize>(columns: &mut [f32], row: [&[f32]; LANES], products: &[(usize, usize)]) {
    let width = row[0].len();
    let (plain, multiplied) = columns.split_at_mut(LANES * width);
    for (sums, lane) in plain.chunks_exact_mut(width).zip(row) {
        sums.iter_mut().zip(lane).for_each(|(sum, value)| *sum += value);
    }
    for (sums, &(a, b)) in multiplied.chunks_exact_mut(width).zip(products) {
        sums.iter_mut().zip(row[a]).zip(row[b]).for_each(|((sum, a), b)| *sum += a * b);
    }
}

fn exchange<const LANES: usize>(
    columns: &mut [f32],
    enters: [&[f32]; LANES],
    leaves: [&[f32]; LANES],
    products: &[(usize, usize)],
) {
    let width = enters[0].len();
    let (plain, multiplied) = columns.split_at_mut(LANES * width);
    for (sums, (enters, leaves)) in plain.chunks_exact_mut(width).zip(enters.into_iter().zip(leaves)) {
        sums.iter_mut().zip(enters).zip(leaves).for_each(|((sum, enters), leaves)| *sum += enters - leaves);
    }
    for (sums, &(a, b)) in multiplied.chunks_exact_mut(width).zip(products) {
        let enters = enters[a].iter().zip(enters[b]);
        let leaves = leaves[a].iter().zip(leaves[b]);
        for (sum, ((a, b), (c, d))) in sums.iter_mut().zip(enters.zip(leaves)) {
            *sum += a * b - c * d;
        }
    }
}

/// `out` = `share` times the sums of `row` over `radius` samples to each side.
fn along_row(row: &[f32], out: &mut [f32], radius: usize, share: f32, doubled: &mut [Vec<f32>; 2]) {
    let (width, window) = (row.len(), 2 * radius + 1);
    let padded = width + 2 * radius;
    for buffer in doubled.iter_mut() {
        fit_vec(buffer, padded);
    }
    let [one, other] = doubled;
    let (mut from, mut to) = (&mut one[..padded], &mut other[..padded]);
    for x in 0..radius {
        from[x] = row[mirrored(x as isize - radius as isize, width)];
        from[radius + width + x] = row[mirrored((width + x) as isize, width)];
    }
    from[radius..radius + width].copy_from_slice(row);
    // `from` holds sums over `size` samples; the window's binary digits say which of them it is made of. It is odd, so the
    // first digit is one of them.
    let (mut size, mut begin) = (1, 0);
    loop {
        if window & size != 0 {
            let last = size * 2 > window;
            let scale = if last { share } else { 1.0 };
            let sums = &from[begin..begin + width];
            if begin == 0 {
                out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum * scale);
            } else {
                out.iter_mut().zip(sums).for_each(|(out, sum)| *out = (*out + sum) * scale);
            }
            if last {
                return;
            }
            begin += size;
        }
        // Two digits at a time where sums of twice the size are not asked for.
        let step = if window & (2 * size) == 0 && 4 * size <= window { 4 } else { 2 };
        let known = padded + 1 - step * size;
        let (to_known, from_known) = (&mut to[..known], &from[..known]);
        if step == 4 {
            let far = from[2 * size..].iter().zip(&from[3 * size..]);
            let near = from_known.iter().zip(&from[size..]);
            to_known.iter_mut().zip(near.zip(far)).for_each(|(to, ((a, b), (c, d)))| *to = (a + b) + (c + d));
        } else {
            to_known.iter_mut().zip(from_known).zip(&from[size..]).for_each(|((to, near), far)| *to = near + far);
        }
        std::mem::swap(&mut from, &mut to);
        size *= step;
    }
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

    #[test]
    fn means_are_those_of_adding_every_window() {
        for (width, height, radius) in [(1, 1, 0), (9, 7, 1), (5, 80, 3), (6, 4, 8), (20, 3, 5)] {
            let mut source = Lanes::default();
            source.fit(width, height, 1);
            for (i, value) in source.data_mut().iter_mut().enumerate() {
                *value = (i * 37 % 11) as f32;
            }
            let value = |x: isize, y: isize| source.row::<1>(mirrored(y, height))[0][mirrored(x, width)];
            WindowScratch::default().means::<1, 2>(&source, &[(0, 0)], radius, 0..height, |y, [means, squares]| {
                let reach = radius as isize;
                for x in 0..width {
                    let (mut sum, mut square) = (0.0, 0.0);
                    for v in (-reach..=reach)
                        .flat_map(|dy| (-reach..=reach).map(move |dx| (x as isize + dx, y as isize + dy)))
                    {
                        sum += value(v.0, v.1);
                        square += value(v.0, v.1).powi(2);
                    }
                    let count = ((2 * radius + 1) as f32).powi(2);
                    assert!((means[x] - sum / count).abs() < 1e-4);
                    assert!((squares[x] - square / count).abs() < 1e-3);
                }
            });
        }
    }
}
