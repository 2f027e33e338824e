//! No more points than are wished for, at a tolerance that is as loose as that takes.

use super::division::{Division, Member};
use super::joints::Joint;

/// Points of a closed curve, at least.
const FEWEST: usize = 2;
/// How often the tolerance is loosened at most: more than 20 times in all.
const TRIES: usize = 32;
/// How many times looser the next tolerance is, at least and at most. Between them it is as many times looser as there are points
/// too many: along the rough edge of a matte the points are about as many as the tolerance is small.
const LOOSER: std::ops::RangeInclusive<f64> = 1.05..=2.0;

/// Outlines that were divided together.
#[derive(Debug)]
pub(super) struct Divided {
    /// How far their pieces may be from them, in pixels.
    pub(super) tolerance: f64,
    /// The joints of each outline.
    pub(super) joints: Vec<Vec<Joint>>,
}

/// Divides the members that there are at a tolerance from a sample `start` of the first one on. Where that makes more than `most`
/// pieces, looser tolerances than the one given are tried.
pub(super) fn divided<'a>(
    members: impl Fn(f64) -> Vec<Member<'a>>,
    start: usize,
    mut tolerance: f64,
    most: Option<usize>,
) -> Divided {
    let mut tries = 0;
    loop {
        let division = Division::new(members(tolerance));
        let cuts = division.divided(start);
        let excess = most.map_or(0.0, |most| cuts.len() as f64 / most.max(FEWEST) as f64);
        if excess <= 1.0 || tries >= TRIES {
            return Divided { tolerance, joints: division.joints(&division.settled(cuts)) };
        }
        tolerance *= excess.clamp(*LOOSER.start(), *LOOSER.end());
        tries += 1;
    }
}
