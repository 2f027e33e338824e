//! Curves for Nuke: pixels with y up from the bottom of the frame, handles relative to their points.
//!
//! A node of plain data follows what Nuke 7 to 15 write for shapes with one key: numbers are the bits of 32 bit floats in
//! hexadecimal after an `x`, or small whole numbers; `px` is a frame with three pairs for each point (left handle, point,
//! right handle); `idem` says that the feather is the shape itself. How Nuke writes several keys is not documented, so that
//! animation goes through its documented Python interface instead.
//!
//! What comes first lies on top. Holes are shapes of colour 0 above what they are cut out of.

use super::splines::Curves;
use matte::{Knot, Spline};
use std::fmt::Write;

/// What a point is in Nuke.
struct Point {
    left: [f64; 2],
    at: [f64; 2],
    right: [f64; 2],
}

fn point(knot: &Knot, height: usize) -> Point {
    let from = |handle: [f64; 2]| [handle[0] - knot.at[0], knot.at[1] - handle[1]];
    Point { left: from(knot.incoming), at: [knot.at[0], height as f64 - knot.at[1]], right: from(knot.outgoing) }
}

/// The curves that begin at a frame or later, the small ones on top, with the numbers of their tracks counted from 1.
pub(super) fn stacked(curves: &Curves) -> Vec<usize> {
    let area = |index: &usize| {
        let first = curves.tracks.get(*index).and_then(|track| track.frames.first());
        first.map_or(0.0, |(_, spline)| spline.signed_area().abs())
    };
    let mut order: Vec<usize> = (0..curves.tracks.len()).collect();
    order.sort_by(|a, b| area(a).total_cmp(&area(b)));
    order
}

/// A script that pastes as a Roto node. Of one frame, its shapes are there at all frames; of several, each key is a shape that
/// lives until the next key, in a layer for each curve.
pub(super) fn node(curves: &Curves) -> String {
    let (width, height) = (curves.width as f64, curves.height as f64);
    let centre = format!("{} {}", number(width / 2.0), number(height / 2.0));
    let mut text = format!(
        "set cut_paste_input [stack 0]\nversion 12.0 v1\npush $cut_paste_input\nRoto {{\n output alpha\n cliptype none\n \
         curves {{{{{{v x3f99999a}}\n  {{f 0}}\n  {{n\n   {{layer Root\n    {{f 0}}\n    {{t {centre}}}\n    {{a}}"
    );
    let still = curves.frames.len() <= 1;
    for index in stacked(curves) {
        let Some(track) = curves.tracks.get(index) else { continue };
        let name = format!("Shape{}", index + 1);
        if !still {
            // Writing to a string does not fail.
            let _ = write!(text, "\n    {{layer {name}\n    {{f 512}}\n    {{t {centre}}}\n    {{a}}");
        }
        for (frame, spline) in &track.frames {
            let life = if still { String::new() } else { lifetime(curves, *frame) };
            let name = if still { name.clone() } else { format!("{name}_{}", frame_name(*frame)) };
            text += &shape(
                &name,
                *frame,
                spline,
                track.hole,
                curves.height,
                &format!("{life}spx {} spy {} ", number(width / 2.0), number(height / 2.0)),
            );
        }
        if !still {
            text.push('}');
        }
    }
    text + "}}}}\n name Roto1\n selected true\n}\n"
}

/// Names in Nuke hold letters, digits and underscores.
fn frame_name(frame: i32) -> String {
    format!("{}{}", if frame < 0 { "minus" } else { "" }, frame.unsigned_abs())
}

/// From a key to the frame before the next one of the shot: a single frame (2), or a range of them (4).
fn lifetime(curves: &Curves, frame: i32) -> String {
    let next = curves.frames.iter().find(|other| **other > frame);
    let last = next.map_or(frame, |next| next - 1);
    let kind = if last == frame { 2.0 } else { 4.0 };
    format!("ltn {} ltm {} ltt {} ", number(f64::from(frame)), number(f64::from(last)), number(kind))
}

fn shape(name: &str, frame: i32, spline: &Spline, hole: bool, height: usize, attributes: &str) -> String {
    let key = number(f64::from(frame));
    let mut points = String::new();
    let mut pivot = [0.0; 2];
    for knot in &spline.knots {
        let point = point(knot, height);
        for [x, y] in [point.left, point.at, point.right] {
            let _ = write!(points, "\n        {{{} {}}}", number(x), number(y));
        }
        pivot = [0, 1].map(|axis| pivot[axis] + point.at[axis] / spline.knots.len() as f64);
    }
    let colour = if hole { "r 0 g 0 b 0 a 0 " } else { "" };
    format!(
        "\n    {{curvegroup {name} 512 bezier\n     {{{{cc\n       {{f 8192}}\n       {{px {key}{points}}}}}     idem}}\n     \
         {{tx {key} {} {}}}\n     {{a {colour}osw x41200000 osf 0 str 1 {attributes}sb 1 tt x40800000}}}}",
        number(pivot[0]),
        number(pivot[1]),
    )
}

/// A number as Nuke writes it.
fn number(value: f64) -> String {
    let value = value as f32;
    if value == 0.0 { "0".to_owned() } else { format!("x{:08x}", value.to_bits()) }
}

/// A Python script for Nuke that makes a Roto node with animated shapes.
pub(super) fn script(curves: &Curves) -> String {
    let mut text = SCRIPT_HEAD.to_owned();
    // The last one that is added to a layer is its topmost in the order above.
    for index in stacked(curves) {
        let Some(track) = curves.tracks.get(index) else { continue };
        let hole = if track.hole { "True" } else { "False" };
        let _ = writeln!(text, "    (\"Shape{}\", {hole}, {{", index + 1);
        for (frame, spline) in &track.frames {
            let _ = write!(text, "        {frame}: [");
            for knot in &spline.knots {
                let Point { left, at, right } = point(knot, curves.height);
                let [x, y, lx, ly, rx, ry] = [at[0], at[1], left[0], left[1], right[0], right[1]];
                let _ = write!(text, "({x:.4}, {y:.4}, {lx:.4}, {ly:.4}, {rx:.4}, {ry:.4}), ");
            }
            text += "],\n";
        }
        text += "    }),\n";
    }
    text + SCRIPT_TAIL
}

const SCRIPT_HEAD: &str = "\
\"\"\"Makes a Roto node with animated shapes. Written by sam3roto splines; run it in Nuke's Script Editor.\"\"\"
import nuke
import nuke.rotopaint as rp

# Name, whether it is a hole, and for each frame the points: x, y, left handle, right handle. Pixels, y up from the bottom of
# the frame, handles relative to the point. The first shape lies on top.
SHAPES = [
";

const SCRIPT_TAIL: &str = "\
]


def build():
    node = nuke.createNode(\"Roto\", inpanel=False)
    curves = node[\"curves\"]
    for name, hole, keys in SHAPES:
        frames = sorted(keys)
        shape = rp.Shape(curves)
        shape.name = name
        for x, y, _, _, _, _ in keys[frames[0]]:
            shape.append(rp.ShapeControlPoint(x, y))
        for index in range(len(keys[frames[0]])):
            point = shape[index]
            for frame in frames:
                x, y, left_x, left_y, right_x, right_y = keys[frame][index]
                point.center.addPositionKey(frame, rp.CVec2(x, y))
                for handle in (point.leftTangent, point.featherLeftTangent):
                    handle.addPositionKey(frame, rp.CVec2(left_x, left_y))
                for handle in (point.rightTangent, point.featherRightTangent):
                    handle.addPositionKey(frame, rp.CVec2(right_x, right_y))
        attributes = shape.getAttributes()
        if len(SHAPES) > 1:
            # Shapes take over from each other: each lives from its first key to its last.
            attributes.set(\"ltn\", float(frames[0]))
            attributes.set(\"ltm\", float(frames[-1]))
            attributes.set(\"ltt\", 4.0)
        if hole:
            for channel in \"rgba\":
                attributes.set(channel, 0.0)
        curves.rootLayer.append(shape)
    curves.changed()
    return node


build()
";
