//! Overlays: drawing and pen and key events over a viewer.

use super::action::{Entry, Outcome, arguments, perform};
use super::effect::Effect;
use super::handle::{Handle, Tag};
use super::instance::Instance;
use super::plugin::PluginInner;
use super::property::{PropertySet, name, text_of};
use super::scope::{Phase, Scope};
use super::suites::Canvas;
use super::{HostError, Status, schema};
use openfx_sys as sys;
use parking_lot::Mutex;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The viewer that an overlay is shown in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverlayView {
    /// Canonical units per screen pixel, x and y.
    pub pixel_scale: (f64, f64),
    /// Viewer size in screen pixels.
    pub viewport: (f64, f64),
    /// Canonical position of the viewer's lower left corner.
    pub origin: (f64, f64),
    /// Background colour.
    pub background: [f64; 3],
    /// Time shown.
    pub time: f64,
    /// Proxy scale of the picture shown.
    pub render_scale: (f64, f64),
}

impl OverlayView {
    /// A viewer of this size that shows one canonical unit per screen pixel from the origin on, on black, at a time.
    pub fn new(viewport: (f64, f64), time: f64) -> Self {
        Self {
            pixel_scale: (1.0, 1.0),
            viewport,
            origin: (0.0, 0.0),
            background: [0.0; 3],
            time,
            render_scale: (1.0, 1.0),
        }
    }
}

/// One call of the draw suite. Coordinates are canonical.
#[derive(Debug, Clone, PartialEq)]
pub enum DrawCommand {
    /// Colour of what follows: r, g, b, a.
    Colour([f32; 4]),
    /// Line width in screen pixels.
    LineWidth(f32),
    /// Line pattern, as the OFX enum `OfxDrawLineStipplePattern`.
    LineStipple(u32),
    /// A shape, as the OFX enum `OfxDrawPrimitive`: 0 lines, 1 strip, 2 loop, 3 rectangle, 4 polygon, 5 ellipse.
    Shape {
        /// The OFX enum.
        primitive: u32,
        /// Its points.
        points: Vec<[f64; 2]>,
    },
    /// Text at a position.
    Text {
        /// The text.
        text: String,
        /// Where.
        position: [f64; 2],
        /// The OFX alignment bits.
        alignment: u32,
    },
}

/// An interact behind a handle: a descriptor or an instance.
pub(super) struct Interact {
    handle: Handle,
    pub(super) properties: Arc<PropertySet>,
    redraws: AtomicUsize,
}

impl Interact {
    fn publish(properties: Arc<PropertySet>) -> Arc<Self> {
        let interact =
            Arc::new(Self { handle: Handle::reserve(Tag::Object), properties, redraws: AtomicUsize::new(0) });
        interact.handle.publish(&interact);
        interact
    }

    /// Notes that the plugin wants to be drawn again.
    pub(super) fn redraw(&self) {
        self.redraws.fetch_add(1, Ordering::Relaxed);
    }
}

/// The overlay of one instance in one viewer. Dropping it destroys the plugin's interact; so does destroying the instance, after
/// which every call fails.
pub struct Overlay {
    shown: Arc<Shown>,
}

/// What the overlay and its instance share: whichever goes first closes it.
pub(super) struct Shown {
    effect: Arc<Effect>,
    interact: Arc<Interact>,
    entry: Entry,
    /// Whether it draws with the draw suite; else with OpenGL.
    draws_by_suite: bool,
    view: Mutex<OverlayView>,
    focused: AtomicBool,
    open: AtomicBool,
    /// Keeps the library in memory.
    _plugin: Arc<PluginInner>,
}

impl Instance {
    /// Opens the overlay in a viewer; none when the effect has none that this host can show.
    ///
    /// # Errors
    /// When an action fails or the rules are broken.
    pub fn overlay(&self, view: OverlayView) -> Result<Option<Overlay>, HostError> {
        let Some((entry, draws_by_suite)) = entry_of(&self.effect) else { return Ok(None) };
        let api = self.effect.host.character.api;
        let properties = PropertySet::new(&[schema::INTERACT], api, true);
        let descriptor = Interact::publish(properties.clone());
        let scope = Scope::new(Some(self.effect.clone()), name(sys::kOfxActionDescribeInteract), Phase::Describe);
        perform(entry, scope, descriptor.handle.as_ptr::<c_void>(), None, None).accept(&self.effect)?;
        let properties = properties.duplicate();
        properties.put(name(sys::kOfxPropEffectInstance), vec![self.effect.handle.number()]);
        let shown = Shown {
            effect: self.effect.clone(),
            interact: Interact::publish(properties),
            entry,
            draws_by_suite,
            view: Mutex::new(view),
            focused: AtomicBool::new(false),
            open: AtomicBool::new(false),
            _plugin: self.plugin.clone(),
        };
        shown.set_view(view);
        shown.call(sys::kOfxActionCreateInstanceInteract, Phase::Event, None).accept(&self.effect)?;
        shown.open.store(true, Ordering::Release);
        let shown = Arc::new(shown);
        self.overlays.lock().push(Arc::downgrade(&shown));
        Ok(Some(Overlay { shown }))
    }
}

/// The entry point of the overlay that this host can show: the second version where there is a draw suite, else the first.
fn entry_of(effect: &Effect) -> Option<(Entry, bool)> {
    let character = &effect.host.character;
    if !character.overlays {
        return None;
    }
    let entry = |key: &'static [u8]| {
        let pointer: *const c_void = std::ptr::with_exposed_provenance(effect.properties.first::<usize>(name(key)));
        // SAFETY: the plugin set the property to an entry point, by the specification, or left it null.
        unsafe { std::mem::transmute::<*const c_void, Option<Entry>>(pointer) }
    };
    let second = entry(sys::kOfxImageEffectPluginPropOverlayInteractV2).filter(|_| character.draw_suite);
    let first = || entry(sys::kOfxImageEffectPluginPropOverlayInteractV1).map(|entry| (entry, false));
    second.map(|entry| (entry, true)).or_else(first)
}

impl Overlay {
    /// Changes the viewer: zoom, size, time.
    pub fn set_view(&self, view: OverlayView) {
        self.shown.set_view(view);
    }

    /// Draws and returns what the plugin drew through the draw suite.
    ///
    /// # Errors
    /// [`HostError::Overlay`] when the overlay draws with OpenGL: there is no context here. Else when the action fails or the plugin
    /// breaks the rules.
    pub fn draw(&self) -> Result<Vec<DrawCommand>, HostError> {
        if !self.shown.draws_by_suite {
            return Err(HostError::Overlay { problem: "it draws with OpenGL, and this host has no OpenGL context" });
        }
        let canvas = Canvas::publish();
        let args = self.shown.arguments();
        args.put(name(sys::kOfxInteractPropDrawContext), vec![canvas.handle.number()]);
        self.shown.act(sys::kOfxInteractActionDraw, Phase::Draw, &args)?;
        Ok(canvas.take())
    }

    /// Calls the draw action of an overlay that draws with OpenGL, into whatever context the caller has made current on this thread.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn draw_with_opengl(&self) -> Result<(), HostError> {
        self.shown.act(sys::kOfxInteractActionDraw, Phase::Draw, &self.shown.arguments())?;
        Ok(())
    }

    /// Presses the pen at a canonical position. Returns whether the plugin took it.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn pen_down(&self, position: (f64, f64)) -> Result<bool, HostError> {
        self.shown.focus(true)?;
        self.shown.pen(sys::kOfxInteractActionPenDown, position, 1.0)
    }

    /// Moves the pen, pressed or not.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn pen_motion(&self, position: (f64, f64)) -> Result<bool, HostError> {
        self.shown.focus(true)?;
        self.shown.pen(sys::kOfxInteractActionPenMotion, position, 1.0)
    }

    /// Lifts the pen.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn pen_up(&self, position: (f64, f64)) -> Result<bool, HostError> {
        self.shown.focus(true)?;
        self.shown.pen(sys::kOfxInteractActionPenUp, position, 0.0)
    }

    /// Presses a key: an OFX key symbol (`kOfxKey_...`) and the text it types.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn key_down(&self, symbol: i32, text: &str) -> Result<bool, HostError> {
        self.shown.focus(true)?;
        self.shown.key(sys::kOfxInteractActionKeyDown, symbol, text)
    }

    /// Lets a key go.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn key_up(&self, symbol: i32, text: &str) -> Result<bool, HostError> {
        self.shown.focus(true)?;
        self.shown.key(sys::kOfxInteractActionKeyUp, symbol, text)
    }

    /// Gives the overlay the focus, or takes it away; the first event gives it of itself.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn focus(&self, focused: bool) -> Result<(), HostError> {
        self.shown.focus(focused)
    }

    /// How often the plugin asked for a redraw since the last call.
    pub fn take_redraws(&self) -> usize {
        self.shown.interact.redraws.swap(0, Ordering::Relaxed)
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        if let Err(error) = self.shown.close() {
            log::error!("{error}");
        }
    }
}

impl Shown {
    fn set_view(&self, view: OverlayView) {
        let properties = &self.interact.properties;
        properties.put(name(sys::kOfxInteractPropPixelScale), vec![view.pixel_scale.0, view.pixel_scale.1]);
        properties.put(name(sys::kOfxInteractPropViewportSize), vec![view.viewport.0, view.viewport.1]);
        properties.put(name(sys::kOfxInteractPropBackgroundColour), view.background.to_vec());
        *self.view.lock() = view;
    }

    fn focus(&self, focused: bool) -> Result<(), HostError> {
        if self.focused.swap(focused, Ordering::AcqRel) == focused {
            return Ok(());
        }
        let action = if focused { sys::kOfxInteractActionGainFocus } else { sys::kOfxInteractActionLoseFocus };
        self.act(action, Phase::Event, &self.arguments())?;
        Ok(())
    }

    /// Destroys the plugin's interact, once.
    ///
    /// # Errors
    /// When an action fails or the plugin breaks the rules.
    pub(super) fn close(&self) -> Result<(), HostError> {
        if !self.open.load(Ordering::Acquire) {
            return Ok(());
        }
        let unfocused = self.focus(false);
        self.open.store(false, Ordering::Release);
        let destroyed = self.call(sys::kOfxActionDestroyInstanceInteract, Phase::Destroy, None).accept(&self.effect);
        unfocused.and(destroyed.map(|_| ()))
    }

    fn pen(&self, action: &'static [u8], position: (f64, f64), pressure: f64) -> Result<bool, HostError> {
        let view = *self.view.lock();
        let args = self.arguments();
        let pixel = |at: f64, origin: f64, scale: f64| ((at - origin) / scale).round() as i32;
        let viewport = vec![
            pixel(position.0, view.origin.0, view.pixel_scale.0),
            pixel(position.1, view.origin.1, view.pixel_scale.1),
        ];
        args.put(name(sys::kOfxInteractPropPenPosition), vec![position.0, position.1]);
        args.put(name(sys::kOfxInteractPropPenViewportPosition), viewport);
        args.put(name(sys::kOfxInteractPropPenPressure), vec![pressure]);
        self.event(action, &args)
    }

    fn key(&self, action: &'static [u8], symbol: i32, text: &str) -> Result<bool, HostError> {
        let args = self.arguments();
        args.put(name(sys::kOfxPropKeySym), vec![symbol]);
        args.put(name(sys::kOfxPropKeyString), vec![text_of(text)]);
        self.event(action, &args)
    }

    fn event(&self, action: &'static [u8], args: &PropertySet) -> Result<bool, HostError> {
        Ok(self.act(action, Phase::Event, args)?.status == Status::OK)
    }

    /// Calls an action while the plugin has its interact.
    fn act(&self, action: &'static [u8], phase: Phase, args: &PropertySet) -> Result<Outcome, HostError> {
        if !self.open.load(Ordering::Acquire) {
            return Err(HostError::Overlay { problem: "its instance was destroyed" });
        }
        self.call(action, phase, Some(args)).accept(&self.effect)
    }

    fn arguments(&self) -> Arc<PropertySet> {
        let view = *self.view.lock();
        let args = arguments();
        args.put(name(sys::kOfxPropEffectInstance), vec![self.effect.handle.number()]);
        args.put(name(sys::kOfxInteractPropPixelScale), vec![view.pixel_scale.0, view.pixel_scale.1]);
        args.put(name(sys::kOfxInteractPropBackgroundColour), view.background.to_vec());
        args.put(name(sys::kOfxInteractPropViewportSize), vec![view.viewport.0, view.viewport.1]);
        args.put(name(sys::kOfxPropTime), vec![view.time]);
        args.put(name(sys::kOfxImageEffectPropRenderScale), vec![view.render_scale.0, view.render_scale.1]);
        args
    }

    fn call(&self, action: &'static [u8], phase: Phase, args: Option<&PropertySet>) -> Outcome {
        let view = *self.view.lock();
        let scope = Scope::new(Some(self.effect.clone()), name(action), phase);
        let scope = scope.at(view.time, view.render_scale);
        perform(self.entry, scope, self.interact.handle.as_ptr::<c_void>(), args, None)
    }
}
