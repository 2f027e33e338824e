//! What is remembered, as bytes.
//!
//! All little-endian: a checksum of the rest, the version; the model's key and name; the size of the decoder's logits;
//! prompted, sure and recent frames, areas. No length in it is trusted for an allocation.

use std::{collections::VecDeque, sync::Arc};

use inference::{ByteSize, Key, KeyBuilder, Unread};

use super::{
    cells::{Cells, Grid},
    colour::{Colours, HISTOGRAM},
    memory::{AREAS, Kept, Memories, RECENT, SURE},
};
use crate::{error::SegmentError, identity::Identity, shot_tracker::KeptState};

/// Version of the layout.
const VERSION: u32 = 1;

/// Begins the bytes: those of another kind of tracker begin otherwise.
const KIND: &str = "embedding tracker state";

/// Samples on a side of a decoder's logits, at most: far beyond any model.
const MOST_LOGITS: usize = 4096;

impl KeptState for Memories {
    fn to_bytes(&self) -> Vec<u8> {
        let mut rest = VERSION.to_le_bytes().to_vec();
        rest.extend(self.model.key.0.to_le_bytes());
        size(self.model.name.len(), &mut rest);
        rest.extend(self.model.name.as_bytes());
        size(self.canvas.0, &mut rest);
        size(self.canvas.1, &mut rest);
        size(self.prompted.len(), &mut rest);
        self.prompted.iter().for_each(|kept| write_kept(kept, &mut rest));
        for frames in [&self.sure, &self.recent] {
            size(frames.len(), &mut rest);
            frames.iter().for_each(|kept| write_kept(kept, &mut rest));
        }
        size(self.areas.len(), &mut rest);
        rest.extend(self.areas.iter().flat_map(|area| area.to_le_bytes()));
        [&checksum(&rest).0.to_le_bytes()[..], &rest].concat()
    }

    fn of_bytes(bytes: &[u8]) -> Result<Self, SegmentError> {
        let state = |reason: &str| SegmentError::State { reason: reason.to_owned() };
        let (found, rest) = bytes.split_first_chunk().ok_or_else(|| state("it is cut short"))?;
        if checksum(rest) != Key(u128::from_le_bytes(*found)) {
            return Err(state("it is cut short, damaged or of another way of tracking"));
        }
        let (version, body) = rest.split_first_chunk().ok_or_else(|| state("it is cut short"))?;
        let version = u32::from_le_bytes(*version);
        if version != VERSION {
            return Err(state(&format!("it has version {version}, this plugin reads version {VERSION}")));
        }
        read_body(body).ok_or_else(|| state("it makes no sense"))
    }
}

impl ByteSize for Memories {
    fn byte_size(&self) -> u64 {
        let kept = |kept: &Kept| {
            let floats = kept.labels.len() + kept.colours.object.len() + kept.colours.surroundings.len();
            size_of::<Kept>() + size_of_val(&*kept.cells.features) + floats * size_of::<f32>()
        };
        (size_of::<Self>() + self.all().map(kept).sum::<usize>()) as u64
    }
}

fn checksum(rest: &[u8]) -> Key {
    KeyBuilder::new(KIND).bytes(rest).finish()
}

fn size(number: usize, out: &mut Vec<u8>) {
    out.extend((number as u64).to_le_bytes());
}

fn write_kept(kept: &Kept, out: &mut Vec<u8>) {
    let Grid { columns, rows, cell } = kept.cells.grid;
    for number in [kept.frame, columns, rows, kept.cells.channels] {
        size(number, out);
    }
    out.extend(cell.to_le_bytes());
    out.extend(kept.cells.features.iter().flat_map(|value| value.to_le_bytes()));
    let floats = kept.labels.iter().chain(kept.colours.object.iter()).chain(kept.colours.surroundings.iter());
    out.extend(floats.flat_map(|value| value.to_le_bytes()));
}

fn read_body(bytes: &[u8]) -> Option<Memories> {
    let mut rest = Unread(bytes);
    let key = Key(u128::from_le_bytes(rest.array()?));
    let length = rest.size()?;
    let name = Arc::from(std::str::from_utf8(rest.take(length)?).ok()?);
    let side = |rest: &mut Unread<'_>| rest.size().filter(|&side| side <= MOST_LOGITS);
    let canvas = (side(&mut rest)?, side(&mut rest)?);
    let prompted = read_all_kept(&mut rest)?;
    let sure = VecDeque::from(read_all_kept(&mut rest)?);
    let recent = VecDeque::from(read_all_kept(&mut rest)?);
    let count = rest.size().filter(|&count| count <= AREAS)?;
    let areas = VecDeque::from(floats(&mut rest, count)?);
    let makes_sense = sure.len() <= SURE && recent.len() <= RECENT && rest.0.is_empty();
    makes_sense.then_some(Memories { model: Identity { name, key }, prompted, sure, recent, areas, canvas })
}

fn read_all_kept(rest: &mut Unread<'_>) -> Option<Vec<Kept>> {
    let count = rest.size()?;
    let mut read = Vec::new();
    for _ in 0..count {
        read.push(read_kept(rest)?);
    }
    Some(read)
}

fn read_kept(rest: &mut Unread<'_>) -> Option<Kept> {
    let (frame, columns, rows, channels) = (rest.size()?, rest.size()?, rest.size()?, rest.size()?);
    let cell = rest.float().filter(|cell| cell.is_finite() && *cell > 0.0)?;
    let cells = columns.checked_mul(rows).filter(|&cells| cells > 0)?;
    let values = cells.checked_mul(channels)?;
    let bytes = rest.take(values.checked_mul(size_of::<i16>())?)?;
    let features = bytes.as_chunks().0.iter().map(|value| i16::from_le_bytes(*value)).collect();
    let labels = floats(rest, cells)?.into();
    let (object, surroundings) = (floats(rest, HISTOGRAM)?.into(), floats(rest, HISTOGRAM)?.into());
    let cells = Cells { grid: Grid { columns, rows, cell }, channels, features };
    Some(Kept { frame, cells, labels, colours: Colours { object, surroundings } })
}

fn floats(rest: &mut Unread<'_>, count: usize) -> Option<Vec<f32>> {
    let bytes = rest.take(count.checked_mul(size_of::<f32>())?)?;
    Some(bytes.as_chunks().0.iter().map(|value| f32::from_le_bytes(*value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(frame: usize, value: f32) -> Kept {
        let grid = Grid { columns: 3, rows: 2, cell: 14.0 };
        Kept {
            frame,
            cells: Cells { grid, channels: 5, features: vec![(value * 100.0) as i16; 30].into() },
            labels: vec![value; 6].into(),
            colours: Colours { object: vec![value; HISTOGRAM].into(), surroundings: vec![0.0; HISTOGRAM].into() },
        }
    }

    fn memories() -> Memories {
        Memories {
            model: Identity { name: Arc::from("m\u{fc}de"), key: Key(99) },
            prompted: vec![kept(0, 0.5), kept(40, 0.25)],
            sure: [kept(3, 0.5)].into(),
            recent: [kept(6, 1.0), kept(7, 0.75)].into(),
            areas: [3.5, 4.0].into(),
            canvas: (256, 256),
        }
    }

    #[test]
    fn a_saved_state_comes_back_the_same() {
        assert_eq!(Memories::of_bytes(&memories().to_bytes()).expect("the same"), memories());
    }

    #[test]
    fn a_state_cut_short_or_damaged_anywhere_is_refused() {
        let bytes = memories().to_bytes();
        for at in (0..bytes.len()).step_by(97) {
            assert!(Memories::of_bytes(&bytes[..at]).is_err(), "{at} bytes");
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            assert!(Memories::of_bytes(&damaged).is_err(), "byte {at}");
        }
        assert!(Memories::of_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }

    /// With a good checksum over a body that lies.
    #[test]
    fn lengths_that_lie_cost_no_memory_and_other_versions_are_told() {
        let good = memories().to_bytes()[16..].to_vec();
        let read = |rest: &[u8]| Memories::of_bytes(&[&checksum(rest).0.to_le_bytes()[..], rest].concat());
        assert!(read(&good).is_ok());
        // Key, name, sizes and the head of the first frame.
        for at in 4..150 {
            let mut lying = good.clone();
            lying[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
            if let Ok(state) = read(&lying) {
                assert_eq!(state.to_bytes()[16..], lying, "byte {at}");
            }
        }
        let newer = [&2u32.to_le_bytes()[..], &good[4..]].concat();
        let words = read(&newer).expect_err("newer").to_string();
        assert!(words.contains("version 2"), "{words}");
    }
}
