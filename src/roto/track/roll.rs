//! Rolling a tracker through a span, from the nearest frame that it has been to.

use std::sync::Arc;

use inference::{DiskStore, Key, Origin};
use raster::Plane;
use segment::tracker::{FramePrompt, TrackerOptions};
use segment::{Embedding, Point, SegmentError, Segmentation, ShotTracker, Trackers};

use super::film::{Film, FilmFrame};
use super::names::{end_key, frame_key, span_key, state_key};
use super::spans::Span;
use super::turns::{Turn, TurnGuard};
use crate::roto::failure::FrameError;
use crate::roto::model_prompts::ObjectPrompt;
use crate::roto::objects::EncodedFrame;

/// The states after every so many frames are on disk too: whoever comes after a restart, or from another machine, has at
/// most so many frames to track again. A state of SAM3 takes 6 MB, the encoding of one frame 10 MB.
const STATES_ON_DISK: usize = 16;

/// One end of a span.
#[derive(Debug, Clone)]
pub struct End {
    /// The frame.
    pub frame: FilmFrame,
    /// What is said of the object there.
    pub prompt: ObjectPrompt,
    /// What tells the masks of that from those of other models.
    pub model: Key,
}

impl End {
    fn key(&self) -> Key {
        end_key(self.model, self.frame.source, self.frame.geometry.model_size(), &self.prompt)
    }
}

/// A span of one object with all that conditions it.
#[derive(Debug, Clone)]
pub struct ObjectSpan {
    /// Its name.
    pub key: Key,
    /// The name of the way of tracking.
    tracker: Key,
    /// Its times.
    pub span: Span,
    /// Where tracking starts.
    pub start: End,
    /// The other end.
    pub end: Option<End>,
}

impl ObjectSpan {
    /// The span between two ends.
    pub fn new(tracker: Key, span: Span, start: End, end: Option<End>) -> Self {
        let key = span_key(tracker, start.key(), end.as_ref().map(End::key), span.reverse);
        Self { key, tracker, span, start, end }
    }

    /// The way back from the other end, and its share of the mask at `time`: see [`Span::meeting`].
    pub fn meeting(&self, time: f64) -> Option<(Self, f32)> {
        let (span, share) = self.span.meeting(time)?;
        Some((Self::new(self.tracker, span, self.end.clone()?, Some(self.start.clone())), share))
    }
}

/// A tracked mask, and how many frames had to be tracked for it.
pub struct Rolled {
    /// The mask.
    pub mask: Arc<Segmentation>,
    /// Frames that were tracked now.
    pub frames: usize,
    /// Where the encoded picture of the frame was found; `None` where the mask was there without it.
    pub picture: Option<Origin>,
}

impl Rolled {
    pub(super) fn found(mask: Arc<Segmentation>) -> Self {
        Self { mask, frames: 0, picture: None }
    }
}

/// Rolls through spans.
pub struct Roller<'a> {
    /// The pictures.
    pub film: Film<'a>,
    /// The model's way of tracking.
    pub trackers: Box<dyn Trackers + 'a>,
    /// What it does beyond the plain loop.
    pub options: TrackerOptions,
}

impl Roller<'_> {
    /// The object's mask at a time inside a span, on the frame that is there.
    ///
    /// One thread tracks a span at a time, the others wait for it. Masks and states of all frames on the way are kept,
    /// so that nothing is lost where the host gives up.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn mask(&self, span: &ObjectSpan, frame: &FilmFrame) -> Result<Rolled, FrameError> {
        let key = frame_key(span.key, &span.span, frame.time, frame.source);
        let (shared, mut disk) = (self.film.shared, self.disk());
        loop {
            if let Some(found) = shared.masks.find_stored(key, disk) {
                return Ok(Rolled::found(found.value));
            }
            // Once: what comes later comes into memory.
            disk = None;
            if let Turn::Mine(tracking) = shared.turns.take(span.key, self.film.abort)? {
                // It may have come since.
                return match shared.masks.find_stored(key, None) {
                    Some(found) => Ok(Rolled::found(found.value)),
                    None => self.roll(span, frame, &tracking),
                };
            }
        }
    }

    /// Tracks up to the frame, by whoever has the span's turn.
    pub(super) fn roll(
        &self,
        span: &ObjectSpan,
        frame: &FilmFrame,
        tracking: &TurnGuard<'_>,
    ) -> Result<Rolled, FrameError> {
        let times = &span.span;
        let last = times.frame_to(frame.time);
        let is_whole = times.time(last) == frame.time && last > 0;
        if !is_whole && times.step > 1.0 {
            return self.carry(span, frame, tracking);
        }
        let before = if is_whole { last - 1 } else { last };
        let (mut tracker, done) = self.nearest(span, before, tracking)?;
        let mut frames = 0;
        for at in done + 1..=before {
            frames += usize::from(self.step(tracker.as_mut(), span, at, times.time(at), Some(tracking))?.is_some());
        }
        let (at, states) = if is_whole { (last, Some(tracking)) } else { (last + 1, None) };
        let mask = self.step(tracker.as_mut(), span, at, frame.time, states)?;
        // The host has just handed out this very picture.
        let (mask, picture) = mask.ok_or(openfx::Error::Aborted)?;
        Ok(Rolled { mask, frames: frames + 1, picture: Some(picture) })
    }

    /// Tracks one frame and keeps its mask; the state after it too, where it is a frame of the span. Tells where the
    /// encoded picture was found. `None` where Source has no picture: such a frame is passed over.
    fn step(
        &self,
        tracker: &mut dyn ShotTracker,
        span: &ObjectSpan,
        at: usize,
        time: f64,
        states: Option<&TurnGuard<'_>>,
    ) -> Result<Option<(Arc<Segmentation>, Origin)>, FrameError> {
        let Film { shared, segmenter, abort, .. } = self.film;
        let Some((frame, picture)) = self.film.look(time)? else { return Ok(None) };
        let embedding = segmenter.embed(&picture.0, abort)?;
        let mask = tracker.step(at, &embedding, abort)?;
        let key = frame_key(span.key, &span.span, time, frame.source);
        let mask = shared.masks.keep_stored(key, mask, self.disk(), abort);
        if let Some(tracking) = states {
            shared.states.keep_stored(state_key(key), tracker.state(), self.disk_of(at), abort);
            tracking.found(at);
        }
        Ok(Some((mask, embedding.origin())))
    }

    /// A tracker that has been to the nearest frame up to `last`, and that frame: 0 for one that starts anew.
    fn nearest(
        &self,
        span: &ObjectSpan,
        last: usize,
        tracking: &TurnGuard<'_>,
    ) -> Result<(Box<dyn ShotTracker + '_>, usize), FrameError> {
        let on_disk = self.disk().map(|_| (1..=last / STATES_ON_DISK).map(|step| step * STATES_ON_DISK));
        let mut frames: Vec<usize> = tracking.states(last).into_iter().chain(on_disk.into_iter().flatten()).collect();
        frames.sort_unstable_by(|a, b| b.cmp(a));
        frames.dedup();
        for at in frames {
            let Some(frame) = self.film.frame(span.span.time(at))? else { continue };
            let key = state_key(frame_key(span.key, &span.span, frame.time, frame.source));
            let Some(state) = self.film.shared.states.find_stored(key, self.disk_of(at)) else {
                tracking.lost(at);
                continue;
            };
            match self.trackers.resume(&state.value, self.film.abort) {
                Ok(tracker) => return Ok((tracker, at)),
                Err(SegmentError::State { reason }) => log::warn!("a tracking state is passed over: {reason}"),
                Err(error) => return Err(error.into()),
            }
        }
        Ok((self.start(span)?, 0))
    }

    fn start(&self, span: &ObjectSpan) -> Result<Box<dyn ShotTracker + '_>, FrameError> {
        let mut tracker = self.trackers.start(self.options, self.film.abort)?;
        let ends = [(0, Some(&span.start)), (span.span.end_frame(), span.end.as_ref())];
        for (at, end) in ends.into_iter().filter_map(|(at, end)| Some((at, end?))) {
            // It had a picture when the span was made.
            let Some((_, picture)) = self.film.look(end.frame.time)? else { return Err(openfx::Error::Aborted.into()) };
            let embedding = self.film.segmenter.embed(&picture.0, self.film.abort)?;
            let prompt = self.frame_prompt(end, &embedding)?;
            tracker.prompt(at, &embedding, &prompt, self.film.abort)?;
        }
        Ok(tracker)
    }

    /// A prompt as trackers take it: points and a box, or a mask alone. What else there is (a text, a mask that points
    /// refine) becomes the mask that it gives.
    fn frame_prompt(&self, end: &End, embedding: &Embedding) -> Result<FramePrompt, SegmentError> {
        let prompt = &end.prompt;
        let mask = match (&prompt.mask, &prompt.text) {
            (None, None) => {
                let points = prompt.points.iter().map(|&([x, y], include)| Point { x, y, include }).collect();
                return Ok(FramePrompt { points, box_: prompt.bounding_box, ..FramePrompt::default() });
            }
            (Some(mask), None) if !prompt.has_clicks() => Arc::clone(&mask.plane),
            _ => Arc::new(self.decoded(end, embedding)?),
        };
        Ok(FramePrompt { mask: Some(mask), ..FramePrompt::default() })
    }

    /// 1 inside and 0 outside, at the size of the model's picture.
    fn decoded(&self, end: &End, embedding: &Embedding) -> Result<Plane<f32>, SegmentError> {
        let (width, height) = embedding.picture_size();
        let mut mask = self.said(end, embedding)?.resampled(width, height);
        mask.rows_mut().flatten().for_each(|value| *value = f32::from(u8::from(*value > 0.0)));
        Ok(mask)
    }

    /// The mask of a prompt frame by what is said there.
    pub(super) fn said(&self, end: &End, embedding: &Embedding) -> Result<Arc<Segmentation>, SegmentError> {
        let Film { shared, segmenter, disk, abort, .. } = self.film;
        let encoded = EncodedFrame { shared, segmenter, model: end.model, embedding, disk, abort };
        Ok(encoded.mask_of(&end.prompt)?.mask)
    }

    pub(super) fn disk(&self) -> Option<&DiskStore> {
        self.film.disk
    }

    fn disk_of(&self, state: usize) -> Option<&DiskStore> {
        self.disk().filter(|_| state.is_multiple_of(STATES_ON_DISK))
    }
}
