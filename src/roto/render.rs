//! One frame: from the host's source image to the host's output image.

use openfx::{ClipKey, Error, Image, Instance, RenderArgs, Result};

use super::garbage::MatteInput;
use super::host_prompts::HostPrompts;
use super::mask::{self, FrameMask, Request};
use super::matte_prompt::{matte_prompt, matte_prompt_image};
use super::model_frame::Picture;
use super::paint::{Content, Painter};
use super::prompts::prompts_at;
use super::settings::Settings;
use super::status::Outcome;
use super::track::needed::Reached;
use super::{MATTE_CLIP, Roto};
use crate::engine::{after_frame, shared};
use crate::picture::placed::Placed;
use crate::picture::thumbnail::is_thumbnail;
use crate::stages::{self, Stage};

/// Renders the window of `args`.
///
/// # Errors
/// [`Error::Aborted`] when the host gives up; otherwise in words for the user.
pub fn render(effect: &Roto, instance: &Instance, args: &RenderArgs) -> Result<()> {
    // Nuke wants the output fetched even when nothing is written to it.
    let output = instance.clip(ClipKey::OUTPUT)?.output_image(args.time)?.ok_or(Error::Aborted)?;
    let settings = Settings::read(instance, args.time)?;
    let made = settings.quality.of_render(args.interactive, args.draft);
    let settings = settings.made(made);
    let source_clip = instance.clip(ClipKey::SOURCE)?;
    let Some(source) = source_clip.image(args.time)? else {
        if instance.aborted() {
            return Err(Error::Aborted);
        }
        effect.status.tell(instance, args.time, &Outcome::NoSource);
        return Painter::new(&settings, None, Content::Nothing).paint(output, args.window);
    };
    let placed = Placed::of(&source)?;
    if is_thumbnail(instance, args, source_clip, &source) {
        return Painter::new(&settings, Some(placed), Content::PassThrough).paint(output, args.window);
    }
    let picture = Picture::of(instance, source_clip, &source, (args.time, args.scale), &settings)?;
    let Some(mask) = solve(effect, instance, args, &settings, picture)? else {
        return Painter::new(&settings, Some(placed), Content::Nothing).paint(output, args.window);
    };
    let matte = matte_input(instance, args, &settings)?;
    let matte = matte.as_ref().map(Placed::of).transpose()?;
    if instance.aborted() {
        return Err(Error::Aborted);
    }
    let painter = Painter::new(&settings, Some(placed), Content::Mask { mask: &mask, matte });
    stages::measure(Stage::Paint, || painter.paint(output, args.window))?;
    drop(mask);
    after_frame();
    Ok(())
}

/// The frame's mask; `None`, told in the status, where nothing says what the object is.
fn solve<'a>(
    effect: &Roto,
    instance: &Instance,
    args: &RenderArgs,
    settings: &Settings,
    picture: Picture<'a>,
) -> Result<Option<FrameMask<'a>>> {
    let prompts = prompts_at(&HostPrompts(instance.parameters()), args.time)?;
    let image = matte_prompt_image(instance, args.time, settings)?;
    let matte = matte_prompt(image.as_ref(), args.scale, settings)?;
    if prompts.is_empty() && !matte.is_asked() {
        // Before any model is looked for: a node that was just made has nothing to complain about.
        effect.status.tell(instance, args.time, &Outcome::NoPrompt);
        effect.outlines.put(args.time, Vec::new());
        return Ok(None);
    }
    let reached: &Reached = &effect.reached;
    let request = Request { instance, time: args.time, picture, prompts: &prompts, matte, settings, reached };
    let shared = shared().map_err(Error::effect)?;
    let (outcome, mask) = mask::solve(shared, &request, &|| instance.aborted())?;
    effect.status.tell(instance, args.time, &outcome);
    if instance.host().supports_overlays && !instance.host().is_background {
        effect.outlines.put(args.time, mask.as_ref().map(FrameMask::outline).unwrap_or_default());
    }
    Ok(mask)
}

/// The Matte clip's image where it shapes the matte; `None` also where nothing is connected to it.
fn matte_input<'a>(instance: &'a Instance, args: &RenderArgs, settings: &Settings) -> Result<Option<Image<'a>>> {
    if matches!(settings.matte_input, MatteInput::Ignore | MatteInput::Prompt) {
        return Ok(None);
    }
    instance.clip(MATTE_CLIP)?.image(args.time)
}
