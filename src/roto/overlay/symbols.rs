//! How prompts look: include and exclude differ by shape, not by colour alone.

use openfx::{Draw, Stipple, TextAnchor};

use super::gesture::corner_handles;

/// Everything is drawn twice, wide and dark first, so that it shows on any picture.
const SHADOW: [f32; 4] = [0.0, 0.0, 0.0, 0.7];
const INCLUDE: [f32; 4] = [0.25, 1.0, 0.35, 1.0];
const EXCLUDE: [f32; 4] = [1.0, 0.3, 0.25, 1.0];
const BOX: [f32; 4] = [0.3, 0.75, 1.0, 1.0];
const OUTLINE: [f32; 4] = [1.0, 0.9, 0.1, 0.9];
const SELECTED: [f32; 4] = [1.0, 1.0, 1.0, 1.0];

/// Sizes in screen pixels.
const POINT_RADIUS: f64 = 7.0;
const SELECTION_RADIUS: f64 = 11.0;
const CORNER_SIZE: f64 = 4.0;
const LABEL_OFFSET: f64 = 10.0;

/// How a point is shown.
#[derive(Debug, Clone, Copy)]
pub struct PointLook {
    /// Include: a circle with a plus. Exclude: a square with a cross.
    pub include: bool,
    /// A second ring round it.
    pub selected: bool,
}

/// A point with its number.
pub fn point(draw: &mut dyn Draw, number: usize, at: [f64; 2], look: PointLook, pixel: [f64; 2]) {
    let colour = if look.include { INCLUDE } else { EXCLUDE };
    draw.stipple(Stipple::Solid);
    for (rgba, width) in [(SHADOW, 4.0), (colour, 2.0)] {
        draw.colour(rgba);
        draw.line_width(width);
        if look.include {
            draw.ellipse(at, offset([0.0; 2], pixel, [POINT_RADIUS; 2]));
            cross(draw, at, pixel, [[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]]);
        } else {
            let corners = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]];
            draw.line_loop(&corners.map(|corner| offset(at, pixel, corner.map(|c| c * POINT_RADIUS))));
            cross(draw, at, pixel, [[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]]);
        }
    }
    if look.selected {
        draw.colour(SELECTED);
        draw.line_width(1.0);
        draw.ellipse(at, offset([0.0; 2], pixel, [SELECTION_RADIUS; 2]));
    }
    draw.colour(colour);
    // Hosts without a font (OpenGL overlays) leave the number out.
    let _ = draw.text(offset(at, pixel, [LABEL_OFFSET; 2]), &number.to_string(), TextAnchor::BottomLeft);
}

/// The box with a handle at each corner.
pub fn bounding_box(draw: &mut dyn Draw, corners: [[f64; 2]; 2], pixel: [f64; 2]) {
    let handles = corner_handles(corners).map(|(_, position)| position);
    for (rgba, width, stipple) in [(SHADOW, 3.0, Stipple::Solid), (BOX, 1.5, Stipple::Dashed)] {
        draw.colour(rgba);
        draw.line_width(width);
        draw.stipple(stipple);
        draw.line_loop(&handles);
    }
    draw.stipple(Stipple::Solid);
    for handle in handles {
        draw.rectangle(offset(handle, pixel, [-CORNER_SIZE; 2]), offset(handle, pixel, [CORNER_SIZE; 2]));
    }
}

/// A closed line of the matte's outline.
pub fn outline(draw: &mut dyn Draw, line: &[[f64; 2]]) {
    draw.stipple(Stipple::Solid);
    for (rgba, width) in [(SHADOW, 3.0), (OUTLINE, 1.5)] {
        draw.colour(rgba);
        draw.line_width(width);
        draw.line_loop(line);
    }
}

fn cross(draw: &mut dyn Draw, at: [f64; 2], pixel: [f64; 2], ends: [[f64; 2]; 4]) {
    const ARM: f64 = POINT_RADIUS * 0.6;
    draw.lines(&ends.map(|end| offset(at, pixel, end.map(|e| e * ARM))));
}

/// A position some screen pixels away.
fn offset(at: [f64; 2], pixel: [f64; 2], by: [f64; 2]) -> [f64; 2] {
    [at[0] + by[0] * pixel[0].abs(), at[1] + by[1] * pixel[1].abs()]
}
