//! Curves as JSON: everything there is of them.

use super::SplineShot;
use crate::splines::{Knot, Spline};
use serde_json::{Value, json as value};

/// Decimals of a place: a ten thousandth of a pixel.
const DECIMALS: f64 = 1e4;

/// The document; `sam3roto splines --help` describes it.
pub(super) fn document(shot: &SplineShot, software: &str) -> String {
    let shapes = (1..).zip(&shot.tracks).map(|(number, track)| {
        let keys = track.frames.iter().map(|(frame, spline)| value!({ "frame": frame, "points": points(spline) }));
        value!({
            "name": format!("shape{number}"),
            "hole": track.hole,
            "tolerance": (track.tolerance * DECIMALS).round() / DECIMALS,
            "keys": keys.collect::<Vec<_>>(),
        })
    });
    let document = value!({
        "software": software,
        "width": shot.width,
        "height": shot.height,
        "tolerance": shot.tolerance,
        "frames": shot.frames,
        "shapes": shapes.collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn points(spline: &Spline) -> Vec<Value> {
    let place = |at: [f64; 2]| at.map(|value| (value * DECIMALS).round() / DECIMALS);
    let point = |knot: &Knot| {
        value!({
            "at": place(knot.at), "in": place(knot.incoming), "out": place(knot.outgoing), "corner": knot.corner,
        })
    };
    spline.knots.iter().map(point).collect()
}
