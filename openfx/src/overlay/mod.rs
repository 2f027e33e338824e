//! Overlays: what an effect draws over the host's viewer, and what the user does there.

mod draw;
mod draw_suite;
mod entry;
mod gl;
mod keyboard;

use std::ffi::c_void;

use openfx_sys as sys;

pub use draw::{Draw, Stipple, TextAnchor};
pub use keyboard::{Modifiers, key};

use crate::effect::{Effect, Exported};
use crate::entry::Loaded;
use crate::host::Host;
use crate::instance::Instance;
use crate::names;
use crate::properties::PropertySet;
use crate::suites::call;

/// The overlay of one effect instance in one viewer.
///
/// Methods take `&self`, because a host may call one inside another: writing a parameter in [`Overlay::pen_down`] can
/// draw at once. Keep what is being dragged in a cell or a lock that is never held while calling the host.
///
/// Parameters may be written in every method but [`Overlay::draw`]. The methods about pens and keys say whether they
/// used the event; the host then keeps it from others.
pub trait Overlay<E: Effect>: Send + Sync {
    /// Draws, in canonical coordinates.
    fn draw(&self, view: &OverlayView<'_, E>, draw: &mut dyn Draw);

    /// The pen moved, up or down.
    fn pen_moved(&self, view: &OverlayView<'_, E>, pen: &Pen) -> bool {
        let _ = (view, pen);
        false
    }

    /// The pen went down (a mouse button was pressed).
    fn pen_down(&self, view: &OverlayView<'_, E>, pen: &Pen) -> bool {
        let _ = (view, pen);
        false
    }

    /// The pen came up.
    fn pen_up(&self, view: &OverlayView<'_, E>, pen: &Pen) -> bool {
        let _ = (view, pen);
        false
    }

    /// A key went down, or repeats.
    fn key_down(&self, view: &OverlayView<'_, E>, key: &KeyStroke) -> bool {
        let _ = (view, key);
        false
    }

    /// A key came up.
    fn key_up(&self, view: &OverlayView<'_, E>, key: &KeyStroke) -> bool {
        let _ = (view, key);
        false
    }

    /// The viewer gets keys from now on.
    fn gained_focus(&self, view: &OverlayView<'_, E>) {
        let _ = view;
    }

    /// The viewer gets no more keys; drop what is being dragged.
    fn lost_focus(&self, view: &OverlayView<'_, E>) {
        let _ = view;
    }
}

/// The viewer and the instance an overlay's event is about.
pub struct OverlayView<'a, E: Effect> {
    /// The effect.
    pub effect: &'a E,
    /// Its instance.
    pub instance: &'a Instance,
    /// The frame shown.
    pub time: f64,
    /// As in [`crate::RenderArgs`].
    pub scale: [f64; 2],
    /// The size of a screen pixel in canonical units, x and y: what is this many units apart is a pixel apart on
    /// screen.
    pub pixel: [f64; 2],
    /// The viewer's size in screen pixels, where the host says.
    pub viewport: Option<[f64; 2]>,
    /// The viewer's background, RGB.
    pub background: [f64; 3],
    /// The colour the host suggests for overlays, RGB, where it does.
    pub suggested_colour: Option<[f64; 3]>,
    /// Modifier keys held down, as far as the host told.
    pub modifiers: Modifiers,
    loaded: &'a Loaded,
    interact: sys::OfxInteractHandle,
}

impl<E: Effect> OverlayView<'_, E> {
    /// Asks the host to draw the overlay again.
    pub fn redraw(&self) {
        let Some(suite) = self.loaded.suites.interact else { return };
        // SAFETY: the handle of the overlay whose action is running.
        let status = unsafe { call!(suite.interactRedraw(self.interact)) };
        if !status.is_ok() {
            log::debug!("the host answered {status} to interactRedraw");
        }
    }
}

/// A pen or mouse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pen {
    /// Where, in canonical coordinates.
    pub position: [f64; 2],
    /// How hard, 0 to 1.
    pub pressure: f64,
}

/// A key going down or up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStroke {
    /// Its symbol (ofxKeySyms.h, the numbers of X11).
    pub symbol: i32,
    /// The text it makes.
    pub text: String,
    /// It is held down and repeats.
    pub repeated: bool,
}

/// Tells the host of the overlay: version 2 where it has a draw suite and takes it, else version 1.
pub(crate) fn offer<E: Exported>(properties: &PropertySet<'_>, host: &Host) {
    let entry = entry::interact_entry::<E> as *const () as *mut c_void;
    if host.has_draw_suite && properties.set_pointer(names::OVERLAY_V2, entry).is_ok() {
        return;
    }
    if let Err(error) = properties.set_pointer(names::OVERLAY_V1, entry) {
        log::debug!("no overlay: {error}");
    }
}
