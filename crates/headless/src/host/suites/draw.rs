//! The draw suite: records what is drawn.

use super::{argument, give, guarded, resolve};
use crate::host::handle::{Handle, Tag};
use crate::host::{DrawCommand, Status};
use openfx_sys as sys;
use parking_lot::Mutex;
use std::ffi::{c_char, c_int};
use std::sync::Arc;

pub(super) static SUITE: sys::OfxDrawSuiteV1 = sys::OfxDrawSuiteV1 {
    getColour: Some(get_colour),
    setColour: Some(set_colour),
    setLineWidth: Some(set_line_width),
    setLineStipple: Some(set_line_stipple),
    draw: Some(draw),
    drawText: Some(draw_text),
};

/// What an overlay draws on; lives as long as one draw action.
pub(in crate::host) struct Canvas {
    pub(in crate::host) handle: Handle,
    commands: Mutex<Vec<DrawCommand>>,
}

impl Canvas {
    /// An empty canvas behind a handle.
    pub(in crate::host) fn publish() -> Arc<Self> {
        let canvas = Arc::new(Self { handle: Handle::reserve(Tag::Object), commands: Mutex::default() });
        canvas.handle.publish(&canvas);
        canvas
    }

    /// Everything drawn so far.
    pub(in crate::host) fn take(&self) -> Vec<DrawCommand> {
        std::mem::take(&mut self.commands.lock())
    }
}

type Context = sys::OfxDrawContextHandle;

fn record(function: &'static str, context: Context, command: DrawCommand) -> Result<(), Status> {
    resolve::<Canvas, _>(function, context, "draw context of the running draw action")?.commands.lock().push(command);
    Ok(())
}

/// The host's colours: a grey scale with a highlight, in the order of `OfxStandardColour`.
const COLOURS: [[f32; 4]; 7] = [
    [0.0, 0.0, 0.0, 0.5],
    [1.0, 1.0, 0.0, 1.0],
    [1.0, 1.0, 1.0, 1.0],
    [0.6, 0.6, 0.6, 1.0],
    [1.0, 1.0, 1.0, 1.0],
    [0.0, 0.0, 0.0, 1.0],
    [1.0, 1.0, 1.0, 1.0],
];

unsafe extern "C" fn get_colour(
    context: Context,
    which: sys::OfxStandardColour,
    colour: *mut sys::OfxRGBAColourF,
) -> sys::OfxStatus {
    guarded("getColour", || {
        resolve::<Canvas, _>("getColour", context, "draw context of the running draw action")?;
        let index = usize::try_from(which).map_err(|_| Status::ERR_VALUE)?;
        let [r, g, b, a] = *COLOURS.get(index).ok_or(Status::ERR_VALUE)?;
        // SAFETY: the suite's contract: there is room for a colour.
        unsafe { give(colour, sys::OfxRGBAColourF { r, g, b, a }) }
    })
}

unsafe extern "C" fn set_colour(context: Context, colour: *const sys::OfxRGBAColourF) -> sys::OfxStatus {
    guarded("setColour", || {
        if colour.is_null() {
            return Err(Status::ERR_VALUE);
        }
        // SAFETY: not null, and a colour by the suite's contract.
        let colour = unsafe { colour.read_unaligned() };
        record("setColour", context, DrawCommand::Colour([colour.r, colour.g, colour.b, colour.a]))
    })
}

unsafe extern "C" fn set_line_width(context: Context, width: f32) -> sys::OfxStatus {
    guarded("setLineWidth", || record("setLineWidth", context, DrawCommand::LineWidth(width)))
}

unsafe extern "C" fn set_line_stipple(context: Context, pattern: sys::OfxDrawLineStipplePattern) -> sys::OfxStatus {
    guarded("setLineStipple", || record("setLineStipple", context, DrawCommand::LineStipple(pattern)))
}

unsafe extern "C" fn draw(
    context: Context,
    primitive: sys::OfxDrawPrimitive,
    points: *const sys::OfxPointD,
    count: c_int,
) -> sys::OfxStatus {
    guarded("draw", || {
        let count = usize::try_from(count).map_err(|_| Status::ERR_VALUE)?;
        if points.is_null() || !enough(primitive, count) {
            return Err(Status::ERR_VALUE);
        }
        // SAFETY: not null, and `count` points by the suite's contract.
        let points = (0..count).map(|index| unsafe { points.add(index).read_unaligned() });
        let points = points.map(|point| [point.x, point.y]).collect();
        record("draw", context, DrawCommand::Shape { primitive, points })
    })
}

/// Whether a primitive can be drawn with so many points.
fn enough(primitive: sys::OfxDrawPrimitive, count: usize) -> bool {
    match primitive {
        sys::OfxDrawPrimitive_kOfxDrawPrimitiveLines => count >= 2 && count.is_multiple_of(2),
        sys::OfxDrawPrimitive_kOfxDrawPrimitiveLineStrip => count >= 2,
        sys::OfxDrawPrimitive_kOfxDrawPrimitiveLineLoop | sys::OfxDrawPrimitive_kOfxDrawPrimitivePolygon => count >= 3,
        sys::OfxDrawPrimitive_kOfxDrawPrimitiveRectangle | sys::OfxDrawPrimitive_kOfxDrawPrimitiveEllipse => count == 2,
        _ => false,
    }
}

unsafe extern "C" fn draw_text(
    context: Context,
    text: *const c_char,
    position: *const sys::OfxPointD,
    alignment: c_int,
) -> sys::OfxStatus {
    guarded("drawText", || {
        // SAFETY: the suite's contract: null or a string.
        let text = unsafe { argument(text) }?.to_string_lossy().into_owned();
        if position.is_null() {
            return Err(Status::ERR_VALUE);
        }
        // SAFETY: not null, and a point by the suite's contract.
        let position = unsafe { position.read_unaligned() };
        let alignment = u32::try_from(alignment).map_err(|_| Status::ERR_VALUE)?;
        record("drawText", context, DrawCommand::Text { text, position: [position.x, position.y], alignment })
    })
}
