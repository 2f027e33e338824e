//! Which objects are tracked at a frame, and from where.

use std::sync::Arc;

use inference::{Key, KeyBuilder, Origin};
use segment::{MemoryKind, tracker::TrackerOptions};

use super::film::{Film, FilmFrame};
use super::names::{frame_key, meeting_key, paced_key, take_key};
use super::needed::Reached;
use super::roll::{End, ObjectSpan, Rolled, Roller};
use super::spans::{Place, place};
use super::{Tracking, Way, prompt_frames};
use crate::roto::failure::FrameError;
use crate::roto::objects::{OBJECTS, ObjectMask, Selection};

/// An object that is tracked to a frame.
#[derive(Debug, Clone)]
pub struct TrackedFrame {
    /// The name of its mask there.
    pub key: Key,
    /// Its span.
    pub span: ObjectSpan,
    /// The way back from the other end of the span, and its share of the mask, where the two meet.
    pub back: Option<(ObjectSpan, f32)>,
    /// The frame.
    pub frame: FilmFrame,
}

impl TrackedFrame {
    /// A frame of a span.
    pub fn of(span: ObjectSpan, frame: FilmFrame) -> Self {
        let back = span.meeting(frame.time);
        let name = |span: &ObjectSpan| frame_key(span.key, &span.span, frame.time, frame.source);
        let key = back.iter().fold(name(&span), |key, (back, share)| meeting_key(key, name(back), *share));
        Self { key, span, back, frame }
    }

    /// The names of the masks that it is made of.
    pub fn parts(&self) -> impl Iterator<Item = Key> {
        let spans = [Some(&self.span), self.back.as_ref().map(|(back, _)| back)];
        spans.into_iter().flatten().map(|span| frame_key(span.key, &span.span, self.frame.time, self.frame.source))
    }
}

/// The objects of a frame that are tracked to it.
pub struct Followed<'a> {
    roller: Option<Roller<'a>>,
    objects: [Option<TrackedFrame>; OBJECTS],
    way: Way,
}

/// The masks of objects that are tracked to a frame.
#[derive(Debug, Default)]
pub struct TrackedMasks {
    /// Object and mask.
    pub masks: Vec<(usize, ObjectMask)>,
    /// How many frames had to be tracked for them.
    pub rolled: usize,
    /// Where the encoded picture of the frame was found; `None` where no mask needed it.
    pub picture: Option<Origin>,
}

impl<'a> Followed<'a> {
    /// Those that the matte of the frame depends on.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn of(film: Film<'a>, frame: FilmFrame) -> Result<Self, FrameError> {
        let mut objects = std::array::from_fn(|_| None);
        let roller = match Roller::new(film) {
            Ok(roller) => roller,
            Err(way) => return Ok(Self { roller: None, objects, way }),
        };
        for (object, followed) in objects.iter_mut().enumerate() {
            if film.settings.selection.needs(object) {
                *followed = roller.follow(object, frame)?.map(|tracked| roller.known(tracked)).transpose()?;
            }
        }
        Ok(Self { roller: Some(roller), objects, way: Way::OnItsOwn })
    }

    fn each(&self) -> impl Iterator<Item = (usize, &TrackedFrame)> {
        self.objects.iter().enumerate().filter_map(|(object, followed)| Some((object, followed.as_ref()?)))
    }

    /// Whether the object is tracked.
    pub fn has(&self, object: usize) -> bool {
        self.each().any(|(tracked, _)| tracked == object)
    }

    /// Whether a tracked object comes out.
    pub fn comes_out(&self, selection: Selection) -> bool {
        self.each().any(|(object, _)| selection.shows(object))
    }

    /// The name of a matte of these objects besides others, which alone would have the name `others`.
    pub fn matte_key(&self, others: Key, selection: Selection) -> Key {
        if self.each().next().is_none() {
            return others;
        }
        let key = KeyBuilder::new("tracked matte 1").bytes(&others.0.to_le_bytes());
        let add = |key: KeyBuilder, (object, tracked): (usize, &TrackedFrame)| {
            // Where objects share the picture the earlier one keeps what both claim alike.
            let order = if selection.shared_by().is_some() { object as u64 + 1 } else { 0 };
            let alone = u64::from(selection.shared_by() == Some(object));
            key.bytes(&tracked.key.0.to_le_bytes()).number(order).number(alone)
        };
        self.each().fold(key, add).finish()
    }

    /// Their masks.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn masks(&self) -> Result<TrackedMasks, FrameError> {
        let mut result = TrackedMasks::default();
        let Some(roller) = &self.roller else { return Ok(result) };
        for (object, tracked) in self.each() {
            let found = roller.tracked(tracked)?;
            result.masks.push((object, ObjectMask { mask: found.mask, text: None }));
            result.rolled += found.frames;
            result.picture = result.picture.or(found.picture);
        }
        Ok(result)
    }

    /// How the objects of the frame at `time` were found, after so many frames were tracked.
    pub fn way(&self, time: f64, rolled: usize) -> Way {
        let held = self.each().map(|(_, tracked)| tracked.frame.time).find(|&at| at != time);
        let from = self.each().next().map(|(_, tracked)| tracked.span.span.start);
        match (held, from) {
            (Some(at), _) => Way::Held { at },
            (None, Some(from)) => Way::Tracked { from, rolled },
            (None, None) => self.way,
        }
    }

    /// What the tracker remembers, where an object of the frame is tracked.
    pub fn memory(&self) -> Option<MemoryKind> {
        let tracks = self.each().next().is_some();
        self.roller.as_ref().filter(|_| tracks).map(|roller| roller.trackers.memory())
    }

    /// Whether the panel asks of the tracker what it cannot do.
    pub fn leaves_options(&self) -> bool {
        let asks = |roller: &Roller<'_>| roller.options != TrackerOptions::default();
        let asked = self.roller.as_ref().is_some_and(asks);
        asked && self.memory().is_some_and(|memory| memory != MemoryKind::Own)
    }

    /// Takes note of how far the spans were tracked.
    pub fn note(&self, reached: &Reached) {
        for (_, TrackedFrame { span, back, frame, .. }) in self.each() {
            let spans = [Some(span), back.as_ref().map(|(back, _)| back)];
            spans.into_iter().flatten().for_each(|span| reached.note(&span.span, frame.time));
        }
    }
}

impl<'a> Roller<'a> {
    /// What tracks objects through the film.
    ///
    /// # Errors
    /// What is done instead where nothing does.
    pub fn new(film: Film<'a>) -> Result<Self, Way> {
        if film.settings.tracking == Tracking::EachFrame {
            return Err(Way::OnItsOwn);
        }
        if !film.instance.host().hands_out_other_frames() {
            return Err(Way::NoOtherFrames);
        }
        let trackers = film.segmenter.trackers().ok_or(Way::NoTracker)?;
        Ok(Self { film, trackers, options: film.settings.tracker })
    }

    /// The object as it is tracked to a frame; `None` where it is not: on a prompt frame, without any, and where no
    /// prompt frame has a picture and says what the object is.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn follow(&self, object: usize, frame: FilmFrame) -> Result<Option<TrackedFrame>, FrameError> {
        let film = &self.film;
        let mut times = prompt_frames(film.instance, object)?;
        loop {
            let Some(Place::In(span)) = place(&times, frame.time) else { return Ok(None) };
            let span = span.every(film.settings.track_step());
            let Some(start) = self.end(object, span.start)? else {
                times.retain(|&time| time != span.start);
                continue;
            };
            let end = match span.end {
                None => None,
                Some(time) => match self.end(object, time)? {
                    Some(end) => Some(end),
                    None => {
                        times.retain(|&other| other != time);
                        continue;
                    }
                },
            };
            let tracker = take_key(self.trackers.fingerprint(self.options, film.abort)?, film.settings.take);
            let tracker = paced_key(tracker, span.step);
            return Ok(Some(TrackedFrame::of(ObjectSpan::new(tracker, span, start, end), frame)));
        }
    }

    /// The mask of a tracked frame.
    ///
    /// # Errors
    /// As [`Roller::mask`].
    pub fn tracked(&self, tracked: &TrackedFrame) -> Result<Rolled, FrameError> {
        let there = self.mask(&tracked.span, &tracked.frame)?;
        let Some((back, share)) = &tracked.back else { return Ok(there) };
        let back = self.mask(back, &tracked.frame)?;
        let mask = Arc::new(there.mask.blended(&back.mask, *share));
        Ok(Rolled { mask, frames: there.frames + back.frames, picture: there.picture.or(back.picture) })
    }

    /// A prompt frame that has a picture and says what the object is.
    fn end(&self, object: usize, time: f64) -> Result<Option<End>, FrameError> {
        let Some(frame) = self.film.frame(time)? else { return Ok(None) };
        Ok(self.film.prompt(object, &frame)?.map(|(prompt, model)| End { frame, prompt, model }))
    }
}
