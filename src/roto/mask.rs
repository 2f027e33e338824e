//! Picture and prompts to a mask, through the engine's caches.

use std::sync::Arc;
use std::time::Instant;

use inference::{Abort, DiskStore, Found, Key, Origin};
use matte::{EdgeUpsample, Polyline};
use openfx::Instance;
use raster::Plane;
use segment::{Choice, ImageSegmenter, SegmentError};

use super::detail::{Detail, DetailPass, Detailed};
use super::draft;
use super::failure::FrameError;
use super::finished::{FinishedMatte, edge_settings};
use super::garbage::MatteInput;
use super::geometry::FrameGeometry;
use super::keys::{matte_key, picture_key};
use super::matte_prompt::MattePrompt;
use super::model_frame::{ModelPicture, Picture};
use super::model_prompts::{ModelPrompts, to_model};
use super::objects::{EncodedFrame, ObjectMask, combine, model_key};
use super::prompts::{FIRST_OBJECT, FramePrompts};
use super::results::Kept;
use super::settings::Settings;
use super::status::{Made, Outcome};
use super::text::TextFound;
use super::track::Way;
use super::track::film::{Film, FilmFrame};
use super::track::follow::Followed;
use super::track::needed::Reached;
use crate::engine::Shared;
use crate::picture::placed::Placed;
use crate::picture::source_key::source_key;
use crate::stages::{self, Stage};

/// What a frame's mask is made of.
pub struct Request<'p, 'a> {
    /// The host's side, for other frames.
    pub instance: &'a Instance,
    /// The frame.
    pub time: f64,
    /// The source picture.
    pub picture: Picture<'p>,
    /// What points, boxes and the text say.
    pub prompts: &'a FramePrompts,
    /// What the Matte clip says.
    pub matte: MattePrompt<'a>,
    /// The panel.
    pub settings: &'a Settings,
    /// Takes note of what was tracked.
    pub reached: &'a Reached,
}

impl Request<'_, '_> {
    /// The frame's prompts on the model's picture.
    pub fn model_prompts(&self, geometry: &FrameGeometry) -> ModelPrompts {
        to_model(self.prompts, &self.matte, geometry, self.settings.selection)
    }
}

/// The mask of one picture, to be read row by row at the picture's size.
pub struct FrameMask<'a> {
    source: Placed<'a>,
    geometry: FrameGeometry,
    matte: Arc<FinishedMatte>,
}

impl FrameMask<'_> {
    /// The alpha of host row `y` from host column `x1`: 0 outside the picture.
    pub fn alpha_row(&self, y: i32, x1: i32, alpha: &mut [f32]) {
        alpha.fill(0.0);
        if let Some((row, column, inside)) = self.source.overlap(y, x1, alpha.len()) {
            self.matte.alpha.read(row, column, &mut alpha[inside]);
        }
    }

    /// Swaps inside and outside of a row made by [`Self::alpha_row`], on the picture only: beyond it there is nothing
    /// to be inside of.
    pub fn invert_row(&self, y: i32, x1: i32, alpha: &mut [f32]) {
        if let Some((_, _, inside)) = self.source.overlap(y, x1, alpha.len()) {
            alpha[inside].iter_mut().for_each(|alpha| *alpha = 1.0 - *alpha);
        }
    }

    /// The outline in canonical coordinates, for the viewer.
    pub fn outline(&self) -> Vec<Vec<[f64; 2]>> {
        let canonical = |line: &Polyline| line.points.iter().map(|&point| self.geometry.to_canonical(point)).collect();
        self.matte.outline.iter().map(canonical).collect()
    }

    /// The width of the overlay view's outline in pixels: about a 540th of the frame's height, so that it looks the
    /// same in proxies.
    pub fn outline_width(&self) -> usize {
        (self.source.view.height() / 540).max(1)
    }
}

/// The line of models that drafts are made with: the lightest there are.
const LIGHT: &str = "sam1";

/// The model that makes the masks: the one that the panel names, and for a text one that takes texts. For a draft a light
/// one, where one is installed and takes what is said.
///
/// # Errors
/// As [`segment::choose`].
pub fn choose(shared: &Shared, settings: &Settings, prompts: &FramePrompts) -> Result<Choice, SegmentError> {
    let asked = settings.model.unwrap_or("auto");
    let of_text = settings.selection.needs(FIRST_OBJECT) && prompts.have_text();
    if settings.made == draft::Made::Draft
        && !of_text
        && settings.matte_input != MatteInput::Prompt
        && let Ok(light) = segment::choose(&shared.engine, LIGHT)
    {
        return Ok(light);
    }
    match of_text {
        true => segment::choose_for_text(&shared.engine, asked),
        false => segment::choose(&shared.engine, asked),
    }
}

/// Makes the mask, or says why there is none. Same request, same mask: whatever was cached, whichever thread.
///
/// # Errors
/// [`FrameError`]: aborted, no model, a damaged or foreign file, a failed run, the host's refusal of a frame.
pub fn solve<'p>(
    shared: &Shared,
    request: &Request<'p, '_>,
    abort: &dyn Abort,
) -> Result<(Outcome, Option<FrameMask<'p>>), FrameError> {
    let start = Instant::now();
    let Choice { model: segmenter, passed_over } = choose(shared, request.settings, request.prompts)?;
    let geometry = request.picture.geometry(segmenter.as_ref());
    let selection = request.settings.selection;
    let Picture { placed, encoding, scale, .. } = request.picture;
    let source = stages::measure(Stage::SourceKey, || source_key(&placed, encoding));
    let (segmenter, settings) = (segmenter.as_ref(), request.settings);
    let kept = Kept::of(shared, settings);
    let disk = kept.store();
    let film = Film { shared, segmenter, instance: request.instance, scale, disk, settings, abort };
    let followed = Followed::of(film, FilmFrame { time: request.time, source, geometry })?;
    let prompts = request.model_prompts(&geometry).but_those(|object| followed.has(object));
    if !prompts.say_what(selection) && !followed.comes_out(selection) {
        return Ok((Outcome::UnusablePrompts(prompts.left_out().collect::<Vec<_>>().join("\n")), None));
    }
    let model = model_key(segmenter, &prompts, abort)?;
    let key = matte_key(source, model, geometry.model_size(), &prompts, request.settings);
    let key = followed.matte_key(key, selection);
    let mut course = Course::default();
    let (geometry, prompts) = (&geometry, &prompts);
    let work = Work { request, source, model, segmenter, geometry, prompts, followed: &followed, disk, abort };
    let Found { value: matte, origin } =
        shared.mattes.fetch_stored(key, disk, abort, || work.matte(shared, &mut course))?;
    followed.note(request.reached);
    let made = Made {
        model: segmenter.name().to_owned(),
        passed_over: passed_over.iter().map(ToString::to_string).collect(),
        placement: segmenter.placement(abort)?,
        size: geometry.model_size(),
        matte: origin,
        way: followed.way(request.time, course.rolled),
        memory: followed.memory(),
        leaves_options: followed.leaves_options(),
        picture: course.picture,
        detail: course.detail,
        took: start.elapsed(),
        opinion: matte.opinion,
        quality: settings.made,
    };
    let of_text = matte.opinion.text.iter().flat_map(TextFound::warnings);
    let left_out = prompts.left_out().map(str::to_owned).chain(of_text).collect::<Vec<_>>().join("\n");
    Ok((Outcome::Done { made, left_out }, Some(FrameMask { source: placed, geometry: *geometry, matte })))
}

/// How a matte was made that is nowhere remembered.
#[derive(Default)]
struct Course {
    /// Where the encoded picture came from.
    picture: Option<Origin>,
    /// How many frames were tracked for it.
    rolled: usize,
    /// What came of the second look at its objects.
    detail: Option<Detailed>,
}

/// What a matte that is nowhere remembered is made of.
struct Work<'p, 'a> {
    request: &'a Request<'p, 'a>,
    source: Key,
    model: Key,
    segmenter: &'a dyn ImageSegmenter,
    geometry: &'a FrameGeometry,
    prompts: &'a ModelPrompts,
    followed: &'a Followed<'a>,
    disk: Option<&'a DiskStore>,
    abort: &'a dyn Abort,
}

impl Work<'_, '_> {
    /// Makes the matte, and tells how.
    fn matte(&self, shared: &Shared, course: &mut Course) -> Result<FinishedMatte, FrameError> {
        let key = picture_key(self.source, self.geometry.model_size());
        let picture = shared.pictures.get_or_compute::<FrameError>(key, self.abort, || {
            Ok(ModelPicture(self.request.picture.for_model(self.geometry)))
        })?;
        let ModelPicture(picture) = picture.as_ref();
        self.abort.check()?;
        let mut masks = self.decoded(shared, picture, &mut course.picture)?;
        let tracked = self.followed.masks()?;
        course.rolled = tracked.rolled;
        course.picture = course.picture.or(tracked.picture);
        masks.extend(tracked.masks);
        masks.sort_by_key(|(object, _)| *object);
        self.abort.check()?;
        // A mask that is held from another frame does not belong to this picture.
        let is_held = matches!(self.followed.way(self.request.time, 0), Way::Held { .. });
        if self.request.settings.detail_pass && !is_held {
            course.detail = Some(self.look_again(shared, &mut masks)?);
        }
        // Only frames on which an object comes out get here.
        let (logits, opinion) = combine(&masks, self.request.settings.selection).ok_or(SegmentError::NoPrompt)?;
        Ok(stages::measure(Stage::Matte, || {
            let upsample = EdgeUpsample::prepare(&logits, picture, &edge_settings(self.request.settings));
            let Picture { placed, encoding, .. } = &self.request.picture;
            FinishedMatte::new(&upsample, placed, *encoding, opinion)
        }))
    }

    /// Puts the masks of a second look in the place of the first.
    fn look_again(&self, shared: &Shared, masks: &mut [(usize, ObjectMask)]) -> Result<Detailed, FrameError> {
        let (geometry, picture) = (*self.geometry, &self.request.picture);
        let Self { segmenter, disk, abort, source, .. } = *self;
        let pass = DetailPass { shared, segmenter, disk, abort, source, geometry };
        let mut detailed = Detailed::default();
        for (object, mask) in masks {
            let prompt = self.prompts.objects[*object].as_ref();
            let detail = pass.of(&mask.mask, prompt, |crop| Ok(picture.crop_for_model(crop, segmenter)))?;
            detailed.add(&detail);
            if let Detail::Finer(finer) = detail {
                mask.mask = finer;
            }
        }
        Ok(detailed)
    }

    /// The masks by what is said on the frame itself. Where nothing is, the picture need not be encoded: tracked masks
    /// may well be there without.
    fn decoded(
        &self,
        shared: &Shared,
        picture: &Plane<[u8; 3]>,
        encoded: &mut Option<Origin>,
    ) -> Result<Vec<(usize, ObjectMask)>, FrameError> {
        if self.prompts.each().next().is_none() {
            return Ok(Vec::new());
        }
        let embedding = self.segmenter.embed(picture, self.abort)?;
        *encoded = Some(embedding.origin());
        let frame = EncodedFrame {
            shared,
            segmenter: self.segmenter,
            model: self.model,
            embedding: &embedding,
            disk: self.disk,
            abort: self.abort,
        };
        Ok(frame.masks(self.prompts)?)
    }
}
