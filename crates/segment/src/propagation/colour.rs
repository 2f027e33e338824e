//! A colour model: is a sample's colour rather the object's, or that of what lies round it?

use std::sync::Arc;

use raster::Plane;

use super::distance::squared_distances;

/// Bins of L*, a* and b*.
const BINS: [usize; 3] = [10, 20, 20];

/// What the bins of a* and b* cover on either side of grey; colours beyond fall into the outermost.
const CHROMA: f32 = 64.0;

/// Samples of a histogram in all.
pub(super) const HISTOGRAM: usize = BINS[0] * BINS[1] * BINS[2];

/// How far from the object its surroundings reach, in thumbnail samples.
const RING: f32 = 24.0;

/// Width of the bell that histograms are smoothed with, in bins.
const BIN_BLUR: f32 = 0.8;

/// Width of the bell that the likelihoods are smoothed with, in samples.
const MAP_BLUR: f32 = 1.0;

/// A share of a histogram that counts as none.
const UNSEEN: f32 = 1e-5;

/// No colour says more than this.
const MOST: f32 = 4.0;

/// The histogram bin of every thumbnail sample.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bins(Plane<u16>);

/// What colours the object and its surroundings have on one frame: shares that sum to 1, or to 0 without samples.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Colours {
    pub object: Arc<[f32]>,
    pub surroundings: Arc<[f32]>,
}

impl Bins {
    pub fn of(thumbnail: &Plane<[u8; 3]>) -> Self {
        let linear: [f32; 256] = std::array::from_fn(|step| srgb_to_linear(step as f32 / 255.0));
        Self(thumbnail.map(|&pixel| bin(lab(pixel.map(|step| linear[usize::from(step)])))))
    }

    /// The colours of a frame whose object covers this much of each sample.
    pub fn colours(&self, coverage: &Plane<f32>) -> Colours {
        let away = squared_distances(coverage, |&share| share > 0.5);
        let mut object = vec![0f32; HISTOGRAM];
        let mut surroundings = vec![0f32; HISTOGRAM];
        for ((&bin, &share), &distance) in self.0.data().iter().zip(coverage.data()).zip(away.data()) {
            object[usize::from(bin)] += share;
            if distance <= RING * RING {
                surroundings[usize::from(bin)] += 1.0 - share;
            }
        }
        Colours { object: shares(object).into(), surroundings: shares(surroundings).into() }
    }

    /// How much more likely the object is than its surroundings, as the logarithm of a ratio, by the colours of
    /// remembered frames and their weights. Within +-4.
    pub fn likelihood<'a>(&self, remembered: impl Iterator<Item = (&'a Colours, f32)>) -> Plane<f32> {
        let (mut object, mut surroundings) = (vec![0f32; HISTOGRAM], vec![0f32; HISTOGRAM]);
        for (colours, weight) in remembered {
            let add = |(sum, share): (&mut f32, &f32)| *sum += weight * share;
            object.iter_mut().zip(colours.object.iter()).for_each(add);
            surroundings.iter_mut().zip(colours.surroundings.iter()).for_each(add);
        }
        let (object, surroundings) = (shares(smooth_bins(&object)), shares(smooth_bins(&surroundings)));
        let ratio = |(object, surroundings): (&f32, &f32)| ((object + UNSEEN) / (surroundings + UNSEEN)).ln();
        let ratios: Vec<f32> = object.iter().zip(&surroundings).map(ratio).collect();
        let mut map = smooth_map(&self.0.map(|&bin| ratios[usize::from(bin)]));
        map.data_mut().iter_mut().for_each(|value| *value = value.clamp(-MOST, MOST));
        map
    }
}

fn shares(mut histogram: Vec<f32>) -> Vec<f32> {
    let sum: f32 = histogram.iter().sum();
    if sum > 0.0 {
        histogram.iter_mut().for_each(|value| *value /= sum);
    }
    histogram
}

fn srgb_to_linear(value: f32) -> f32 {
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// CIE L*a*b* of linear sRGB, white D65.
fn lab([r, g, b]: [f32; 3]) -> [f32; 3] {
    let x = (0.412453 * r + 0.357580 * g + 0.180423 * b) / 0.950456;
    let y = 0.212671 * r + 0.715160 * g + 0.072169 * b;
    let z = (0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.088754;
    let f = |t: f32| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let (fx, fy, fz) = (f(x), f(y), f(z));
    [116.0 * fy - 16.0, 500.0 * (fx - fy), 200.0 * (fy - fz)]
}

fn bin([l, a, b]: [f32; 3]) -> u16 {
    let among = |value: f32, bins: usize| ((value * bins as f32) as usize).min(bins - 1);
    let chroma = |value: f32| (value / (2.0 * CHROMA) + 0.5).max(0.0);
    let (l, a, b) = (among(l / 100.0, BINS[0]), among(chroma(a), BINS[1]), among(chroma(b), BINS[2]));
    ((l * BINS[1] + a) * BINS[2] + b) as u16
}

/// A bell of this width, its middle first.
fn bell<const N: usize>(width: f32) -> [f32; N] {
    let heights: [f32; N] = std::array::from_fn(|at| (-0.5 * (at as f32 / width).powi(2)).exp());
    let sum = heights[0] + 2.0 * heights[1..].iter().sum::<f32>();
    heights.map(|height| height / sum)
}

fn smooth_bins(histogram: &[f32]) -> Vec<f32> {
    let bell: [f32; 4] = bell(BIN_BLUR);
    let mut smooth = histogram.to_vec();
    for (stride, bins) in [(BINS[1] * BINS[2], BINS[0]), (BINS[2], BINS[1]), (1, BINS[2])] {
        let before = smooth.clone();
        for (index, value) in smooth.iter_mut().enumerate() {
            let at = index / stride % bins;
            let base = index - at * stride;
            let bin = |at: usize| before[base + at.min(bins - 1) * stride];
            *value = bell[0] * before[index]
                + (1..bell.len()).map(|away| bell[away] * (bin(at.saturating_sub(away)) + bin(at + away))).sum::<f32>();
        }
    }
    smooth
}

/// Five samples wide and high.
fn smooth_map(map: &Plane<f32>) -> Plane<f32> {
    let bell: [f32; 3] = bell(MAP_BLUR);
    let (width, height) = (map.width(), map.height());
    let mut across = Plane::new(width, height, 0f32);
    for (out, row) in across.rows_mut().zip(map.rows()) {
        for (x, value) in out.iter_mut().enumerate() {
            let at = |away: usize| row[x.saturating_sub(away)] + row[(x + away).min(width - 1)];
            *value = bell[0] * row[x] + bell[1] * at(1) + bell[2] * at(2);
        }
    }
    let mut smooth = Plane::new(width, height, 0f32);
    for (y, out) in smooth.rows_mut().enumerate() {
        let rows = [2, 1].map(|away| across.row(y.saturating_sub(away)));
        let below = [1, 2].map(|away| across.row((y + away).min(height - 1)));
        let middle = across.row(y);
        for (x, value) in out.iter_mut().enumerate() {
            *value = bell[0] * middle[x] + bell[1] * (rows[1][x] + below[0][x]) + bell[2] * (rows[0][x] + below[1][x]);
        }
    }
    smooth
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red on the left, green on the right, blue below.
    fn picture() -> Plane<[u8; 3]> {
        let colour = |i: usize| match (i % 40, i / 40) {
            (_, 20..) => [20, 30, 200],
            (..20, _) => [200, 30, 20],
            _ => [20, 180, 40],
        };
        Plane::from_vec(40, 30, (0..1200).map(colour).collect()).unwrap()
    }

    fn left() -> Plane<f32> {
        Plane::from_vec(40, 30, (0..1200).map(|i| f32::from(u8::from(i % 40 < 20 && i / 40 < 20))).collect()).unwrap()
    }

    #[test]
    fn colours_of_the_object_speak_for_it_and_those_round_it_against() {
        let bins = Bins::of(&picture());
        let colours = bins.colours(&left());
        let map = bins.likelihood([(&colours, 1.0)].into_iter());
        assert!(map.row(10)[5] > 3.0 && map.row(10)[35] < -3.0 && map.row(27)[5] < -3.0);
        assert!(map.data().iter().all(|value| value.abs() <= MOST));
    }

    #[test]
    fn nothing_known_says_nothing() {
        let bins = Bins::of(&picture());
        let nothing = bins.colours(&Plane::new(40, 30, 0.0));
        assert!(nothing.object.iter().chain(nothing.surroundings.iter()).all(|&share| share == 0.0));
        assert!(bins.likelihood([(&nothing, 1.0)].into_iter()).data().iter().all(|&value| value == 0.0));
        assert!(bins.likelihood(std::iter::empty()).data().iter().all(|&value| value == 0.0));
        assert!(Bins::of(&Plane::new(0, 0, [0; 3])).likelihood(std::iter::empty()).is_empty());
    }

    #[test]
    fn lab_is_that_of_cie() {
        let close = |rgb, expected: [f32; 3]| {
            let found: [f32; 3] = lab(rgb);
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.2), "{found:?} {expected:?}");
        };
        close([1.0, 1.0, 1.0], [100.0, 0.0, 0.0]);
        close([1.0, 0.0, 0.0], [53.2, 80.1, 67.2]);
        close([0.0, 0.0, 1.0], [32.3, 79.2, -107.9]);
        assert!((srgb_to_linear(0.5) - 0.214).abs() < 1e-3);
    }
}
