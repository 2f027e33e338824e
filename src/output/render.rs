//! One frame: from the host's images to the host's output image.

use matte::{Learned, LearnedAlpha, Stop};
use openfx::{Clip, ClipKey, Error, Image, Instance, MessageKind, RectI, RenderArgs, Result};
use raster::Plane;

use super::inputs::Inputs;
use super::learned::{FrameOf, LearnedEdge, Told};
use super::mode::OutputMode;
use super::paint::{self, Finished};
use super::settings::Settings;
use super::{BACKGROUND_CLIP, MATTE_CLIP, MatteOutput, TRIMAP_CLIP};
use crate::engine::{after_frame, shared};
use crate::picture::placed::Placed;
use crate::picture::thumbnail::is_thumbnail;
use crate::picture::use_input::UseInput;
use crate::stages::{self, Stage};

/// Renders the window of `args`.
///
/// # Errors
/// [`Error::Aborted`] when the host gives up; otherwise in words for the user.
pub fn render(effect: &MatteOutput, instance: &Instance, args: &RenderArgs) -> Result<()> {
    // Nuke wants the output fetched even when nothing is written to it.
    let output = instance.clip(ClipKey::OUTPUT)?.output_image(args.time)?.ok_or(Error::Aborted)?;
    let source_clip = instance.clip(ClipKey::SOURCE)?;
    let Some(source) = source_clip.image(args.time)? else {
        if instance.aborted() {
            return Err(Error::Aborted);
        }
        tell(effect, instance, args.time, None, "no picture on Source");
        return paint::clear(output, args.window);
    };
    if is_thumbnail(instance, args, source_clip, &source) {
        let placed = Placed::of(&source)?.within(source.region_of_definition());
        return paint::pass_through(&placed, output, args.window);
    }
    let settings = Settings::read(instance, args.time)?;
    let stop = || instance.aborted();
    let frame = Asking { instance, settings: &settings, time: args.time, scale: args.scale, stop: &stop };
    let words = frame.finished(&source, |finished| paint::paint(finished, output, args.window))?;
    tell(effect, instance, args.time, words.warning.as_deref(), &words.line);
    after_frame();
    Ok(())
}

/// Hands the finished matte of a frame to `work`, with its place in the host's pixels. `None` where Source has no picture.
///
/// # Errors
/// As [`render`]; [`Error::Aborted`] where `stop` says so.
pub fn with_matte<T>(
    instance: &Instance,
    time: f64,
    scale: [f64; 2],
    stop: Stop<'_>,
    work: impl FnOnce(&Plane<f32>, RectI) -> T,
) -> Result<Option<T>> {
    let Some(source) = instance.clip(ClipKey::SOURCE)?.image(time)? else { return Ok(None) };
    let mut settings = Settings::read(instance, time)?;
    settings.output = OutputMode::MatteInAlpha;
    let frame = Asking { instance, settings: &settings, time, scale, stop };
    let mut result = None;
    frame.finished(&source, |finished| {
        result = Some(work(finished.delivery.alpha(), finished.inputs.bounds()));
        Ok(())
    })?;
    after_frame();
    Ok(result)
}

/// What is asked of a frame.
struct Asking<'a> {
    instance: &'a Instance,
    settings: &'a Settings,
    time: f64,
    scale: [f64; 2],
    stop: Stop<'a>,
}

impl Asking<'_> {
    /// Fetches what the frame is made of, finishes it and hands it to `work`. What is told of it.
    fn finished(&self, source: &Image<'_>, work: impl FnOnce(&Finished<'_>) -> Result<()>) -> Result<Told> {
        let Self { instance, settings, time, scale, .. } = *self;
        let placed = Placed::of(source)?.within(source.region_of_definition());
        let images = Images::fetch(instance, time, settings)?;
        let inputs = images.inputs(instance, settings, placed)?;
        let unit = pixels_per_unit(scale, source.pixel_aspect());
        let (encoding, pixel_aspect) = (inputs.encoding, source.pixel_aspect());
        let frame = FrameOf { source: placed, encoding, pixel_aspect, time, scale, unit };
        let (edge, told) = LearnedEdge::open(instance, settings, frame)?;
        let told = self.matted(&inputs, edge.as_ref(), unit, work)?.unwrap_or(told);
        Ok(words(&images, &inputs, told))
    }

    /// Mattes the frame. What is told of its learned edge, if it has one.
    fn matted(
        &self,
        inputs: &Inputs<'_>,
        edge: Option<&LearnedEdge<'_>>,
        scale: f32,
        work: impl FnOnce(&Finished<'_>) -> Result<()>,
    ) -> Result<Option<Told>> {
        let Self { settings, stop, .. } = *self;
        let (width, height) = (inputs.source.view.width(), inputs.source.view.height());
        let workspaces = &shared().map_err(Error::effect)?.workspaces;
        workspaces.work(width, height, |delivery| {
            let (invert, wanted) = (settings.delivery.invert, settings.output.wanted());
            let learn =
                |trimap: &Plane<f32>, out: &mut Plane<f32>| edge.map_or(Learned::Unfit, |edge| edge.fill(trimap, out));
            let learned: Option<LearnedAlpha<'_>> = if edge.is_some() { Some(&learn) } else { None };
            let finished = stages::measure(Stage::Matte, || {
                inputs.with_frame(invert, learned, |frame| delivery.run(frame, &settings.delivery, wanted, scale, stop))
            });
            let told = edge.map(LearnedEdge::told).transpose()?;
            if !finished {
                return Err(Error::Aborted);
            }
            stages::measure(Stage::Paint, || work(&Finished { delivery, inputs, settings, scale }))?;
            Ok(told)
        })
    }
}

/// The optional images that the panel asks for.
struct Images<'a> {
    matte: Asked<'a>,
    trimap: Asked<'a>,
    background: Option<Image<'a>>,
}

/// An optional image.
struct Asked<'a> {
    image: Option<Image<'a>>,
    /// It is used whether it is there or not.
    must: bool,
}

impl<'a> Images<'a> {
    fn fetch(instance: &'a Instance, time: f64, settings: &Settings) -> Result<Self> {
        let ask = |key: ClipKey, using: UseInput| -> Result<Asked<'a>> {
            let clip: Clip<'a> = instance.clip(key)?;
            let image = if using == UseInput::Never { None } else { clip.image(time)? };
            Ok(Asked { image, must: using == UseInput::Always })
        };
        let wraps = settings.delivery.colour.wrap > 0.0;
        let background = wraps || settings.output == OutputMode::Background;
        Ok(Self {
            matte: ask(MATTE_CLIP, settings.matte_input)?,
            trimap: ask(TRIMAP_CLIP, settings.trimap_input)?,
            background: if background { instance.clip(BACKGROUND_CLIP)?.image(time)? } else { None },
        })
    }

    fn inputs<'i>(&'i self, instance: &Instance, settings: &Settings, source: Placed<'i>) -> Result<Inputs<'i>> {
        let placed = |image: &'i Option<Image<'a>>| image.as_ref().map(Placed::of).transpose();
        let matte = placed(&self.matte.image)?;
        Ok(Inputs {
            source,
            encoding: settings.encoding(instance, source.view.layout().depth),
            has_matte: matte.is_some() || !self.matte.must,
            matte: matte.map(|matte| (matte, settings.matte_channel)),
            trimap: placed(&self.trimap.image)?,
            background: placed(&self.background)?,
        })
    }
}

/// What is told of a frame that was made of these.
fn words(images: &Images<'_>, inputs: &Inputs<'_>, edge: Told) -> Told {
    let matte = match &inputs.matte {
        Some(_) => "matte from the Matte input",
        None if images.matte.must => "no picture on Matte",
        None if inputs.is_cut_out() => "matte from the alpha of Source",
        None => "no matte: Source has no alpha",
    };
    let missing = if inputs.matte.is_none() && images.matte.must {
        Some("The Matte input has no picture at this frame: connect a matte, or set Use Matte Input to Never.")
    } else if images.trimap.must && inputs.trimap.is_none() {
        Some("The Trimap input has no picture at this frame: the trimap is made from the matte.")
    } else {
        None
    };
    let trimap = if inputs.trimap.is_some() { ", painted trimap" } else { "" };
    Told { line: format!("{matte}{trimap}{}", edge.line), warning: missing.map(str::to_owned).or(edge.warning) }
}

/// Writes down what was done, and puts on the node what the user has to know, or clears it.
fn tell(effect: &MatteOutput, instance: &Instance, time: f64, missing: Option<&str>, line: &str) {
    // The frame is named: renders of other frames may end between this one and the look at the panel.
    effect.line.write(format!("Frame {time}: {line}"));
    match missing {
        Some(missing) => instance.set_persistent_message(MessageKind::Warning, missing),
        None => instance.clear_persistent_message(),
    }
}

/// Pixels per canonical unit: across and down they differ where pixels are not square, and lengths are taken to be their
/// geometric mean.
fn pixels_per_unit(scale: [f64; 2], pixel_aspect: f64) -> f32 {
    (scale[0] / pixel_aspect * scale[1]).sqrt() as f32
}
