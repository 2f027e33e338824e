//! SAM3Roto: points and boxes, keyframed as host parameters, a text and a rough matte become a matte of the objects.
//!
//! * [`parameters`]: the panel. [`draft`]: draft or final. [`settings`], [`host_prompts`]: its values and prompts at a time. `prompt_frames`:
//!   new prompt frames by clicks. `slots`: which of its rows are greyed out.
//! * [`schedule`], [`prompts`], [`text`], [`matte_prompt`]: what is said of each object on a frame. [`geometry`],
//!   [`model_prompts`]: where that lies for the model.
//! * [`objects`]: the mask of each object, and how they become one. [`detail`]: a second look at each.
//! * [`model_frame`], [`mask`]: picture and prompts to a matte, through the engine's caches. [`keys`],
//!   [`finished`]: what a matte depends on, and how it is kept.
//! * [`track`]: objects from their prompt frames to all others.
//! * [`results`]: where they are kept on disk. [`render`], [`paint`], [`garbage`]: the mask to the host's output image.
//! * [`quality`]: which frames to look at. [`analyse`]: all frames ahead of need. [`overlay`]: the viewer. [`status`]: what ran, in words.

pub mod analyse;
pub mod detail;
pub mod draft;
pub mod failure;
pub mod finished;
pub mod garbage;
pub mod geometry;
pub mod host_prompts;
pub mod keys;
pub mod mask;
pub mod matte_prompt;
pub mod model_frame;
pub mod model_prompts;
pub mod objects;
pub mod overlay;
pub mod paint;
pub mod parameters;
mod prompt_frames;
pub mod prompts;
pub mod quality;
pub mod render;
pub mod results;
pub mod schedule;
pub mod settings;
mod slots;
pub mod status;
pub mod text;
pub mod track;

use openfx::{
    Change, ClipKey, ClipPreferences, Components, Description, Effect, FramesNeeded, Instance, Overlay,
    Premultiplication, Reason, RenderArgs, Result, Sequential,
};

use self::analyse::Reach;
use self::host_prompts::HostPrompts;
use self::overlay::{Outlines, RotoOverlay};
use self::parameters::{CLEAR_PROMPTS, CLEAR_TRACK, KEY_PROMPTS, OUTPUT_MODE, STATUS, TRACK_TAKE};
use self::prompts::prompts_at;
use self::settings::Settings;
use self::status::Status;
use self::track::Tracking;
use self::track::needed::Reached;
use crate::engine::shared;
use crate::job::{self, EXPORT_JOB};
use crate::picture::compose::OutputMode;
use crate::presence::Presence;

/// The optional garbage matte or prompt.
pub const MATTE_CLIP: ClipKey = ClipKey::new(c"Matte");

/// One instance's state: nothing that a frame depends on, so that every instance and every machine gives the same.
pub struct Roto {
    outlines: Outlines,
    status: Status,
    reached: Reached,
    _presence: Presence,
}

impl Effect for Roto {
    const DESCRIPTION: &'static Description = &Description::new(c"org.sam3roto.Roto", c"SAM3Roto")
        .version(1, 0)
        .grouping(c"Sam3Roto")
        .about(
            c"Cuts an object out of a shot. Click on it in the viewer, or drag a box round it; Shift-click what does not belong to it. Keyframes of the prompts are prompt frames: to correct a shot, go to a bad frame and key a point there.",
        )
        .clips(&[
            ClipKey::SOURCE.row(&[Components::Rgba, Components::Rgb]).temporal(),
            MATTE_CLIP.row(&[Components::Alpha, Components::Rgba, Components::Rgb]).optional().mask().temporal(),
            ClipKey::OUTPUT.row(&[Components::Rgba, Components::Rgb, Components::Alpha]),
        ])
        .parameters(&parameters::SECTIONS)
        .temporal()
        .sequential(Sequential::Preferred)
        .overlay();

    fn create(instance: &Instance) -> Result<Self> {
        crate::logging::start();
        let (outlines, status, reached) = (Outlines::default(), Status::default(), Reached::default());
        Ok(Self { outlines, status, reached, _presence: Presence::of(instance) })
    }

    fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()> {
        render::render(self, instance, args)
    }

    fn frames_needed(&self, instance: &Instance, time: f64, needed: &mut FramesNeeded<'_>) -> Result<()> {
        track::needed::frames_needed(instance, &self.reached, time, needed)
    }

    fn clip_preferences(&self, instance: &Instance, preferences: &mut ClipPreferences<'_>) -> Result<()> {
        // Fixed parameter: the same at every time.
        let mode = OutputMode::from_index(instance.parameters().get(OUTPUT_MODE, 0.0)?);
        // A source without alpha would otherwise make an output without alpha, and the matte would be lost.
        preferences.components(ClipKey::OUTPUT, Components::Rgba);
        preferences.output_premultiplication(match mode {
            OutputMode::MatteInAlpha => Premultiplication::Unpremultiplied,
            OutputMode::Cutout | OutputMode::MatteAsRgb => Premultiplication::Premultiplied,
            OutputMode::Overlay => Premultiplication::Opaque,
        });
        // A still picture under a keyed prompt still changes from frame to frame.
        preferences.frame_varying(true);
        Ok(())
    }

    fn changed(&self, instance: &Instance, change: &Change) -> Result<()> {
        if change.reason == Reason::UserEdited {
            let prompts = HostPrompts(instance.parameters());
            if change.is(KEY_PROMPTS) {
                prompts.key_all(change.time)?;
            } else if change.is(CLEAR_PROMPTS) {
                prompts.clear()?;
            } else if change.is(CLEAR_TRACK) {
                return self.next_take(instance);
            } else if let Some(after) = quality::panel::asked(change) {
                return quality::panel::go(instance, change, after);
            } else if let Some(reach) = Reach::asked(change) {
                return analyse::analyse(instance, change, reach);
            } else if change.is(EXPORT_JOB) {
                let is_tracked = Settings::read(instance, change.time)?.tracking == Tracking::FromPrompts;
                job::export(instance, Self::DESCRIPTION, change.time, is_tracked)?;
            }
        }
        if slots::is_prompt(change) || change.is(TRACK_TAKE) {
            self.outlines.clear();
            self.reached.clear();
            slots::enable_used(instance, change.time);
        }
        if change.reason != Reason::PluginEdited { self.status.show_in_panel(instance) } else { Ok(()) }
    }

    fn begin_edit(&self, instance: &Instance) {
        load_ahead(instance);
        slots::enable_used(instance, instance.timeline_time().unwrap_or(0.0));
    }

    fn purge_caches(&self, _: &Instance) {
        self.outlines.clear();
        crate::engine::purge();
    }

    fn overlay(&self, _: &Instance) -> Option<Box<dyn Overlay<Self>>> {
        Some(Box::new(RotoOverlay::default()))
    }
}

impl Roto {
    /// What is tracked from now on has other names. A parameter says so, and not the removal of results: hosts render
    /// the shot anew, undo goes back, the farm gets it with the project, and nobody else loses what they share.
    fn next_take(&self, instance: &Instance) -> Result<()> {
        let parameters = instance.parameters();
        let _undo = parameters.edit(c"Clear Track");
        let take = parameters.get(TRACK_TAKE, 0.0)?.saturating_add(1);
        parameters.set(TRACK_TAKE, take)?;
        self.reached.clear();
        parameters.set(STATUS, format!("Cleared: the shot is tracked anew, as take {take}."))
    }
}

/// Somebody opens the panel: the first click will come soon, and the model can be loaded by then. What stands against it
/// is told when the matte is asked for.
fn load_ahead(instance: &Instance) {
    if instance.host().is_background {
        return;
    }
    let Ok(shared) = shared() else { return };
    let time = instance.timeline_time().unwrap_or(0.0);
    let prompts = prompts_at(&HostPrompts(instance.parameters()), time);
    let panel = Settings::read(instance, time).and_then(|settings| Ok((settings, prompts?)));
    match panel.map(|(settings, prompts)| mask::choose(shared, &settings, &prompts)) {
        Ok(Ok(choice)) => shared.engine.warm(choice.model.files()),
        Ok(Err(error)) => log::debug!("no model to load ahead of need: {error}"),
        Err(error) => log::debug!("no model is chosen: {error}"),
    }
}
