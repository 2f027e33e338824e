//! Following an object with a model that knows single pictures only (MobileSAM, exports of SAM2.1 and SAM3 without
//! their memory): label propagation on the encoder's embeddings, then a prompt for the decoder.
//!
//! Each cell of a new frame's embedding takes the labels of the most similar cells of remembered frames (`vote`): all
//! frames with a prompt, which never drift, and the last few good ones, which know how the object looks now. Windows
//! follow its motion; where it is lost, the whole picture is searched (`recall`). The vote, helped by the last mask carried
//! along the picture's motion (`carried`) and by a colour model, becomes a box, points and logits for the decoder
//! (`cues`), whose mask is the answer, and is remembered with the vote where the two agree (`track`).
//!
//! The more prompted frames it is told of, the better: those behind the start of tracking too, under any frame number
//! beyond the shot.
//!
//! The constants were tuned on eight sequences of DAVIS 2016 at 854x480, and checked on four others. They are in cells
//! (a 64th of the picture's longest side) and in thumbnail samples (four pixels of the model's picture).
//!
//! Tried and left out, by the mean J of DAVIS dance-twirl and shots of the example `composites`: a second look at the
//! object through the encoder (a crop of up to 0.6 of the picture, with box, points and logits of the first) gives 0.013
//! more, on all of five shots, but costs another run of the encoder on nearly every frame, and crops of up to 0.35 give
//! 0.002; a recent memory chosen by confidence instead of the third last frame gives 0.001 less, colours in the vote
//! 0.002 less; a carried mask that counts 0.5 loses 0.038 where things cross; a second run of the decoder loses 0.012 on
//! dance-twirl.

mod carried;
mod cells;
mod colour;
mod cues;
mod distance;
mod memory;
mod products;
mod recall;
mod samples;
mod state;
mod track;
mod vote;

use std::fmt;

use inference::{Abort, Key, KeyBuilder};

use memory::Memories;

use crate::{
    error::SegmentError,
    identity::Identity,
    model::ImageSegmenter,
    shot_tracker::{ShotState, ShotTracker, Trackers},
    tracker::TrackerOptions,
};

/// Tracking with a model that segments single pictures. There are no options to it: those of
/// [the memory tracker](crate::tracker::Tracker) change nothing.
#[derive(Clone, Copy)]
pub struct Propagation<'a>(&'a dyn ImageSegmenter);

impl<'a> Propagation<'a> {
    /// Tracking with this model, by its embeddings alone.
    pub fn of(model: &'a dyn ImageSegmenter) -> Self {
        Self(model)
    }

    fn identity(&self, abort: &dyn Abort) -> Result<Identity, SegmentError> {
        Ok(Identity { name: self.0.name().into(), key: self.0.fingerprint(abort)? })
    }
}

impl fmt::Debug for Propagation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Propagation").field(&self.0.name()).finish()
    }
}

impl Trackers for Propagation<'_> {
    fn fingerprint(&self, _: TrackerOptions, abort: &dyn Abort) -> Result<Key, SegmentError> {
        Ok(KeyBuilder::new("embedding tracker 4").bytes(&self.0.fingerprint(abort)?.0.to_le_bytes()).finish())
    }

    fn start(&self, _: TrackerOptions, abort: &dyn Abort) -> Result<Box<dyn ShotTracker + '_>, SegmentError> {
        let memories = Memories::of_nothing(self.identity(abort)?);
        Ok(Box::new(EmbeddingTracker { model: self.0, memories }))
    }

    fn resume(&self, state: &ShotState, abort: &dyn Abort) -> Result<Box<dyn ShotTracker + '_>, SegmentError> {
        let memories: Memories = state.get()?;
        let model = self.identity(abort)?;
        if memories.model != model {
            return Err(SegmentError::other_model("the saved tracking state", &memories.model, &model));
        }
        Ok(Box::new(EmbeddingTracker { model: self.0, memories }))
    }
}

/// Follows one object.
struct EmbeddingTracker<'a> {
    model: &'a dyn ImageSegmenter,
    memories: Memories,
}

#[cfg(test)]
mod tests;
