//! Drawing in a viewer.

/// How a line is broken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stipple {
    /// Not at all.
    Solid,
    /// Dots.
    Dotted,
    /// Dashes.
    Dashed,
    /// Dashes in the gaps of [`Stipple::Dashed`]: two colours make a line that shows on any picture.
    AlternateDashed,
}

/// Which point of a text lies at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextAnchor {
    /// The lower left corner.
    BottomLeft,
    /// The middle.
    Centre,
}

/// Drawing over a viewer, in canonical coordinates. Settings last until changed. What the host cannot do is left out.
pub trait Draw {
    /// Colour and opacity, 0 to 1.
    fn colour(&mut self, rgba: [f32; 4]);
    /// Line width in screen pixels.
    fn line_width(&mut self, pixels: f32);
    /// How lines are broken up.
    fn stipple(&mut self, pattern: Stipple);
    /// An open line through the points.
    fn line_strip(&mut self, points: &[[f64; 2]]);
    /// A closed line through the points.
    fn line_loop(&mut self, points: &[[f64; 2]]);
    /// Separate lines: points 0 to 1, 2 to 3, and so on.
    fn lines(&mut self, points: &[[f64; 2]]);
    /// A filled convex polygon.
    fn polygon(&mut self, points: &[[f64; 2]]);
    /// A filled rectangle between two corners.
    fn rectangle(&mut self, corner: [f64; 2], opposite: [f64; 2]);
    /// The outline of an ellipse round a centre.
    fn ellipse(&mut self, centre: [f64; 2], radii: [f64; 2]);
    /// Text; false where the host cannot (OpenGL overlays have no font).
    fn text(&mut self, position: [f64; 2], text: &str, anchor: TextAnchor) -> bool;
}
