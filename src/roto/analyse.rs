//! The buttons that track: frames go through the network ahead of need, and the objects are tracked through them, so
//! that scrubbing, placing points and corrections wait for nothing.

use std::time::Instant;

use inference::{Abort, DiskStore, NeverAbort, Pass, PassProgress};
use openfx::{Change, Error, Instance, MessageKind, Result};
use raster::Plane;
use segment::ImageSegmenter;

use super::draft::Made;
use super::failure::FrameError;
use super::host_prompts::HostPrompts;
use super::mask::choose;
use super::model_prompts::ModelPrompts;
use super::objects::{EncodedFrame, OBJECTS, model_key};
use super::parameters::{ANALYSE, STATUS, TRACK_BACKWARD, TRACK_FORWARD, TRACK_TO_NEXT_KEY};
use super::prompts::prompts_at;
use super::quality::{self, review::Review};
use super::results::Kept;
use super::settings::Settings;
use super::track::film::Film;
use super::track::shot::{track_shot, tracked_objects};
use super::track::spans::{Place, place};
use crate::engine::{Shared, shared};
use crate::presence::is_unattended;
use crate::shot_range::frames_of_source;
use crate::watch::Watch;

/// Which frames a button is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of the shot.
    Shot,
    /// The current one and those before it.
    Backward,
    /// The current one and those after it.
    Forward,
    /// The current one and those after it up to the next prompt frame of any object.
    ToNextKey,
}

impl Reach {
    /// What the button says that was pressed, if it is one of these.
    pub fn asked(change: &Change) -> Option<Self> {
        let buttons = [
            (ANALYSE, Self::Shot),
            (TRACK_BACKWARD, Self::Backward),
            (TRACK_FORWARD, Self::Forward),
            (TRACK_TO_NEXT_KEY, Self::ToNextKey),
        ];
        buttons.into_iter().find_map(|(button, reach)| change.is(button).then_some(reach))
    }

    /// The first and the last time of it; `next_key` is the prompt frame after `now`.
    fn range(self, now: f64, next_key: Option<f64>) -> (f64, f64) {
        match self {
            Self::Shot => (f64::NEG_INFINITY, f64::INFINITY),
            Self::Backward => (f64::NEG_INFINITY, now),
            Self::Forward => (now, f64::INFINITY),
            Self::ToNextKey => (now, next_key.unwrap_or(f64::INFINITY)),
        }
    }
}

/// Encodes frames of Source, decodes those that have prompts, and tracks the objects to all others, into the engine's
/// caches. Cancelling keeps what is finished.
///
/// # Errors
/// In words for the user: no model, broken settings, the host's refusals.
pub fn analyse(instance: &Instance, change: &Change, reach: Reach) -> Result<()> {
    let shared = shared().map_err(Error::effect)?;
    let engine = &shared.engine;
    let mut frames = frames_of_source(instance)?;
    let settings = Settings::read(instance, change.time)?;
    let made = settings.quality.of_button();
    let settings = settings.made(made);
    let prompts = prompts_at(&HostPrompts(instance.parameters()), change.time)?;
    let segmenter = choose(shared, &settings, &prompts).map_err(FrameError::from)?.model;
    let segmenter = segmenter.as_ref();
    let kept = Kept::of(shared, &settings);
    let disk = kept.store();
    let bar = instance.progress("Analysing the shot");
    // The first call loads the network, which takes seconds for a large one.
    let loading = Watch::new(0, |_| bar.update(0.0));
    let batch = segmenter.batch_size(&loading);
    // Loading may have come to its end before it took note of the answer.
    if loading.is_cancelled() {
        return instance.parameters().set(STATUS, "Cancelled.".to_owned());
    }
    let batch = batch.map_err(FrameError::from)?;
    let film = Film { shared, segmenter, instance, scale: change.scale, disk, settings: &settings, abort: &NeverAbort };
    // In a draft most frames are never encoded: the tracker encodes those that are.
    let keeps = (engine.disk().is_some() || !is_unattended()) && settings.track_step() == 1.0;
    let shot = Shot { film, tracked: tracked_objects(film)?, keeps };
    let next_key = shot.tracked.iter().flatten().copied().filter(|&key| key > change.time).min_by(f64::total_cmp);
    let (first, last) = reach.range(change.time, next_key);
    frames.retain(|frame| (first..=last).contains(frame));
    let dropped = engine.features().statistics().evictions;
    let (mut done, mut review) = (0, Review::default());
    let start = Instant::now();
    let result = Pass { total: frames.len(), batch, abort: &NeverAbort }.run(
        |index| shot.prepare(frames[index]),
        |batch, abort| infer(shared, segmenter, disk, batch, abort),
        |progress| {
            done = progress.done;
            tell(instance, "Analysing", progress);
            bar.update(progress.fraction())
        },
    );
    drop(bar);
    let result = result.and_then(|()| {
        let bar = instance.progress("Tracking through the shot");
        track_shot(film, &frames, &mut review, |progress| {
            tell(instance, "Tracking", progress);
            bar.update(progress.fraction())
        })
    });
    match result {
        Err(error) if !error.is_aborted() => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    let seconds = start.elapsed().as_secs_f64();
    let tracked = if review.tracked > 0 { format!(", tracked objects to {},", review.tracked) } else { String::new() };
    let suspicious = match quality::panel::write(instance, &review.rows)? {
        0 => String::new(),
        1 => " 1 frame is suspicious.".to_owned(),
        count => format!(" {count} frames are suspicious."),
    };
    let draft = if made == Made::Draft { "Draft: " } else { "" };
    let summary = format!("{draft}Analysed {done} of {} frames{tracked} in {seconds:.0} s.{suspicious}", frames.len());
    instance.parameters().set(STATUS, summary)?;
    if let Some(words) = kept.trouble() {
        instance.show_message(MessageKind::Warning, &words);
    }
    let dropped = engine.features().statistics().evictions - dropped;
    if dropped > 0 && keeps && engine.disk().is_none() {
        let words = format!(
            "The shot is longer than the memory cache: {dropped} of its encoded pictures had to go again. Raise cache.features_mb in the settings, or name a folder in cache.folder."
        );
        instance.show_message(MessageKind::Warning, &words);
    }
    Ok(())
}

/// What the network needs of a frame.
struct Prepared {
    picture: Plane<[u8; 3]>,
    /// `None` where nothing says what the object is.
    prompts: Option<ModelPrompts>,
}

struct Shot<'a> {
    film: Film<'a>,
    /// The prompt frames of objects that are tracked: to other frames nobody asks for what is said there.
    tracked: [Vec<f64>; OBJECTS],
    /// Whether encoded pictures are still there when the tracker comes to them. Where nobody looks on and there is no
    /// disk only the last ones are: the tracker then encodes each frame itself, once.
    keeps: bool,
}

impl Shot<'_> {
    /// Fetches and converts a frame; `None` where Source has no picture, and where the tracker does all there is to do.
    fn prepare(&self, time: f64) -> std::result::Result<Option<Prepared>, FrameError> {
        let Film { segmenter, settings, .. } = self.film;
        let prepared = self.film.with_image(time, |picture| {
            let geometry = picture.geometry(segmenter);
            let is_tracked = |object: usize| matches!(place(&self.tracked[object], time), Some(Place::In(_)));
            let prompts = self.film.prompts(time, &geometry)?.but_those(is_tracked);
            let prompts = prompts.say_what(settings.selection).then_some(prompts);
            if !self.keeps && prompts.is_none() {
                return Ok(None);
            }
            Ok(Some(Prepared { picture: picture.for_model(&geometry), prompts }))
        })?;
        Ok(prepared.flatten())
    }
}

fn infer(
    shared: &Shared,
    segmenter: &dyn ImageSegmenter,
    disk: Option<&DiskStore>,
    batch: Vec<Prepared>,
    abort: &dyn Abort,
) -> std::result::Result<(), FrameError> {
    let (pictures, prompts): (Vec<_>, Vec<_>) = batch.into_iter().map(|frame| (frame.picture, frame.prompts)).unzip();
    for (embedding, prompts) in segmenter.embed_batch(&pictures, abort)?.iter().zip(prompts) {
        if let Some(prompts) = prompts {
            let model = model_key(segmenter, &prompts, abort)?;
            EncodedFrame { shared, segmenter, model, embedding, disk, abort }.masks(&prompts)?;
        }
    }
    Ok(())
}

/// Puts the progress into the panel: hosts' bars do not show the time that is left.
fn tell(instance: &Instance, what: &str, progress: PassProgress) {
    let PassProgress { done, total, remaining } = progress;
    let left = remaining.map_or(String::new(), |left| format!(", about {:.0} s left", left.as_secs_f64().ceil()));
    // A host that refuses the text still has its bar.
    let _ = instance.parameters().set(STATUS, format!("{what}: frame {done} of {total}{left}"));
}
