//! How large the pictures of a network may be. RAFT compares all places of one picture with all of the other, so its
//! memory grows with the fourth power of the side.

use super::{form::Facts, padding::Padding};
use crate::fitted;

/// Of the memory that the engine may ever use, the part that one run may take, as its divisor: weights, features and a
/// second run lie beside it.
const PART: u64 = 2;

/// Steps by which the sides are made smaller, as eighths.
const EIGHTHS: usize = 7;

/// Bytes that a run takes with so many pairs of pictures at once: the correlations of all cells of 8 x 8 pixels with all
/// others in f32, with the three coarser levels of their pyramid and what lies beside them while they are made, and per
/// pixel what the encoders hold. Measured on torchvision's networks at 480x272 and 960x544: 1.54 times the correlations,
/// and 230 (small) and 310 bytes (large) per pixel.
pub(super) fn run_bytes((width, height): (usize, usize), pairs: usize) -> u64 {
    let cells = (width as u64 / 8).saturating_mul(height as u64 / 8);
    let correlations = (cells.saturating_mul(cells).saturating_mul(4) / 3).saturating_mul(5);
    let pixels = (width as u64).saturating_mul(height as u64).saturating_mul(BYTES_PER_PIXEL);
    correlations.saturating_add(pixels).saturating_mul(pairs as u64)
}

/// What the encoders and the updates take, a little more than measured.
const BYTES_PER_PIXEL: u64 = 384;

/// Whether a run fits into a budget.
pub(super) fn fits(padding: &Padding, pairs: usize, budget: u64) -> bool {
    run_bytes(padding.outer, pairs) <= budget / PART
}

/// The size at which pictures are worked on: as they are, and smaller until one direction at a time fits into the budget,
/// but not below what the network takes. How much detail is worth its time is for the caller to say.
pub(super) fn working_size(size: (usize, usize), facts: &Facts, budget: u64) -> (usize, usize) {
    let mut best = size;
    while !fits(&Padding::free(best, facts), 1, budget) {
        match smaller(best, facts) {
            Some(size) => best = size,
            None => return best,
        }
    }
    best
}

/// The next smaller size; nothing when the network's picture would not be smaller.
pub(super) fn smaller(size: (usize, usize), facts: &Facts) -> Option<(usize, usize)> {
    let longer = size.0.max(size.1);
    let less = fitted(size.0, size.1, longer * EIGHTHS / 8);
    (less.0.max(less.1) >= facts.smallest && less != size).then_some(less)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::form::FORMS;

    #[test]
    fn pictures_are_as_large_as_they_are_where_memory_allows() {
        let facts = &FORMS[0].facts;
        assert_eq!(working_size((1920, 1080), facts, u64::MAX), (1920, 1080));
        assert_eq!(working_size((640, 360), facts, u64::MAX), (640, 360));
        assert_eq!(working_size((40, 30), facts, u64::MAX), (40, 30));
    }

    #[test]
    fn a_small_budget_makes_them_smaller_down_to_what_the_network_takes() {
        let facts = &FORMS[0].facts;
        let budget = 1 << 30;
        let (width, height) = working_size((1920, 1080), facts, budget);
        assert!(
            (640..960).contains(&width) && fits(&Padding::free((width, height), facts), 1, budget),
            "{width}x{height}"
        );
        assert!((width * 9).abs_diff(height * 16) <= 16, "in their proportions: {width}x{height}");
        let least = working_size((1920, 1080), facts, 0);
        assert!((128..160).contains(&least.0), "{least:?}");
    }

    #[test]
    fn absurd_sizes_are_too_large_and_no_overflow() {
        assert_eq!(run_bytes((usize::MAX, usize::MAX), 2), u64::MAX);
    }
}
