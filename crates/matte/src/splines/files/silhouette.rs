//! Curves for Silhouette: a shape file (.fxs), in the form that other programs write for it.
//!
//! Places are in heights of the frame from its middle, y down; a point is its place and those of its two handles, the incoming one
//! first. Keys count from the first frame of the session. What comes last lies on top. Holes are subtracted.

use super::SplineShot;
use crate::splines::{Knot, SplineTrack};
use std::fmt::Write;

/// The shape file of a shot.
pub(super) fn shapes(shot: &SplineShot) -> String {
    let first = shot.frames.first().copied().unwrap_or(1);
    let last = shot.frames.last().copied().unwrap_or(first);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- Silhouette Shape File -->\n<Silhouette width=\"{}\" height=\"{}\" \
         pixelAspect=\"1\" workRangeStart=\"{first}\" workRangeEnd=\"{last}\" sessionStartFrame=\"{first}\">\n  \
         <Layer type=\"Layer\" label=\"sam3roto\" expanded=\"True\">\n    <Properties>\n",
        shot.width, shot.height
    );
    for (id, value) in [("color", "(1.000000,1.000000,1.000000)"), ("invert", "false"), ("mode", "Add")] {
        text += &constant("      ", id, value);
    }
    text += "      <Property id=\"objects\" constant=\"True\" expanded=\"True\">\n";
    for index in shot.stacked().into_iter().rev() {
        if let Some(track) = shot.tracks.get(index) {
            text += &shape(shot, index + 1, track);
        }
    }
    text + "      </Property>\n    </Properties>\n  </Layer>\n</Silhouette>\n"
}

fn constant(indent: &str, id: &str, value: &str) -> String {
    format!("{indent}<Property constant=\"True\" id=\"{id}\"><Value>{value}</Value></Property>\n")
}

fn shape(shot: &SplineShot, number: usize, track: &SplineTrack) -> String {
    const INDENT: &str = "            ";
    let start = shot.frames.first().copied().unwrap_or_default();
    let mut text = format!(
        "        <Object type=\"Shape\" label=\"Shape{number}\" shape_type=\"Bezier\" hidden=\"False\" locked=\"False\">\n          \
         <Properties>\n{INDENT}<Property id=\"opacity\">\n"
    );
    for (frame, shows) in shot.turns(track) {
        let opacity = if shows { 100 } else { 0 };
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
            let _ = writeln!(text, "{INDENT}      <Point>{}</Point>", point(knot, shot));
        }
        let _ = writeln!(text, "{INDENT}    </Path>\n{INDENT}  </Key>");
    }
    text + INDENT + "</Property>\n          </Properties>\n        </Object>\n"
}

fn point(knot: &Knot, shot: &SplineShot) -> String {
    let (width, height) = (shot.width as f64, shot.height as f64);
    let place = |[x, y]: [f64; 2]| format!("({:.6},{:.6})", (x - width / 2.0) / height, (y - height / 2.0) / height);
    [knot.at, knot.incoming, knot.outgoing].map(place).join(",")
}
