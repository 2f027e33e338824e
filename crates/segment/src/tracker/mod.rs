//! Following objects through a shot with the network's own memory: the loop of CONTRACT.md, steps 1 to 8.
//!
//! The caller encodes the frames ([`Exported::embed`], [`Exported::encoded`]); the tracker runs memory attention, the
//! decoder and the memory encoder, and keeps what later frames attend to. Frames are counted from 0.
//!
//! ```text
//! let mut tracker = Tracker::new(&model, frames, TrackerOptions::default(), abort)?;
//! tracker.prompt(1, 12, &encoded(12), &clicks, abort)?;
//! for frame in 12..frames { tracker.step(frame, Direction::Forward, &encoded(frame), abort)?; }
//! for frame in (0..12).rev() { tracker.step(frame, Direction::Reverse, &encoded(frame), abort)?; }
//! ```

mod bank;
mod choose;
mod frames;
mod motion;
mod shot;
mod state;
mod track;

use std::{collections::BTreeMap, sync::Arc};

use inference::{Abort, ByteSize};
use raster::Plane;

use bank::{Kept, Object};

use crate::{error::SegmentError, exported::Exported, identity::Identity, prompt::Point, shot_tracker::KeptState};

/// Which way a shot is tracked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To larger frame numbers.
    Forward,
    /// To smaller frame numbers.
    Reverse,
}

impl Direction {
    /// The frame that lies `back` frames behind, if there can be one.
    fn back(self, frame: usize, back: usize) -> Option<usize> {
        match self {
            Self::Forward => frame.checked_sub(back),
            Self::Reverse => frame.checked_add(back),
        }
    }

    /// How many frames `at` lies behind `frame`; `None` ahead of it.
    fn distance(self, at: usize, frame: usize) -> Option<usize> {
        match self {
            Self::Forward => frame.checked_sub(at),
            Self::Reverse => at.checked_sub(frame),
        }
    }
}

/// What the tracker does beyond the loop of `transformers`. Nothing unless asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TrackerOptions {
    /// SAM3's memory selection: frames are remembered by how surely they show the object, however long ago, rather than
    /// by being the last (`use_memory_selection` of Meta's `sam3_tracker_base.py`). Helps through long occlusions.
    pub memory_selection: bool,
    /// The motion score of SAMURAI: of the decoder's guesses the one that moves on as before, and memories of such frames
    /// only. Helps where objects look alike.
    pub motion: bool,
}

/// What a person says about one object on one frame. Pixels of the model's picture, as in [`crate::Prompt`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FramePrompt {
    /// Points, old ones included.
    pub points: Vec<Point>,
    /// A box: two opposite corners `[x1, y1, x2, y2]` in either order.
    pub box_: Option<[f32; 4]>,
    /// A mask over the whole picture and of its size, at least 0.5 inside. It stands alone: no points, no box. An empty
    /// one says that the object is not there.
    pub mask: Option<Arc<Plane<f32>>>,
    /// Whether to refine what the tracker has for this frame.
    pub refine: bool,
}

/// What the tracker found for one object on one frame. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracked {
    /// 4 h x 4 h logits that cover the whole picture; all far below 0 where the object is not there.
    pub logits: Arc<Plane<f32>>,
    /// Above 0: the object is there.
    pub score: f32,
    /// The network's estimate of the mask's intersection over union with the true one.
    pub iou: f32,
    /// The object's pointer, which later frames attend to.
    pub pointer: Arc<[f32]>,
}

/// Everything a tracker knows: enough to go on from any frame to the same bits. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackerState {
    model: Identity,
    options: TrackerOptions,
    frames: usize,
    objects: BTreeMap<u32, Object>,
}

/// Follows objects through one shot.
#[derive(Debug)]
pub struct Tracker {
    model: Arc<Exported>,
    state: TrackerState,
}

impl Tracker {
    /// A tracker for a shot of so many frames that knows of no object yet.
    ///
    /// # Errors
    /// [`SegmentError::Inference`]: aborted, a file missing or damaged, no runtime.
    pub fn new(
        model: &Arc<Exported>,
        frames: usize,
        options: TrackerOptions,
        abort: &dyn Abort,
    ) -> Result<Self, SegmentError> {
        let identity = model.tracker_identity(abort)?;
        let state = TrackerState { model: identity, options, frames, objects: BTreeMap::new() };
        Ok(Self { model: Arc::clone(model), state })
    }

    /// Goes on from a state of the same model.
    ///
    /// # Errors
    /// [`SegmentError::OtherModel`] for a state of another model, device or version; [`SegmentError::State`] where the
    /// state does not fit the model; [`SegmentError::Inference`].
    pub fn from_state(model: &Arc<Exported>, state: TrackerState, abort: &dyn Abort) -> Result<Self, SegmentError> {
        let identity = model.tracker_identity(abort)?;
        if state.model != identity {
            return Err(SegmentError::other_model("the saved tracking state", &state.model, &identity));
        }
        state.check(model.facts())?;
        Ok(Self { model: Arc::clone(model), state })
    }

    /// Everything it knows.
    pub fn state(&self) -> &TrackerState {
        &self.state
    }

    /// As bytes, for [`Tracker::resume`].
    pub fn save(&self) -> Vec<u8> {
        self.state.to_bytes()
    }

    /// Goes on from saved bytes.
    ///
    /// # Errors
    /// As [`Tracker::from_state`]; [`SegmentError::State`] for bytes that are cut short, damaged or of another version.
    pub fn resume(model: &Arc<Exported>, bytes: &[u8], abort: &dyn Abort) -> Result<Self, SegmentError> {
        Self::from_state(model, TrackerState::of_bytes(bytes)?, abort)
    }

    /// The objects it follows.
    pub fn objects(&self) -> impl Iterator<Item = u32> {
        self.state.objects.keys().copied()
    }

    /// What it has for an object on a frame; `None` where it was not tracked, or is forgotten.
    pub fn tracked(&self, object: u32, frame: usize) -> Option<Tracked> {
        self.state.objects.get(&object)?.kept(frame)?.tracked()
    }

    /// Forgets an object and everything about it.
    pub fn remove(&mut self, object: u32) {
        self.state.objects.remove(&object);
    }

    /// Makes a corrected frame (a prompt on a frame that was tracked) a conditioning one, and forgets the object's
    /// frames around it, which follow from what was wrong. Then track on from there.
    ///
    /// # Errors
    /// [`SegmentError::NotTracked`]: the frame was not corrected, or too long ago.
    pub fn condition(&mut self, object: u32, frame: usize) -> Result<(), SegmentError> {
        let reach = self.model.facts().tracker.memory_frames;
        let done = self.state.objects.get_mut(&object).is_some_and(|one| one.condition(frame, reach));
        if done { Ok(()) } else { Err(SegmentError::NotTracked { object, frame }) }
    }
}

impl Kept {
    fn tracked(&self) -> Option<Tracked> {
        let (score, iou, pointer) = (self.score, self.iou, Arc::clone(&self.pointer));
        Some(Tracked { logits: Arc::clone(self.logits.as_ref()?), score, iou, pointer })
    }
}

impl ByteSize for TrackerState {
    fn byte_size(&self) -> u64 {
        self.objects.values().map(Object::bytes).sum::<usize>() as u64
    }
}
