//! Arithmetic on several pixels at a time, and functions compiled twice: for every processor of the target, and for
//! those with AVX2.
//!
//! The same operations in the same order, and none of them fused: the same bits from both. Without being told, Rust
//! compiles for SSE2, which does half as much at a time.

use std::ops::{Add, AddAssign, Div, Mul, Sub};

/// Pixels done together.
pub(crate) const LANES: usize = 8;

/// A number for each of some neighbouring pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lanes(pub [f32; LANES]);

impl Lanes {
    /// The same number for all.
    #[inline(always)]
    pub fn all(value: f32) -> Self {
        Self([value; LANES])
    }

    /// The numbers of a plane from index `start` on.
    #[inline(always)]
    pub fn load(plane: &[f32], start: usize) -> Self {
        let mut lanes = [0.0; LANES];
        lanes.copy_from_slice(&plane[start..start + LANES]);
        Self(lanes)
    }

    /// Writes the numbers into a plane from index `start` on.
    #[inline(always)]
    pub fn store(self, plane: &mut [f32], start: usize) {
        plane[start..start + LANES].copy_from_slice(&self.0);
    }

    /// `of` each number and the one in `other`.
    #[inline(always)]
    pub fn with(self, other: Self, of: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|i| of(self.0[i], other.0[i])))
    }

    #[inline(always)]
    pub fn max(self, least: f32) -> Self {
        self.with(Self::all(least), f32::max)
    }

    #[inline(always)]
    pub fn min(self, most: f32) -> Self {
        self.with(Self::all(most), f32::min)
    }

    #[inline(always)]
    pub fn clamp(self, least: f32, most: f32) -> Self {
        Self(self.0.map(|value| value.clamp(least, most)))
    }
}

macro_rules! operator {
    ($trait:ident, $name:ident, $operator:tt) => {
        impl $trait for Lanes {
            type Output = Self;

            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                self.with(other, |a, b| a $operator b)
            }
        }

        impl $trait<f32> for Lanes {
            type Output = Self;

            #[inline(always)]
            fn $name(self, other: f32) -> Self {
                Self(self.0.map(|value| value $operator other))
            }
        }
    };
}

operator!(Add, add, +);
operator!(Sub, sub, -);
operator!(Mul, mul, *);
operator!(Div, div, /);

impl AddAssign for Lanes {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Makes a function out of one that is always inlined: both kinds of it, between which the processor decides.
macro_rules! compiled_for_avx2 {
    ($(#[$about:meta])* fn $name:ident($($argument:ident: $kind:ty),* $(,)?) = $work:path;) => {
        $(#[$about])*
        #[allow(unsafe_code, reason = "only the running program knows its processor")]
        fn $name($($argument: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn for_avx2($($argument: $kind),*) {
                    $work($($argument),*);
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: this processor has AVX2.
                    return unsafe { for_avx2($($argument),*) };
                }
            }
            $work($($argument),*);
        }
    };
}
pub(crate) use compiled_for_avx2;
