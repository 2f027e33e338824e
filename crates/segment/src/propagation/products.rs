//! Products of features, many at a time: whole numbers, so that every processor finds the same ones.

use std::array;

/// Features whose products with others are taken together, so that each of those is loaded once for all of them.
pub(super) const TOGETHER: usize = 4;

/// The products of some features with each of `others`, one after the other: sums over all channels, none of which may
/// come near 2^31. `found` is cleared first.
pub(super) fn products(of: [&[i16]; TOGETHER], others: &[i16], found: &mut Vec<[i32; TOGETHER]>) {
    found.clear();
    #[cfg(target_arch = "x86_64")]
    if avx2::products(of, others, found) {
        return;
    }
    let others = others.chunks_exact(of[0].len().max(1));
    found.extend(others.map(|other| of.map(|feature| product(feature, other))));
}

/// Summed up so many channels at a time: compilers make full use of the instruction that multiplies and adds pairs (of
/// SSE2) only where they see whole sums of a fixed length, and take two and a half times as long for one loop.
const AT_A_TIME: usize = 32;

fn product(a: &[i16], b: &[i16]) -> i32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<AT_A_TIME>(), b.as_chunks::<AT_A_TIME>());
    let whole = a.iter().zip(b).fold(0i32, |sum, (a, b)| {
        let products: [i32; AT_A_TIME] = array::from_fn(|at| i32::from(a[at]).wrapping_mul(i32::from(b[at])));
        sum.wrapping_add(products.into_iter().fold(0, i32::wrapping_add))
    });
    let rest = a_rest.iter().zip(b_rest);
    rest.fold(whole, |sum, (&a, &b)| sum.wrapping_add(i32::from(a).wrapping_mul(i32::from(b))))
}

/// The same on processors with AVX2, in a third of the time: compilers do not find these instructions by themselves.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::__m256i;

    use pulp::{NullaryFnOnce, cast, x86::V3};

    use super::{TOGETHER, product};

    /// Channels in a register.
    const LANES: usize = 16;

    /// Others that are taken together: with [`TOGETHER`] features as many sums as there are registers for.
    const OTHERS: usize = 2;

    /// `false` where the processor does not have what it takes; nothing is found then.
    pub fn products(of: [&[i16]; TOGETHER], others: &[i16], found: &mut Vec<[i32; TOGETHER]>) -> bool {
        let Some(processor) = V3::try_new() else { return false };
        processor.vectorize(Products { processor, of, others, found });
        true
    }

    struct Products<'a> {
        processor: V3,
        of: [&'a [i16]; TOGETHER],
        others: &'a [i16],
        found: &'a mut Vec<[i32; TOGETHER]>,
    }

    // Whatever is called from here is inlined: a function of its own would be compiled for every processor.
    impl NullaryFnOnce for Products<'_> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            let channels = self.of[0].len().max(1);
            let several = self.others.chunks_exact(OTHERS * channels);
            let last = several.remainder().chunks_exact(channels);
            for others in several {
                let (first, second) = others.split_at(channels);
                self.found.extend_from_slice(&whole_products(self.processor, self.of, [first, second]));
            }
            for other in last {
                self.found.extend_from_slice(&whole_products(self.processor, self.of, [other]));
            }
            let whole = channels / LANES * LANES;
            if whole < channels {
                for (found, other) in self.found.iter_mut().zip(self.others.chunks_exact(channels)) {
                    for (found, of) in found.iter_mut().zip(self.of) {
                        *found = found.wrapping_add(product(&of[whole..], &other[whole..]));
                    }
                }
            }
        }
    }

    /// The sums over the channels that fill registers.
    #[inline(always)]
    fn whole_products<const N: usize>(
        V3 { avx, avx2, .. }: V3,
        [a, b, c, d]: [&[i16]; TOGETHER],
        others: [&[i16]; N],
    ) -> [[i32; TOGETHER]; N] {
        let count = a.len() / LANES;
        let (a, b, c, d) = (in_lanes(a, count), in_lanes(b, count), in_lanes(c, count), in_lanes(d, count));
        let mut lanes = [a; N];
        for (lanes, other) in lanes.iter_mut().zip(others) {
            *lanes = in_lanes(other, count);
        }
        let mut sums = [[avx._mm256_setzero_si256(); TOGETHER]; N];
        for at in 0..count {
            let of: [__m256i; TOGETHER] = [cast(a[at]), cast(b[at]), cast(c[at]), cast(d[at])];
            for (sums, other) in sums.iter_mut().zip(lanes) {
                let other = cast(other[at]);
                for (sum, of) in sums.iter_mut().zip(of) {
                    *sum = avx2._mm256_add_epi32(*sum, avx2._mm256_madd_epi16(of, other));
                }
            }
        }
        let mut products = [[0; TOGETHER]; N];
        for (products, [a, b, c, d]) in products.iter_mut().zip(sums) {
            // Neighbouring lanes added up twice: a part of each sum in either half.
            let parts = avx2._mm256_hadd_epi32(avx2._mm256_hadd_epi32(a, b), avx2._mm256_hadd_epi32(c, d));
            let [low, high]: [[i32; TOGETHER]; 2] = cast(parts);
            for at in 0..TOGETHER {
                products[at] = low[at].wrapping_add(high[at]);
            }
        }
        products
    }

    #[inline(always)]
    fn in_lanes(feature: &[i16], count: usize) -> &[[i16; LANES]] {
        &feature.as_chunks().0[..count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Features of so many channels, from one that depends on `seed` on.
    fn features(channels: usize, count: usize, seed: usize) -> Vec<i16> {
        (0..channels * count).map(|at| (((at + seed) * 7919 + at * at * 31) % 4001) as i16 - 2000).collect()
    }

    #[test]
    fn products_are_sums_over_all_channels_of_every_pair() {
        for (channels, count) in [(1, 3), (15, 1), (16, 2), (31, 4), (32, 5), (33, 0), (100, 7), (256, 9)] {
            let (some, others) = (features(channels, TOGETHER, 5), features(channels, count, 77));
            let of = array::from_fn(|at| &some[at * channels..][..channels]);
            let sum = |a: &[i16], b: &[i16]| a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum::<i32>();
            let expected: Vec<_> = others.chunks_exact(channels).map(|other| of.map(|one| sum(one, other))).collect();
            let mut found = vec![[1; TOGETHER]];
            products(of, &others, &mut found);
            assert_eq!(found, expected, "{count} of {channels} channels");
            let plainly: Vec<_> =
                others.chunks_exact(channels).map(|other| of.map(|one| product(one, other))).collect();
            assert_eq!(plainly, expected, "{count} of {channels} channels");
        }
    }

    #[test]
    fn features_without_channels_have_no_products() {
        let mut found = vec![[1; TOGETHER]];
        products([&[]; TOGETHER], &[], &mut found);
        assert!(found.is_empty());
    }
}
