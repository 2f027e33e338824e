//! One frame: from the host's images to the host's output image.

use std::time::Instant;

use openfx::{Clip, ClipKey, Components, Error, Image, Instance, OutputImage, RenderArgs, Result};
use raster::Plane;

use super::Refine;
use super::estimator;
use super::failure::RefineError;
use super::film::{Film, alpha_on, matte_on};
use super::neighbours::Window;
use super::paint::{Content, Painter};
use super::settings::Settings;
use super::solve::{solve, step};
use super::status::{Made, Outcome, tell};
use super::view::{self, View};
use crate::engine::{after_frame, shared};
use crate::picture::grid::Grid;
use crate::picture::placed::Placed;
use crate::picture::thumbnail::is_thumbnail;
use crate::stages::{self, Stage};

/// Renders the window of `args`.
///
/// # Errors
/// [`Error::Aborted`] when the host gives up; otherwise in words for the user.
pub fn render(effect: &Refine, instance: &Instance, args: &RenderArgs) -> Result<()> {
    // Nuke wants the output fetched even when nothing is written to it.
    let output = instance.clip(ClipKey::OUTPUT)?.output_image(args.time)?.ok_or(Error::Aborted)?;
    let settings = Settings::read(instance, args.time)?;
    let clip = instance.clip(ClipKey::SOURCE)?;
    let Some(image) = clip.image(args.time)? else {
        if instance.aborted() {
            return Err(Error::Aborted);
        }
        tell(&effect.line, instance, args.time, &Outcome::NoSource);
        return clear(&settings, output, args);
    };
    let source = Placed::whole(clip, &image, args.time, args.scale)?;
    let grid = Grid { bounds: source.bounds, pixel_aspect: image.pixel_aspect() };
    let scene = Scene { instance, args, settings: &settings, clip, image: &image, source, grid };
    if is_thumbnail(instance, args, clip, &image) {
        let matte = scene.matte()?.unwrap_or_else(|| scene.empty());
        return scene.paint(output, Content::Matte(&matte, settings.output));
    }
    let (outcome, shown) = scene.refined()?;
    tell(&effect.line, instance, args.time, &outcome);
    if instance.aborted() {
        return Err(Error::Aborted);
    }
    match &shown {
        Shown::Matte(matte) => scene.paint(output, Content::Matte(matte, settings.output))?,
        Shown::Picture(picture) => scene.paint(output, Content::Picture(picture))?,
    }
    drop(shown);
    after_frame();
    Ok(())
}

/// Transparent black.
fn clear(settings: &Settings, output: OutputImage<'_>, args: &RenderArgs) -> Result<()> {
    let nothing = Plane::new(0, 0, 0f32);
    let content = Content::Matte(&nothing, settings.output);
    Painter { source: None, bounds: args.window, content }.paint(output, args.window)
}

/// The frame that is rendered.
struct Scene<'a> {
    instance: &'a Instance,
    args: &'a RenderArgs,
    settings: &'a Settings,
    clip: Clip<'a>,
    image: &'a Image<'a>,
    source: Placed<'a>,
    grid: Grid,
}

/// What is painted.
enum Shown {
    Matte(Plane<f32>),
    Picture(Plane<[f32; 4]>),
}

impl Scene<'_> {
    fn refined(&self) -> std::result::Result<(Outcome, Shown), RefineError> {
        let reach = self.settings.reach(self.instance);
        if reach == 0 {
            let matte = self.matte()?.unwrap_or_else(|| self.empty());
            let alone = !self.instance.host().hands_out_other_frames();
            let outcome = if alone { Outcome::OneFrameOnly } else { Outcome::Untouched };
            return Ok((outcome, self.shown(None, &matte, matte.clone())?));
        }
        let start = Instant::now();
        let shared = shared().map_err(Error::effect)?;
        let abort = &|| self.instance.aborted();
        let choice = estimator::choose(shared, self.settings, abort)?;
        let film = Film {
            shared,
            instance: self.instance,
            settings: self.settings,
            grid: self.grid,
            scale: self.args.scale,
            matte_clip: self.settings.uses_matte_clip(self.instance),
            estimator: choice.estimator.as_ref(),
            abort,
        };
        let time = self.args.time;
        let frame = film.frame_of(time, self.clip, self.image)?;
        let missing = self.missing(frame.matte.is_none());
        let matte = frame.matte.unwrap_or_else(|| self.empty());
        if let (Some(outcome), View::Result | View::Difference) = (&missing, self.settings.view) {
            return Ok((outcome.clone(), self.shown(None, &matte, matte.clone())?));
        }
        let window = Window::gather(&film, time, &frame.look, reach)?;
        film.abort.check()?;
        let refined = match self.settings.view {
            View::Result | View::Difference => {
                solve((&matte, &frame.look), &window, self.settings, self.args.scale[1])?
            }
            _ => matte.clone(),
        };
        let shown = self.shown(Some(&window), &matte, refined)?;
        let (name, size) = (film.estimator.name(), film.working_size());
        Ok((Outcome::Done(Made::of(&window, name, choice.passed_over, size, start.elapsed())), shown))
    }

    /// What of a matte is not there, where it is not.
    fn missing(&self, no_picture: bool) -> Option<Outcome> {
        if no_picture {
            return Some(Outcome::NoMatte);
        }
        let opaque = self.clip.unmapped_components().unwrap_or(self.image.components()) == Components::Rgb;
        (opaque && !self.settings.uses_matte_clip(self.instance)).then_some(Outcome::NoAlpha)
    }

    fn shown(
        &self,
        window: Option<&Window>,
        before: &Plane<f32>,
        after: Plane<f32>,
    ) -> std::result::Result<Shown, RefineError> {
        if self.settings.view == View::Result {
            return Ok(Shown::Matte(after));
        }
        let step = window.and_then(step);
        Ok(Shown::Picture(view::picture(self.settings.view, step.as_ref(), before, &after)?))
    }

    /// The matte as it comes; `None` where the Matte clip has no picture.
    fn matte(&self) -> std::result::Result<Option<Plane<f32>>, RefineError> {
        if self.settings.uses_matte_clip(self.instance) {
            return matte_on(self.grid, self.instance, (self.args.time, self.args.scale), self.settings);
        }
        Ok(Some(alpha_on(self.grid, &self.source, self.grid.pixel_aspect)))
    }

    fn empty(&self) -> Plane<f32> {
        Plane::new(self.grid.bounds.width(), self.grid.bounds.height(), 0.0)
    }

    fn paint(&self, output: OutputImage<'_>, content: Content<'_>) -> Result<()> {
        let painter = Painter { source: Some(self.source), bounds: self.grid.bounds, content };
        stages::measure(Stage::Paint, || painter.paint(output, self.args.window))
    }
}
