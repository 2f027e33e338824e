//! The Analyse button: every frame of the shot goes through the network ahead of need, so that scrubbing, placing points
//! and corrections wait for nothing.

use std::time::Instant;

use inference::{Abort, InferenceError, NeverAbort, Pass, PassProgress};
use openfx::{Change, ClipKey, Error, Instance, MessageKind, Result};
use raster::Plane;
use segment::{ImageSegmenter, SegmentError};

use super::host_prompts::HostPrompts;
use super::mask::{Request, into_host_error};
use super::model_frame::Picture;
use super::model_prompts::ModelPrompts;
use super::objects::{EncodedFrame, model_key};
use super::parameters::STATUS;
use super::prompts::prompts_at;
use super::render::{matte_prompt, matte_prompt_image};
use super::settings::Settings;
use crate::engine::{Shared, shared};

/// More frames than this are no shot but a generator without an end.
const MOST_FRAMES: usize = 1_000_000;

/// Encodes all frames of Source, and decodes those that have prompts, into the engine's caches. Cancelling keeps what is
/// finished.
///
/// # Errors
/// In words for the user: no model, broken settings, the host's refusals.
pub fn analyse(instance: &Instance, change: &Change) -> Result<()> {
    let shared = shared().map_err(Error::effect)?;
    let engine = &shared.engine;
    let frames = frames(instance)?;
    let settings = Settings::read(instance, change.time)?;
    let segmenter = segment::open(engine, settings.model.unwrap_or("auto")).map_err(into_host_error)?;
    let segmenter = segmenter.as_ref();
    let batch = segmenter.batch_size(&NeverAbort).map_err(into_host_error)?;
    let bar = instance.progress("Analysing the shot");
    let shot = Shot { instance, scale: change.scale, segmenter };
    let dropped = engine.features().statistics().evictions;
    let mut done = 0;
    let start = Instant::now();
    let result = Pass { total: frames.len(), batch, abort: &NeverAbort }.run(
        |index| shot.prepare(frames[index]),
        |batch, abort| infer(shared, segmenter, batch, abort),
        |progress| {
            done = progress.done;
            tell(instance, progress);
            bar.update(progress.fraction())
        },
    );
    drop(bar);
    match result {
        Err(Failure::Host(error)) => return Err(error),
        Err(Failure::Segment(error)) if !error.is_aborted() => return Err(into_host_error(error)),
        Ok(()) | Err(Failure::Segment(_)) => {}
    }
    let seconds = start.elapsed().as_secs_f64();
    let summary = format!("Analysed {done} of {} frames in {seconds:.0} s.", frames.len());
    instance.parameters().set(STATUS, summary)?;
    let dropped = engine.features().statistics().evictions - dropped;
    if dropped > 0 && engine.disk().is_none() {
        let words = format!(
            "The shot is longer than the memory cache: {dropped} of its encoded pictures had to go again. Raise cache.features_mb in the settings, or name a folder in cache.folder."
        );
        instance.show_message(MessageKind::Warning, &words);
    }
    Ok(())
}

/// The frames of Source that lie on the time line.
fn frames(instance: &Instance) -> Result<Vec<f64>> {
    let of_clip = instance.clip(ClipKey::SOURCE)?.frame_range();
    let of_host = instance.timeline_bounds();
    let (first, last) = match (of_clip, of_host) {
        (Some(clip), Some(host)) if clip.0.max(host.0) <= clip.1.min(host.1) => {
            (clip.0.max(host.0), clip.1.min(host.1))
        }
        (Some(range), _) | (None, Some(range)) => range,
        (None, None) => return Err(Error::Effect("The host does not say which frames Source has.".to_owned())),
    };
    let count = (last - first).floor() + 1.0;
    if count > MOST_FRAMES as f64 {
        let words = format!("Source has {count:.0} frames: set the range of the time line to the shot first.");
        return Err(Error::Effect(words));
    }
    Ok((0..count as usize).map(|index| first + index as f64).collect())
}

/// What the network needs of a frame.
struct Prepared {
    picture: Plane<[u8; 3]>,
    /// `None` where nothing says what the object is.
    prompts: Option<ModelPrompts>,
}

/// Why a pass ended early.
enum Failure {
    Host(Error),
    Segment(SegmentError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Host(error)
    }
}

impl From<SegmentError> for Failure {
    fn from(error: SegmentError) -> Self {
        Self::Segment(error)
    }
}

impl From<InferenceError> for Failure {
    fn from(error: InferenceError) -> Self {
        Self::Segment(error.into())
    }
}

struct Shot<'a> {
    instance: &'a Instance,
    scale: [f64; 2],
    segmenter: &'a dyn ImageSegmenter,
}

impl Shot<'_> {
    /// Fetches and converts a frame; `None` where Source has no picture.
    fn prepare(&self, time: f64) -> std::result::Result<Option<Prepared>, Failure> {
        let instance = self.instance;
        let clip = instance.clip(ClipKey::SOURCE)?;
        let Some(image) = clip.image(time)? else { return Ok(None) };
        let settings = Settings::read(instance, time)?;
        let picture = Picture::of(instance, clip, &image, (time, self.scale), &settings)?;
        let geometry = picture.geometry(self.segmenter);
        let prompts = prompts_at(&HostPrompts(instance.parameters()), time)?;
        let matte = matte_prompt_image(instance, time, &settings)?;
        let matte = matte_prompt(matte.as_ref(), self.scale, &settings)?;
        let request = Request { picture, prompts: &prompts, matte, settings: &settings };
        let prompts = request.model_prompts(&geometry);
        let prompts = prompts.say_what(settings.selection).then_some(prompts);
        Ok(Some(Prepared { picture: picture.for_model(&geometry), prompts }))
    }
}

fn infer(
    shared: &Shared,
    segmenter: &dyn ImageSegmenter,
    batch: Vec<Prepared>,
    abort: &dyn Abort,
) -> std::result::Result<(), Failure> {
    let (pictures, prompts): (Vec<_>, Vec<_>) = batch.into_iter().map(|frame| (frame.picture, frame.prompts)).unzip();
    for (embedding, prompts) in segmenter.embed_batch(&pictures, abort)?.iter().zip(prompts) {
        if let Some(prompts) = prompts {
            let model = model_key(segmenter, &prompts, abort)?;
            EncodedFrame { shared, segmenter, model, embedding, abort }.masks(&prompts)?;
        }
    }
    Ok(())
}

/// Puts the progress into the panel: hosts' bars do not show the time that is left.
fn tell(instance: &Instance, progress: PassProgress) {
    let PassProgress { done, total, remaining } = progress;
    let left = remaining.map_or(String::new(), |left| format!(", about {:.0} s left", left.as_secs_f64().ceil()));
    // A host that refuses the text still has its bar.
    let _ = instance.parameters().set(STATUS, format!("Analysing: frame {done} of {total}{left}"));
}
