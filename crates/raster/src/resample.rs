//! Weights of the antialiased triangle filter.

/// A weight of 1: Pillow's fixed point of 32 - 8 - 2 bits (`PRECISION_BITS` in `Resample.c`), so that the sum of 8-bit
/// samples fits 32 bits with a sign.
pub(crate) const ONE: i32 = 1 << PRECISION;
const PRECISION: u32 = 22;

/// A weighted sum of 8-bit samples back to 8 bits, rounded to nearest, halves up.
pub(crate) fn to_byte(sum: i32) -> u8 {
    ((sum + ONE / 2) >> PRECISION).clamp(0, 255) as u8
}

/// Which input samples make one output sample, and how much of each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tap {
    /// First input sample.
    pub first: usize,
    /// Where its weight stands among all the weights.
    weights: usize,
    /// How many input samples.
    pub count: usize,
}

/// The taps of a resize along one axis.
#[derive(Debug)]
pub(crate) struct Taps {
    taps: Vec<Tap>,
    weights: Vec<i32>,
    /// The largest number of input samples of any output sample.
    pub longest: usize,
}

impl Taps {
    /// The taps from `input` samples to `output` samples: the triangle (bilinear) filter of the Python Imaging Library's
    /// `Image.resize`, whose support grows with the reduction so that nothing aliases (`precompute_coeffs` in Pillow's
    /// `Resample.c`). Picture models were trained and are run with exactly this filter.
    pub fn triangle(input: usize, output: usize) -> Self {
        let scale = input as f64 / output.max(1) as f64;
        let support = scale.max(1.0);
        let mut all = Self { taps: Vec::with_capacity(output), weights: Vec::new(), longest: 0 };
        for index in 0..output {
            let center = (index as f64 + 0.5) * scale;
            // Casts of floats saturate, so a negative start becomes 0.
            let first = ((center - support + 0.5) as usize).min(input.saturating_sub(1));
            let end = ((center + support + 0.5) as usize).clamp(first, input);
            let triangle = |i: usize| (1.0 - ((i as f64 + 0.5 - center) / support).abs()).max(0.0);
            let sum: f64 = (first..end).map(triangle).sum();
            all.taps.push(Tap { first, weights: all.weights.len(), count: end - first });
            all.weights.extend((first..end).map(|i| (triangle(i) / sum * f64::from(ONE) + 0.5) as i32));
            all.longest = all.longest.max(end - first);
        }
        all
    }

    /// The tap of output sample `index`, with its weights.
    pub fn get(&self, index: usize) -> (Tap, &[i32]) {
        let tap = self.taps[index];
        (tap, &self.weights[tap.weights..tap.weights + tap.count])
    }

    /// The taps of all output samples in order, with their weights.
    pub fn iter(&self) -> impl Iterator<Item = (Tap, &[i32])> {
        self.taps.iter().map(|tap| (*tap, &self.weights[tap.weights..tap.weights + tap.count]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one_and_stay_inside() {
        for (input, output) in [(1, 1), (1, 7), (7, 1), (1920, 1024), (640, 1024), (16384, 1024), (3, 2)] {
            let taps = Taps::triangle(input, output);
            assert_eq!(taps.iter().count(), output);
            for (tap, weights) in taps.iter() {
                assert!(tap.first + tap.count <= input && tap.count == weights.len());
                let sum: i64 = weights.iter().map(|&weight| i64::from(weight)).sum();
                assert!((sum - i64::from(ONE)).unsigned_abs() as usize <= weights.len(), "{input} to {output}");
            }
        }
    }

    #[test]
    fn the_same_size_is_the_identity() {
        for (index, (tap, weights)) in Taps::triangle(9, 9).iter().enumerate() {
            let own: i32 = weights.iter().zip(tap.first as i32..).map(|(weight, at)| weight * at).sum();
            assert_eq!(to_byte(own), index as u8);
        }
    }

    #[test]
    fn nothing_to_read_or_write_makes_no_weights() {
        assert_eq!(Taps::triangle(5, 0).iter().count(), 0);
        assert_eq!(Taps::triangle(0, 3).longest, 0);
    }
}
