//! Lines of equal value, by marching squares.

use crate::polyline::Polyline;
use raster::Plane;

/// The lines along which a plane crosses `level`, with sub-pixel accuracy (samples stand at pixel centres, values
/// between them are linear). In pixels of the plane.
///
/// Every line is closed: what touches the border is closed along it. Lines run with the inside (values above `level`)
/// on their right as seen on the screen, so outlines have a positive [`Polyline::signed_area`] and holes a negative one.
/// Where two diagonal corners of a square are inside, the mean of the four decides whether they join (Lorensen and
/// Cline 1987, with the usual rule for saddles). The order of lines is that of their topmost, then leftmost crossing.
/// Not-a-numbers are outside.
pub fn contours(plane: &Plane<f32>, level: f32) -> Vec<Polyline> {
    let grid = Grid { plane, level };
    let mut steps = grid.steps();
    steps.sort_unstable();
    let mut used = vec![false; steps.len()];
    let mut lines = Vec::new();
    for start in 0..steps.len() {
        let mut points = Vec::new();
        let mut at = start;
        while !used[at] {
            used[at] = true;
            points.push(grid.point(steps[at].from));
            // Each crossing is left by exactly one step; a search that fails would end the line here.
            let Ok(next) = steps.binary_search_by_key(&steps[at].to, |step| step.from) else { break };
            at = next;
        }
        if !points.is_empty() {
            lines.push(Polyline { points });
        }
    }
    lines
}

/// Squares looked at together.
const BLOCK: usize = 64;

/// A line between two neighbouring samples of the padded grid. Ordered by rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Crossing {
    y: usize,
    x: usize,
    /// From (x, y) to (x, y + 1) rather than to (x + 1, y).
    down: bool,
}

/// A piece of a contour through one square.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    from: Crossing,
    to: Crossing,
}

/// The plane with a ring of outside samples round it, so that every contour closes. Sample (1, 1) is pixel (0, 0).
struct Grid<'a> {
    plane: &'a Plane<f32>,
    level: f32,
}

impl Grid<'_> {
    fn value(&self, x: usize, y: usize) -> Option<f32> {
        self.plane.get(x.checked_sub(1)?, y.checked_sub(1)?).copied()
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let (mut above, mut below) = (self.inside_row(0), self.inside_row(1));
        for y in 0..=self.plane.height() {
            // Most squares are all inside or all outside: many are looked at together.
            for start in (0..=self.plane.width()).step_by(BLOCK) {
                let end = (start + BLOCK).min(self.plane.width() + 1);
                let (upper, lower) = (&above[start..=end], &below[start..=end]);
                let differ = upper.iter().zip(lower).fold(false, |any, (a, b)| any | (a != b) | (*a != upper[0]));
                if differ {
                    for (x, (upper, lower)) in (start..).zip(upper.windows(2).zip(lower.windows(2))) {
                        self.square(x, y, [upper[0], upper[1], lower[1], lower[0]], &mut steps);
                    }
                }
            }
            above = std::mem::replace(&mut below, self.inside_row(y + 2));
        }
        steps
    }

    /// Which samples of row `y` are inside.
    fn inside_row(&self, y: usize) -> Vec<bool> {
        let mut inside = vec![false; self.plane.width() + 2];
        let row = y.checked_sub(1).map_or(&[][..], |y| self.plane.row(y));
        for (inside, &value) in inside[1..].iter_mut().zip(row) {
            *inside = value > self.level;
        }
        inside
    }

    /// The steps through the square whose top left sample is (x, y); `corners` clockwise from there.
    fn square(&self, x: usize, y: usize, corners: [bool; 4], steps: &mut Vec<Step>) {
        let top = Crossing { x, y, down: false };
        let right = Crossing { x: x + 1, y, down: true };
        let bottom = Crossing { x, y: y + 1, down: false };
        let left = Crossing { x, y, down: true };
        let mut step = |from, to| steps.push(Step { from, to });
        match corners {
            [true, false, false, false] => step(top, left),
            [false, true, false, false] => step(right, top),
            [false, false, true, false] => step(bottom, right),
            [false, false, false, true] => step(left, bottom),
            [false, true, true, true] => step(left, top),
            [true, false, true, true] => step(top, right),
            [true, true, false, true] => step(right, bottom),
            [true, true, true, false] => step(bottom, left),
            [true, true, false, false] => step(right, left),
            [false, true, true, false] => step(bottom, top),
            [false, false, true, true] => step(left, right),
            [true, false, false, true] => step(top, bottom),
            [true, false, true, false] if self.joined(x, y) => {
                step(top, right);
                step(bottom, left);
            }
            [true, false, true, false] => {
                step(top, left);
                step(bottom, right);
            }
            [false, true, false, true] if self.joined(x, y) => {
                step(left, top);
                step(right, bottom);
            }
            [false, true, false, true] => {
                step(right, top);
                step(left, bottom);
            }
            [true, true, true, true] | [false, false, false, false] => {}
        }
    }

    /// Whether the middle of a square is inside.
    fn joined(&self, x: usize, y: usize) -> bool {
        let corners = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)].map(|(x, y)| self.value(x, y));
        match corners {
            [Some(a), Some(b), Some(c), Some(d)] => (a + b + c + d) / 4.0 > self.level,
            _ => false,
        }
    }

    /// Where a crossing lies, in pixels of the plane. On the plane's border for crossings into the ring.
    fn point(&self, crossing: Crossing) -> [f32; 2] {
        let Crossing { x, y, down } = crossing;
        let (x2, y2) = if down { (x, y + 1) } else { (x + 1, y) };
        let along = match (self.value(x, y), self.value(x2, y2)) {
            (Some(a), Some(b)) if a.is_finite() && b.is_finite() => ((self.level - a) / (b - a)).clamp(0.0, 1.0),
            _ => 0.5,
        };
        let first = [x as f32 - 0.5, y as f32 - 0.5];
        if down { [first[0], first[1] + along] } else { [first[0] + along, first[1]] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_gives_one_line_with_its_area_and_a_ring_two() {
        let disc = |radius: f32, hole: f32| {
            let samples = (0..64 * 64).map(|i| {
                let distance = ((i % 64) as f32 + 0.5 - 30.0).hypot((i / 64) as f32 + 0.5 - 33.0);
                (radius - distance).min(distance - hole)
            });
            Plane::from_vec(64, 64, samples.collect()).unwrap()
        };
        let lines = contours(&disc(20.0, -100.0), 0.0);
        assert_eq!(lines.len(), 1);
        assert!((lines[0].signed_area() - std::f64::consts::PI * 400.0).abs() < 4.0);
        for [x, y] in &lines[0].points {
            assert!(((x - 30.0).hypot(y - 33.0) - 20.0).abs() < 0.02);
        }
        let lines = contours(&disc(20.0, 8.0), 0.0);
        assert_eq!(lines.len(), 2);
        assert!((lines[1].signed_area() + std::f64::consts::PI * 64.0).abs() < 2.0, "a hole runs the other way");
    }

    #[test]
    fn what_fills_the_plane_is_closed_along_the_border() {
        let lines = contours(&Plane::new(3, 2, 1.0), 0.5);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].points.iter().all(|[x, y]| (0.0..=3.0).contains(x) && (0.0..=2.0).contains(y)));
        let area = lines[0].signed_area();
        assert!(area > 5.4 && area <= 6.0, "corners are cut: {area}");
        assert_eq!(contours(&Plane::new(1, 1, 1.0), 0.5)[0].points.len(), 4);
        assert!(contours(&Plane::new(3, 2, 0.0), 0.5).is_empty());
        assert!(contours(&Plane::new(0, 0, 0.0), 0.5).is_empty());
    }

    #[test]
    fn saddles_and_broken_values_close_too() {
        let diagonal = |middle: f32| Plane::from_vec(2, 2, vec![1.0, middle, middle, 1.0]).unwrap();
        assert_eq!(contours(&diagonal(0.4), 0.5).len(), 1, "joined");
        assert_eq!(contours(&diagonal(-0.4), 0.5).len(), 2, "apart");
        let broken = Plane::from_vec(3, 1, vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY]).unwrap();
        let lines = contours(&broken, 0.5);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].points.iter().flatten().all(|v| v.is_finite()));
    }
}
