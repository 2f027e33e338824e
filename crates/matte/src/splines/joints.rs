//! Where the pieces of a curve meet, and the pieces between.

use super::corners::corner_near;
use super::fit::{End, Fit, Near, fit};
use super::outline::Outline;
use super::spline::{Knot, Point, Spline, between, dot, unit};

/// How far a joint that is carried on may be moved along its line, in samples (4 pixels).
const FURTHEST: usize = 8;
/// Joints where the line turns by less than this many radians (35 degrees) are made smooth where the tolerance allows it.
const SMOOTH: f64 = 0.6;

/// How much of its outline's area a curve may lose or gain where its pieces are not those of least squares: with this, curves share
/// 0.995 of the area of a matte that they are made from.
const AREA: f64 = 0.004;

/// A place on an outline where two pieces meet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Joint {
    /// The sample.
    pub(super) index: usize,
    /// The direction of the line there; none at a corner.
    pub(super) direction: Option<Point>,
}

impl Joint {
    /// A joint whose pieces may meet at any angle.
    pub(super) fn corner(index: usize) -> Self {
        Self { index, direction: None }
    }
}

/// Fits the pieces of an outline within a tolerance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cutter<'a> {
    outline: &'a Outline,
    near: Near,
}

impl<'a> Cutter<'a> {
    /// `tolerance` in pixels.
    pub(super) fn new(outline: &'a Outline, tolerance: f64) -> Self {
        let mean = AREA * outline.signed_area().abs() / outline.length();
        Self { outline, near: Near { furthest: tolerance, mean } }
    }

    /// The piece between two joints.
    pub(super) fn piece(&self, from: Joint, to: Joint) -> Fit {
        let start = from.direction.map_or(End::Free, End::Along);
        let finish = to.direction.map_or(End::Free, |direction| End::Along(direction.map(|value| -value)));
        fit(&self.outline.run(from.index, to.index), start, finish, self.near)
    }

    /// Whether a piece is as near to the line as asked.
    pub(super) fn is_good(&self, piece: &Fit) -> bool {
        piece.error <= self.near.furthest
    }

    /// Moves joints whose pieces are not good to where both are, if there is such a place near.
    pub(super) fn eased(&self, mut joints: Vec<Joint>) -> Vec<Joint> {
        let count = joints.len();
        for at in 0..count {
            let (before, joint, after) = (joints[(at + count - 1) % count], joints[at], joints[(at + 1) % count]);
            if self.misfit(before, joint, after).is_finite() {
                continue;
            }
            let sides = [self.outline.span(before.index, joint.index), self.outline.span(joint.index, after.index)];
            let room = (sides[0].min(sides[1]) / 2).min(FURTHEST);
            let offsets = (1..=4).map(|quarter| room * quarter / 4).filter(|offset| *offset > 0);
            let places = offsets.flat_map(|offset| [joint.index + self.outline.len() - offset, joint.index + offset]);
            let moved = places.map(|index| Joint { index: index % self.outline.len(), ..joint });
            if let Some(joint) = moved.into_iter().find(|joint| self.misfit(before, *joint, after).is_finite()) {
                joints[at] = joint;
            }
        }
        joints
    }

    /// Moves joints onto corners that are near, where both pieces are good from there.
    pub(super) fn cornered(&self, mut joints: Vec<Joint>) -> Vec<Joint> {
        let count = joints.len();
        for at in 0..count {
            let (before, joint, after) = (joints[(at + count - 1) % count], joints[at], joints[(at + 1) % count]);
            let Some(corner) = corner_near(self.outline, joint.index).map(Joint::corner) else { continue };
            let passed = self.outline.span(before.index, corner.index);
            let between = passed < self.outline.span(before.index, after.index) || count == 1;
            if between && self.misfit(before, corner, after).is_finite() {
                joints[at] = corner;
            }
        }
        joints
    }

    /// A joint that divides a piece that is not good, where it is worst; none for one that is good, or too short.
    pub(super) fn division(&self, from: Joint, to: Joint) -> Option<Joint> {
        let span = self.outline.span(from.index, to.index);
        if span < 4 {
            return None;
        }
        let piece = self.piece(from, to);
        let reach = piece.worst.clamp(span / 4, span - span / 4).max(1);
        (!self.is_good(&piece)).then(|| Joint::corner((from.index + reach) % self.outline.len()))
    }

    /// The squared distances of the two pieces at a joint; infinite where one is not good.
    pub(super) fn misfit(&self, before: Joint, joint: Joint, after: Joint) -> f64 {
        let pieces = [self.piece(before, joint), self.piece(joint, after)];
        if pieces.iter().all(|piece| self.is_good(piece)) {
            pieces.iter().map(|piece| piece.squares).sum()
        } else {
            f64::INFINITY
        }
    }

    /// Gives joints one direction where both pieces stay good with it.
    pub(super) fn smoothed(&self, mut joints: Vec<Joint>) -> Vec<Joint> {
        let count = joints.len();
        for at in 0..count {
            let (before, after) = (joints[(at + count - 1) % count], joints[(at + 1) % count]);
            let (ending, beginning) = (self.piece(before, joints[at]).piece, self.piece(joints[at], after).piece);
            let directions = unit(between(ending[2], ending[3])).zip(unit(between(beginning[0], beginning[1])));
            let Some((into, out)) = directions.filter(|(into, out)| dot(*into, *out) > SMOOTH.cos()) else { continue };
            let mean = unit([into[0] + out[0], into[1] + out[1]]);
            let candidates = [mean, Some(into), Some(out), self.outline.direction(joints[at].index)];
            let smooth =
                candidates.into_iter().flatten().map(|direction| Joint { direction: Some(direction), ..joints[at] });
            let misfits = smooth.map(|joint| (joint, self.misfit(before, joint, after)));
            let best = misfits.min_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((joint, misfit)) = best
                && misfit.is_finite()
            {
                joints[at] = joint;
            }
        }
        joints
    }

    /// The curve with these joints.
    pub(super) fn spline(&self, joints: &[Joint]) -> Spline {
        let pieces: Vec<[Point; 4]> =
            joints.iter().zip(joints.iter().cycle().skip(1)).map(|(from, to)| self.piece(*from, *to).piece).collect();
        let before = pieces.iter().cycle().skip(pieces.len().saturating_sub(1));
        let knots = joints.iter().zip(before.zip(&pieces)).map(|(joint, (ending, beginning))| Knot {
            at: beginning[0],
            incoming: ending[2],
            outgoing: beginning[1],
            corner: joint.direction.is_none(),
        });
        Spline { knots: knots.collect() }
    }
}
