//! The overlay in the viewer: prompts and the matte's outline, placed and moved with the pen.

pub mod gesture;
mod outline;
mod symbols;

use std::sync::Mutex;

use openfx::{Draw, KeyStroke, MessageKind, Overlay, OverlayView, key};

pub use outline::Outlines;
use outline::bounding_box;

use self::gesture::{Edit, Handle, Pen, Shown};
use super::Roto;
use super::host_prompts::HostPrompts;
use super::objects::Selection;
use super::parameters::{OBJECTS_OUT, POINTS, SHOW_OVERLAY};
use super::prompts::Slot;

/// The overlay of one viewer.
#[derive(Default)]
pub struct RotoOverlay {
    pen: Mutex<Pen>,
}

type View<'a> = OverlayView<'a, Roto>;

impl Overlay<Roto> for RotoOverlay {
    fn draw(&self, view: &View<'_>, draw: &mut dyn Draw) {
        let Some(shown) = shown(view) else { return };
        for line in view.effect.outlines.at(view.time).iter() {
            symbols::outline(draw, line);
        }
        for shown in &shown.boxes {
            symbols::bounding_box(draw, shown, view.pixel);
        }
        let selected = self.with_pen(|pen| pen.selected());
        for point in &shown.points {
            symbols::point(draw, point, selected == Some(Slot::Point(point.slot)), view.pixel);
        }
    }

    fn pen_down(&self, view: &View<'_>, pen: &openfx::Pen) -> bool {
        let Some(shown) = shown(view) else { return false };
        let exclude = view.modifiers.shift || view.modifiers.alt;
        self.with_pen(|state| {
            state.down(pen.position, view.pixel, exclude, &shown);
            if let Some(Handle::Point(slot)) = state.held()
                && view.instance.parameters().has_host_handle(POINTS[slot].position)
            {
                // The host drags its own handle (Natron); ours only remembers what was touched.
                state.released();
            }
            state.is_busy()
        })
    }

    fn pen_moved(&self, view: &View<'_>, pen: &openfx::Pen) -> bool {
        // The next thing that happens on the main thread after a render: the panel's line catches up.
        if let Err(error) = view.effect.status.show_in_panel(view.instance) {
            log::debug!("the status cannot be shown: {error}");
        }
        if !self.with_pen(|state| state.is_busy()) {
            return false;
        }
        let Some(shown) = shown(view) else { return false };
        let edit = self.with_pen(|state| state.moved(pen.position, view.pixel, &shown));
        self.apply(view, edit);
        true
    }

    fn pen_up(&self, view: &View<'_>, _: &openfx::Pen) -> bool {
        let was_busy = self.with_pen(|state| state.is_busy());
        let edit = self.with_pen(Pen::up);
        self.apply(view, edit);
        was_busy
    }

    fn key_down(&self, view: &View<'_>, stroke: &KeyStroke) -> bool {
        if stroke.repeated || ![key::DELETE, key::BACKSPACE].contains(&stroke.symbol) || shown(view).is_none() {
            return false;
        }
        let edit = self.with_pen(Pen::delete);
        self.apply(view, edit);
        edit.is_some()
    }

    fn lost_focus(&self, _: &View<'_>) {
        self.with_pen(Pen::released);
    }
}

impl RotoOverlay {
    /// Works on the pen's state. The lock is never held while calling the host: writing a parameter can draw at once.
    fn with_pen<T>(&self, work: impl FnOnce(&mut Pen) -> T) -> T {
        work(&mut self.pen.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn apply(&self, view: &View<'_>, edit: Option<Edit>) {
        let Some(edit) = edit else { return };
        let seen = if matches!(edit, Edit::AddPoint { .. }) { seen(view) } else { None };
        match HostPrompts(view.instance.parameters()).apply(edit, view.time, seen) {
            Ok(Some(slot)) => self.with_pen(|state| state.added(slot)),
            Ok(None) if matches!(edit, Edit::AddPoint { .. }) => view.instance.show_message(
                MessageKind::Message,
                "All sixteen points are in use. Delete one (select it and press Delete), or move one here.",
            ),
            Ok(None) if matches!(edit, Edit::DrawBox { .. }) => {
                self.with_pen(Pen::released);
                view.instance.show_message(
                    MessageKind::Message,
                    "All four boxes are in use. Delete one (take hold of a corner and press Delete) first.",
                );
            }
            Ok(None) => {}
            Err(error) => log::warn!("the prompt could not be changed: {error}"),
        }
    }
}

/// The box round what the viewer shows of the active object; `None` where nothing is shown, or others are shown too.
fn seen(view: &View<'_>) -> Option<[[f64; 2]; 2]> {
    let parameters = view.instance.parameters();
    let active = HostPrompts(parameters).active_object().ok()?;
    let selection = Selection::from_parameters(parameters.get(OBJECTS_OUT, view.time).ok()?, false);
    let others = || shown(view).is_some_and(|shown| shown.objects().any(|object| object != active));
    if selection.alone() != Some(active) && (selection.alone().is_some() || others()) {
        return None;
    }
    bounding_box(&view.effect.outlines.at(view.time))
}

/// What the viewer shows; `None` where the overlay is switched off or the host does not tell.
fn shown(view: &View<'_>) -> Option<Shown> {
    let parameters = view.instance.parameters();
    if !parameters.get(SHOW_OVERLAY, view.time).unwrap_or(true) {
        return None;
    }
    HostPrompts(parameters)
        .shown(view.time)
        .inspect_err(|error| log::warn!("the overlay cannot read the prompts: {error}"))
        .ok()
}
