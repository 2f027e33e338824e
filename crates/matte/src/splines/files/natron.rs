//! Curves for Natron: a Python script that makes a Roto node through its documented interface. Pixels, y up from the bottom of the
//! frame, handles as places.

use super::SplineShot;
use super::python::{boolean, keys};
use std::fmt::Write;

/// The script.
pub(super) fn script(shot: &SplineShot) -> String {
    let mut text = HEAD.to_owned();
    // What is made first lies below.
    for index in shot.stacked().into_iter().rev() {
        let Some(track) = shot.tracks.get(index) else { continue };
        let turns = shot.turns(track).into_iter().map(|(frame, shows)| format!("({frame}, {})", boolean(shows)));
        let turns = turns.collect::<Vec<_>>().join(", ");
        let places = keys(track, |knot| [knot.at, knot.incoming, knot.outgoing].map(|place| shot.up(place)));
        // Writing to a string does not fail.
        let _ = write!(text, "    (\"Shape{}\", {}, [{turns}], {{\n{places}    }}),\n", index + 1, boolean(track.hole));
    }
    text + TAIL
}

const HEAD: &str = "\
\"\"\"Makes a Roto node with animated shapes. Written by sam3roto; run it in Natron's Script Editor.\"\"\"

# Name, whether it is a hole, frames from which on it shows or does not, and for each frame the points: x, y, left handle, right
# handle. Pixels, y up from the bottom of the frame. The first shape lies below.
SHAPES = [
";

const TAIL: &str = "\
]

# Operators that take a shape away from what lies below, the best first.
REMOVING = (\"stencil\", \"minus\")


def removing(operator):
    names = [operator.getOption(index).lower() for index in range(operator.getNumOptions())]
    return next((names.index(name) for name in REMOVING if name in names), None)


def build(app):
    roto = app.createNode(\"fr.inria.built-in.Roto\").getRotoContext()
    for name, hole, shown, keys in SHAPES:
        frames = sorted(keys)
        first = keys[frames[0]]
        shape = roto.createBezier(first[0][0], first[0][1], frames[0])
        shape.setScriptName(name)
        shape.setLabel(name)
        for point in first[1:]:
            shape.addControlPoint(point[0], point[1])
        shape.setCurveFinished(True)
        for frame in frames:
            for index, point in enumerate(keys[frame]):
                shape.setPointAtIndex(index, frame, *point)
                # The feather goes with its point.
                shape.setFeatherPointAtIndex(index, frame, *point)
        for frame, visible in shown:
            shape.setActivated(frame, visible)
        if hole:
            operator = shape.getCompositingOperatorParam()
            choice = removing(operator)
            if choice is not None:
                operator.set(choice)


build(app)
";
