//! The subsampled mode: a smaller picture of the samples, and fits between its pixels.

use super::model::{CENTRE, Model, within_limit, within_one};
use crate::wide::compiled_for_avx2;
use crate::window_means::{Extent, stride};
use crate::workspace::fit_vec;
use raster::Plane;

/// Makes rows smaller and fits larger.
#[derive(Debug, Default, Clone)]
pub(super) struct Scaling {
    /// Pixels of the picture along a pixel of the small one.
    step: usize,
    width: usize,
    /// Columns and rows of the small picture.
    small_width: usize,
    small_height: usize,
    /// Sums of the guide's values down the columns of a row of the small picture, then of the matte.
    sums: Vec<f32>,
    /// A row of zeros.
    nothing: Vec<f32>,
    /// The last two rows of the small picture's mean fits.
    fits: [Vec<f32>; 2],
    /// The row after them.
    next: usize,
    /// Fits between two of those rows, the pixels at the ends twice.
    between: Vec<f32>,
    /// Fits between the pixels of that row.
    full: Vec<f32>,
    /// How far from one pixel to the next those lie.
    weights: Vec<f32>,
}

impl Scaling {
    /// For a picture `width` wide and one smaller by `step`, of which the mean fits come from row `first` on.
    pub fn begin<M: Model>(&mut self, width: usize, small: Extent, step: usize, first: usize) {
        (self.step, self.width, self.next) = (step, width, first);
        (self.small_width, self.small_height) = (small.width, small.height);
        fit_vec(&mut self.sums, width * M::LANES);
        fit_vec(&mut self.nothing, width * (M::LANES - 1));
        let full = M::LANES * self.full_stride();
        self.fits.iter_mut().for_each(|fits| fit_vec(fits, M::LANES * stride(small.width)));
        fit_vec(&mut self.between, small.width + 2);
        fit_vec(&mut self.full, full);
        fit_vec(&mut self.weights, step);
        let begin = if step.is_multiple_of(2) { 0.5 } else { 0.0 };
        for (number, weight) in self.weights.iter_mut().enumerate() {
            *weight = (number as f32 + begin) / step as f32;
        }
    }

    /// Row `y` of the small picture: means over squares of pixels, cut off at the border.
    pub fn shrink<M: Model>(&mut self, guide: &Plane<M::Pixel>, alpha: &Plane<f32>, y: usize, small: &mut [f32]) {
        let (width, step) = (self.width, self.step);
        let rows = y * step..((y + 1) * step).min(alpha.height());
        let (colours, matte) = self.sums[..width * M::LANES].split_at_mut(width * (M::LANES - 1));
        colours.fill(0.0);
        matte.fill(0.0);
        // Four at a time come faster out of memory than one after the other.
        for first in rows.clone().step_by(4) {
            let four = [first, first + 1, first + 2, first + 3].map(|y| rows.contains(&y).then_some(y));
            let [a, b, c, d] = four.map(|y| y.map_or(&self.nothing[..colours.len()], |y| M::values(guide.row(y))));
            add_guide(colours, a, b, c, d);
            let [a, b, c, d] = four.map(|y| y.map_or(&self.nothing[..width], |y| alpha.row(y)));
            add_matte(matte, a, b, c, d);
        }
        let samples = small.chunks_exact_mut(stride(self.small_width)).map(|lane| &mut lane[..self.small_width]);
        for (lane, to) in samples.enumerate() {
            let (sums, channels, channel) =
                if lane + 1 < M::LANES { (&*colours, M::LANES - 1, lane) } else { (&*matte, 1, 0) };
            // The usual numbers as constants, for the compiler to unroll.
            match (channels, step) {
                (3, 4) => means(sums, 3, channel, 4, rows.len(), to),
                (1, 4) => means(sums, 1, 0, 4, rows.len(), to),
                _ => means(sums, channels, channel, step, rows.len(), to),
            }
        }
    }

    /// The row of the small picture that [`row`](Self::row) of `y` wants next.
    pub fn wants(&self, y: usize) -> Option<usize> {
        let (below, _) = self.position(y);
        (self.next <= below.min(self.small_height - 1)).then_some(self.next)
    }

    /// Takes on the mean fits of the row that is wanted.
    pub fn take(&mut self, fits: &[f32]) {
        self.fits[self.next % 2][..fits.len()].copy_from_slice(fits);
        self.next += 1;
    }

    /// The fits at the pixels of row `y` of the picture, and how far apart their lanes are.
    pub fn row<M: Model>(&mut self, y: usize) -> (&[f32], usize) {
        let (below, down) = self.position(y);
        let [above, below] = [below.saturating_sub(1), below.min(self.small_height - 1)].map(|y| &self.fits[y % 2]);
        let (small_stride, full_stride, width) = (stride(self.small_width), self.full_stride(), self.small_width);
        for lane in 0..M::LANES {
            let within = lane * small_stride..lane * small_stride + width;
            mix(&mut self.between[1..=width], &above[within.clone()], &below[within], self.weights[down]);
            self.between[0] = self.between[1];
            self.between[width + 1] = self.between[width];
            let to = &mut self.full[lane * full_stride..][..(width + 1) * self.step];
            spread(&self.between[..width + 2], &self.weights[..self.step], to);
        }
        (&self.full[self.shift()..], full_stride)
    }

    /// The row of the small picture before whose centre row `y` lies, and the number of its weight.
    fn position(&self, y: usize) -> (usize, usize) {
        ((y + self.shift()) / self.step, (y + self.shift()) % self.step)
    }

    /// From the centre of a pixel before the small picture to the picture's first.
    fn shift(&self) -> usize {
        self.step.div_ceil(2)
    }

    fn full_stride(&self) -> usize {
        stride((self.small_width + 1) * self.step)
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let held = [&self.sums, &self.nothing, &self.fits[0], &self.fits[1], &self.between, &self.full, &self.weights];
        held.map(Vec::capacity).iter().sum::<usize>() * size_of::<f32>()
    }
}

compiled_for_avx2! {
    fn add_guide(sums: &mut [f32], a: &[f32], b: &[f32], c: &[f32], d: &[f32]) = add_guide_inline;
}

#[inline(always)]
fn add_guide_inline(sums: &mut [f32], a: &[f32], b: &[f32], c: &[f32], d: &[f32]) {
    for ((sum, (a, b)), (c, d)) in sums.iter_mut().zip(a.iter().zip(b)).zip(c.iter().zip(d)) {
        *sum += (within_limit(*a) + within_limit(*b)) + (within_limit(*c) + within_limit(*d));
    }
}

compiled_for_avx2! {
    fn add_matte(sums: &mut [f32], a: &[f32], b: &[f32], c: &[f32], d: &[f32]) = add_matte_inline;
}

#[inline(always)]
fn add_matte_inline(sums: &mut [f32], a: &[f32], b: &[f32], c: &[f32], d: &[f32]) {
    for ((sum, (a, b)), (c, d)) in sums.iter_mut().zip(a.iter().zip(b)).zip(c.iter().zip(d)) {
        *sum += (within_one(*a) + within_one(*b)) + (within_one(*c) + within_one(*d));
    }
}

/// The means of one of so many channels over `step` pixels along and `rows` down, about [`CENTRE`].
#[inline(always)]
fn means(sums: &[f32], channels: usize, channel: usize, step: usize, rows: usize, to: &mut [f32]) {
    let share = 1.0 / (rows * step) as f32;
    let squares = sums.chunks_exact(step * channels);
    if let (Some(last), rest @ [_, ..]) = (to.last_mut(), squares.remainder()) {
        let sum: f32 = rest.iter().skip(channel).step_by(channels).sum();
        *last = sum / (rows * rest.len() / channels) as f32 - CENTRE;
    }
    for (to, square) in to.iter_mut().zip(squares) {
        *to = (0..step).map(|x| square[x * channels + channel]).sum::<f32>() * share - CENTRE;
    }
}

compiled_for_avx2! {
    fn mix(to: &mut [f32], a: &[f32], b: &[f32], weight: f32) = mix_inline;
}

#[inline(always)]
fn mix_inline(to: &mut [f32], a: &[f32], b: &[f32], weight: f32) {
    to.iter_mut().zip(a).zip(b).for_each(|((to, a), b)| *to = a + weight * (b - a));
}

compiled_for_avx2! {
    /// Between each two of `from` as many values as there are weights.
    fn spread(from: &[f32], weights: &[f32], to: &mut [f32]) = spread_inline;
}

#[inline(always)]
fn spread_inline(from: &[f32], weights: &[f32], to: &mut [f32]) {
    let pairs = from.iter().zip(&from[1..]);
    // The usual number, which fills whole registers.
    if let &[a, b, c, d] = weights {
        for (to, (from, next)) in to.as_chunks_mut::<4>().0.iter_mut().zip(pairs) {
            *to = [a, b, c, d].map(|weight| from + weight * (next - from));
        }
        return;
    }
    for (to, (from, next)) in to.chunks_exact_mut(weights.len()).zip(pairs) {
        to.iter_mut().zip(weights).for_each(|(to, weight)| *to = from + weight * (next - from));
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::Grey;
    use super::*;

    #[test]
    fn a_slope_made_smaller_and_larger_is_the_same_slope() {
        for step in 2..=5 {
            let (width, height) = (7 * step, 6 * step);
            let slope = (0..width * height).map(|i| 0.01 * (i % width) as f32 + 0.003 * (i / width) as f32);
            let slope = Plane::from_vec(width, height, slope.collect()).unwrap();
            let extent = Extent { width: 7, height: 6, radius: 1 };
            let mut small = vec![0.0; 2 * stride(extent.width)];
            let mut scaling = Scaling::default();
            scaling.begin::<Grey>(width, extent, step, 0);
            for y in 0..height {
                while let Some(wanted) = scaling.wants(y) {
                    scaling.shrink::<Grey>(&slope, &slope, wanted, &mut small);
                    scaling.take(&small);
                }
                let (found, stride) = scaling.row::<Grey>(y);
                if !(step..height - step).contains(&y) {
                    continue;
                }
                for x in step..width - step {
                    let expected = slope.row(y)[x] - CENTRE;
                    assert!((found[x] - expected).abs() < 1e-5, "step {step}, {x} {y}: {}", found[x]);
                    assert!((found[stride + x] - expected).abs() < 1e-5, "step {step}, {x} {y}");
                }
            }
        }
    }
}
