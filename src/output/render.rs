//! One frame: from the host's images to the host's output image.

use openfx::{Clip, ClipKey, Error, Image, Instance, MessageKind, RenderArgs, Result};

use super::inputs::Inputs;
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
    let placed = Placed::of(&source)?.within(source.region_of_definition());
    if is_thumbnail(instance, args, source_clip, &source) {
        return paint::pass_through(&placed, output, args.window);
    }
    let settings = Settings::read(instance, args.time)?;
    let images = Images::fetch(instance, args.time, &settings)?;
    let inputs = images.inputs(instance, &settings, placed)?;
    tell_of_inputs(effect, instance, args.time, &images, &inputs);
    let scale = pixels_per_unit(args.scale, source.pixel_aspect());
    let workspaces = &shared().map_err(Error::effect)?.workspaces;
    workspaces.work(placed.view.width(), placed.view.height(), |delivery| {
        let (invert, wanted) = (settings.delivery.invert, settings.output.wanted());
        let stop = || instance.aborted();
        let finished = stages::measure(Stage::Matte, || {
            inputs.with_frame(invert, |frame| delivery.run(frame, &settings.delivery, wanted, scale, &stop))
        });
        if !finished {
            return Err(Error::Aborted);
        }
        let finished = Finished { delivery, inputs: &inputs, settings: &settings, scale };
        stages::measure(Stage::Paint, || paint::paint(&finished, output, args.window))
    })?;
    after_frame();
    Ok(())
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
        let background = wraps || settings.output == super::mode::OutputMode::Background;
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

fn tell_of_inputs(effect: &MatteOutput, instance: &Instance, time: f64, images: &Images<'_>, inputs: &Inputs<'_>) {
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
    tell(effect, instance, time, missing, &format!("{matte}{trimap}"));
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
