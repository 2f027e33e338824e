//! Overlays: drawing and pen and key events over a viewer.

use super::HostError;

/// The viewer that an overlay is shown in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverlayView {
    /// Canonical units per screen pixel, x and y.
    pub pixel_scale: (f64, f64),
    /// Viewer size in screen pixels.
    pub viewport: (f64, f64),
    /// Background colour.
    pub background: [f64; 3],
    /// Time shown.
    pub time: f64,
    /// Proxy scale of the picture shown.
    pub render_scale: (f64, f64),
}

impl OverlayView {
    /// A viewer of this size that shows one canonical unit per screen pixel, on black, at a time.
    pub fn new(viewport: (f64, f64), time: f64) -> Self {
        Self { pixel_scale: (1.0, 1.0), viewport, background: [0.0; 3], time, render_scale: (1.0, 1.0) }
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

/// The overlay of one instance in one viewer. Dropping it destroys the plugin's interact.
pub struct Overlay {}

impl Overlay {
    /// Changes the viewer: zoom, size, time.
    pub fn set_view(&self, view: OverlayView) {
        let _ = view;
        todo!()
    }

    /// Draws and returns what the plugin drew through the draw suite.
    ///
    /// # Errors
    /// [`HostError::Overlay`] when the overlay draws with OpenGL: there is no context here.
    pub fn draw(&self) -> Result<Vec<DrawCommand>, HostError> {
        todo!()
    }

    /// Presses the pen at a canonical position. Returns whether the plugin took it.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn pen_down(&self, position: (f64, f64)) -> Result<bool, HostError> {
        let _ = position;
        todo!()
    }

    /// Moves the pen, pressed or not.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn pen_motion(&self, position: (f64, f64)) -> Result<bool, HostError> {
        let _ = position;
        todo!()
    }

    /// Lifts the pen.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn pen_up(&self, position: (f64, f64)) -> Result<bool, HostError> {
        let _ = position;
        todo!()
    }

    /// Presses a key: an OFX key symbol and the text it types.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn key_down(&self, symbol: i32, text: &str) -> Result<bool, HostError> {
        let _ = (symbol, text);
        todo!()
    }

    /// Lets a key go.
    ///
    /// # Errors
    /// When the action fails or the plugin breaks the rules.
    pub fn key_up(&self, symbol: i32, text: &str) -> Result<bool, HostError> {
        let _ = (symbol, text);
        todo!()
    }

    /// How often the plugin asked for a redraw since the last call.
    pub fn take_redraws(&self) -> usize {
        todo!()
    }
}
