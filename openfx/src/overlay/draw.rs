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
    fn rectangle(&mut self, corner: [f64; 2], opposite: [f64; 2]) {
        self.polygon(&[corner, [opposite[0], corner[1]], opposite, [corner[0], opposite[1]]]);
    }
    /// The outline of an ellipse round a centre.
    fn ellipse(&mut self, centre: [f64; 2], radii: [f64; 2]) {
        self.line_loop(&ellipse_points(centre, radii));
    }
    /// Text; false where the host cannot (OpenGL overlays have no font).
    fn text(&mut self, position: [f64; 2], text: &str, anchor: TextAnchor) -> bool;
}

/// Corners of the polygon that stands for an ellipse: smooth at the sizes of handles and of whole pictures alike.
const ELLIPSE_CORNERS: usize = 64;

fn ellipse_points(centre: [f64; 2], radii: [f64; 2]) -> [[f64; 2]; ELLIPSE_CORNERS] {
    std::array::from_fn(|corner| {
        let angle = corner as f64 / ELLIPSE_CORNERS as f64 * std::f64::consts::TAU;
        [centre[0] + radii[0] * angle.cos(), centre[1] + radii[1] * angle.sin()]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ellipse_runs_round_its_centre_at_its_radii() {
        let points = ellipse_points([10.0, -4.0], [3.0, 2.0]);
        for [x, y] in points {
            let distance = ((x - 10.0) / 3.0).powi(2) + ((y + 4.0) / 2.0).powi(2);
            assert!((distance - 1.0).abs() < 1e-12);
        }
        assert_eq!(points[0], [13.0, -4.0]);
    }
}
