//! Closed lines.

/// A closed line through points in pixels (x to the right, y down, the centre of the top left pixel at (0.5, 0.5)). The
/// last point joins the first, which is not repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Polyline {
    /// The corners in order.
    pub points: Vec<[f32; 2]>,
}

impl Polyline {
    /// The enclosed area in square pixels. Positive for lines round something inside, negative for lines round holes.
    pub fn signed_area(&self) -> f64 {
        let next = self.points.iter().cycle().skip(1);
        let twice: f64 = self
            .points
            .iter()
            .zip(next)
            .map(|(a, b)| f64::from(a[0]) * f64::from(b[1]) - f64::from(b[0]) * f64::from(a[1]))
            .sum();
        twice / 2.0
    }

    /// The same line with fewer points, nowhere further than `tolerance` pixels from those left out (Ramer 1972, Douglas
    /// and Peucker 1973, on the two halves between the first point and the one furthest from it).
    pub fn simplified(&self, tolerance: f32) -> Self {
        let Some((&first, _)) = self.points.split_first() else { return self.clone() };
        let far = farthest(&self.points, |point| square(point, first)).map_or(0, |(index, _)| index);
        if far == 0 {
            return Self { points: vec![first] };
        }
        let mut keep = vec![false; self.points.len()];
        keep[0] = true;
        keep[far] = true;
        let mut spans = vec![(0, far), (far, self.points.len())];
        while let Some((start, end)) = spans.pop() {
            let (a, b) = (self.points[start], self.points[end % self.points.len()]);
            let between = &self.points[start + 1..end];
            if let Some((index, distance)) = farthest(between, |point| square_to_segment(point, a, b))
                && distance > tolerance * tolerance
            {
                let middle = start + 1 + index;
                keep[middle] = true;
                spans.extend([(start, middle), (middle, end)]);
            }
        }
        let kept = self.points.iter().zip(keep).filter_map(|(point, keep)| keep.then_some(*point));
        Self { points: kept.collect() }
    }
}

/// The first point with the largest distance, and that distance.
fn farthest(points: &[[f32; 2]], distance: impl Fn([f32; 2]) -> f32) -> Option<(usize, f32)> {
    let mut best: Option<(usize, f32)> = None;
    for (index, &point) in points.iter().enumerate() {
        let distance = distance(point);
        if best.is_none_or(|(_, known)| distance > known) {
            best = Some((index, distance));
        }
    }
    best
}

fn square(a: [f32; 2], b: [f32; 2]) -> f32 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    x * x + y * y
}

fn square_to_segment(point: [f32; 2], a: [f32; 2], b: [f32; 2]) -> f32 {
    let length = square(a, b);
    if length == 0.0 {
        return square(point, a);
    }
    let along = ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / length;
    let along = along.clamp(0.0, 1.0);
    square(point, [a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_with_points_along_its_sides_becomes_its_corners() {
        let side = |from: [f32; 2], step: [f32; 2]| {
            (0..10).map(move |i| [from[0] + i as f32 * step[0], from[1] + i as f32 * step[1]])
        };
        let points = side([0.0, 0.0], [1.0, 0.0])
            .chain(side([10.0, 0.0], [0.0, 1.0]))
            .chain(side([10.0, 10.0], [-1.0, 0.0]))
            .chain(side([0.0, 10.0], [0.0, -1.0]));
        let line = Polyline { points: points.collect() };
        assert_eq!(line.signed_area(), 100.0);
        let simple = line.simplified(0.1);
        assert_eq!(simple.points, [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]);
        assert_eq!(simple.signed_area(), 100.0);
    }

    #[test]
    fn lines_without_length_stay_lines() {
        assert!(Polyline { points: vec![] }.simplified(1.0).points.is_empty());
        assert_eq!(Polyline { points: vec![[3.0, 4.0]; 5] }.simplified(1.0).points, [[3.0, 4.0]]);
    }
}
