//! A tracker's state as bytes: under the [`Seal`] the model's key and name; frames of the shot; per frame kept: samples of
//! logits, values of a pointer, values of a memory; the objects.

use std::{collections::BTreeMap, sync::Arc};

use half::bf16;
use inference::Unread;
use raster::Plane;

use super::{
    TrackerOptions, TrackerState,
    bank::{Kept, Object},
    frames::FrameSet,
    motion::{Axis, Filter, Motion},
};
use crate::{
    error::SegmentError,
    exported::Facts,
    identity::Identity,
    saved::{Seal, read_all, read_floats, write_floats, write_size},
    shot_tracker::KeptState,
};

const SEAL: Seal = Seal { kind: "tracker state", version: 1 };

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

impl KeptState for TrackerState {
    fn to_bytes(&self) -> Vec<u8> {
        SEAL.close(|out| self.write_body(out))
    }

    fn of_bytes(bytes: &[u8]) -> Result<Self, SegmentError> {
        SEAL.open(bytes, Self::read_body)
    }
}

impl TrackerState {
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
        self.model.write(out);
        let selection = if self.options.memory_selection { SELECTION } else { 0 };
        out.push(selection | if self.options.motion { MOTION } else { 0 });
        write_size(self.frames, out);
        let sizes = Sizes::found(&self.objects);
        for number in [sizes.logits, sizes.pointer, sizes.memory] {
            write_size(number, out);
        }
        write_size(self.objects.len(), out);
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

    fn read_body(rest: &mut Unread<'_>) -> Option<Self> {
        let model = Identity::read(rest)?;
        let [options] = rest.array().filter(|[options]| options & !(SELECTION | MOTION) == 0)?;
        let options = TrackerOptions { memory_selection: options & SELECTION != 0, motion: options & MOTION != 0 };
        let frames = rest.size()?;
        let sizes = Sizes { logits: rest.size()?, pointer: rest.size()?, memory: rest.size()? };
        let count = rest.size()?;
        let mut objects = BTreeMap::new();
        for _ in 0..count {
            let id = rest.word()?;
            let conditioning = read_frames(rest, frames, sizes)?;
            let other = read_frames(rest, frames, sizes)?.into_iter().collect();
            let seen = read_set(rest, frames)?;
            let forgotten = read_set(rest, frames)?;
            let motion = read_motion(rest)?;
            objects.insert(id, Object { conditioning, other, seen, forgotten, motion });
        }
        Some(Self { model, options, frames, objects })
    }
}

fn write_frames<'a>(frames: impl ExactSizeIterator<Item = (usize, &'a Kept)>, out: &mut Vec<u8>) {
    write_size(frames.len(), out);
    for (frame, kept) in frames {
        write_size(frame, out);
        let logits = if kept.logits.is_some() { HAS_LOGITS } else { 0 };
        let memory = if kept.memory.is_some() { HAS_MEMORY } else { 0 };
        out.push(logits | memory | if kept.motion.is_some() { HAS_MOTION } else { 0 });
        let logits = kept.logits.iter().flat_map(|logits| logits.data());
        let floats = [&kept.score, &kept.iou].into_iter().chain(&kept.motion).chain(kept.pointer.iter()).chain(logits);
        write_floats(floats, out);
        let memory = kept.memory.iter().flat_map(|memory| memory.iter());
        out.extend(memory.flat_map(|value| value.to_le_bytes()));
    }
}

fn read_frames(rest: &mut Unread<'_>, frames: usize, sizes: Sizes) -> Option<Vec<(usize, Kept)>> {
    read_all(rest, |rest| {
        let frame = rest.size().filter(|&frame| frame < frames)?;
        let [flags] = rest.array().filter(|[flags]| flags & !(HAS_LOGITS | HAS_MEMORY | HAS_MOTION) == 0)?;
        let (score, iou) = (rest.float()?, rest.float()?);
        let motion = if flags & HAS_MOTION == 0 { None } else { Some(rest.float()?) };
        let pointer = read_floats(rest, sizes.pointer)?.into();
        let logits = match flags & HAS_LOGITS {
            0 => None,
            _ => {
                let values = read_floats(rest, sizes.logits.checked_mul(sizes.logits)?)?;
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
        Some((frame, Kept { logits, score, iou, motion, pointer, memory }))
    })
}

fn write_set(set: &FrameSet, out: &mut Vec<u8>) {
    write_size(set.ranges().len(), out);
    for &(first, end) in set.ranges() {
        write_size(first, out);
        write_size(end, out);
    }
}

fn read_set(rest: &mut Unread<'_>, frames: usize) -> Option<FrameSet> {
    let ranges = read_all(rest, |rest| Some((rest.size()?, rest.size()?)))?;
    FrameSet::of_ranges(ranges, frames)
}

/// The last frame and after it 1, or 0 twice; the stable frames; whether there is a filter; its numbers.
fn write_motion(motion: &Motion, out: &mut Vec<u8>) {
    write_size(motion.last.unwrap_or(0), out);
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
    use inference::Key;

    use super::*;
    use crate::saved::promises;

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
        promises::a_saved_state_comes_back_the_same(&state());
        promises::a_saved_state_comes_back_the_same(&TrackerState { objects: BTreeMap::new(), ..state() });
    }

    #[test]
    fn a_state_cut_short_or_damaged_anywhere_is_refused() {
        promises::a_state_cut_short_or_damaged_is_refused(&state(), 1);
    }

    #[test]
    fn lengths_that_lie_cost_no_memory_and_other_versions_are_told() {
        promises::lengths_that_lie_cost_no_memory(&state(), SEAL, None);
        promises::other_versions_are_told(&state(), SEAL);
    }
}
