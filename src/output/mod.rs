//! MatteOutput: a matte becomes what is delivered, with clean edges and the object's own colours.
//!
//! * [`parameters`]: the panel. [`settings`]: its values at a time. [`presets`], [`preset_file`]: many of them at once.
//! * [`inputs`]: the host's images, row by row. [`workspaces`]: memory that is kept.
//! * [`learned`], [`learned_area`]: the soft edge by a network.
//! * [`render`], [`paint`], [`mode`]: through `matte::Delivery` to the host's output image. [`splines`]: to a file of curves.

pub mod inputs;
pub mod learned;
pub mod learned_area;
pub mod mode;
pub mod paint;
pub mod parameters;
pub mod preset_file;
pub mod presets;
pub mod render;
pub mod settings;
pub mod splines;
pub mod workspaces;

use openfx::{
    Change, ClipKey, ClipPreferences, Components, Description, Effect, FramesNeeded, Instance, Reason, RenderArgs,
    Result,
};

use self::mode::OutputMode;
use self::parameters::{EXPORT_SPLINES, OUTPUT_MODE, PRESET, SAVE_PRESET, STATUS, USER_PRESET};
use self::settings::Settings;
use crate::job::{self, EXPORT_JOB};
use crate::panel_line::PanelLine;
use crate::presence::Presence;

/// The optional matte.
pub const MATTE_CLIP: ClipKey = ClipKey::new(c"Matte");
/// The optional painted trimap.
pub const TRIMAP_CLIP: ClipKey = ClipKey::new(c"Trimap");
/// The optional new background, for light wrap and for looking at.
pub const BACKGROUND_CLIP: ClipKey = ClipKey::new(c"Background");

/// One instance's state: nothing that a frame depends on.
pub struct MatteOutput {
    line: PanelLine,
    _presence: Presence,
}

impl Effect for MatteOutput {
    const DESCRIPTION: &'static Description = &Description::new(c"org.sam3roto.MatteOutput", c"MatteOutput")
        .version(1, 0)
        .grouping(c"Sam3Roto")
        .temporal()
        .about(
            c"Turns a matte into what is delivered: cleans it, finds fine edges and hair, and gives the edge the object's own colours. Connect the plate to Source and the matte to Matte; choose a preset for the material.",
        )
        .clips(&[
            ClipKey::SOURCE.row(&[Components::Rgba, Components::Rgb]).temporal(),
            MATTE_CLIP.row(&[Components::Alpha, Components::Rgba, Components::Rgb]).optional().mask(),
            TRIMAP_CLIP.row(&[Components::Rgba, Components::Rgb, Components::Alpha]).optional(),
            BACKGROUND_CLIP.row(&[Components::Rgba, Components::Rgb]).optional(),
            ClipKey::OUTPUT.row(&[Components::Rgba, Components::Rgb, Components::Alpha]),
        ])
        .parameters(&parameters::SECTIONS);

    fn create(instance: &Instance) -> Result<Self> {
        crate::logging::start();
        Ok(Self { line: PanelLine::default(), _presence: Presence::of(instance) })
    }

    fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()> {
        render::render(self, instance, args)
    }

    fn frames_needed(&self, instance: &Instance, time: f64, needed: &mut FramesNeeded<'_>) -> Result<()> {
        let before = f64::from(learned::frames_before(instance, &Settings::read(instance, time)?));
        if before > 0.0 {
            needed.add(ClipKey::SOURCE, time - before..=time);
        }
        Ok(())
    }

    fn clip_preferences(&self, instance: &Instance, preferences: &mut ClipPreferences<'_>) -> Result<()> {
        // Fixed parameter: the same at every time.
        let mode = OutputMode::from_index(instance.parameters().get(OUTPUT_MODE, 0.0)?);
        // A source without alpha would otherwise make an output without alpha, and the matte would be lost.
        preferences.components(ClipKey::OUTPUT, Components::Rgba);
        preferences.output_premultiplication(mode.premultiplication());
        Ok(())
    }

    fn changed(&self, instance: &Instance, change: &Change) -> Result<()> {
        if change.reason == Reason::UserEdited {
            if change.is(PRESET) || change.is(USER_PRESET) {
                presets::apply(instance, change)?;
            } else if change.is(SAVE_PRESET) {
                presets::save(instance, change.time)?;
            } else if change.is(EXPORT_SPLINES) {
                splines::export(self, instance, change)?;
            } else if change.is(EXPORT_JOB) {
                job::export(instance, Self::DESCRIPTION, change.time, false)?;
            }
        }
        if change.reason != Reason::PluginEdited { self.line.show(instance, STATUS) } else { Ok(()) }
    }

    fn purge_caches(&self, _: &Instance) {
        crate::engine::purge();
    }
}
