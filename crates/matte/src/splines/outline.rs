//! A contour with points at even distances, so that places on it are counted in samples.

use super::spline::{Point, between, distance, dot, unit};
use crate::Polyline;

/// Distance between samples, in pixels: fine enough that a sharp corner between two of them is missed by less than 0.2.
const STEP: f64 = 0.5;
/// Samples on each side that tell the direction of the line: 4 pixels, wider than the steps of a binary matte.
const REACH: usize = 8;

/// A closed line of samples at even distances. Indices count round and round.
#[derive(Debug, Clone)]
pub(super) struct Outline {
    samples: Vec<Point>,
}

impl Outline {
    /// Resamples a line; none where it has no length or places that are no numbers.
    pub(super) fn new(line: &Polyline) -> Option<Self> {
        let corners: Vec<Point> = line.points.iter().map(|point| point.map(f64::from)).collect();
        let ends = || corners.iter().zip(corners.iter().cycle().skip(1));
        let length: f64 = ends().map(|(a, b)| distance(*a, *b)).sum();
        if !length.is_finite() || length < STEP {
            return None;
        }
        let count = (length / STEP).round().max(8.0);
        let step = length / count;
        let mut samples = Vec::with_capacity(count as usize);
        let (mut passed, mut due) = (0.0, 0.0);
        for (a, b) in ends() {
            let side = distance(*a, *b);
            while due < passed + side && (samples.len() as f64) < count {
                let along = (due - passed) / side;
                samples.push([a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])]);
                due = samples.len() as f64 * step;
            }
            passed += side;
        }
        (samples.len() >= 4).then_some(Self { samples })
    }

    /// How many samples there are.
    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    /// How long the line is, in pixels.
    pub(super) fn length(&self) -> f64 {
        let next = self.samples.iter().cycle().skip(1);
        self.samples.iter().zip(next).map(|(a, b)| distance(*a, *b)).sum()
    }

    /// The enclosed area in square pixels, negative for holes.
    pub(super) fn signed_area(&self) -> f64 {
        let next = self.samples.iter().cycle().skip(1);
        self.samples.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
    }

    /// A sample.
    pub(super) fn at(&self, index: usize) -> Point {
        self.samples[index % self.samples.len()]
    }

    /// The samples from `start` to `end`, both included; once round where they are the same place.
    pub(super) fn run(&self, start: usize, end: usize) -> Vec<Point> {
        let span = self.span(start, end);
        (0..=span).map(|offset| self.at(start + offset)).collect()
    }

    /// Samples from one place forward to another: 1 to `len`.
    pub(super) fn span(&self, start: usize, end: usize) -> usize {
        let count = self.len();
        match (end % count + count - start % count) % count {
            0 => count,
            span => span,
        }
    }

    /// The direction of the line at a sample, by least squares over four pixels on each side.
    pub(super) fn direction(&self, index: usize) -> Option<Point> {
        let reach = REACH.min(self.len() / 2);
        let index = index + self.len();
        let mut sum = [0.0; 2];
        for offset in 1..=reach {
            let across = between(self.at(index - offset), self.at(index + offset));
            sum = [sum[0] + offset as f64 * across[0], sum[1] + offset as f64 * across[1]];
        }
        unit(sum)
    }

    /// How far the line turns at a sample, in radians, between the chords that reach `reach` samples back and on.
    pub(super) fn turn(&self, index: usize, reach: usize) -> f64 {
        let index = index + self.len();
        let before = unit(between(self.at(index - reach), self.at(index)));
        let after = unit(between(self.at(index), self.at(index + reach)));
        before.zip(after).map_or(0.0, |(before, after)| dot(before, after).clamp(-1.0, 1.0).acos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_stand_at_even_distances_and_runs_go_round() {
        let square = Polyline { points: vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]] };
        let outline = Outline::new(&square).unwrap();
        assert_eq!(outline.len(), 80);
        assert_eq!(outline.at(85), [2.5, 0.0]);
        assert_eq!(outline.run(78, 1), [[0.0, 1.0], [0.0, 0.5], [0.0, 0.0], [0.5, 0.0]]);
        assert_eq!(outline.run(3, 3).len(), 81);
        assert!(outline.turn(20, 8) > 1.5 && outline.turn(10, 8) < 1e-6);
        assert!((outline.direction(10).unwrap()[0] - 1.0).abs() < 1e-12);
        assert!(Outline::new(&Polyline { points: vec![[1.0, 1.0]; 3] }).is_none());
        assert!(Outline::new(&Polyline { points: vec![] }).is_none());
    }
}
