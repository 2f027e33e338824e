//! Curves as pixels again.

use super::Spline;
use raster::Plane;

/// How much of each pixel the curves cover, 0 to 1: outlines add, holes take away. Curves of one matte do not overlap, so
/// that the sum is their coverage; it is exact but for chords that are within a hundredth of a pixel of the curves.
pub fn spline_coverage(splines: &[Spline], width: usize, height: usize) -> Plane<f32> {
    let mut cover = Cover { width, sums: vec![0.0; (width + 2) * height], height };
    for spline in splines {
        let points = spline.polyline().points;
        for (a, b) in points.iter().zip(points.iter().cycle().skip(1)) {
            cover.line(a.map(f64::from), b.map(f64::from));
        }
    }
    cover.plane()
}

/// Change of coverage from each pixel to the one on its right (after R. Levien's font-rs), in rows of two more than the
/// width.
struct Cover {
    width: usize,
    height: usize,
    sums: Vec<f64>,
}

impl Cover {
    /// A line downwards takes away what is on its right, a line upwards adds it.
    fn line(&mut self, a: [f64; 2], b: [f64; 2]) {
        if a[1] == b[1] {
            return;
        }
        let (sign, a, b) = if a[1] < b[1] { (-1.0, a, b) } else { (1.0, b, a) };
        let slope = (b[0] - a[0]) / (b[1] - a[1]);
        let first = a[1].floor().max(0.0) as usize;
        let end = (b[1].ceil().max(0.0) as usize).min(self.height);
        for y in first..end {
            let (top, bottom) = (a[1].max(y as f64), b[1].min(y as f64 + 1.0));
            if bottom <= top {
                continue;
            }
            let x = |at: f64| (a[0] + slope * (at - a[1])).clamp(0.0, self.width as f64);
            let (from, to) = (x(top), x(bottom));
            self.row(y, from.min(to), from.max(to), sign * (bottom - top));
        }
    }

    /// Spreads `amount` of a row's height evenly over the places from `left` to `right`, within 0 and the width.
    fn row(&mut self, y: usize, left: f64, right: f64, amount: f64) {
        let row = &mut self.sums[y * (self.width + 2)..(y + 1) * (self.width + 2)];
        let (first, last) = (left.floor() as usize, right.floor() as usize);
        for x in first..=last.min(self.width) {
            let (start, end) = (left.max(x as f64), right.min(x as f64 + 1.0));
            let share = if right > left { (end - start) / (right - left) } else { 1.0 };
            // What crosses this pixel covers it from its mean place on, and all pixels after it.
            let outside = (start + end) / 2.0 - x as f64;
            row[x] += amount * share * (1.0 - outside);
            row[x + 1] += amount * share * outside;
        }
    }

    fn plane(self) -> Plane<f32> {
        let mut plane = Plane::new(self.width, self.height, 0.0);
        for (row, sums) in plane.rows_mut().zip(self.sums.chunks(self.width + 2)) {
            let mut covered = 0.0;
            for (pixel, change) in row.iter_mut().zip(sums) {
                covered += change;
                *pixel = covered.clamp(0.0, 1.0) as f32;
            }
        }
        plane
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::splines::Knot;

    fn polygon(points: &[[f64; 2]]) -> Spline {
        let knot = |at: &[f64; 2]| Knot { at: *at, incoming: *at, outgoing: *at, corner: true };
        Spline { knots: points.iter().map(knot).collect() }
    }

    #[test]
    fn a_square_covers_its_share_of_each_pixel_and_a_hole_takes_its_own() {
        let square = polygon(&[[1.25, 1.5], [4.0, 1.5], [4.0, 3.0], [1.25, 3.0]]);
        let plane = spline_coverage(std::slice::from_ref(&square), 6, 4);
        assert_eq!(plane.row(1), [0.0, 0.375, 0.5, 0.5, 0.0, 0.0]);
        assert_eq!(plane.row(2), [0.0, 0.75, 1.0, 1.0, 0.0, 0.0]);
        let hole = polygon(&[[2.0, 2.0], [2.0, 3.0], [3.0, 3.0], [3.0, 2.0]]);
        let plane = spline_coverage(&[square, hole], 6, 4);
        assert_eq!(plane.row(2), [0.0, 0.75, 0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn a_slanted_line_and_what_lies_outside_are_exact() {
        let triangle = polygon(&[[-8.0, 0.0], [8.0, 0.0], [0.0, 8.0], [-8.0, 8.0]]);
        let plane = spline_coverage(&[triangle], 10, 6);
        for (y, whole) in [(0, 7), (5, 2)] {
            let expected = |x: usize| if x < whole { 1.0 } else { f32::from(u8::from(x == whole)) * 0.5 };
            assert!(
                plane.row(y).iter().enumerate().all(|(x, found)| (found - expected(x)).abs() < 1e-6),
                "{:?}",
                plane.row(y)
            );
        }
        assert!(spline_coverage(&[], 0, 0).is_empty());
    }
}
