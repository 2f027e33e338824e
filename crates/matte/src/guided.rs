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
            let to = red.iter_mut().zip(green).zip(blue).zip(matte);
            for ((((red, green), blue), matte), (colour, &alpha)) in to.zip(guide.row(y).iter().zip(alpha.row(y))) {
                (*red, *green, *blue) = (safe_guide(colour[0]), safe_guide(colour[1]), safe_guide(colour[2]));
                *matte = safe_alpha(alpha) - CENTRE;
            }
        }) {
            return;
        }
        self.filter::<4, 13>(settings, &COLOUR_PRODUCTS, fit_colour, out);
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let lanes = [&self.samples, &self.small, &self.fits, &self.mean_fits].map(Lanes::byte_size);
        lanes.iter().sum::<usize>() + self.scratch.iter().map(WindowScratch::byte_size).sum::<usize>()
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
            shrink(&self.samples, &mut self.small, step);
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
        out.par_rows_mut().enumerate().for_each(|(y, out)| enlarge::<LANES>(small, samples, y, out));
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
    let means = means.map(|mean| &mean[..width]);
    let [out_r, out_g, out_b, out_c] = out;
    let (out_g, out_b, out_c) = (&mut out_g[..width], &mut out_b[..width], &mut out_c[..width]);
    for x in 0..width {
        let [r, g, b, p, rr, rg, rb, gg, gb, bb, rp, gp, bp] = means.map(|mean| mean[x]);
        let (rr, gg, bb) =
            ((rr - r * r).max(0.0) + epsilon, (gg - g * g).max(0.0) + epsilon, (bb - b * b).max(0.0) + epsilon);
        let (rg, rb, gb) = (rg - r * g, rb - r * b, gb - g * b);
        let (rp, gp, bp) = (rp - r * p, gp - g * p, bp - b * p);
        // The inverse of the symmetric matrix by cofactors.
        let (c_rr, c_rg, c_rb) = (gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb);
        let (c_gg, c_gb, c_bb) = (rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg);
        // At least what epsilon alone would leave: rounding must not turn it round.
        let share = 1.0 / (rr * c_rr + rg * c_rg + rb * c_rb).max(epsilon * epsilon * epsilon);
        out_r[x] = (c_rr * rp + c_rg * gp + c_rb * bp) * share;
        out_g[x] = (c_rg * rp + c_gg * gp + c_gb * bp) * share;
        out_b[x] = (c_rb * rp + c_gb * gp + c_bb * bp) * share;
        out_c[x] = p - out_r[x] * r - out_g[x] * g - out_b[x] * b;
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

/// Means over squares of `step` pixels, cut off at the border.
fn shrink(samples: &Lanes, small: &mut Lanes, step: usize) {
    let (width, height, count) = (samples.width, samples.height, samples.lanes);
    let (small_width, stride) = (small.width, small.stride());
    small.data_mut().par_chunks_exact_mut(stride).enumerate().for_each(|(y, to)| {
        to.fill(0.0);
        let rows = y * step..((y + 1) * step).min(height);
        for (lane, to) in to.chunks_exact_mut(small_width).enumerate().take(count) {
            for y in rows.clone() {
                for (to, square) in to.iter_mut().zip(samples.lane(y, lane).chunks(step)) {
                    *to += square.iter().sum::<f32>();
                }
            }
            for (x, to) in to.iter_mut().enumerate() {
                *to /= (rows.len() * (((x + 1) * step).min(width) - x * step)) as f32;
            }
        }
    });
}

/// Row `y` of the matte: the small picture's fits between their pixels, at the full picture's samples.
fn enlarge<const LANES: usize>(small: &Lanes, samples: &Lanes, y: usize, out: &mut [f32]) {
    let position = |index: usize, small: usize, full: usize| {
        let at = ((index as f32 + 0.5) * small as f32 / full as f32 - 0.5).clamp(0.0, (small - 1) as f32);
        (at as usize, (at as usize + 1).min(small - 1), at.fract())
    };
    let (top, below, down) = position(y, small.height, samples.height);
    let (upper, lower) = (small.row::<LANES>(top), small.row::<LANES>(below));
    let samples_row = samples.row::<LANES>(y);
    for (x, out) in out.iter_mut().enumerate() {
        let (left, right, across) = position(x, small.width, samples.width);
        let fit = |lane: usize| {
            let upper = upper[lane][left] + across * (upper[lane][right] - upper[lane][left]);
            let lower = lower[lane][left] + across * (lower[lane][right] - lower[lane][left]);
            upper + down * (lower - upper)
        };
        let value = (0..LANES - 1).fold(fit(LANES - 1) + CENTRE, |sum, lane| sum + samples_row[lane][x] * fit(lane));
        *out = value.clamp(0.0, 1.0);
    }
}
