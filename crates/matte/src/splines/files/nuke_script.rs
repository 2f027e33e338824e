//! Curves for Nuke by its documented Python interface: a script that makes a Roto node with animated shapes.

use super::SplineShot;
use super::nuke::place;
use super::python::{boolean, keys};
use std::fmt::Write;

/// The script.
pub(super) fn script(shot: &SplineShot) -> String {
    let mut text = HEAD.to_owned();
    // The last one that is added to a layer is its topmost in the order above.
    for index in shot.stacked() {
        let Some(track) = shot.tracks.get(index) else { continue };
        let life = shot.life(track).map_or("None".to_owned(), |(first, last)| format!("({first}, {last})"));
        let places = keys(track, |knot| {
            let [left, at, right] = place(shot, knot);
            [at, left, right]
        });
        // Writing to a string does not fail.
        let _ = write!(text, "    (\"Shape{}\", {}, {life}, {{\n{places}    }}),\n", index + 1, boolean(track.hole));
    }
    text + TAIL
}

const HEAD: &str = "\
\"\"\"Makes a Roto node with animated shapes. Written by sam3roto; run it in Nuke's Script Editor.\"\"\"
import nuke
import nuke.rotopaint as rp

# Name, whether it is a hole, the first and the last frame on which it shows where that is not all the time, and for each frame the
# points: x, y, left handle, right handle. Pixels, y up from the bottom of the frame, handles relative to the point. The first
# shape lies on top.
SHAPES = [
";

const TAIL: &str = "\
]


def build():
    node = nuke.createNode(\"Roto\", inpanel=False)
    curves = node[\"curves\"]
    for name, hole, life, keys in SHAPES:
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
        if life:
            attributes.set(\"ltn\", float(life[0]))
            attributes.set(\"ltm\", float(life[1]))
            attributes.set(\"ltt\", 4.0)
        if hole:
            for channel in \"rgba\":
                attributes.set(channel, 0.0)
        curves.rootLayer.append(shape)
    curves.changed()
    return node


build()
";
