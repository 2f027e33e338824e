//! A tracker's state as bytes.
//!
//! All little-endian: a checksum of the rest, the version; the model's key and name; frames of the shot; per frame kept:
//! samples of logits, values of a pointer, values of a memory; the objects. No length in it is trusted for an allocation.

use std::{collections::BTreeMap, sync::Arc};

use half::bf16;
use inference::{Key, KeyBuilder, Stored, Unread};
use raster::Plane;

use super::{
    TrackerOptions, TrackerState,
    bank::{Kept, Object},
    frames::FrameSet,
    motion::{Axis, Filter, Motion},
};
use crate::{error::SegmentError, exported::Facts, identity::Identity};

/// Version of the layout.
const VERSION: u32 = 1;

/// What of a frame is there besides its pointer.
const HAS_LOGITS: u8 = 1;
const HAS_MEMORY: u8 = 2;
const HAS_MOTION: u8 = 4;

/// The options that are on.
const SELECTION: u8 = 1;
const MOTION: u8 = 2;

/// Values of one frame: logits on a side, in a pointer, in a memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sizes {
    logits: usize,
    pointer: usize,
    memory: usize,
}

impl Sizes {
    fn of(facts: &Facts) -> Self {
        let memory = facts.memory_channels * facts.grid * facts.grid;
        Self { logits: facts.logits_size(), pointer: facts.channels, memory }
    }

    fn fit(self, kept: &Kept) -> bool {
        let logits = |logits: &Arc<Plane<f32>>| (logits.width(), logits.height()) == (self.logits, self.logits);
        kept.logits.as_ref().is_none_or(logits)
            && kept.memory.as_ref().is_none_or(|memory| memory.len() == self.memory)
            && kept.pointer.len() == self.pointer
    }

    /// Those of what is kept; nothing for a state without objects.
    fn found(objects: &BTreeMap<u32, Object>) -> Self {
        let mut kept = objects.values().flat_map(|one| one.conditioning.iter().map(|(_, kept)| kept));
        kept.next().map_or(Self { logits: 0, pointer: 0, memory: 0 }, |kept| Self {
            logits: kept.logits.as_ref().map_or(0, |logits| logits.width()),
            pointer: kept.pointer.len(),
            memory: kept.memory.as_ref().map_or(0, |memory| memory.len()),
        })
    }
}

impl TrackerState {
    /// The state as bytes, with a checksum.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut rest = VERSION.to_le_bytes().to_vec();
        self.write_body(&mut rest);
        [&checksum(&rest).0.to_le_bytes()[..], &rest].concat()
    }

    /// The state of bytes.
    ///
    /// # Errors
    /// [`SegmentError::State`] for bytes that are cut short, damaged or of another version.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, SegmentError> {
        let state = |reason: &str| SegmentError::State { reason: reason.to_owned() };
        let (found, rest) = bytes.split_first_chunk().ok_or_else(|| state("it is cut short"))?;
        if checksum(rest) != Key(u128::from_le_bytes(*found)) {
            return Err(state("it is cut short or damaged"));
        }
        let (version, body) = rest.split_first_chunk().ok_or_else(|| state("it is cut short"))?;
        let version = u32::from_le_bytes(*version);
        if version != VERSION {
            return Err(state(&format!("it has version {version}, this plugin reads version {VERSION}")));
        }
        Self::read_body(body).ok_or_else(|| state("it makes no sense"))
    }

    /// Whether everything kept has the sizes of this model, and every object has a prompt.
    pub(super) fn check(&self, facts: &Facts) -> Result<(), SegmentError> {
        let sizes = Sizes::of(facts);
        let all = |one: &Object| {
            one.conditioning.iter().map(|(_, kept)| kept).chain(one.other.values()).all(|k| sizes.fit(k))
        };
        let prompted = |one: &Object| !one.conditioning.is_empty();
        match self.objects.values().all(|one| all(one) && prompted(one)) {
            true => Ok(()),
            false => Err(SegmentError::State { reason: "its sizes are those of another model".to_owned() }),
        }
    }

    fn write_body(&self, out: &mut Vec<u8>) {
        out.extend(self.model.key.0.to_le_bytes());
        size(self.model.name.len(), out);
        out.extend(self.model.name.as_bytes());
        let selection = if self.options.memory_selection { SELECTION } else { 0 };
        out.push(selection | if self.options.motion { MOTION } else { 0 });
        size(self.frames, out);
        let sizes = Sizes::found(&self.objects);
        for number in [sizes.logits, sizes.pointer, sizes.memory] {
            size(number, out);
        }
        size(self.objects.len(), out);
        for (id, one) in &self.objects {
            out.extend(id.to_le_bytes());
            let other = one.other.iter().map(|(frame, kept)| (*frame, kept));
            write_frames(one.conditioning.iter().map(|(frame, kept)| (*frame, kept)), out);
            write_frames(other, out);
            write_set(&one.seen, out);
            write_set(&one.forgotten, out);
            write_motion(&one.motion, out);
        }
    }

    fn read_body(bytes: &[u8]) -> Option<Self> {
        let mut rest = Unread(bytes);
        let key = Key(u128::from_le_bytes(rest.array()?));
        let length = rest.size()?;
        let name = Arc::from(std::str::from_utf8(rest.take(length)?).ok()?);
        let [options] = rest.array().filter(|[options]| options & !(SELECTION | MOTION) == 0)?;
        let options = TrackerOptions { memory_selection: options & SELECTION != 0, motion: options & MOTION != 0 };
        let frames = rest.size()?;
        let sizes = Sizes { logits: rest.size()?, pointer: rest.size()?, memory: rest.size()? };
        let count = rest.size()?;
        let mut objects = BTreeMap::new();
        for _ in 0..count {
            let id = rest.word()?;
            let conditioning = read_frames(&mut rest, frames, sizes)?;
            let other = read_frames(&mut rest, frames, sizes)?.into_iter().collect();
            let seen = read_set(&mut rest, frames)?;
            let forgotten = read_set(&mut rest, frames)?;
            let motion = read_motion(&mut rest)?;
            objects.insert(id, Object { conditioning, other, seen, forgotten, motion });
        }
        let model = Identity { name, key };
        rest.0.is_empty().then_some(Self { model, options, frames, objects })
    }
}

/// On disk beside other results, which are checked there.
impl Stored for TrackerState {
    const KIND: &'static str = "track-1";

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.to_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Self::of_bytes(bytes).ok()
    }
}

fn checksum(rest: &[u8]) -> Key {
    KeyBuilder::new("tracker state").bytes(rest).finish()
}

fn size(number: usize, out: &mut Vec<u8>) {
    out.extend((number as u64).to_le_bytes());
}

fn write_frames<'a>(frames: impl ExactSizeIterator<Item = (usize, &'a Kept)>, out: &mut Vec<u8>) {
    size(frames.len(), out);
    for (frame, kept) in frames {
        size(frame, out);
        let logits = if kept.logits.is_some() { HAS_LOGITS } else { 0 };
        let memory = if kept.memory.is_some() { HAS_MEMORY } else { 0 };
        out.push(logits | memory | if kept.motion.is_some() { HAS_MOTION } else { 0 });
        let logits = kept.logits.iter().flat_map(|logits| logits.data());
        let floats = [&kept.score, &kept.iou].into_iter().chain(&kept.motion).chain(kept.pointer.iter()).chain(logits);
        out.extend(floats.flat_map(|value| value.to_le_bytes()));
        let memory = kept.memory.iter().flat_map(|memory| memory.iter());
        out.extend(memory.flat_map(|value| value.to_le_bytes()));
    }
}

fn read_frames(rest: &mut Unread<'_>, frames: usize, sizes: Sizes) -> Option<Vec<(usize, Kept)>> {
    let count = rest.size()?;
    let mut read = Vec::new();
    for _ in 0..count {
        let frame = rest.size().filter(|&frame| frame < frames)?;
        let [flags] = rest.array().filter(|[flags]| flags & !(HAS_LOGITS | HAS_MEMORY | HAS_MOTION) == 0)?;
        let (score, iou) = (rest.float()?, rest.float()?);
        let motion = if flags & HAS_MOTION == 0 { None } else { Some(rest.float()?) };
        let pointer = floats(rest, sizes.pointer)?.into();
        let logits = match flags & HAS_LOGITS {
            0 => None,
            _ => {
                let values = floats(rest, sizes.logits.checked_mul(sizes.logits)?)?;
                Some(Arc::new(Plane::from_vec(sizes.logits, sizes.logits, values).ok()?))
            }
        };
        let memory = match flags & HAS_MEMORY {
            0 => None,
            _ => {
                let bytes = rest.take(sizes.memory.checked_mul(size_of::<bf16>())?)?;
                Some(bytes.as_chunks().0.iter().map(|value| bf16::from_le_bytes(*value)).collect())
            }
        };
        read.push((frame, Kept { logits, score, iou, motion, pointer, memory }));
    }
    Some(read)
}

fn floats(rest: &mut Unread<'_>, count: usize) -> Option<Vec<f32>> {
    let bytes = rest.take(count.checked_mul(size_of::<f32>())?)?;
    Some(bytes.as_chunks().0.iter().map(|value| f32::from_le_bytes(*value)).collect())
}

fn write_set(set: &FrameSet, out: &mut Vec<u8>) {
    size(set.ranges().len(), out);
    for &(first, end) in set.ranges() {
        size(first, out);
        size(end, out);
    }
}

fn read_set(rest: &mut Unread<'_>, frames: usize) -> Option<FrameSet> {
    let count = rest.size()?;
    let mut ranges = Vec::new();
    for _ in 0..count {
        ranges.push((rest.size()?, rest.size()?));
    }
    FrameSet::of_ranges(ranges, frames)
}

/// The last frame and after it 1, or 0 twice; the stable frames; whether there is a filter; its numbers.
fn write_motion(motion: &Motion, out: &mut Vec<u8>) {
    size(motion.last.unwrap_or(0), out);
    out.push(u8::from(motion.last.is_some()));
    out.extend(motion.stable.to_le_bytes());
    out.push(u8::from(motion.filter.is_some()));
    for axis in motion.filter.iter().flat_map(|filter| &filter.0) {
        let numbers = [axis.value, axis.speed].into_iter().chain(axis.covariance);
        out.extend(numbers.flat_map(|number| number.to_le_bytes()));
    }
}

fn read_motion(rest: &mut Unread<'_>) -> Option<Motion> {
    let last = rest.size()?;
    let last = flag(rest)?.then_some(last);
    let stable = rest.word()?;
    let mut filter = None;
    if flag(rest)? {
        let mut axis = || {
            let mut number = || rest.array().map(f64::from_le_bytes);
            Some(Axis { value: number()?, speed: number()?, covariance: [number()?, number()?, number()?] })
        };
        filter = Some(Filter([axis()?, axis()?, axis()?, axis()?]));
    }
    Some(Motion { filter, stable, last })
}

fn flag(rest: &mut Unread<'_>) -> Option<bool> {
    let [flag] = rest.array()?;
    (flag < 2).then_some(flag == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(value: f32, logits: bool, memory: bool) -> Kept {
        Kept {
            logits: logits.then(|| Arc::new(Plane::new(2, 2, value))),
            score: value,
            iou: -value,
            motion: logits.then_some(0.25),
            pointer: vec![value; 3].into(),
            memory: memory.then(|| vec![bf16::from_f32(value); 5].into()),
        }
    }

    fn state() -> TrackerState {
        let mut one = Object::default();
        one.keep_conditioning(8, kept(1.5, true, true));
        one.keep_conditioning(2, kept(f32::NEG_INFINITY, true, true));
        one.keep_other(9, kept(-2.5, false, true));
        one.keep_other(3, kept(0.1, false, false));
        one.forgotten.insert(4);
        one.motion.told(9, Some([1.0, 2.0, 3.0, 5.0]));
        TrackerState {
            model: Identity { name: Arc::from("m\u{fc}de"), key: Key(99) },
            options: TrackerOptions { memory_selection: false, motion: true },
            frames: 10,
            objects: [(7, one)].into(),
        }
    }

    #[test]
    fn a_saved_state_comes_back_the_same() {
        assert_eq!(TrackerState::of_bytes(&state().to_bytes()).expect("the same"), state());
        let empty = TrackerState { objects: BTreeMap::new(), ..state() };
        assert_eq!(TrackerState::of_bytes(&empty.to_bytes()).expect("the same"), empty);
    }

    #[test]
    fn a_state_cut_short_or_damaged_anywhere_is_refused() {
        let bytes = state().to_bytes();
        for at in 0..bytes.len() {
            assert!(TrackerState::of_bytes(&bytes[..at]).is_err(), "{at} bytes");
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            assert!(TrackerState::of_bytes(&damaged).is_err(), "byte {at}");
        }
        assert!(TrackerState::of_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }

    /// With a good checksum over a body that lies.
    #[test]
    fn lengths_that_lie_cost_no_memory_and_other_versions_are_told() {
        let good = state().to_bytes()[16..].to_vec();
        let read = |rest: &[u8]| TrackerState::of_bytes(&[&checksum(rest).0.to_le_bytes()[..], rest].concat());
        assert!(read(&good).is_ok());
        for at in 4..good.len() - 8 {
            let mut lying = good.clone();
            lying[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
            // Some of the bytes are values, which may be any: then they are read as what they are.
            if let Ok(state) = read(&lying) {
                assert_eq!(state.to_bytes()[16..], lying, "byte {at}");
            }
        }
        let newer = [&2u32.to_le_bytes()[..], &good[4..]].concat();
        let words = read(&newer).expect_err("newer").to_string();
        assert!(words.contains("version 2"), "{words}");
    }
}
