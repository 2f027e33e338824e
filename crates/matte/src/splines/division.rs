//! Dividing the outlines of one frame, or of many at the same points of the object, into few pieces.

use super::joints::{Cutter, Joint};
use super::outline::Outline;

/// The first length that is tried for a piece, in samples (4 pixels).
const FIRST_SPAN: usize = 8;
/// Sweeps in which joints move to where the pieces at their sides fit best.
const SWEEPS: usize = 4;
/// How many samples (half pixels) before the place that corresponds to a cut of the first outline another may be cut, where the
/// piece is not good up to there: outlines of neighbouring frames correspond no better than to a few pixels.
const BACK: [usize; 5] = [0, 2, 4, 8, 12];

/// An outline and where the points of the object are on it.
#[derive(Debug, Clone)]
pub(super) struct Member<'a> {
    outline: &'a Outline,
    cutter: Cutter<'a>,
    first: usize,
    /// Samples from the first anchor on to each anchor, and all round.
    passed: Vec<usize>,
}

impl<'a> Member<'a> {
    /// `anchors` are samples in the order of the outline, the same points of the object in every member of a division;
    /// `tolerance` is in pixels.
    pub(super) fn new(outline: &'a Outline, anchors: &[usize], tolerance: f64) -> Self {
        let first = anchors.first().copied().unwrap_or_default();
        let after = |index: usize| (index + outline.len() - first) % outline.len();
        // An anchor may have slipped past the one before it, or past the first, from one frame to the next.
        let ascending = |most: &mut usize, index: &usize| {
            *most = after(*index).max(*most);
            Some(*most)
        };
        let passed = anchors.iter().scan(0, ascending).chain([outline.len()]).collect();
        Self { outline, cutter: Cutter::new(outline, tolerance), first, passed }
    }

    /// The sample at `place` samples of `reference` from its first anchor: as far between the anchors as there.
    fn sample(&self, reference: &Self, place: usize) -> usize {
        let place = place % reference.outline.len();
        let before = reference.passed.partition_point(|passed| *passed <= place).saturating_sub(1);
        let side = |member: &Self| {
            let start = member.passed.get(before).copied().unwrap_or_default();
            (start, member.passed.get(before + 1).map_or(0, |end| end - start))
        };
        let ((known, length), (start, own)) = (side(reference), side(self));
        let offset = start + ((place - known) * own + length / 2) / length.max(1);
        (self.first + offset) % self.outline.len()
    }
}

/// A place where the outlines of all members are cut.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    /// In samples of the first outline, from its first anchor.
    place: usize,
    /// How many samples before that place each member is cut.
    back: Vec<usize>,
}

/// Outlines that are divided together.
pub(super) struct Division<'a> {
    members: Vec<Member<'a>>,
}

impl<'a> Division<'a> {
    /// At least one member.
    pub(super) fn new(members: Vec<Member<'a>>) -> Self {
        Self { members }
    }

    /// Places round the first outline.
    fn len(&self) -> usize {
        self.members.first().map_or(0, |reference| reference.outline.len())
    }

    /// Where a member is cut.
    fn joint(&self, at: usize, place: usize, back: usize) -> Joint {
        let both = self.members.first().zip(self.members.get(at));
        let sample = both.map_or(0, |(reference, member)| {
            let length = member.outline.len();
            (member.sample(reference, place) + length - back % length) % length
        });
        Joint::corner(sample)
    }

    fn joint_of(&self, at: usize, cut: &Cut) -> Joint {
        self.joint(at, cut.place, cut.back.get(at).copied().unwrap_or_default())
    }

    /// Whether a member's piece from a cut to the place `span` on is good where it ends `back` samples before that place.
    fn reaches(&self, at: usize, from: &Cut, span: usize, back: usize) -> bool {
        let Some(member) = self.members.get(at) else { return false };
        let (here, there) = (self.joint(at, from.place, 0), self.joint(at, from.place + span, 0));
        let mapped = if here == there { 0 } else { member.outline.span(here.index, there.index) };
        match (mapped + from.back.get(at).copied().unwrap_or_default()).checked_sub(back) {
            None => false,
            // The outline has nothing there: all that lies between is one point of it.
            Some(0) => true,
            Some(_) => {
                let (from, to) = (self.joint_of(at, from), self.joint(at, from.place + span, back));
                member.cutter.is_good(&member.cutter.piece(from, to))
            }
        }
    }

    /// Few cuts with good pieces between them on every outline: each piece is as long as it can be. The first one is at `start`,
    /// a sample of the first outline. Every part of a good piece is one too, so that no other division of one outline from there
    /// has fewer.
    pub(super) fn divided(&self, start: usize) -> Vec<Cut> {
        let count = self.len();
        let first = self.members.first().map_or(0, |reference| reference.first);
        let straight = |place: usize| Cut { place: place % count.max(1), back: vec![0; self.members.len()] };
        let start = straight(start + count - first);
        let mut cuts = vec![start.clone()];
        let mut passed = 0;
        while let Some(last) = cuts.last().filter(|_| count > 0) {
            let (span, back) = self.longest(last, count - passed);
            passed += span;
            if passed >= count {
                break;
            }
            cuts.push(Cut { place: (start.place + passed) % count, back });
        }
        if cuts.len() == 1 {
            cuts.push(straight(start.place + count / 2));
        }
        cuts
    }

    /// How many places on from a cut pieces reach that are good on every outline, `most` at most, and how far before that place
    /// each outline is cut then.
    fn longest(&self, from: &Cut, most: usize) -> (usize, Vec<usize>) {
        // An outline that stands against one length stands against the longer ones, and is asked first.
        let mut hardest = 0;
        let mut reached = |span: usize, last: bool| {
            let mut back = vec![0; self.members.len()];
            for at in (hardest..self.members.len()).chain(0..hardest) {
                let choices = if last || self.members.len() == 1 { &BACK[..1] } else { &BACK };
                match choices.iter().find(|back| self.reaches(at, from, span, **back)) {
                    Some(found) => back[at] = *found,
                    None => {
                        hardest = at;
                        return None;
                    }
                }
            }
            Some(back)
        };
        let (mut good, mut bad) = ((1, vec![0; self.members.len()]), FIRST_SPAN);
        while bad < most
            && let Some(back) = reached(bad, false)
        {
            (good, bad) = ((bad, back), 2 * bad);
        }
        if bad >= most {
            // A piece never closes on itself.
            if most < self.len()
                && let Some(back) = reached(most, true)
            {
                return (most, back);
            }
            bad = most;
        }
        while bad - good.0 > 1 {
            let middle = good.0.midpoint(bad);
            match reached(middle, false) {
                Some(back) => good = (middle, back),
                None => bad = middle,
            }
        }
        good
    }

    /// Moves cuts to where the pieces at their sides fit better.
    pub(super) fn settled(&self, mut cuts: Vec<Cut>) -> Vec<Cut> {
        let (length, count) = (self.len(), cuts.len());
        let span = |from: &Cut, to: &Cut| (to.place + length - from.place) % length;
        for sweep in 0..SWEEPS {
            for at in 0..count {
                let (before, after) = (cuts[(at + count - 1) % count].clone(), cuts[(at + 1) % count].clone());
                let room = span(&before, &cuts[at]).min(span(&cuts[at], &after));
                let step = (room / (4 << sweep)).max(1);
                if room <= step {
                    continue;
                }
                let mut best = self.misfit(&before, &cuts[at], &after, f64::INFINITY);
                let moved = [length - step, step]
                    .map(|offset| Cut { place: (cuts[at].place + offset) % length, back: cuts[at].back.clone() });
                for cut in moved {
                    let misfit = self.misfit(&before, &cut, &after, best);
                    if misfit < best {
                        (cuts[at], best) = (cut, misfit);
                    }
                }
            }
        }
        cuts
    }

    /// The squared distances of the pieces at a cut on all outlines; infinite where one is not good, or as soon as they are
    /// `most`.
    fn misfit(&self, before: &Cut, cut: &Cut, after: &Cut, most: f64) -> f64 {
        let mut sum = 0.0;
        for (at, member) in self.members.iter().enumerate() {
            let [before, joint, after] = [before, cut, after].map(|cut| self.joint_of(at, cut));
            let apart = before != joint && joint != after;
            sum += if apart { member.cutter.misfit(before, joint, after) } else { f64::INFINITY };
            if sum >= most {
                return f64::INFINITY;
            }
        }
        sum
    }

    /// The joints of each member at the cuts, no two on one sample where there are enough of them.
    pub(super) fn joints(&self, cuts: &[Cut]) -> Vec<Vec<Joint>> {
        let members = self.members.iter().enumerate();
        members.map(|(at, member)| apart(cuts.iter().map(|cut| self.joint_of(at, cut)), member)).collect()
    }
}

/// Joints in the order of the outline, each a sample at least after the one before.
fn apart(joints: impl Iterator<Item = Joint>, member: &Member<'_>) -> Vec<Joint> {
    let length = member.outline.len();
    let mut from_first = Vec::new();
    let mut first = None;
    for joint in joints {
        let start = *first.get_or_insert(joint.index);
        let passed = (joint.index + length - start) % length;
        let least = from_first.last().map_or(0, |last| last + 1);
        from_first.push(passed.max(least));
    }
    // What was pushed beyond the start comes back from behind.
    let mut most = length;
    for passed in from_first.iter_mut().rev() {
        most = most.saturating_sub(1);
        *passed = (*passed).min(most);
        most = *passed;
    }
    let start = first.unwrap_or_default();
    from_first.into_iter().map(|passed| Joint::corner((start + passed) % length)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where something is missing")]
mod tests {
    use super::*;
    use crate::polyline::Polyline;

    #[test]
    fn anchors_that_slipped_past_others_still_divide_the_outline() {
        let square = Polyline { points: vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]] };
        let outline = Outline::new(&square).unwrap();
        let reference = Member::new(&outline, &[10, 30, 50], 0.5);
        for slipped in [[10, 60, 40], [10, 30, 5], [10, 10, 9], [79, 0, 78]] {
            let member = Member::new(&outline, &slipped, 0.5);
            for place in 0..2 * outline.len() {
                assert!(member.sample(&reference, place) < outline.len(), "{slipped:?}");
                assert!(reference.sample(&member, place) < outline.len(), "{slipped:?}");
            }
            assert!(Division::new(vec![reference.clone(), member]).divided(10).len() >= 2, "{slipped:?}");
        }
    }
}
