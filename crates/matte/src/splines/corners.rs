//! Where a line turns.

use super::outline::Outline;

/// Samples on each side whose directions are compared: 5 pixels, so that steps of a binary matte (a third of a pixel off
/// the line) turn it by less than 8 degrees.
const ARM: usize = 10;
/// What turns by more than this many radians (40 degrees) is a corner.
const CORNER: f64 = 0.7;
/// How far off a corner is looked for, in samples (5 pixels).
const NEAR: usize = 10;

/// The sample at which the line turns most, the first of several.
pub(super) fn sharpest(outline: &Outline) -> usize {
    (0..outline.len()).fold((0, 0.0), |best, index| sharper(outline, best, index)).0
}

/// Whether the line turns sharply at a sample.
pub(super) fn is_corner(outline: &Outline, index: usize) -> bool {
    turn(outline, index) > CORNER
}

/// The sharpest corner near a sample, if there is one.
pub(super) fn corner_near(outline: &Outline, index: usize) -> Option<usize> {
    let near = NEAR.min(outline.len() / 4);
    let first = index + outline.len() - near;
    let places = (first..=first + 2 * near).map(|place| place % outline.len());
    let (place, sharpness) = places.fold((index, 0.0), |best, place| sharper(outline, best, place));
    (sharpness > CORNER).then_some(place)
}

fn sharper(outline: &Outline, best: (usize, f64), index: usize) -> (usize, f64) {
    let turn = turn(outline, index);
    if turn > best.1 { (index, turn) } else { best }
}

fn turn(outline: &Outline, index: usize) -> f64 {
    outline.turn(index, ARM.min(outline.len() / 4))
}
