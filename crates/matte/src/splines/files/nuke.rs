//! Curves for Nuke: a Roto node of plain data, as Nuke 7 to 15 save one. Pixels with y up from the bottom of the frame, handles
//! relative to their points.
//!
//! A number is the bits of a 32 bit float in hexadecimal after an `x`, or 0 or 1. `px` has, for each point, its left handle, its
//! place and its right handle. With one key it begins with the frame, and each of the three is a pair `{x y}`. With several keys it
//! begins with their frames in braces, and each of the three is `{{x keys} {y keys}}`: a key is
//! `{value slope weight slope weight}` with what comes in before what goes out, in units a frame and as shares of a third of the way
//! to the next key, or `{value -}` where both slopes are 0; `{x 3 {key}}` stands for three alike. `idem` says that the feather is the
//! shape itself. Nuke makes nothing of this public: it was read from nodes that it saved, in whose slopes its own smooth curves come
//! out exactly.
//!
//! What comes first lies on top. Holes are shapes of colour 0 above what they are cut out of.

use super::SplineShot;
use crate::splines::{Knot, Spline, SplineTrack};
use std::fmt::Write;

/// The left handle, the point and the right handle.
pub(super) fn place(shot: &SplineShot, knot: &Knot) -> [[f64; 2]; 3] {
    let from = |handle: [f64; 2]| [handle[0] - knot.at[0], knot.at[1] - handle[1]];
    [from(knot.incoming), shot.up(knot.at), from(knot.outgoing)]
}

/// A script that pastes as a Roto node. A curve of a part of the shot lives for that part.
pub(super) fn node(shot: &SplineShot) -> String {
    let [left, bottom] = shot.origin;
    let centre = [left + shot.width as f64 / 2.0, bottom + shot.height as f64 / 2.0].map(number);
    let mut text = format!(
        "set cut_paste_input [stack 0]\nversion 12.0 v1\npush $cut_paste_input\nRoto {{\n output alpha\n cliptype none\n \
         curves {{{{{{v x3f99999a}}\n  {{f 0}}\n  {{n\n   {{layer Root\n    {{f 0}}\n    {{t {}}}\n    {{a}}",
        centre.join(" ")
    );
    for index in shot.stacked() {
        if let Some(track) = shot.tracks.get(index) {
            text += &shape(shot, index + 1, track, &centre);
        }
    }
    text + "}}}}\n name Roto1\n selected true\n}\n"
}

fn shape(shot: &SplineShot, index: usize, track: &SplineTrack, centre: &[String; 2]) -> String {
    let Some((first, spline)) = track.frames.first() else { return String::new() };
    let points = if track.frames.len() == 1 { still(shot, *first, spline) } else { animated(shot, track) };
    let colour = if track.hole { "r 0 g 0 b 0 a 0 " } else { "" };
    let life = shot.life(track).map(lifetime).unwrap_or_default();
    let pivot = pivot(shot, spline).map(number).join(" ");
    format!(
        "\n    {{curvegroup Shape{index} 512 bezier\n     {{{{cc\n       {{f 8192}}\n       {{px{points}}}}}     idem}}\n     \
         {{tx {} {pivot}}}\n     {{a {colour}osw x41200000 osf 0 str 1 {life}spx {} spy {} sb 1 tt x40800000}}}}",
        number(f64::from(*first)),
        centre[0],
        centre[1],
    )
}

/// A single frame (2), or a range of them (4).
fn lifetime((first, last): (i32, i32)) -> String {
    let kind = if first == last { 2.0 } else { 4.0 };
    format!("ltn {} ltm {} ltt {} ", number(f64::from(first)), number(f64::from(last)), number(kind))
}

fn pivot(shot: &SplineShot, spline: &Spline) -> [f64; 2] {
    let count = spline.knots.len().max(1) as f64;
    let places = spline.knots.iter().map(|knot| shot.up(knot.at));
    places.fold([0.0; 2], |sum, at| [sum[0] + at[0] / count, sum[1] + at[1] / count])
}

fn still(shot: &SplineShot, frame: i32, spline: &Spline) -> String {
    let pairs = spline.knots.iter().flat_map(|knot| place(shot, knot));
    let pairs: String = pairs.map(|[x, y]| format!("\n        {{{} {}}}", number(x), number(y))).collect();
    format!(" {}{pairs}", number(f64::from(frame)))
}

/// All control points of a track with their keys. Between two keys they go in straight lines.
fn animated(shot: &SplineShot, track: &SplineTrack) -> String {
    let count = track.frames.iter().map(|(_, spline)| spline.knots.len()).min().unwrap_or_default();
    let frames: Vec<String> = track.frames.iter().map(|(frame, _)| number(f64::from(*frame))).collect();
    let mut text = format!("\n        {{{}}}", frames.join(" "));
    let places: Vec<(f64, Vec<[[f64; 2]; 3]>)> = track
        .frames
        .iter()
        .map(|(frame, spline)| (f64::from(*frame), spline.knots.iter().map(|knot| place(shot, knot)).collect()))
        .collect();
    for (knot, part) in (0..count).flat_map(|knot| [(knot, 0), (knot, 1), (knot, 2)]) {
        let [x, y] = [0, 1].map(|axis| {
            let values: Vec<(f64, f32)> =
                places.iter().map(|(frame, knots)| (*frame, knots[knot][part][axis] as f32)).collect();
            keys(&values)
        });
        // Writing to a string does not fail.
        let _ = write!(text, "\n        {{{{{x}}} {{{y}}}}}");
    }
    text
}

/// Values by frame as keys with straight lines between them.
fn keys(values: &[(f64, f32)]) -> String {
    let slope = |from: usize, to: usize| {
        let ends = values.get(from).zip(values.get(to));
        ends.map_or(0.0, |((start, first), (end, last))| (f64::from(*last) - f64::from(*first)) / (end - start))
    };
    let key = |at: usize| {
        // Before the first and after the last key it stands still.
        let (before, after) = (if at > 0 { slope(at - 1, at) } else { 0.0 }, slope(at, at + 1));
        let value = number(f64::from(values[at].1));
        let slopes = if before == 0.0 && after == 0.0 {
            "-".to_owned()
        } else {
            format!("{} 1 {} 1", number(before), number(after))
        };
        format!("{{{value} {slopes}}}")
    };
    let keys: Vec<String> = (0..values.len()).map(key).collect();
    let runs = keys.chunk_by(|a, b| a == b).map(|run| match run {
        [key] => key.clone(),
        run => format!("{{x {} {}}}", run.len(), run[0]),
    });
    runs.collect::<Vec<_>>().join(" ")
}

/// A number as Nuke writes it.
fn number(value: f64) -> String {
    let value = value as f32;
    match value {
        0.0 => "0".to_owned(),
        1.0 => "1".to_owned(),
        value => format!("x{:08x}", value.to_bits()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_in_straight_lines_and_what_stands_still_is_counted() {
        assert_eq!(keys(&[(1.0, 3.0), (2.0, 3.0), (3.0, 3.0)]), "{x 3 {x40400000 -}}");
        let moving = keys(&[(1001.0, 1.0), (1002.0, 3.0), (1006.0, 5.0)]);
        assert_eq!(moving, "{1 0 1 x40000000 1} {x40400000 x40000000 1 x3f000000 1} {x40a00000 x3f000000 1 0 1}");
    }

    #[test]
    fn numbers_are_bits_of_floats_but_for_0_and_1() {
        assert_eq!([0.0, -0.0, 1.0, 10.0, -1.5].map(number), ["0", "0", "1", "x41200000", "xbfc00000"]);
    }
}
