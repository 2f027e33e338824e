//! The interact entry point and its actions.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::{Arc, OnceLock};

use openfx_sys as sys;

use super::draw_suite::SuiteDraw;
use super::gl::{GlDraw, OpenGl};
use super::keyboard::HeldKeys;
use super::{KeyStroke, Overlay, OverlayView, Pen};
use crate::actions::{InstanceData, instance_data};
use crate::arguments::time;
use crate::effect::Exported;
use crate::entry::Loaded;
use crate::error::{Error, Result};
use crate::guard;
use crate::names;
use crate::pixels::scale;
use crate::properties::PropertySet;
use crate::status::Status;
use crate::suites::call;
use crate::write_access;

/// What an interact's `kOfxPropInstanceData` points to.
struct OverlayData<E: Exported> {
    overlay: Box<dyn Overlay<E>>,
    held: HeldKeys,
    gl: OnceLock<Option<OpenGl>>,
}

/// The interact entry point of effect `E`.
///
/// # Safety
/// Called by the host with the arguments of the API for the action.
pub(super) unsafe extern "C" fn interact_entry<E: Exported>(
    action: *const c_char,
    handle: *const c_void,
    in_arguments: sys::OfxPropertySetHandle,
    _out_arguments: sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    if action.is_null() {
        return Status::ERR_VALUE.0;
    }
    // SAFETY: the host's promise.
    let action = unsafe { CStr::from_ptr(action) };
    let name = action.to_str().unwrap_or("an action");
    let interact: sys::OfxInteractHandle = handle.cast_mut().cast();
    let answer = || {
        // Hosts accept parameter writes from every action of an overlay but draw.
        write_access::during(action != names::INTERACT_DRAW, || {
            dispatch::<E>(action, interact, in_arguments).unwrap_or_else(|error| {
                log::warn!("overlay, {name}: {error}");
                error.status()
            })
        })
    };
    guard::guard(name, answer).0
}

fn dispatch<E: Exported>(
    action: &CStr,
    interact: sys::OfxInteractHandle,
    in_arguments: sys::OfxPropertySetHandle,
) -> Result<Status> {
    if action == names::ACTION_DESCRIBE {
        return Ok(Status::OK);
    }
    let loaded = E::entry().loaded(&action.to_string_lossy())?;
    let properties = interact_properties(&loaded, interact)?;
    if action == names::ACTION_CREATE_INSTANCE {
        return create::<E>(&properties);
    }
    if action == names::ACTION_DESTROY_INSTANCE {
        E::entry().boxes().free::<OverlayData<E>>(&properties);
        return Ok(Status::OK);
    }
    // SAFETY: a host destroys no overlay during its actions.
    let data = unsafe { E::entry().boxes().get::<OverlayData<E>>(&properties) };
    let Some(data) = data else { return Ok(Status::REPLY_DEFAULT) };
    let event = Event {
        loaded: &loaded,
        interact,
        data,
        effect: effect_of(&loaded, &properties)?,
        // SAFETY: the host's arguments are valid during the action, or null.
        arguments: unsafe { PropertySet::new(&loaded.suites.property, in_arguments) },
        properties,
    };
    Ok(event.answer(action))
}

fn interact_properties(loaded: &Arc<Loaded>, interact: sys::OfxInteractHandle) -> Result<PropertySet<'_>> {
    let suite = loaded.suites.interact.ok_or(Error::MissingSuite { suite: "OfxInteractSuite", version: 1 })?;
    let mut properties = ptr::null_mut();
    // SAFETY: the host's interact handle, a local.
    unsafe { call!(suite.interactGetPropertySet(interact, &raw mut properties)) }
        .check("interactGetPropertySet", "the overlay")?;
    // SAFETY: on success the host answered with the overlay's property set.
    Ok(unsafe { PropertySet::new(&loaded.suites.property, properties) })
}

/// The instance whose overlay it is.
fn effect_of<'a, E: Exported>(loaded: &'a Loaded, properties: &PropertySet<'_>) -> Result<&'a InstanceData<E>> {
    let effect = properties.pointer(names::EFFECT_INSTANCE).ok_or(Error::NoInstance)?;
    let suite = loaded.suites.effect;
    let mut set = ptr::null_mut();
    // SAFETY: the host says that this is the effect's handle; a local.
    unsafe { call!(suite.getPropertySet(effect.as_ptr().cast(), &raw mut set)) }
        .check("getPropertySet", "the overlay's effect")?;
    // SAFETY: on success the host answered with the effect's property set.
    let set = unsafe { PropertySet::new(&loaded.suites.property, set) };
    // SAFETY: the overlay of `E` belongs to an instance of `E`, which outlives it.
    unsafe { instance_data(&set) }
}

fn create<E: Exported>(properties: &PropertySet<'_>) -> Result<Status> {
    let loaded = E::entry().loaded("OfxActionCreateInstance")?;
    let data: &InstanceData<E> = effect_of(&loaded, properties)?;
    let Some(overlay) = data.effect.overlay(&data.instance) else { return Ok(Status::OK) };
    // Any parameter may be something the overlay shows.
    for (index, row) in (0..).zip(E::DESCRIPTION.rows().filter(|row| row.has_value())) {
        properties.offer(names::SLAVE_TO_PARAMETER, index, row.name());
    }
    let state = OverlayData { overlay, held: HeldKeys::default(), gl: OnceLock::new() };
    E::entry().boxes().store(properties, state)?;
    Ok(Status::OK)
}

/// One action on an overlay.
struct Event<'a, E: Exported> {
    loaded: &'a Loaded,
    interact: sys::OfxInteractHandle,
    data: &'a OverlayData<E>,
    effect: &'a InstanceData<E>,
    arguments: PropertySet<'a>,
    properties: PropertySet<'a>,
}

impl<E: Exported> Event<'_, E> {
    fn answer(&self, action: &CStr) -> Status {
        let overlay = &self.data.overlay;
        match action {
            name if name == names::INTERACT_DRAW => self.draw(),
            name if name == names::INTERACT_PEN_MOTION => used(overlay.pen_moved(&self.view(), &self.pen())),
            name if name == names::INTERACT_PEN_DOWN => used(overlay.pen_down(&self.view(), &self.pen())),
            name if name == names::INTERACT_PEN_UP => used(overlay.pen_up(&self.view(), &self.pen())),
            name if name == names::INTERACT_KEY_DOWN => self.key_down(false),
            name if name == names::INTERACT_KEY_REPEAT => self.key_down(true),
            name if name == names::INTERACT_KEY_UP => self.key_up(),
            name if name == names::INTERACT_GAIN_FOCUS => {
                overlay.gained_focus(&self.view());
                Status::REPLY_DEFAULT
            }
            name if name == names::INTERACT_LOSE_FOCUS => {
                self.data.held.forget();
                overlay.lost_focus(&self.view());
                Status::REPLY_DEFAULT
            }
            _ => Status::REPLY_DEFAULT,
        }
    }

    /// Through the draw suite where this action has a context for it, else with OpenGL, else not at all.
    fn draw(&self) -> Status {
        let context = self.arguments.pointer(names::INTERACT_DRAW_CONTEXT);
        if let (Some(suite), Some(context)) = (&self.loaded.suites.draw, context) {
            // SAFETY: the host's context for this draw action.
            let mut draw = unsafe { SuiteDraw::new(suite, context.cast()) };
            self.data.overlay.draw(&self.view(), &mut draw);
        } else if let Some(gl) = self.data.gl.get_or_init(OpenGl::of_process) {
            // SAFETY: the host's OpenGL context is current during a draw action without a draw context.
            let mut draw = unsafe { GlDraw::begin(gl) };
            self.data.overlay.draw(&self.view(), &mut draw);
        } else {
            return Status::REPLY_DEFAULT;
        }
        Status::OK
    }

    fn key_down(&self, repeated: bool) -> Status {
        let key = self.key(repeated);
        self.data.held.note(key.symbol, true);
        used(self.data.overlay.key_down(&self.view(), &key))
    }

    fn key_up(&self) -> Status {
        let key = self.key(false);
        self.data.held.note(key.symbol, false);
        used(self.data.overlay.key_up(&self.view(), &key))
    }

    fn view(&self) -> OverlayView<'_, E> {
        OverlayView {
            effect: &self.effect.effect,
            instance: &self.effect.instance,
            time: time(&self.arguments),
            scale: scale(self.arguments.doubles(names::RENDER_SCALE)),
            pixel: scale(self.property(names::INTERACT_PIXEL_SCALE)),
            viewport: self.property(names::INTERACT_VIEWPORT),
            background: self.property(names::INTERACT_BACKGROUND).unwrap_or_default(),
            suggested_colour: self.property(names::INTERACT_SUGGESTED),
            modifiers: self.data.held.modifiers(),
            loaded: self.loaded,
            interact: self.interact,
        }
    }

    fn pen(&self) -> Pen {
        Pen {
            position: self.arguments.doubles(names::INTERACT_PEN_POSITION).unwrap_or_default(),
            pressure: self.arguments.double(names::INTERACT_PEN_PRESSURE, 0).unwrap_or(1.0),
        }
    }

    fn key(&self, repeated: bool) -> KeyStroke {
        KeyStroke {
            symbol: self.arguments.int(names::KEY_SYMBOL, 0).unwrap_or(0),
            text: self.arguments.string(names::KEY_STRING, 0).unwrap_or_default(),
            repeated,
        }
    }

    /// Older hosts keep what belongs to the action on the overlay itself.
    fn property<const N: usize>(&self, name: &CStr) -> Option<[f64; N]> {
        self.arguments.doubles(name).or_else(|| self.properties.doubles(name))
    }
}

/// OK keeps the event from others.
fn used(used: bool) -> Status {
    if used { Status::OK } else { Status::REPLY_DEFAULT }
}
