//! Sets of frames that follow each other: an hour of tracked frames is one range.

/// Frames as ranges, sorted and apart from each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FrameSet(Vec<(usize, usize)>);

impl FrameSet {
    pub fn contains(&self, frame: usize) -> bool {
        let after = self.0.partition_point(|&(first, _)| first <= frame);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|&(_, end)| frame < end)
    }

    pub fn insert(&mut self, frame: usize) {
        let end = frame.saturating_add(1);
        // Those that touch or hold the frame.
        let from = self.0.partition_point(|&(_, end)| end < frame);
        let to = self.0.partition_point(|&(first, _)| first <= end);
        let touched = self.0[from..to].iter();
        let joined = touched.fold((frame, end), |(a, b), &(first, end)| (a.min(first), b.max(end)));
        self.0.splice(from..to, [joined]);
    }

    /// Takes `first..end` out.
    pub fn remove(&mut self, first: usize, end: usize) {
        if first >= end {
            return;
        }
        let pieces = self.0.iter().flat_map(|&(a, b)| [(a, b.min(first)), (a.max(end), b)]);
        self.0 = pieces.filter(|(a, b)| a < b).collect();
    }

    /// First frames and those after the last, in order.
    pub fn ranges(&self) -> &[(usize, usize)] {
        &self.0
    }

    /// The set of ranges that were written down; `None` where they are not sorted, apart and within the shot.
    pub fn of_ranges(ranges: Vec<(usize, usize)>, frames: usize) -> Option<Self> {
        let apart = ranges.windows(2).all(|pair| pair[0].1 < pair[1].0);
        let good = apart && ranges.iter().all(|&(first, end)| first < end && end <= frames);
        good.then_some(Self(ranges))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_set_of_ranges_is_the_set_of_its_frames(
            steps in prop::collection::vec((any::<bool>(), 0usize..40, 0usize..9), 0..60)
        ) {
            let (mut set, mut plain) = (FrameSet::default(), BTreeSet::new());
            for (adds, frame, length) in steps {
                if adds {
                    set.insert(frame);
                    plain.insert(frame);
                } else {
                    set.remove(frame, frame + length);
                    plain.retain(|at| !(frame..frame + length).contains(at));
                }
                for at in 0..50 {
                    prop_assert_eq!(set.contains(at), plain.contains(&at));
                }
                prop_assert_eq!(FrameSet::of_ranges(set.ranges().to_vec(), 60), Some(set.clone()));
            }
        }
    }

    #[test]
    fn frames_in_a_row_are_one_range() {
        let mut set = FrameSet::default();
        (0..90_000).for_each(|frame| set.insert(frame));
        assert_eq!(set.ranges(), [(0, 90_000)]);
    }

    #[test]
    fn ranges_that_make_no_set_are_none() {
        for ranges in [vec![(3, 3)], vec![(5, 2)], vec![(0, 4), (4, 6)], vec![(6, 8), (0, 2)], vec![(0, 11)]] {
            assert_eq!(FrameSet::of_ranges(ranges.clone(), 10), None, "{ranges:?}");
        }
    }
}
