//! Curves as SVG: white paths as large as the frame, each outline with the holes in it.

use super::SplineShot;
use crate::splines::Spline;
use std::fmt::Write;

/// The picture of one frame. Its units are pixels, y down, as in our own coordinates.
pub(super) fn picture(shot: &SplineShot, frame: i32) -> String {
    let (width, height) = (shot.width, shot.height);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n"
    );
    let all = shot.at(frame);
    let (holes, outlines): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, spline)| spline.signed_area() < 0.0);
    let areas: Vec<f64> = outlines.iter().map(|(_, outline)| outline.signed_area()).collect();
    let mut paths: Vec<String> = outlines.iter().map(|(_, outline)| path(outline)).collect();
    for (_, hole) in holes {
        let around = outlines.iter().enumerate().filter(|(_, (_, outline))| encloses(outline, hole));
        let Some((at, _)) = around.min_by(|a, b| areas[a.0].total_cmp(&areas[b.0])) else { continue };
        paths[at] += &path(hole);
    }
    for ((number, _), path) in outlines.iter().zip(paths) {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "  <path id=\"shape{number}\" fill=\"white\" fill-rule=\"evenodd\" d=\"{}\"/>",
            path.trim_end()
        );
    }
    text + "</svg>\n"
}

fn path(spline: &Spline) -> String {
    let mut text = String::new();
    for (index, [from, out, into, to]) in spline.pieces().enumerate() {
        if index == 0 {
            let _ = write!(text, "M{:.4} {:.4} ", from[0], from[1]);
        }
        let _ = write!(text, "C{:.4} {:.4} {:.4} {:.4} {:.4} {:.4} ", out[0], out[1], into[0], into[1], to[0], to[1]);
    }
    text + "Z "
}

/// Whether a hole begins within an outline: an odd number of crossings to its left.
fn encloses(outline: &Spline, hole: &Spline) -> bool {
    let Some([x, y]) = hole.knots.first().map(|knot| knot.at.map(|value| value as f32)) else { return false };
    let points = outline.polyline().points;
    let crossed = points
        .iter()
        .zip(points.iter().cycle().skip(1))
        .filter(|(a, b)| (a[1] > y) != (b[1] > y) && a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) < x);
    crossed.count() % 2 == 1
}
