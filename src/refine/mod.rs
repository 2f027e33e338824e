//! RAFTRefine: a matte that flickers becomes calm along the motion of what it shows.
//!
//! * [`parameters`]: the panel. [`settings`]: its values at a time.
//! * [`grid`]: where the frame lies, and mattes and pictures brought onto it. [`film`]: the host's frames.
//! * [`estimator`]: who finds motion. [`motion`]: the motion of a pair of frames, through the engine's caches.
//! * [`neighbours`]: which frames help, up to the ends of the clip and to cuts. [`solve`]: the refined frame.
//! * [`view`]: what is shown beside the matte. [`render`], [`paint`]: to the host's output image.
//! * [`status`]: what ran, in words. [`failure`]: why nothing did.

pub mod estimator;
pub mod failure;
pub mod film;
pub mod motion;
pub mod neighbours;
pub mod paint;
pub mod parameters;
pub mod render;
pub mod settings;
pub mod solve;
pub mod status;
pub mod view;

use openfx::{
    Change, ClipKey, ClipPreferences, Components, Description, Effect, FramesNeeded, Instance, Premultiplication,
    Reason, RenderArgs, Result, Sequential,
};

use self::parameters::{OUTPUT_MODE, STATUS, VIEW};
use self::settings::Settings;
use self::view::View;
use crate::job::{self, EXPORT_JOB};
use crate::panel_line::PanelLine;
use crate::picture::compose::OutputMode;
use crate::presence::Presence;

/// The matte that is refined.
pub const MATTE_CLIP: ClipKey = ClipKey::new(c"Matte");

/// One instance's state: nothing that a frame depends on.
pub struct Refine {
    line: PanelLine,
    _presence: Presence,
}

impl Effect for Refine {
    const DESCRIPTION: &'static Description = &Description::new(c"org.sam3roto.TemporalRefine", c"RAFTRefine")
        .version(1, 0)
        .grouping(c"Sam3Roto")
        .about(
            c"Calms a matte that flickers: frames before and after are brought onto each frame along the motion of the object, and what is only there for one frame goes. Connect the picture to Source and the matte to Matte, or a picture with the matte in its alpha to Source alone.",
        )
        .clips(&[
            ClipKey::SOURCE.row(&[Components::Rgba, Components::Rgb]).temporal(),
            MATTE_CLIP.row(&[Components::Alpha, Components::Rgba, Components::Rgb]).optional().mask().temporal(),
            ClipKey::OUTPUT.row(&[Components::Rgba, Components::Rgb, Components::Alpha]),
        ])
        .parameters(&parameters::SECTIONS)
        .temporal()
        .sequential(Sequential::Preferred);

    fn create(instance: &Instance) -> Result<Self> {
        crate::logging::start();
        Ok(Self { line: PanelLine::default(), _presence: Presence::of(instance) })
    }

    fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()> {
        render::render(self, instance, args)
    }

    fn frames_needed(&self, instance: &Instance, time: f64, needed: &mut FramesNeeded<'_>) -> Result<()> {
        let settings = Settings::read(instance, time)?;
        let reach = f64::from(settings.reach(instance));
        if reach > 0.0 {
            needed.add(ClipKey::SOURCE, time - reach..=time + reach);
            if settings.uses_matte_clip(instance) {
                needed.add(MATTE_CLIP, time - reach..=time + reach);
            }
        }
        Ok(())
    }

    fn clip_preferences(&self, instance: &Instance, preferences: &mut ClipPreferences<'_>) -> Result<()> {
        // Fixed parameters: the same at every time.
        let mode = OutputMode::from_index(instance.parameters().get(OUTPUT_MODE, 0.0)?);
        let view = View::from_index(instance.parameters().get(VIEW, 0.0)?);
        // A source without alpha would otherwise make an output without alpha, and the matte would be lost.
        preferences.components(ClipKey::OUTPUT, Components::Rgba);
        preferences.output_premultiplication(match (view, mode) {
            (View::Result, OutputMode::MatteInAlpha) => Premultiplication::Unpremultiplied,
            (View::Result, _) => Premultiplication::Premultiplied,
            _ => Premultiplication::Opaque,
        });
        // The neighbours of a still frame differ from time to time.
        preferences.frame_varying(true);
        Ok(())
    }

    fn changed(&self, instance: &Instance, change: &Change) -> Result<()> {
        if change.reason == Reason::PluginEdited {
            return Ok(());
        }
        if change.is(EXPORT_JOB) {
            job::export(instance, Self::DESCRIPTION, change.time, false)?;
        }
        self.line.show(instance, STATUS)
    }

    fn purge_caches(&self, _: &Instance) {
        crate::engine::purge();
    }
}
