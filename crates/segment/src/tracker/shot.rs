//! The memory tracker as the rest of the plugin sees it: one object, frames counted in the direction of tracking.

use std::sync::Arc;

use inference::{Abort, Key, KeyBuilder};

use super::{Direction, FramePrompt, Tracked, Tracker, TrackerOptions, TrackerState};
use crate::{
    error::SegmentError,
    exported::{Exported, TrackerFacts},
    model::Embedding,
    segmentation::{PreviousLogits, Segmentation},
    shot_tracker::{MemoryKind, ShotState, ShotTracker, Trackers},
};

/// The one object of a tracker of this kind.
const OBJECT: u32 = 1;

/// Frames of a shot without end. A distance to a pointer is divided by the frames of the shot where those are fewer than
/// pointers can be; here it never is, so that a shot that is trimmed keeps its masks.
const ENDLESS: usize = u32::MAX as usize;

impl Trackers for Arc<Exported> {
    fn fingerprint(&self, options: TrackerOptions, abort: &dyn Abort) -> Result<Key, SegmentError> {
        let TrackerOptions { memory_selection, motion } = options;
        let model = self.tracker_identity(abort)?.key;
        let key = KeyBuilder::new("memory tracker 1").bytes(&model.0.to_le_bytes());
        Ok(key.number(u64::from(memory_selection)).number(u64::from(motion)).finish())
    }

    fn memory(&self) -> MemoryKind {
        MemoryKind::Own
    }

    fn start(&self, options: TrackerOptions, abort: &dyn Abort) -> Result<Box<dyn ShotTracker + '_>, SegmentError> {
        Ok(Box::new(Tracker::new(self, ENDLESS, options, abort)?))
    }

    fn resume(&self, state: &ShotState, abort: &dyn Abort) -> Result<Box<dyn ShotTracker + '_>, SegmentError> {
        Ok(Box::new(Tracker::from_state(self, state.get()?, abort)?))
    }
}

impl ShotTracker for Tracker {
    fn prompt(
        &mut self,
        frame: usize,
        picture: &Embedding,
        prompt: &FramePrompt,
        abort: &dyn Abort,
    ) -> Result<Segmentation, SegmentError> {
        let encoded = self.model.encoded(picture, abort)?;
        let starts = self.objects().next().is_none();
        let tracked = Tracker::prompt(self, OBJECT, frame, &encoded, prompt, abort)?;
        if starts {
            // Runs nothing on a frame with a prompt: tells the object's motion where it begins.
            Tracker::step(self, frame, Direction::Forward, &encoded, abort)?;
        }
        self.segmentation(&tracked, abort)
    }

    fn step(&mut self, frame: usize, picture: &Embedding, abort: &dyn Abort) -> Result<Segmentation, SegmentError> {
        let encoded = self.model.encoded(picture, abort)?;
        let found = Tracker::step(self, frame, Direction::Forward, &encoded, abort)?;
        let (_, tracked) = found.first().ok_or(SegmentError::NotTracked { object: OBJECT, frame })?;
        self.segmentation(tracked, abort)
    }

    fn state(&self) -> ShotState {
        ShotState::new(self.state.to_go_on(&self.model.facts().tracker))
    }
}

impl Tracker {
    fn segmentation(&self, tracked: &Tracked, abort: &dyn Abort) -> Result<Segmentation, SegmentError> {
        let logits = tracked.logits.as_ref().clone();
        let extent = (logits.width() as f32, logits.height() as f32);
        let previous = PreviousLogits { canvas: Arc::clone(&tracked.logits), model: self.model.identity(abort)? };
        Ok(Segmentation { logits, extent, iou: tracked.iou, ignored: 0, previous })
    }
}

impl TrackerState {
    /// What tracking on from the last frame can ask for.
    fn to_go_on(&self, facts: &TrackerFacts) -> Self {
        let mut state = self.clone();
        state.objects.values_mut().for_each(|one| one.keep_to_go_on(facts, self.options));
        state
    }
}
