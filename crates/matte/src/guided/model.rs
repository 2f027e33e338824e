//! What differs between a grey guide and one in colours: its samples, and the fit to them.

use crate::wide::{LANES, Lanes, compiled_for_avx2};
use crate::window_means::stride;

/// Half the range of a guide's values: beyond, `f32` could not hold the variances.
const GUIDE_LIMIT: f32 = 1e4;
/// Taken off guide and matte before squares are summed, so that variances lose the fewest digits.
pub(super) const CENTRE: f32 = 0.5;

/// Fits of a matte by a kind of guide. Rows of several lanes hold them one after the other, [`stride`] apart.
pub(super) trait Model: Sync {
    /// A pixel of the guide.
    type Pixel: Copy + Sync;
    /// Samples a pixel: those of the guide, then the matte. As many numbers are a fit: a factor for each sample of the guide,
    /// then the constant.
    const LANES: usize;
    /// Which samples are multiplied.
    const PRODUCTS: &'static [(usize, usize)];

    /// The values of a row of the guide.
    fn values(guide: &[Self::Pixel]) -> &[f32];
    /// Writes the samples of a row.
    fn sample(guide: &[Self::Pixel], alpha: &[f32], samples: &mut [f32]);
    /// The fits of a row from the windows' means: of the samples, then of the products.
    fn fit(means: &[f32], epsilon: f32, fits: &mut [f32]);
    /// The fits' value at the guide's pixels, 0..1. The lanes of the fits are `stride` apart.
    fn evaluate(guide: &[Self::Pixel], fits: &[f32], stride: usize, out: &mut [f32]);
}

/// A guide of one value a pixel.
pub(super) struct Grey;
/// A guide of three.
pub(super) struct Colour;

impl Model for Grey {
    type Pixel = f32;
    const LANES: usize = 2;
    const PRODUCTS: &'static [(usize, usize)] = &[(0, 0), (0, 1)];

    fn values(guide: &[f32]) -> &[f32] {
        guide
    }

    fn sample(guide: &[f32], alpha: &[f32], samples: &mut [f32]) {
        let (to_guide, to_matte) = samples.split_at_mut(stride(guide.len()));
        sample_guide(guide, to_guide);
        sample_matte(alpha, to_matte);
    }

    fn fit(means: &[f32], epsilon: f32, fits: &mut [f32]) {
        fit_grey(means, epsilon, fits);
    }

    fn evaluate(guide: &[f32], fits: &[f32], stride: usize, out: &mut [f32]) {
        let (factor, constant) = fits.split_at(stride);
        evaluate_grey(guide, factor, constant, out);
    }
}

impl Model for Colour {
    type Pixel = [f32; 3];
    const LANES: usize = 4;
    const PRODUCTS: &'static [(usize, usize)] =
        &[(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2), (0, 3), (1, 3), (2, 3)];

    fn values(guide: &[[f32; 3]]) -> &[f32] {
        guide.as_flattened()
    }

    fn sample(guide: &[[f32; 3]], alpha: &[f32], samples: &mut [f32]) {
        let (colours, to_matte) = samples.split_at_mut(3 * stride(guide.len()));
        sample_colours(guide, colours);
        sample_matte(alpha, to_matte);
    }

    fn fit(means: &[f32], epsilon: f32, fits: &mut [f32]) {
        fit_colour(means, epsilon, fits);
    }

    fn evaluate(guide: &[[f32; 3]], fits: &[f32], stride: usize, out: &mut [f32]) {
        evaluate_colour(guide, fits, stride, out);
    }
}

/// A value of the guide within what can be fitted; 0 for NaN.
#[inline(always)]
pub(super) fn within_limit(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(-GUIDE_LIMIT, GUIDE_LIMIT) }
}

/// A value of the matte within 0..1; 0 for NaN. Two instructions, where `clamp` has to keep NaN.
#[inline(always)]
pub(super) fn within_one(value: f32) -> f32 {
    let positive = if value > 0.0 { value } else { 0.0 };
    if positive < 1.0 { positive } else { 1.0 }
}

compiled_for_avx2! {
    fn sample_guide(guide: &[f32], to: &mut [f32]) = sample_guide_inline;
}

#[inline(always)]
fn sample_guide_inline(guide: &[f32], to: &mut [f32]) {
    to.iter_mut().zip(guide).for_each(|(to, &value)| *to = within_limit(value) - CENTRE);
}

compiled_for_avx2! {
    fn sample_matte(alpha: &[f32], to: &mut [f32]) = sample_matte_inline;
}

#[inline(always)]
fn sample_matte_inline(alpha: &[f32], to: &mut [f32]) {
    to.iter_mut().zip(alpha).for_each(|(to, &value)| *to = within_one(value) - CENTRE);
}

compiled_for_avx2! {
    /// Takes the colours apart.
    fn sample_colours(guide: &[[f32; 3]], to: &mut [f32]) = sample_colours_inline;
}

#[inline(always)]
fn sample_colours_inline(guide: &[[f32; 3]], to: &mut [f32]) {
    let (red, rest) = to.split_at_mut(stride(guide.len()));
    let (green, blue) = rest.split_at_mut(stride(guide.len()));
    for (((red, green), blue), colour) in red.iter_mut().zip(green).zip(blue).zip(guide) {
        [*red, *green, *blue] = colour.map(|value| within_limit(value) - CENTRE);
    }
}

compiled_for_avx2! {
    fn fit_grey(means: &[f32], epsilon: f32, fits: &mut [f32]) = fit_grey_inline;
}

#[inline(always)]
fn fit_grey_inline(means: &[f32], epsilon: f32, fits: &mut [f32]) {
    for start in blocks(means, 4) {
        let [guide, matte, square, product] = load(means, start);
        let variance = (square - guide * guide).max(0.0);
        let factor = (product - guide * matte) / (variance + epsilon);
        store([factor, matte - factor * guide], fits, start);
    }
}

compiled_for_avx2! {
    fn fit_colour(means: &[f32], epsilon: f32, fits: &mut [f32]) = fit_colour_inline;
}

#[inline(always)]
fn fit_colour_inline(means: &[f32], epsilon: f32, fits: &mut [f32]) {
    for start in blocks(means, 13) {
        let [r, g, b, p, rr, rg, rb, gg, gb, bb, rp, gp, bp] = load(means, start);
        let rr = (rr - r * r).max(0.0) + epsilon;
        let gg = (gg - g * g).max(0.0) + epsilon;
        let bb = (bb - b * b).max(0.0) + epsilon;
        let (rg, rb, gb) = (rg - r * g, rb - r * b, gb - g * b);
        let (rp, gp, bp) = (rp - r * p, gp - g * p, bp - b * p);
        // The inverse of the symmetric matrix by cofactors.
        let (c_rr, c_rg, c_rb) = (gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb);
        let (c_gg, c_gb, c_bb) = (rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg);
        // At least what epsilon alone would leave: rounding must not turn it round.
        let determinant = (rr * c_rr + rg * c_rg + rb * c_rb).max(epsilon * epsilon * epsilon);
        let share = Lanes::all(1.0) / determinant;
        let red = (c_rr * rp + c_rg * gp + c_rb * bp) * share;
        let green = (c_rg * rp + c_gg * gp + c_gb * bp) * share;
        let blue = (c_rb * rp + c_gb * gp + c_bb * bp) * share;
        store([red, green, blue, p - red * r - green * g - blue * b], fits, start);
    }
}

/// Where the blocks of a row of so many lanes begin.
#[inline(always)]
fn blocks(row: &[f32], lanes: usize) -> impl Iterator<Item = usize> {
    (0..row.len() / lanes / LANES).map(|block| block * LANES)
}

/// The numbers of each lane of a row from index `start` on.
#[inline(always)]
fn load<const COUNT: usize>(row: &[f32], start: usize) -> [Lanes; COUNT] {
    let stride = row.len() / COUNT;
    let mut numbers = [Lanes::all(0.0); COUNT];
    for (lane, number) in numbers.iter_mut().enumerate() {
        *number = Lanes::load(row, lane * stride + start);
    }
    numbers
}

#[inline(always)]
fn store<const COUNT: usize>(numbers: [Lanes; COUNT], row: &mut [f32], start: usize) {
    let stride = row.len() / COUNT;
    for (lane, number) in numbers.into_iter().enumerate() {
        number.store(row, lane * stride + start);
    }
}

compiled_for_avx2! {
    fn evaluate_grey(guide: &[f32], factor: &[f32], constant: &[f32], out: &mut [f32]) = evaluate_grey_inline;
}

#[inline(always)]
fn evaluate_grey_inline(guide: &[f32], factor: &[f32], constant: &[f32], out: &mut [f32]) {
    for ((out, guide), (factor, constant)) in out.iter_mut().zip(guide).zip(factor.iter().zip(constant)) {
        *out = within_one(constant + CENTRE + (within_limit(*guide) - CENTRE) * factor);
    }
}

compiled_for_avx2! {
    fn evaluate_colour(guide: &[[f32; 3]], fits: &[f32], stride: usize, out: &mut [f32]) = evaluate_colour_inline;
}

#[inline(always)]
fn evaluate_colour_inline(guide: &[[f32; 3]], fits: &[f32], stride: usize, out: &mut [f32]) {
    let lane = |lane: usize| &fits[lane * stride..lane * stride + out.len()];
    let (red, green, blue, constant) = (lane(0), lane(1), lane(2), lane(3));
    let factors = red.iter().zip(green).zip(blue.iter().zip(constant));
    for ((out, colour), ((red, green), (blue, constant))) in out.iter_mut().zip(guide).zip(factors) {
        let [r, g, b] = colour.map(|value| within_limit(value) - CENTRE);
        *out = within_one(constant + CENTRE + r * red + g * green + b * blue);
    }
}
