//! What an effect is: its description and its answers.

use crate::arguments::{Change, ClipPreferences, FramesNeeded, Identity, Reason, RegionArgs, RenderArgs, SequenceArgs};
use crate::description::Description;
use crate::entry::Entry;
use crate::error::Result;
use crate::geometry::RectD;
use crate::instance::Instance;
use crate::overlay::Overlay;

/// An effect; one value of the implementing type lives in each instance of the host.
///
/// Every method takes `&self`: renders run at once on several threads, and a host may call back into the instance while
/// one of its functions is being called. So: inner mutability, and never a lock held during a call to the host.
///
/// An `Err` from [`Effect::render`] becomes the instance's persistent message, which the next good render or change
/// clears; [`crate::Error::Aborted`] is quiet. A panic anywhere is caught, logged and answered with failure.
pub trait Effect: Sized + Send + Sync + 'static {
    /// What the host is told.
    const DESCRIPTION: &'static Description;

    /// Makes the state of a new instance. Parameters may be read but not written.
    ///
    /// # Errors
    /// Only when the instance cannot exist: the host then makes no node.
    fn create(instance: &Instance) -> Result<Self>;

    /// Renders one frame, or a window of it.
    ///
    /// # Errors
    /// In words for the user; [`crate::Error::Aborted`] after [`Instance::aborted`].
    fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()>;

    /// Whether the output is just a frame of an input. Be quick, and be ready to render anyway (Resolve).
    ///
    /// # Errors
    /// Taken as "no".
    fn identity(&self, instance: &Instance, args: &RenderArgs) -> Result<Option<Identity>> {
        let _ = (instance, args);
        Ok(None)
    }

    /// Where the output has pixels, canonical; `None`: where Source has them.
    ///
    /// # Errors
    /// Taken as `None`.
    fn region_of_definition(&self, instance: &Instance, args: &RegionArgs) -> Result<Option<RectD>> {
        let _ = (instance, args);
        Ok(None)
    }

    /// Which frames the render at `time` will fetch; without an answer, the one at `time`. Needs
    /// [`Description::temporal`] and [`crate::ClipRow::temporal`].
    ///
    /// # Errors
    /// Taken as no answer.
    fn frames_needed(&self, instance: &Instance, time: f64, needed: &mut FramesNeeded<'_>) -> Result<()> {
        let _ = (instance, time, needed);
        Ok(())
    }

    /// What the output will be.
    ///
    /// # Errors
    /// Taken as no answer.
    fn clip_preferences(&self, instance: &Instance, preferences: &mut ClipPreferences<'_>) -> Result<()> {
        let _ = (instance, preferences);
        Ok(())
    }

    /// A sequence of renders begins.
    ///
    /// # Errors
    /// The host gives up the sequence.
    fn begin_sequence(&self, instance: &Instance, args: &SequenceArgs) -> Result<()> {
        let _ = (instance, args);
        Ok(())
    }

    /// A sequence of renders ends.
    ///
    /// # Errors
    /// Logged.
    fn end_sequence(&self, instance: &Instance, args: &SequenceArgs) -> Result<()> {
        let _ = (instance, args);
        Ok(())
    }

    /// A batch of changes begins.
    fn begin_changes(&self, instance: &Instance, reason: Reason) {
        let _ = (instance, reason);
    }

    /// A parameter or clip changed, or a button was pressed. Parameters may be written, which calls this again with
    /// [`Reason::PluginEdited`].
    ///
    /// # Errors
    /// Shown to the user when they made the change.
    fn changed(&self, instance: &Instance, change: &Change) -> Result<()> {
        let _ = (instance, change);
        Ok(())
    }

    /// A batch of changes ends.
    fn end_changes(&self, instance: &Instance, reason: Reason) {
        let _ = (instance, reason);
    }

    /// The panel opens.
    fn begin_edit(&self, instance: &Instance) {
        let _ = instance;
    }

    /// The panel closes.
    fn end_edit(&self, instance: &Instance) {
        let _ = instance;
    }

    /// The project is about to be saved or copied: write private state into parameters.
    fn sync_private_data(&self, instance: &Instance) {
        let _ = instance;
    }

    /// Give memory back.
    fn purge_caches(&self, instance: &Instance) {
        let _ = instance;
    }

    /// The overlay of a viewer; called once for each. Needs [`Description::overlay`].
    fn overlay(&self, instance: &Instance) -> Option<Box<dyn Overlay<Self>>> {
        let _ = instance;
        None
    }
}

/// An effect that is exported from this library; implemented by [`crate::export_plugins!`].
pub trait Exported: Effect {
    /// Its host.
    fn entry() -> &'static Entry;
}
