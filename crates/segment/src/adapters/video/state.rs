//! A bank as bytes: under the [`Seal`] the model's key and name; the positions; the prompted frame, where there is one;
//! the recent frames.

use inference::{ByteSize, Unread};

use super::bank::{Bank, Kept};
use crate::{
    error::SegmentError,
    identity::Identity,
    saved::{Seal, read_all, read_floats, write_floats, write_size},
    shot_tracker::KeptState,
};

const SEAL: Seal = Seal { kind: "fixed bank tracker state", version: 1 };

impl KeptState for Bank {
    fn to_bytes(&self) -> Vec<u8> {
        SEAL.close(|out| {
            self.model.write(out);
            write_values(&self.positions, out);
            for frames in [self.prompted.as_slice(), &self.recent] {
                write_size(frames.len(), out);
                frames.iter().for_each(|kept| write_kept(kept, out));
            }
        })
    }

    fn of_bytes(bytes: &[u8]) -> Result<Self, SegmentError> {
        SEAL.open(bytes, |rest| {
            let model = Identity::read(rest)?;
            let positions = read_values(rest)?.into();
            let mut prompted = read_all(rest, read_kept)?;
            let recent = read_all(rest, read_kept)?;
            (prompted.len() < 2).then(|| Self { model, prompted: prompted.pop(), recent, positions })
        })
    }
}

impl ByteSize for Bank {
    fn byte_size(&self) -> u64 {
        let kept = |kept: &Kept| {
            let memory = kept.memory.as_ref().map_or(0, |memory| size_of_val(&**memory));
            size_of::<Kept>() + memory + size_of_val(&*kept.pointer)
        };
        let frames: usize = self.prompted.iter().chain(&self.recent).map(kept).sum();
        (size_of::<Self>() + size_of_val(&*self.positions) + frames) as u64
    }
}

/// Frame, pointer, and the memory, which is empty where it is gone.
fn write_kept(kept: &Kept, out: &mut Vec<u8>) {
    write_size(kept.frame, out);
    write_values(&kept.pointer, out);
    write_values(kept.memory.as_deref().unwrap_or_default(), out);
}

fn read_kept(rest: &mut Unread<'_>) -> Option<Kept> {
    let frame = rest.size()?;
    let pointer = read_values(rest)?.into();
    let memory = read_values(rest)?;
    Some(Kept { frame, pointer, memory: (!memory.is_empty()).then(|| memory.into()) })
}

fn write_values(values: &[f32], out: &mut Vec<u8>) {
    write_size(values.len(), out);
    write_floats(values, out);
}

fn read_values(rest: &mut Unread<'_>) -> Option<Vec<f32>> {
    let count = rest.size()?;
    read_floats(rest, count)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use inference::Key;

    use super::*;
    use crate::saved::promises;

    fn state() -> Bank {
        let kept = |frame: usize, memory: bool| Kept {
            frame,
            memory: memory.then(|| Arc::from([frame as f32, 0.5])),
            pointer: Arc::from([-1.0, f32::INFINITY, frame as f32]),
        };
        Bank {
            model: Identity { name: Arc::from("m\u{fc}de"), key: Key(99) },
            prompted: Some(kept(3, true)),
            recent: vec![kept(4, false), kept(6, true)],
            positions: Arc::from([0.25, 7.0]),
        }
    }

    #[test]
    fn a_saved_bank_comes_back_the_same() {
        promises::a_saved_state_comes_back_the_same(&state());
        promises::a_saved_state_comes_back_the_same(&Bank::of_nothing(state().model));
    }

    #[test]
    fn a_bank_cut_short_or_damaged_anywhere_is_refused() {
        promises::a_state_cut_short_or_damaged_is_refused(&state(), 1);
    }

    #[test]
    fn lengths_that_lie_cost_no_memory_and_other_versions_are_told() {
        promises::lengths_that_lie_cost_no_memory(&state(), SEAL, None);
        promises::other_versions_are_told(&state(), SEAL);
    }
}
