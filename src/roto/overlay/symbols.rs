//! How prompts look: the colour tells the object; include and exclude differ by shape, not by colour alone.

use openfx::{Draw, Stipple, TextAnchor};

use super::gesture::{ShownBox, ShownPoint, corner_handles};
use crate::roto::objects::OBJECTS;
use crate::roto::prompts::BoxMeaning;

/// Everything is drawn twice, wide and dark first, so that it shows on any picture.
const SHADOW: [f32; 4] = [0.0, 0.0, 0.0, 0.7];
/// Objects 1 to 4: green, blue, orange, violet, which also differ in lightness.
const OF_OBJECT: [[f32; 4]; OBJECTS] =
    [[0.25, 1.0, 0.35, 1.0], [0.3, 0.65, 1.0, 1.0], [1.0, 0.65, 0.15, 1.0], [0.85, 0.45, 1.0, 1.0]];
/// The sign of what does not belong.
const EXCLUDE: [f32; 4] = [1.0, 0.3, 0.25, 1.0];
const OUTLINE: [f32; 4] = [1.0, 0.9, 0.1, 0.9];
const SELECTED: [f32; 4] = [1.0, 1.0, 1.0, 1.0];

/// Sizes in screen pixels.
const POINT_RADIUS: f64 = 7.0;
const SELECTION_RADIUS: f64 = 11.0;
const CORNER_SIZE: f64 = 4.0;
const LABEL_OFFSET: f64 = 10.0;

/// A point with its number. Include: a circle with a plus. Exclude: a square with a red cross. `selected`: a second ring
/// round it.
pub fn point(draw: &mut dyn Draw, shown: &ShownPoint, selected: bool, pixel: [f64; 2]) {
    let &ShownPoint { slot, position: at, include, object } = shown;
    let colour = colour_of(object);
    let sign = if include { colour } else { EXCLUDE };
    draw.stipple(Stipple::Solid);
    for (body, sign, width) in [(SHADOW, SHADOW, 4.0), (colour, sign, 2.0)] {
        draw.colour(body);
        draw.line_width(width);
        if include {
            draw.ellipse(at, offset([0.0; 2], pixel, [POINT_RADIUS; 2]));
            cross(draw, at, pixel, [[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]]);
        } else {
            let corners = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]];
            draw.line_loop(&corners.map(|corner| offset(at, pixel, corner.map(|c| c * POINT_RADIUS))));
            draw.colour(sign);
            cross(draw, at, pixel, [[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]]);
        }
    }
    if selected {
        draw.colour(SELECTED);
        draw.line_width(1.0);
        draw.ellipse(at, offset([0.0; 2], pixel, [SELECTION_RADIUS; 2]));
    }
    draw.colour(colour);
    // Hosts without a font (OpenGL overlays) leave the number out.
    let _ = draw.text(offset(at, pixel, [LABEL_OFFSET; 2]), &(slot + 1).to_string(), TextAnchor::BottomLeft);
}

/// A box with a handle at each corner: dashed round an object, dotted round an example, a counterexample also crossed
/// out.
pub fn bounding_box(draw: &mut dyn Draw, shown: &ShownBox, pixel: [f64; 2]) {
    let handles = corner_handles(shown).map(|(_, position)| position);
    let (colour, stipple) = match shown.meaning {
        BoxMeaning::Round => (colour_of(shown.object), Stipple::Dashed),
        BoxMeaning::Like => (colour_of(shown.object), Stipple::Dotted),
        BoxMeaning::Unlike => (EXCLUDE, Stipple::Dotted),
    };
    for (rgba, width, stipple) in [(SHADOW, 3.0, Stipple::Solid), (colour, 1.5, stipple)] {
        draw.colour(rgba);
        draw.line_width(width);
        draw.stipple(stipple);
        draw.line_loop(&handles);
        if shown.meaning == BoxMeaning::Unlike {
            let [a, b, c, d] = handles;
            draw.lines(&[a, c, b, d]);
        }
    }
    draw.stipple(Stipple::Solid);
    for handle in handles {
        draw.rectangle(offset(handle, pixel, [-CORNER_SIZE; 2]), offset(handle, pixel, [CORNER_SIZE; 2]));
    }
}

fn colour_of(object: usize) -> [f32; 4] {
    OF_OBJECT.get(object).copied().unwrap_or(OF_OBJECT[0])
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
