//! Closed cubic curves.

use crate::Polyline;

/// A place or a direction, in pixels.
pub(super) type Point = [f64; 2];

/// A point of a curve with its two handles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knot {
    /// Where the curve passes.
    pub at: [f64; 2],
    /// The handle of the piece that ends here, as a place.
    pub incoming: [f64; 2],
    /// The handle of the piece that begins here, as a place.
    pub outgoing: [f64; 2],
    /// Whether the curve may turn sharply here; elsewhere both handles lie on one line through the point.
    pub corner: bool,
}

/// A closed curve of cubic pieces, each from one knot to the next, the last one back to the first. Outlines run with the
/// inside on their right as seen on the screen, holes the other way.
#[derive(Debug, Clone, PartialEq)]
pub struct Spline {
    /// The points in order, two at least.
    pub knots: Vec<Knot>,
}

/// How far a chord may be from its curve where curves are drawn as chords, in pixels.
const CHORD: f64 = 0.01;
/// Chords of one piece.
const MOST_CHORDS: f64 = 256.0;

impl Spline {
    /// The control points of each piece.
    pub fn pieces(&self) -> impl Iterator<Item = [[f64; 2]; 4]> + '_ {
        let next = self.knots.iter().cycle().skip(1);
        self.knots.iter().zip(next).map(|(from, to)| [from.at, from.outgoing, to.incoming, to.at])
    }

    /// The curve as chords no further than a hundredth of a pixel from it.
    pub fn polyline(&self) -> Polyline {
        let mut points = Vec::new();
        for piece in self.pieces() {
            let chords = chords(&piece);
            points.extend((0..chords).map(|i| to_f32(position(&piece, f64::from(i) / f64::from(chords)))));
        }
        Polyline { points }
    }

    /// The enclosed area in square pixels: positive for outlines, negative for holes.
    pub fn signed_area(&self) -> f64 {
        self.polyline().signed_area()
    }
}

/// How many chords stay near the curve: a cubic is no further from its chord than an eighth of its largest second
/// derivative.
fn chords(piece: &[Point; 4]) -> u32 {
    let bend = |a: Point, b: Point, c: Point| (a[0] - 2.0 * b[0] + c[0]).hypot(a[1] - 2.0 * b[1] + c[1]);
    let most = bend(piece[0], piece[1], piece[2]).max(bend(piece[1], piece[2], piece[3]));
    (0.75 * most / CHORD).sqrt().ceil().clamp(1.0, MOST_CHORDS) as u32
}

fn to_f32(point: Point) -> [f32; 2] {
    point.map(|value| value as f32)
}

/// A point of a cubic.
pub(super) fn position(piece: &[Point; 4], t: f64) -> Point {
    let s = 1.0 - t;
    let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    weighted(piece, &weights)
}

/// Its first derivative.
pub(super) fn velocity(piece: &[Point; 4], t: f64) -> Point {
    let s = 1.0 - t;
    let weights = [-3.0 * s * s, 3.0 * s * (s - 2.0 * t), 3.0 * t * (2.0 * s - t), 3.0 * t * t];
    weighted(piece, &weights)
}

/// Its second derivative.
pub(super) fn acceleration(piece: &[Point; 4], t: f64) -> Point {
    let s = 1.0 - t;
    weighted(piece, &[6.0 * s, 6.0 * (t - 2.0 * s), 6.0 * (s - 2.0 * t), 6.0 * t])
}

fn weighted(piece: &[Point; 4], weights: &[f64; 4]) -> Point {
    let sum = |axis: usize| piece.iter().zip(weights).map(|(point, weight)| point[axis] * weight).sum();
    [sum(0), sum(1)]
}

/// `b` from `a`.
pub(super) fn between(a: Point, b: Point) -> Point {
    [b[0] - a[0], b[1] - a[1]]
}

/// How far apart two points are.
pub(super) fn distance(a: Point, b: Point) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// The direction alone; none where there is none.
pub(super) fn unit(direction: Point) -> Option<Point> {
    let length = direction[0].hypot(direction[1]);
    (length > 1e-12).then(|| direction.map(|value| value / length))
}

pub(super) fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

/// `from`, `along` times further in a direction.
pub(super) fn towards(from: Point, direction: Point, along: f64) -> Point {
    [from[0] + along * direction[0], from[1] + along * direction[1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_position() {
        let piece = [[0.0, 1.0], [3.0, 5.0], [7.0, -2.0], [9.0, 4.0]];
        let step = 1e-5;
        for t in [0.1, 0.37, 0.5, 0.93] {
            let (before, now, after) = (position(&piece, t - step), position(&piece, t), position(&piece, t + step));
            for axis in 0..2 {
                let slope = (after[axis] - before[axis]) / (2.0 * step);
                assert!((velocity(&piece, t)[axis] - slope).abs() < 1e-6);
                let bend = (after[axis] - 2.0 * now[axis] + before[axis]) / (step * step);
                assert!((acceleration(&piece, t)[axis] - bend).abs() < 1e-3);
            }
        }
    }
}
