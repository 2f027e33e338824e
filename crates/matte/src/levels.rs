//! Black point, white point and gamma of an alpha.

use crate::workspace::safe_alpha;
use raster::Plane;
use rayon::iter::ParallelIterator;

/// The least distance between black and white point, so that a matte is never divided by zero.
const LEAST_SPAN: f32 = 1e-4;
/// Limits of gamma.
const GAMMA: (f32, f32) = (0.01, 100.0);

/// How alpha values are spread out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    /// The alpha, 0..1, that becomes 0.
    pub black: f32,
    /// The alpha, 0..1, that becomes 1; at or below `black`, the matte becomes a hard threshold there.
    pub white: f32,
    /// More than 1 brightens the alphas between: `alpha ^ (1 / gamma)`.
    pub gamma: f32,
}

impl Default for Levels {
    fn default() -> Self {
        Self { black: 0.0, white: 1.0, gamma: 1.0 }
    }
}

impl Levels {
    /// The alpha after the levels, 0..1. What is not a number counts as 0, in the levels as the default.
    pub fn apply(&self, alpha: f32) -> f32 {
        let default = Self::default();
        let number = |value: f32, default: f32| if value.is_finite() { value } else { default };
        let black = number(self.black, default.black);
        let span = (number(self.white, default.white) - black).max(LEAST_SPAN);
        let gamma = number(self.gamma, default.gamma).clamp(GAMMA.0, GAMMA.1);
        let spread = ((safe_alpha(alpha) - black) / span).clamp(0.0, 1.0);
        if gamma == 1.0 { spread } else { spread.powf(1.0 / gamma) }
    }

    /// [`apply`](Self::apply) for every pixel.
    pub fn apply_to(&self, alpha: &mut Plane<f32>) {
        alpha.par_rows_mut().for_each(|row| row.iter_mut().for_each(|alpha| *alpha = self.apply(*alpha)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_and_white_points_bound_the_matte_and_gamma_keeps_them() {
        let levels = Levels { black: 0.2, white: 0.8, gamma: 2.0 };
        assert_eq!((levels.apply(0.2), levels.apply(0.8), levels.apply(0.1)), (0.0, 1.0, 0.0));
        assert!((levels.apply(0.5) - 0.5f32.sqrt()).abs() < 1e-6);
        let hard = Levels { black: 0.5, white: 0.5, gamma: 1.0 };
        assert_eq!((hard.apply(0.49), hard.apply(0.51)), (0.0, 1.0));
    }
}
