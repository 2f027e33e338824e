//! The guided filter: a matte that follows the edges of a picture.
//!
//! He, Sun and Tang, "Guided Image Filtering" (ECCV 2010); the subsampled mode after He and Sun, "Fast Guided Filter"
//! (arXiv 1505.00996, 2015). In every window the matte is fitted by a linear function of the guide.

use crate::window_means::{Lanes, WindowScratch, band_rows, same_size};
use crate::workspace::{fit_plane, fit_vec, safe_alpha};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Half the range of a guide's values: beyond, `f32` could not hold the variances.
const GUIDE_LIMIT: f32 = 1e4;
/// Taken off guide and matte before squares are summed, so that variances lose the fewest digits.
const CENTRE: f32 = 0.5;
/// The least epsilon: a window of one colour must not be divided by zero.
const LEAST_EPSILON: f32 = 1e-9;

/// Pixels that are fitted at a time.
const BLOCK: usize = 16;

/// Which samples are multiplied: with a grey guide (0) and the matte (1), or with red, green, blue (0..3) and the matte (3).
const GREY_PRODUCTS: [(usize, usize); 2] = [(0, 0), (0, 1)];
const COLOUR_PRODUCTS: [(usize, usize); 9] = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2), (0, 3), (1, 3), (2, 3)];

/// How a matte is filtered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GuidedSettings {
    /// How far a window reaches, in pixels of the guide.
    pub radius: usize,
    /// The variance of the guide, in squares of its values, below which the filter smooths.
    pub epsilon: f32,
    /// The fit is done on a picture smaller by this factor; 1 is exact, 4 costs about a quarter.
    pub subsample: usize,
}

/// Filters mattes; keeps its memory, so that a second frame of a size allocates nothing. The result is the same for any
/// number of threads, and that of OpenCV's `ximgproc.guidedFilter` within 1e-4.
#[derive(Debug, Default)]
pub struct GuidedFilter {
    samples: Lanes,
    small: Lanes,
    fits: Lanes,
    mean_fits: Lanes,
    scratch: Vec<WindowScratch>,
    /// Where the columns of the full picture lie in the small one.
    positions: Vec<(usize, usize, f32)>,
}

impl GuidedFilter {
    /// Filters by a grey guide of display-referred values, 0..1. NaN counts as 0 in both. `out` takes on the matte's size;
    /// where guide and matte differ in size, the matte comes out as it is.
    pub fn grey(&mut self, guide: &Plane<f32>, alpha: &Plane<f32>, settings: &GuidedSettings, out: &mut Plane<f32>) {
        if !self.gather(alpha, same_size(guide, alpha), out, |y, [to, matte]: [&mut [f32]; 2]| {
            to.iter_mut().zip(guide.row(y)).for_each(|(to, &value)| *to = safe_guide(value));
            matte.iter_mut().zip(alpha.row(y)).for_each(|(to, &value)| *to = safe_alpha(value) - CENTRE);
        }) {
            return;
        }
        self.filter::<2, 4>(settings, &GREY_PRODUCTS, fit_grey, out);
    }

    /// As [`grey`](Self::grey), by the colours of the guide: tells apart what is equally bright.
    pub fn colour(
        &mut self,
        guide: &Plane<[f32; 3]>,
        alpha: &Plane<f32>,
        settings: &GuidedSettings,
        out: &mut Plane<f32>,
    ) {
        if !self.gather(alpha, same_size(guide, alpha), out, |y, [red, green, blue, matte]: [&mut [f32]; 4]| {
            for (channel, lane) in [red, green, blue].into_iter().enumerate() {
                lane.iter_mut().zip(guide.row(y)).for_each(|(to, colour)| *to = safe_guide(colour[channel]));
            }
            matte.iter_mut().zip(alpha.row(y)).for_each(|(to, &value)| *to = safe_alpha(value) - CENTRE);
        }) {
            return;
        }
        self.filter::<4, 13>(settings, &COLOUR_PRODUCTS, fit_colour, out);
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let lanes = [&self.samples, &self.small, &self.fits, &self.mean_fits].map(Lanes::byte_size);
        let positions = self.positions.capacity() * size_of::<(usize, usize, f32)>();
        lanes.iter().sum::<usize>() + self.scratch.iter().map(WindowScratch::byte_size).sum::<usize>() + positions
    }

    /// Fills the samples, row by row. False where there is nothing to filter.
    fn gather<const LANES: usize>(
        &mut self,
        alpha: &Plane<f32>,
        fits: bool,
        out: &mut Plane<f32>,
        fill: impl Fn(usize, [&mut [f32]; LANES]) + Sync,
    ) -> bool {
        let (width, height) = (alpha.width(), alpha.height());
        fit_plane(out, width, height);
        if !fits || alpha.is_empty() {
            out.data_mut().iter_mut().zip(alpha.data()).for_each(|(out, &alpha)| *out = safe_alpha(alpha));
            return false;
        }
        self.samples.fit(width, height, LANES);
        let stride = self.samples.stride();
        self.samples.data_mut().par_chunks_exact_mut(stride).enumerate().for_each(|(y, row)| fill(y, lanes(row)));
        true
    }

    /// `fit(means, out, epsilon)` solves a row of windows: the factor of each guide sample, then the constant.
    fn filter<const LANES: usize, const QUANTITIES: usize>(
        &mut self,
        settings: &GuidedSettings,
        products: &[(usize, usize)],
        fit: impl Fn([&[f32]; QUANTITIES], [&mut [f32]; LANES], f32) + Sync,
        out: &mut Plane<f32>,
    ) {
        let epsilon = if settings.epsilon.is_nan() { 0.0 } else { settings.epsilon }.clamp(LEAST_EPSILON, 1e9);
        let step = settings.subsample.max(1);
        let (width, height) = (self.samples.width, self.samples.height);
        let subsampled = step > 1 && width > step && height > step;
        let source = if subsampled {
            self.small.fit(width.div_ceil(step), height.div_ceil(step), LANES);
            fit_vec(&mut self.scratch, self.small.height);
            shrink(&self.samples, &mut self.small, step, &mut self.scratch);
            &self.small
        } else {
            &self.samples
        };
        let radius = if subsampled { (settings.radius / step).max(1) } else { settings.radius };
        // Mirrored further than the picture, a window says nothing new.
        let radius = radius.min(2 * source.width.max(source.height));
        let rows = band_rows(radius);
        fit_vec(&mut self.scratch, source.height.div_ceil(rows));
        self.fits.fit(source.width, source.height, LANES);
        let stride = self.fits.stride();
        let bands = self.fits.data_mut().par_chunks_mut(stride * rows).zip(self.scratch.par_iter_mut());
        bands.enumerate().for_each(|(band, (to, scratch))| {
            let first = band * rows;
            let range = first..first + to.len() / stride;
            scratch.means::<LANES, QUANTITIES>(source, products, radius, range, |y, means| {
                fit(means, lanes(&mut to[(y - first) * stride..(y + 1 - first) * stride]), epsilon);
            });
        });
        if !subsampled {
            let (fits, samples) = (&self.fits, &self.samples);
            let bands = out.data_mut().par_chunks_mut(width * rows).zip(self.scratch.par_iter_mut());
            return bands.enumerate().for_each(|(band, (to, scratch))| {
                let first = band * rows;
                scratch.means::<LANES, LANES>(fits, &[], radius, first..first + to.len() / width, |y, means| {
                    evaluate(samples.row(y), means, &mut to[(y - first) * width..(y + 1 - first) * width]);
                });
            });
        }
        self.mean_fits.fit(self.fits.width, self.fits.height, LANES);
        let (fits, samples) = (&self.fits, &self.samples);
        let bands = self.mean_fits.data_mut().par_chunks_mut(stride * rows).zip(self.scratch.par_iter_mut());
        bands.enumerate().for_each(|(band, (to, scratch))| {
            let first = band * rows;
            scratch.means::<LANES, LANES>(fits, &[], radius, first..first + to.len() / stride, |y, means| {
                let row = lanes::<LANES>(&mut to[(y - first) * stride..(y + 1 - first) * stride]);
                row.into_iter().zip(means).for_each(|(to, mean)| to.copy_from_slice(mean));
            });
        });
        let small = &self.mean_fits;
        fit_vec(&mut self.positions, width);
        for (x, to) in self.positions[..width].iter_mut().enumerate() {
            *to = position(x, small.width, width);
        }
        let positions = &self.positions[..width];
        fit_vec(&mut self.scratch, height.div_ceil(rows));
        let bands = out.data_mut().par_chunks_mut(width * rows).zip(self.scratch.par_iter_mut());
        bands.enumerate().for_each(|(band, (to, scratch))| {
            for (y, out) in (band * rows..).zip(to.chunks_exact_mut(width)) {
                enlarge::<LANES>(small, samples, y, positions, scratch.row_buffer(stride), out);
            }
        });
    }
}

/// A row of lanes, one slice each.
fn lanes<const LANES: usize>(row: &mut [f32]) -> [&mut [f32]; LANES] {
    let width = row.len() / LANES;
    let mut rest = row;
    std::array::from_fn(|_| {
        let (lane, after) = std::mem::take(&mut rest).split_at_mut(width);
        rest = after;
        lane
    })
}

fn safe_guide(value: f32) -> f32 {
    if value.is_nan() { -CENTRE } else { value.clamp(-GUIDE_LIMIT, GUIDE_LIMIT) - CENTRE }
}

fn fit_grey(means: [&[f32]; 4], out: [&mut [f32]; 2], epsilon: f32) {
    let [guide, matte, square, product] = means;
    let [factor, constant] = out;
    let means = guide.iter().zip(matte).zip(square.iter().zip(product));
    for (((guide, matte), (square, product)), (factor, constant)) in means.zip(factor.iter_mut().zip(constant)) {
        let variance = (square - guide * guide).max(0.0);
        *factor = (product - guide * matte) / (variance + epsilon);
        *constant = matte - *factor * guide;
    }
}

fn fit_colour(means: [&[f32]; 13], out: [&mut [f32]; 4], epsilon: f32) {
    let width = out[0].len();
    // Through blocks of their own, which the compiler knows not to overlap.
    let (mut from, mut to) = ([[0f32; BLOCK]; 13], [[0f32; BLOCK]; 4]);
    for begin in (0..width).step_by(BLOCK) {
        let block = begin..(begin + BLOCK).min(width);
        for (from, mean) in from.iter_mut().zip(means) {
            from[..block.len()].copy_from_slice(&mean[block.clone()]);
        }
        fit_block(&from, &mut to, epsilon);
        for lane in 0..4 {
            out[lane][block.clone()].copy_from_slice(&to[lane][..block.len()]);
        }
    }
}

fn fit_block(means: &[[f32; BLOCK]; 13], out: &mut [[f32; BLOCK]; 4], epsilon: f32) {
    for x in 0..BLOCK {
        let [r, g, b, p] = [means[0][x], means[1][x], means[2][x], means[3][x]];
        let rr = (means[4][x] - r * r).max(0.0) + epsilon;
        let gg = (means[7][x] - g * g).max(0.0) + epsilon;
        let bb = (means[9][x] - b * b).max(0.0) + epsilon;
        let (rg, rb, gb) = (means[5][x] - r * g, means[6][x] - r * b, means[8][x] - g * b);
        let (rp, gp, bp) = (means[10][x] - r * p, means[11][x] - g * p, means[12][x] - b * p);
        // The inverse of the symmetric matrix by cofactors.
        let (c_rr, c_rg, c_rb) = (gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb);
        let (c_gg, c_gb, c_bb) = (rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg);
        // At least what epsilon alone would leave: rounding must not turn it round.
        let share = 1.0 / (rr * c_rr + rg * c_rg + rb * c_rb).max(epsilon * epsilon * epsilon);
        let factors = [
            (c_rr * rp + c_rg * gp + c_rb * bp) * share,
            (c_rg * rp + c_gg * gp + c_gb * bp) * share,
            (c_rb * rp + c_gb * gp + c_bb * bp) * share,
        ];
        for (lane, factor) in factors.into_iter().enumerate() {
            out[lane][x] = factor;
        }
        out[3][x] = p - factors[0] * r - factors[1] * g - factors[2] * b;
    }
}

/// `out` = the fits' value at the samples, 0..1. The last sample is the matte, the last of a fit the constant.
fn evaluate<const LANES: usize>(samples: [&[f32]; LANES], fits: [&[f32]; LANES], out: &mut [f32]) {
    let guides = LANES - 1;
    out.iter_mut().zip(fits[guides]).for_each(|(out, constant)| *out = constant + CENTRE);
    for (sample, factor) in samples[..guides].iter().zip(&fits[..guides]) {
        out.iter_mut().zip(*sample).zip(*factor).for_each(|((out, sample), factor)| *out += sample * factor);
    }
    out.iter_mut().for_each(|out| *out = out.clamp(0.0, 1.0));
}

/// Means over squares of `step` pixels, cut off at the border; a scratch for each row of the small picture.
fn shrink(samples: &Lanes, small: &mut Lanes, step: usize, scratch: &mut [WindowScratch]) {
    let (width, height) = (samples.width, samples.height);
    let (small_width, stride) = (small.width, small.stride());
    let rows = small.data_mut().par_chunks_exact_mut(stride).zip(scratch.par_iter_mut());
    rows.enumerate().for_each(|(y, (to, scratch))| {
        let rows = y * step..((y + 1) * step).min(height);
        let sums = scratch.row_buffer(width);
        for (lane, to) in to.chunks_exact_mut(small_width).enumerate() {
            sums.copy_from_slice(samples.lane(rows.start, lane));
            for y in rows.clone().skip(1) {
                sums.iter_mut().zip(samples.lane(y, lane)).for_each(|(sum, sample)| *sum += sample);
            }
            for (to, square) in to.iter_mut().zip(sums.chunks(step)) {
                *to = square.iter().sum::<f32>() / (rows.len() * square.len()) as f32;
            }
        }
    });
}

/// Between which of `small` pixels the pixel `index` of `full` lies, and how far from the first.
fn position(index: usize, small: usize, full: usize) -> (usize, usize, f32) {
    let at = ((index as f32 + 0.5) * small as f32 / full as f32 - 0.5).clamp(0.0, (small - 1) as f32);
    (at as usize, (at as usize + 1).min(small - 1), at.fract())
}

/// Row `y` of the matte: the small picture's fits between their pixels, at the full picture's samples. `between` is as long
/// as a row of the small picture's lanes.
fn enlarge<const LANES: usize>(
    small: &Lanes,
    samples: &Lanes,
    y: usize,
    positions: &[(usize, usize, f32)],
    between: &mut [f32],
    out: &mut [f32],
) {
    let (top, below, down) = position(y, small.height, samples.height);
    let (upper, lower) = (small.row::<LANES>(top), small.row::<LANES>(below));
    // The lanes of a pixel side by side.
    let (fits, _) = between.as_chunks_mut::<LANES>();
    for lane in 0..LANES {
        for ((fit, upper), lower) in fits.iter_mut().zip(upper[lane]).zip(lower[lane]) {
            fit[lane] = upper + down * (lower - upper);
        }
    }
    let samples = samples.row::<LANES>(y);
    for (x, (out, &(left, right, across))) in out.iter_mut().zip(positions).enumerate() {
        let (left, right) = (&fits[left], &fits[right]);
        let fit: [f32; LANES] = std::array::from_fn(|lane| left[lane] + across * (right[lane] - left[lane]));
        let value = (0..LANES - 1).fold(fit[LANES - 1] + CENTRE, |sum, lane| sum + samples[lane][x] * fit[lane]);
        *out = value.clamp(0.0, 1.0);
    }
}
