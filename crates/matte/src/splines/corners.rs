//! Where a line turns most.

use super::outline::Outline;

/// Samples on each side whose directions are compared: 5 pixels, so that steps of a binary matte (a third of a pixel off
/// the line) turn it by less than 8 degrees.
const ARM: usize = 10;

/// The sample at which the line turns most, the first of several.
pub(super) fn sharpest(outline: &Outline) -> usize {
    let arm = ARM.min(outline.len() / 4);
    let turns = (0..outline.len()).map(|index| outline.turn(index, arm));
    turns.enumerate().fold((0, 0.0), |best, turn| if turn.1 > best.1 { turn } else { best }).0
}
