//! Following one object through a shot, whatever the model has for it: what the rest of the plugin sees of trackers.
//!
//! ```text
//! let trackers = segmenter.trackers()?;
//! let mut tracker = trackers.start(TrackerOptions::default(), abort)?;
//! tracker.prompt(0, &picture(0), &clicks, abort)?;
//! tracker.prompt(40, &picture(40), &correction, abort)?;
//! for frame in 1..40 { let mask = tracker.step(frame, &picture(frame), abort)?; }
//! ```
//!
//! Frames are counted in the direction of tracking, from 0 without end. Whoever tracks backwards through a shot counts
//! its frames backwards.

use std::{any::Any, fmt, sync::Arc};

use inference::{Abort, ByteSize, Key, Stored};

use crate::{
    error::SegmentError,
    model::Embedding,
    segmentation::Segmentation,
    tracker::{FramePrompt, TrackerOptions},
};

/// What a model has for tracking. From [`ImageSegmenter::trackers`](crate::ImageSegmenter).
pub trait Trackers: Send + Sync {
    /// What tells tracked masks from those of other models, ways of tracking and options. Equal on all machines that
    /// run the same.
    ///
    /// # Errors
    /// [`SegmentError::Inference`]: aborted, a file missing or damaged, no runtime.
    fn fingerprint(&self, options: TrackerOptions, abort: &dyn Abort) -> Result<Key, SegmentError>;

    /// What it remembers of a shot. [`TrackerOptions`] change something for [`MemoryKind::Own`] only.
    fn memory(&self) -> MemoryKind {
        MemoryKind::Embeddings
    }

    /// A tracker that knows of nothing yet.
    ///
    /// # Errors
    /// As [`Trackers::fingerprint`].
    fn start(&self, options: TrackerOptions, abort: &dyn Abort) -> Result<Box<dyn ShotTracker + '_>, SegmentError>;

    /// A tracker that goes on from a state to the same bits as the one that the state was taken of.
    ///
    /// # Errors
    /// [`SegmentError::State`] for a state that is damaged or of another kind of tracker, [`SegmentError::OtherModel`]
    /// for one of another model, [`SegmentError::Inference`].
    fn resume(&self, state: &ShotState, abort: &dyn Abort) -> Result<Box<dyn ShotTracker + '_>, SegmentError>;
}

/// What a way of tracking remembers of a shot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryKind {
    /// The network's own memories, as many as it was trained with.
    Own,
    /// The network's own memories, in an export that takes always equally many: of one prompted frame and of the last few
    /// others, the places that are not taken filled up with what is there.
    Fixed,
    /// Embeddings of single pictures: the network has no memory.
    Embeddings,
}

/// Follows one object. Its prompts come first, that of the frame where tracking starts before all others; then the
/// frames without prompts, in their order and each once. What it finds depends on nothing but the prompts, the pictures and the options.
pub trait ShotTracker: Send {
    /// Takes the prompt of a frame, which conditions all others, and gives the frame's mask.
    ///
    /// # Errors
    /// [`SegmentError::NoPrompt`], [`SegmentError::PromptOutside`], [`SegmentError::PromptKind`],
    /// [`SegmentError::PictureSize`] for a mask of another size, [`SegmentError::OtherModel`],
    /// [`SegmentError::Inference`]. Nothing has changed then.
    fn prompt(
        &mut self,
        frame: usize,
        picture: &Embedding,
        prompt: &FramePrompt,
        abort: &dyn Abort,
    ) -> Result<Segmentation, SegmentError>;

    /// Tracks the object to a frame without a prompt.
    ///
    /// # Errors
    /// [`SegmentError::NotTracked`] without any prompt before, [`SegmentError::Forgotten`],
    /// [`SegmentError::OtherModel`], [`SegmentError::Inference`]. Nothing has changed then.
    fn step(&mut self, frame: usize, picture: &Embedding, abort: &dyn Abort) -> Result<Segmentation, SegmentError>;

    /// What is needed to go on with the next frame, and no more than that: many of them are kept.
    fn state(&self) -> ShotState;
}

/// A tracker's own kind of state.
pub trait KeptState: Any + ByteSize + fmt::Debug + Send + Sync {
    /// As bytes, with everything that tells them from other bytes: the version of the layout, a checksum.
    fn to_bytes(&self) -> Vec<u8>;

    /// The state of bytes.
    ///
    /// # Errors
    /// [`SegmentError::State`] for bytes that are cut short, damaged, of another version or another kind.
    fn of_bytes(bytes: &[u8]) -> Result<Self, SegmentError>
    where
        Self: Sized;
}

/// What a tracker knows after some frame: enough to go on to the same bits. Cheap to clone and to share.
#[derive(Debug, Clone)]
pub struct ShotState(Form);

#[derive(Debug, Clone)]
enum Form {
    Live(Arc<dyn KeptState>),
    /// As it came from disk: which kind it is, the tracker that takes it knows.
    Saved(Arc<[u8]>),
}

impl ShotState {
    /// A tracker's state.
    pub fn new(state: impl KeptState) -> Self {
        Self(Form::Live(Arc::new(state)))
    }

    /// The state in its own kind, for the tracker that goes on from it.
    ///
    /// # Errors
    /// [`SegmentError::State`] for one of another kind, and for saved bytes that make none.
    pub fn get<T: KeptState + Clone>(&self) -> Result<T, SegmentError> {
        match &self.0 {
            Form::Live(state) => {
                let state: &dyn Any = state.as_ref();
                let other = || SegmentError::State { reason: "it belongs to another way of tracking".to_owned() };
                state.downcast_ref::<T>().cloned().ok_or_else(other)
            }
            Form::Saved(bytes) => T::of_bytes(bytes),
        }
    }
}

/// What states share with each other counts for each of them.
impl ByteSize for ShotState {
    fn byte_size(&self) -> u64 {
        match &self.0 {
            Form::Live(state) => state.byte_size(),
            Form::Saved(bytes) => bytes.len() as u64,
        }
    }
}

/// On disk beside other results, which are checked there.
impl Stored for ShotState {
    const KIND: &'static str = "shot-state-1";

    fn write(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Form::Live(state) => out.extend(state.to_bytes()),
            Form::Saved(bytes) => out.extend_from_slice(bytes),
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(Form::Saved(bytes.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Number(u8);

    #[derive(Debug, Clone)]
    struct Other;

    impl ByteSize for Number {
        fn byte_size(&self) -> u64 {
            1
        }
    }

    impl ByteSize for Other {
        fn byte_size(&self) -> u64 {
            0
        }
    }

    impl KeptState for Number {
        fn to_bytes(&self) -> Vec<u8> {
            vec![self.0]
        }

        fn of_bytes(bytes: &[u8]) -> Result<Self, SegmentError> {
            match bytes {
                [number] => Ok(Self(*number)),
                _ => Err(SegmentError::State { reason: "no number".to_owned() }),
            }
        }
    }

    impl KeptState for Other {
        fn to_bytes(&self) -> Vec<u8> {
            Vec::new()
        }

        fn of_bytes(_: &[u8]) -> Result<Self, SegmentError> {
            Ok(Self)
        }
    }

    #[test]
    fn a_state_comes_back_from_memory_and_from_bytes() {
        let state = ShotState::new(Number(7));
        assert_eq!(state.get::<Number>().unwrap(), Number(7));
        let mut bytes = Vec::new();
        state.write(&mut bytes);
        let saved = ShotState::read(&bytes).unwrap();
        assert_eq!(saved.get::<Number>().unwrap(), Number(7));
        assert_eq!((saved.byte_size(), state.byte_size()), (1, 1));
    }

    #[test]
    fn a_state_of_another_kind_is_refused() {
        assert!(matches!(ShotState::new(Number(7)).get::<Other>(), Err(SegmentError::State { .. })));
        assert!(matches!(ShotState::read(&[1, 2]).unwrap().get::<Number>(), Err(SegmentError::State { .. })));
    }
}
