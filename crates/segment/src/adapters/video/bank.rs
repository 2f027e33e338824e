//! What a tracker remembers, and how the bank is filled.

use std::sync::Arc;

use super::sizes::{BankSizes, POINTERS};
use crate::{error::SegmentError, identity::Identity};

/// What one frame leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    /// Counted in the direction of tracking.
    pub frame: usize,
    /// h h tokens of M values each; gone where the frame is too far back to have a place in the bank.
    pub memory: Option<Arc<[f32]>>,
    /// C values.
    pub pointer: Arc<[f32]>,
}

/// Everything remembered of one object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bank {
    pub model: Identity,
    /// The frame that all others are tracked from.
    pub prompted: Option<Kept>,
    /// The last tracked frames that are sure, oldest first.
    pub recent: Vec<Kept>,
    /// The positions of a memory's tokens, which all memories share; empty before the first.
    pub positions: Arc<[f32]>,
}

/// A place of the bank: a memory, and the row of temporal positions that goes with it.
pub(super) struct Slot<'a> {
    pub memory: &'a [f32],
    pub row: usize,
}

impl Bank {
    pub fn of_nothing(model: Identity) -> Self {
        Self { model, prompted: None, recent: Vec::new(), positions: Arc::from([]) }
    }

    /// Remembers a tracked frame, and forgets what no longer has a place beside `memories - 1` newer ones.
    pub fn push(&mut self, kept: Kept, memories: usize) {
        self.recent.push(kept);
        let count = self.recent.len();
        self.recent.drain(..count.saturating_sub(POINTERS - 1));
        let far = self.recent.len().saturating_sub(memories - 1);
        self.recent.iter_mut().take(far).for_each(|kept| kept.memory = None);
    }

    /// The places of the bank: the prompted frame with the last row, the newest frames with the first rows, the newest
    /// first. What is not there yet is the newest once more, and without any the prompted frame. `None` where nothing was
    /// prompted.
    pub fn slots(&self, memories: usize, rows: usize) -> Option<Vec<Slot<'_>>> {
        let prompted = self.prompted.as_ref()?.memory.as_deref()?;
        let mut slots = vec![Slot { memory: prompted, row: rows.saturating_sub(1) }];
        let newest = self.recent.iter().rev().filter_map(|kept| kept.memory.as_deref());
        slots.extend(newest.take(memories - 1).enumerate().map(|(row, memory)| Slot { memory, row }));
        let (memory, row) = slots.get(1).or(slots.first()).map(|slot| (slot.memory, slot.row))?;
        slots.resize_with(memories, || Slot { memory, row });
        Some(slots)
    }

    /// The pointers: the prompted frame's, then the newest first. What is not there yet is the last of these once more.
    pub fn pointers(&self) -> Option<Vec<&Kept>> {
        let mut pointers: Vec<_> = self.prompted.iter().chain(self.recent.iter().rev()).take(POINTERS).collect();
        let last = *pointers.last()?;
        pointers.resize(POINTERS, last);
        Some(pointers)
    }

    /// Whether everything has the sizes of a model.
    ///
    /// # Errors
    /// [`SegmentError::State`].
    pub fn check(&self, sizes: &BankSizes) -> Result<(), SegmentError> {
        let fits = |kept: &Kept| {
            kept.memory.as_ref().is_none_or(|memory| memory.len() == sizes.memory())
                && kept.pointer.len() == sizes.channels
        };
        let prompted = self.prompted.as_ref().is_none_or(|kept| kept.memory.is_some());
        let positions = if self.prompted.is_some() { sizes.memory() } else { 0 };
        let all = self.prompted.iter().chain(&self.recent).all(fits);
        match all && prompted && self.positions.len() == positions && self.recent.len() < POINTERS {
            true => Ok(()),
            false => Err(SegmentError::State { reason: "its sizes are those of another model".to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use inference::Key;

    use super::*;

    fn kept(frame: usize) -> Kept {
        let values: Arc<[f32]> = Arc::from([frame as f32]);
        Kept { frame, memory: Some(Arc::clone(&values)), pointer: values }
    }

    fn bank(tracked: usize) -> Bank {
        let mut bank = Bank::of_nothing(Identity { name: "m".into(), key: Key(1) });
        bank.prompted = Some(kept(0));
        (1..=tracked).for_each(|frame| bank.push(kept(frame), 7));
        bank
    }

    /// (Frame, row) of each place, and the frames of the pointers.
    fn filled(bank: &Bank) -> (Vec<(usize, usize)>, Vec<usize>) {
        let slots = bank.slots(7, 7).unwrap();
        let pointers = bank.pointers().unwrap();
        let slots = slots.iter().map(|slot| (slot.memory[0] as usize, slot.row)).collect();
        (slots, pointers.iter().map(|kept| kept.frame).collect())
    }

    #[test]
    fn places_that_are_not_taken_repeat_the_newest_memory_and_the_last_pointer() {
        let (slots, pointers) = filled(&bank(0));
        assert_eq!((slots, pointers), (vec![(0, 6); 7], vec![0; 16]));
        let (slots, pointers) = filled(&bank(2));
        assert_eq!(slots, [(0, 6), (2, 0), (1, 1), (2, 0), (2, 0), (2, 0), (2, 0)]);
        assert_eq!(pointers, [[0, 2].as_slice(), &[1; 14]].concat());
    }

    #[test]
    fn a_full_bank_holds_the_prompted_frame_and_the_newest() {
        let (slots, pointers) = filled(&bank(40));
        assert_eq!(slots, [(0, 6), (40, 0), (39, 1), (38, 2), (37, 3), (36, 4), (35, 5)]);
        assert_eq!(pointers, [vec![0], (26..=40).rev().collect()].concat());
        assert_eq!(bank(40).recent.iter().filter(|kept| kept.memory.is_some()).count(), 6);
    }

    #[test]
    fn without_a_prompt_there_is_no_bank() {
        let nothing = Bank::of_nothing(Identity { name: "m".into(), key: Key(1) });
        assert!(nothing.slots(7, 7).is_none() && nothing.pointers().is_none());
    }
}
