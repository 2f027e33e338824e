//! Drawing through the host's draw suite (overlays of version 2).

use std::ptr::NonNull;

use openfx_sys as sys;

use super::draw::{Draw, Stipple, TextAnchor};
use crate::parameters::c_text;
use crate::status::Status;
use crate::suites::call;

/// Draws in the host's context of one draw action.
pub(super) struct SuiteDraw<'a> {
    suite: &'a sys::OfxDrawSuiteV1,
    context: NonNull<sys::OfxDrawContext>,
}

impl<'a> SuiteDraw<'a> {
    /// # Safety
    /// `context` is the draw context of the running draw action, which outlives `'a`.
    pub(super) unsafe fn new(suite: &'a sys::OfxDrawSuiteV1, context: NonNull<sys::OfxDrawContext>) -> Self {
        Self { suite, context }
    }

    fn primitive(&self, primitive: sys::OfxDrawPrimitive, points: &[[f64; 2]]) {
        let Ok(count) = i32::try_from(points.len()) else { return };
        let points: Vec<sys::OfxPointD> = points.iter().map(|&[x, y]| sys::OfxPointD { x, y }).collect();
        let suite = self.suite;
        // SAFETY: the context is valid (see `new`), and `count` points follow the pointer.
        note(unsafe { call!(suite.draw(self.context.as_ptr(), primitive, points.as_ptr(), count)) });
    }
}

impl Draw for SuiteDraw<'_> {
    fn colour(&mut self, [r, g, b, a]: [f32; 4]) {
        let colour = sys::OfxRGBAColourF { r, g, b, a };
        let suite = self.suite;
        // SAFETY: the context is valid (see `new`), the colour a local.
        note(unsafe { call!(suite.setColour(self.context.as_ptr(), &raw const colour)) });
    }

    fn line_width(&mut self, pixels: f32) {
        let suite = self.suite;
        // SAFETY: the context is valid (see `new`).
        note(unsafe { call!(suite.setLineWidth(self.context.as_ptr(), pixels)) });
    }

    fn stipple(&mut self, pattern: Stipple) {
        let pattern = match pattern {
            Stipple::Solid => sys::OfxDrawLineStipplePattern_kOfxDrawLineStipplePatternSolid,
            Stipple::Dotted => sys::OfxDrawLineStipplePattern_kOfxDrawLineStipplePatternDot,
            Stipple::Dashed => sys::OfxDrawLineStipplePattern_kOfxDrawLineStipplePatternDash,
            Stipple::AlternateDashed => sys::OfxDrawLineStipplePattern_kOfxDrawLineStipplePatternAltDash,
        };
        let suite = self.suite;
        // SAFETY: the context is valid (see `new`).
        note(unsafe { call!(suite.setLineStipple(self.context.as_ptr(), pattern)) });
    }

    fn line_strip(&mut self, points: &[[f64; 2]]) {
        self.primitive(sys::OfxDrawPrimitive_kOfxDrawPrimitiveLineStrip, points);
    }

    fn line_loop(&mut self, points: &[[f64; 2]]) {
        self.primitive(sys::OfxDrawPrimitive_kOfxDrawPrimitiveLineLoop, points);
    }

    fn lines(&mut self, points: &[[f64; 2]]) {
        self.primitive(sys::OfxDrawPrimitive_kOfxDrawPrimitiveLines, points);
    }

    fn polygon(&mut self, points: &[[f64; 2]]) {
        self.primitive(sys::OfxDrawPrimitive_kOfxDrawPrimitivePolygon, points);
    }

    fn text(&mut self, [x, y]: [f64; 2], text: &str, anchor: TextAnchor) -> bool {
        let alignment = match anchor {
            TextAnchor::BottomLeft => {
                sys::OfxDrawTextAlignment_kOfxDrawTextAlignmentLeft
                    | sys::OfxDrawTextAlignment_kOfxDrawTextAlignmentBottom
            }
            TextAnchor::Centre => {
                sys::OfxDrawTextAlignment_kOfxDrawTextAlignmentCenterH
                    | sys::OfxDrawTextAlignment_kOfxDrawTextAlignmentCenterV
            }
        };
        let (text, position) = (c_text(text), sys::OfxPointD { x, y });
        let suite = self.suite;
        // SAFETY: the context is valid (see `new`); text and position are locals; the flags fit an int.
        unsafe { call!(suite.drawText(self.context.as_ptr(), text.as_ptr(), &raw const position, alignment as i32)) }
            .is_ok()
    }
}

/// An overlay is worth no more than a line in the log.
fn note(status: Status) {
    if !status.is_ok() {
        log::trace!("the host answered {status} to a draw call");
    }
}
