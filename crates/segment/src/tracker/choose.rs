//! Which memories and pointers a frame gets: CONTRACT.md, step 6. Frame numbers only.

use super::Direction;
use crate::exported::TrackerFacts;

/// What is left of a tracked frame that is not conditioning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// It was never tracked, or a correction nearby took it away.
    Nothing,
    /// It was tracked, and is too far away to be kept.
    Forgotten,
    /// Its pointer.
    Pointer,
    /// Its pointer and its memory.
    Memory,
}

/// Where something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// In the conditioning frame of this number.
    Conditioning(usize),
    /// In the other frame of this number.
    Other(usize),
}

/// What one object has for its frames.
pub(super) struct Shot<'a> {
    /// The conditioning frames in the order of prompting.
    pub conditioning: &'a [usize],
    /// What is left of the others.
    pub other: &'a dyn Fn(usize) -> Left,
    /// Frames of the shot.
    pub frames: usize,
    /// Which frames are worth remembering; `None`: the last ones.
    pub worth: Option<Worth<'a>>,
}

/// Memories by worth.
pub(super) struct Worth<'a> {
    /// Those of `other` that are worth it, in order.
    pub frames: &'a [usize],
    /// Whether pointers go by worth too.
    pub pointers: bool,
}

/// What a frame gets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Chosen {
    /// Temporal position (0: conditioning, otherwise frames back) and place.
    pub memories: Vec<(i64, Place)>,
    /// Frames back and place.
    pub pointers: Vec<(usize, Place)>,
}

/// What is needed of this frame was there and is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missing(pub usize);

impl Shot<'_> {
    /// The memories and pointers of a frame.
    pub fn choose(&self, frame: usize, direction: Direction, facts: &TrackerFacts) -> Result<Chosen, Missing> {
        Ok(Chosen {
            memories: self.memories(frame, direction, facts)?,
            pointers: self.pointers(frame, direction, facts)?,
        })
    }

    fn memories(&self, frame: usize, direction: Direction, facts: &TrackerFacts) -> Result<Vec<(i64, Place)>, Missing> {
        let near = nearest(self.conditioning, frame, facts.max_conditioning_frames);
        let mut memories: Vec<_> = near.iter().map(|&at| (0, Place::Conditioning(at))).collect();
        let worthy = self.worthy(frame, direction, facts);
        for back in (1..facts.memory_frames).rev() {
            let at = match &worthy {
                Some(worthy) => worthy.get(back - 1).copied(),
                None => direction.back(frame, back),
            };
            let Some(at) = at else { continue };
            let passed_over = self.conditioning.contains(&at) && !near.contains(&at);
            match (self.other)(at) {
                Left::Memory => memories.push((back as i64, Place::Other(at))),
                Left::Nothing if passed_over => memories.push((back as i64, Place::Conditioning(at))),
                Left::Nothing => {}
                Left::Pointer | Left::Forgotten => return Err(Missing(at)),
            }
        }
        Ok(memories)
    }

    fn pointers(
        &self,
        frame: usize,
        direction: Direction,
        facts: &TrackerFacts,
    ) -> Result<Vec<(usize, Place)>, Missing> {
        let behind = |&at: &usize| Some((direction.distance(at, frame)?, Place::Conditioning(at)));
        let mut pointers: Vec<_> = self.conditioning.iter().filter_map(behind).collect();
        let by_worth = self.worth.as_ref().is_some_and(|worth| worth.pointers);
        let worthy = self.worthy(frame, direction, facts).filter(|_| by_worth);
        for back in 1..facts.max_pointers.min(self.frames) {
            let at = match &worthy {
                // As the original: the farthest of them gives no pointer.
                Some(worthy) => worthy.get(back - 1).copied().filter(|_| back < worthy.len()),
                None => direction.back(frame, back).filter(|&at| at < self.frames),
            };
            let Some(at) = at else { break };
            match (self.other)(at) {
                Left::Memory | Left::Pointer => pointers.push((back, Place::Other(at))),
                Left::Nothing => {}
                Left::Forgotten => return Err(Missing(at)),
            }
        }
        Ok(pointers)
    }
}

impl Shot<'_> {
    /// The frames behind that are worth remembering, the nearest first. The very last one always is.
    fn worthy(&self, frame: usize, direction: Direction, facts: &TrackerFacts) -> Option<Vec<usize>> {
        let worth = self.worth.as_ref()?;
        let mut behind: Vec<_> = worth
            .frames
            .iter()
            .copied()
            .filter(|&at| direction.distance(at, frame).is_some_and(|far| far > 0))
            .collect();
        behind.sort_by_key(|at| at.abs_diff(frame));
        behind.truncate(facts.max_pointers.min(self.frames).saturating_sub(1));
        let last = direction.back(frame, 1).filter(|&last| last < self.frames && behind.first() != Some(&last));
        Some(last.into_iter().chain(behind).collect())
    }
}

/// The conditioning frames that a frame attends to: all, or where there are more than `most` the nearest before, the
/// nearest at or after, and the nearest of the rest, of equals the one prompted earlier.
fn nearest(conditioning: &[usize], frame: usize, most: Option<usize>) -> Vec<usize> {
    let Some(most) = most.filter(|&most| most < conditioning.len()) else { return conditioning.to_vec() };
    let before = conditioning.iter().copied().filter(|&at| at < frame).max();
    let after = conditioning.iter().copied().filter(|&at| at >= frame).min();
    let mut chosen: Vec<_> = before.into_iter().chain(after).collect();
    let mut rest: Vec<_> = conditioning.iter().copied().filter(|at| !chosen.contains(at)).collect();
    rest.sort_by_key(|at| at.abs_diff(frame));
    rest.truncate(most.saturating_sub(chosen.len()));
    chosen.append(&mut rest);
    chosen
}

#[cfg(test)]
mod tests {
    use super::{
        Place::{Conditioning, Other},
        *,
    };

    const FORWARD: Direction = Direction::Forward;
    const REVERSE: Direction = Direction::Reverse;

    /// A shot of 100 frames where everything in `tracked` is whole.
    fn choose(conditioning: &[usize], tracked: &[usize], frame: usize, direction: Direction) -> Chosen {
        let other = |at| if tracked.contains(&at) { Left::Memory } else { Left::Nothing };
        let shot = Shot { conditioning, other: &other, frames: 100, worth: None };
        shot.choose(frame, direction, &TrackerFacts::official(Some(4))).expect("nothing is forgotten")
    }

    #[test]
    fn a_frame_gets_the_prompt_and_the_six_frames_before_it() {
        let tracked: Vec<_> = (1..30).collect();
        let chosen = choose(&[0], &tracked, 30, FORWARD);
        let expected = [(0, Conditioning(0))].into_iter().chain((24..30).map(|at| ((30 - at) as i64, Other(at))));
        assert_eq!(chosen.memories, expected.collect::<Vec<_>>());
        let pointers = [(30, Conditioning(0))].into_iter().chain((1..16).map(|back| (back, Other(30 - back))));
        assert_eq!(chosen.pointers, pointers.collect::<Vec<_>>());
    }

    #[test]
    fn backwards_is_the_mirror_and_what_lies_ahead_gives_no_pointer() {
        let chosen = choose(&[50, 10], &[51, 49, 48], 47, REVERSE);
        assert_eq!(
            chosen.memories,
            [(0, Conditioning(50)), (0, Conditioning(10)), (4, Other(51)), (2, Other(49)), (1, Other(48))]
        );
        assert_eq!(chosen.pointers, [(3, Conditioning(50)), (1, Other(48)), (2, Other(49)), (4, Other(51))]);
    }

    #[test]
    fn frames_that_are_missing_are_skipped_and_the_shot_ends() {
        let chosen = choose(&[2], &[0], 3, FORWARD);
        assert_eq!(chosen.memories, [(0, Conditioning(2)), (3, Other(0))]);
        assert_eq!(chosen.pointers, [(1, Conditioning(2)), (3, Other(0))]);
        let chosen = choose(&[97], &[], 96, REVERSE);
        assert_eq!((chosen.memories.len(), chosen.pointers.len()), (1, 1));
    }

    #[test]
    fn of_more_prompts_than_are_attended_to_the_nearest_on_either_side_come_first() {
        assert_eq!(nearest(&[0, 3, 6, 9, 15, 20], 7, Some(4)), [6, 9, 3, 0]);
        assert_eq!(nearest(&[0, 3, 6, 9, 15, 20], 9, Some(4)), [6, 9, 3, 15]);
        assert_eq!(nearest(&[9, 3, 6], 7, Some(4)), [9, 3, 6], "in the order of prompting");
        assert_eq!(nearest(&[20, 10, 0, 40], 30, Some(3)), [20, 40, 10]);
        assert_eq!(nearest(&[35, 25, 31, 29], 30, Some(3)), [29, 31, 35], "of equals the one prompted earlier");
        assert_eq!(nearest(&[5, 4, 3, 2, 1], 9, Some(1)), [5]);
        assert_eq!(nearest(&[5, 4], 9, None), [5, 4]);
    }

    #[test]
    fn a_prompt_that_was_passed_over_is_remembered_as_a_frame_before() {
        let chosen = choose(&[0, 3, 6, 9, 15, 20], &[1, 2, 4, 5, 7], 8, FORWARD);
        let near = [6, 9, 3, 0].map(|at| (0, Conditioning(at)));
        assert_eq!(chosen.memories[..4], [near[0], near[1], near[2], (0, Conditioning(15))]);
        assert_eq!(chosen.memories[4..], [(6, Other(2)), (4, Other(4)), (3, Other(5)), (1, Other(7))]);
        let chosen = choose(&[8, 9, 10, 11, 12], &[], 13, FORWARD);
        assert_eq!(chosen.memories.last(), Some(&(5, Conditioning(8))), "8 is the farthest of five");
    }

    #[test]
    fn by_worth_the_surest_frames_are_remembered_and_the_last_one_in_any_case() {
        let other = |at: usize| if (1..60).contains(&at) { Left::Memory } else { Left::Nothing };
        let choose = |frames: &[usize], pointers, frame, direction| {
            let worth = Some(Worth { frames, pointers });
            let shot = Shot { conditioning: &[0], other: &other, frames: 100, worth };
            shot.choose(frame, direction, &TrackerFacts::official(None)).expect("nothing is forgotten")
        };
        let chosen = choose(&[5, 6, 20, 48], true, 50, FORWARD);
        let near = [(5, Other(5)), (4, Other(6)), (3, Other(20)), (2, Other(48)), (1, Other(49))];
        assert_eq!(chosen.memories[1..], near);
        let near = [(50, Conditioning(0)), (1, Other(49)), (2, Other(48)), (3, Other(20)), (4, Other(6))];
        assert_eq!(chosen.pointers, near);
        let chosen = choose(&[5, 51, 55], false, 50, REVERSE);
        assert_eq!(chosen.memories[1..], [(2, Other(55)), (1, Other(51))]);
        assert_eq!(chosen.pointers.len(), 9, "the last ones: 51 to 59");
    }

    #[test]
    fn what_is_needed_and_forgotten_is_told() {
        let shot = |left: Left| {
            let other = move |at| if at == 20 { left } else { Left::Nothing };
            let choose = |frame| {
                Shot { conditioning: &[0], other: &other, frames: 100, worth: None }.choose(
                    frame,
                    FORWARD,
                    &TrackerFacts::official(None),
                )
            };
            [choose(26), choose(27), choose(35), choose(36)].map(|chosen| chosen.err())
        };
        assert_eq!(shot(Left::Memory), [None; 4]);
        assert_eq!(shot(Left::Pointer), [Some(Missing(20)), None, None, None]);
        assert_eq!(shot(Left::Forgotten), [Some(Missing(20)), Some(Missing(20)), Some(Missing(20)), None]);
    }
}
