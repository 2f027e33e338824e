//! Curves for Natron: a Python script that makes a Roto node through its documented interface. Pixels, y up from the bottom of the
//! frame, handles as places.

use super::splines::Curves;
use super::splines_nuke::stacked;
use super::splines_silhouette::life;
use std::fmt::Write;

/// The script.
pub(super) fn script(curves: &Curves) -> String {
    let up = |[x, y]: [f64; 2]| [x, curves.height as f64 - y];
    let mut text = HEAD.to_owned();
    // What is made first lies below.
    for index in stacked(curves).into_iter().rev() {
        let Some(track) = curves.tracks.get(index) else { continue };
        let hole = if track.hole { "True" } else { "False" };
        let shown = life(curves, track).into_iter().map(|(frame, opacity)| match opacity {
            0 => format!("({frame}, False)"),
            _ => format!("({frame}, True)"),
        });
        let shown = shown.collect::<Vec<_>>().join(", ");
        // Writing to a string does not fail.
        let _ = writeln!(text, "    (\"Shape{}\", {hole}, [{shown}], {{", index + 1);
        for (frame, spline) in &track.frames {
            let _ = write!(text, "        {frame}: [");
            for knot in &spline.knots {
                let [[x, y], [lx, ly], [rx, ry]] = [knot.at, knot.incoming, knot.outgoing].map(up);
                let _ = write!(text, "({x:.4}, {y:.4}, {lx:.4}, {ly:.4}, {rx:.4}, {ry:.4}), ");
            }
            text += "],\n";
        }
        text += "    }),\n";
    }
    text + TAIL
}

const HEAD: &str = "\
\"\"\"Makes a Roto node with animated shapes. Written by sam3roto splines; run it in Natron's Script Editor.\"\"\"

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
