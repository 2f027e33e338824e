//! Curves for Silhouette: a shape file (.fxs), in the form that other programs write for it.
//!
//! Places are in heights of the frame from its middle, y down; a point is its place and those of its two handles, the incoming one
//! first. Keys count from the first frame of the session. What comes last lies on top. Holes are subtracted.

use super::splines::Curves;
use super::splines_nuke::stacked;
use matte::{Knot, SplineTrack};
use std::fmt::Write;

/// The shape file of all curves.
pub(super) fn shapes(curves: &Curves) -> String {
    let first = curves.frames.first().copied().unwrap_or(1);
    let last = curves.frames.last().copied().unwrap_or(first);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- Silhouette Shape File -->\n<Silhouette width=\"{}\" height=\"{}\" \
         pixelAspect=\"1\" workRangeStart=\"{first}\" workRangeEnd=\"{last}\" sessionStartFrame=\"{first}\">\n  \
         <Layer type=\"Layer\" label=\"sam3roto\" expanded=\"True\">\n    <Properties>\n",
        curves.width, curves.height
    );
    for (id, value) in [("color", "(1.000000,1.000000,1.000000)"), ("invert", "false"), ("mode", "Add")] {
        text += &constant("      ", id, value);
    }
    text += "      <Property id=\"objects\" constant=\"True\" expanded=\"True\">\n";
    for index in stacked(curves).into_iter().rev() {
        if let Some(track) = curves.tracks.get(index) {
            text += &shape(curves, index + 1, track);
        }
    }
    text + "      </Property>\n    </Properties>\n  </Layer>\n</Silhouette>\n"
}

fn constant(indent: &str, id: &str, value: &str) -> String {
    format!("{indent}<Property constant=\"True\" id=\"{id}\"><Value>{value}</Value></Property>\n")
}

fn shape(curves: &Curves, number: usize, track: &SplineTrack) -> String {
    const INDENT: &str = "            ";
    let start = curves.frames.first().copied().unwrap_or_default();
    let mut text = format!(
        "        <Object type=\"Shape\" label=\"Shape{number}\" shape_type=\"Bezier\" hidden=\"False\" locked=\"False\">\n          \
         <Properties>\n{INDENT}<Property id=\"opacity\">\n"
    );
    for (frame, opacity) in life(curves, track) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{INDENT}  <Key frame=\"{}\" interp=\"hold\">{opacity}</Key>", frame - start);
    }
    let _ = writeln!(text, "{INDENT}</Property>");
    let mode = if track.hole { "Subtract" } else { "Add" };
    for (id, value) in
        [("motionBlur", "true"), ("outlineColor", "(1.000000,0.000000,0.000000)"), ("mode", mode), ("invert", "false")]
    {
        text += &constant(INDENT, id, value);
    }
    let _ = writeln!(text, "{INDENT}<Property id=\"path\">");
    for (frame, spline) in &track.frames {
        let _ = writeln!(
            text,
            "{INDENT}  <Key frame=\"{}\" interp=\"linear\">\n{INDENT}    <Path closed=\"True\" type=\"Bezier\">",
            frame - start
        );
        for knot in &spline.knots {
            let _ = writeln!(text, "{INDENT}      <Point>{}</Point>", point(knot, curves));
        }
        let _ = writeln!(text, "{INDENT}    </Path>\n{INDENT}  </Key>");
    }
    text + INDENT + "</Property>\n          </Properties>\n        </Object>\n"
}

/// Frames from which on a shape shows and does not: from its first to the frame before the next of the shot after its last.
pub(super) fn life(curves: &Curves, track: &SplineTrack) -> Vec<(i32, u32)> {
    let (Some((first, _)), Some((last, _))) = (track.frames.first(), track.frames.last()) else { return Vec::new() };
    let before = curves.frames.first().filter(|start| *start < first).map(|start| (*start, 0));
    let after = curves.frames.iter().find(|frame| *frame > last).map(|frame| (*frame, 0));
    before.into_iter().chain([(*first, 100)]).chain(after).collect()
}

fn point(knot: &Knot, curves: &Curves) -> String {
    let (width, height) = (curves.width as f64, curves.height as f64);
    let place = |[x, y]: [f64; 2]| format!("({:.6},{:.6})", (x - width / 2.0) / height, (y - height / 2.0) / height);
    [knot.at, knot.incoming, knot.outgoing].map(place).join(",")
}
