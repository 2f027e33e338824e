//! Curves as Python data.

use crate::splines::{Knot, SplineTrack};
use std::fmt::Write;

/// The points of a track at each of its frames, as lines of a dictionary: `place` says where a point, its left and its right
/// handle are.
pub(super) fn keys(track: &SplineTrack, place: impl Fn(&Knot) -> [[f64; 2]; 3]) -> String {
    let mut text = String::new();
    for (frame, spline) in &track.frames {
        // Writing to a string does not fail.
        let _ = write!(text, "        {frame}: [");
        for knot in &spline.knots {
            let [[x, y], [lx, ly], [rx, ry]] = place(knot);
            let _ = write!(text, "({x:.4}, {y:.4}, {lx:.4}, {ly:.4}, {rx:.4}, {ry:.4}), ");
        }
        text += "],\n";
    }
    text
}

/// A truth value.
pub(super) fn boolean(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}
