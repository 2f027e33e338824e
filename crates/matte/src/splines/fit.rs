//! One cubic through the samples of a line, by least squares.
//!
//! After P. J. Schneider, "An Algorithm for Automatically Fitting Digitized Curves", Graphics Gems (1990): parameters by
//! chord length, least squares for the handles, better parameters by Newton's method, and again. At corners the handles
//! are free, which Schneider's are not. Where the least squares are nearly near enough, samples that are far off get more
//! weight, after C. L. Lawson's algorithm for the least of the largest errors (1961): pieces within a tolerance become
//! longer, and about a fifth of a curve's points is saved.

use super::spline::{Point, acceleration, between, distance, dot, position, towards, velocity};

/// How often parameters and handles are improved in turn.
const ROUNDS: usize = 16;
/// How many times too far off least squares may be for weights to be tried.
const NEARLY: f64 = 2.5;
/// How often weights are changed: more saves hardly a point.
const WEIGHINGS: usize = 24;
/// What is still this many times too far off after [`SLOW`] weighings is given up.
const HOPELESS: f64 = 1.5;
/// Weighings after which a piece must be close.
const SLOW: usize = 6;
/// What is added to each error in a weight, as a share of what is good enough: a sample that is hit once keeps some weight.
const KEPT: f64 = 0.1;
/// A handle longer than this share of the line it belongs to would swing the curve about between samples.
const LONGEST: f64 = 1.5;

/// What is known of the direction at an end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    /// Nothing: a corner.
    Free,
    /// The handle leaves the end in this direction (of length 1), into the line.
    Along(Point),
}

/// What is near enough, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    /// For the furthest sample.
    pub(super) furthest: f64,
    /// For the quadratic mean of all samples of a piece that least squares did not find: such a piece swings from one side of the
    /// line to the other as far as it may, and that costs area.
    pub(super) mean: f64,
}

/// A fitted cubic.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    /// Its control points.
    pub(super) piece: [Point; 4],
    /// How far the furthest sample is from it, in pixels.
    pub(super) error: f64,
    /// Which one that is.
    pub(super) worst: usize,
    /// The squared distances of all samples together.
    pub(super) squares: f64,
}

/// Fits the samples of an open line, two at least. Where an early round is hopelessly far from what is near
/// enough, the later ones are saved.
pub(super) fn fit(samples: &[Point], start: End, finish: End, near: Near) -> Fit {
    let good = near.furthest;
    let mut parameters = chord_parameters(samples);
    let mut best = measured(straight(samples, start, finish), samples, &parameters);
    let even = vec![1.0; samples.len()];
    for round in 0..ROUNDS {
        let Some(piece) = least_squares(samples, &parameters, &even, start, finish) else { break };
        let fitted = measured(piece, samples, &parameters);
        if fitted.error < best.error {
            best = fitted;
        }
        if best.error <= 0.5 * good
            || (round >= 1 && best.error > 8.0 * good)
            || (round >= 4 && best.error > 2.0 * good)
        {
            break;
        }
        for (parameter, sample) in parameters.iter_mut().zip(samples) {
            *parameter = nearer(&fitted.piece, *sample, *parameter);
        }
        // The same curve may be nearer to the samples than its old parameters said.
        let again = measured(fitted.piece, samples, &parameters);
        if again.error < best.error {
            best = again;
        }
    }
    if (good..=NEARLY * good).contains(&best.error) {
        weighed(best, samples, parameters, [start, finish], near)
    } else {
        best
    }
}

/// A fit whose furthest sample is nearer than that of `best`, if weights find one.
fn weighed(mut best: Fit, samples: &[Point], mut parameters: Vec<f64>, [start, finish]: [End; 2], near: Near) -> Fit {
    let good = near.furthest;
    let mut weights = vec![1.0; samples.len()];
    let most_squares = near.mean.powi(2) * samples.len() as f64;
    let mut last = best.piece;
    for round in 0..WEIGHINGS {
        for (parameter, sample) in parameters.iter_mut().zip(samples) {
            *parameter = nearer(&last, *sample, *parameter);
        }
        for ((weight, sample), parameter) in weights.iter_mut().zip(samples).zip(&parameters) {
            *weight *= KEPT * good + distance(position(&last, *parameter), *sample);
        }
        let mean = weights.iter().sum::<f64>() / samples.len().max(1) as f64;
        weights.iter_mut().for_each(|weight| *weight /= mean);
        let Some(piece) = least_squares(samples, &parameters, &weights, start, finish) else { break };
        let fitted = measured(piece, samples, &parameters);
        if fitted.error < best.error && fitted.squares <= most_squares {
            best = fitted;
        }
        if best.error <= good || (round >= SLOW && best.error > HOPELESS * good) {
            break;
        }
        last = piece;
    }
    best
}

/// 0 to 1 by distance along the samples.
fn chord_parameters(samples: &[Point]) -> Vec<f64> {
    let mut passed = 0.0;
    let mut parameters = vec![0.0; samples.len()];
    for (parameter, pair) in parameters.iter_mut().skip(1).zip(samples.windows(2)) {
        passed += distance(pair[0], pair[1]);
        *parameter = passed;
    }
    if passed > 0.0 {
        parameters.iter_mut().for_each(|parameter| *parameter /= passed);
    }
    parameters
}

fn ends(samples: &[Point]) -> (Point, Point) {
    let first = samples.first().copied().unwrap_or_default();
    (first, samples.last().copied().unwrap_or(first))
}

/// Handles a third of the way, for lines that nothing better is known of.
fn straight(samples: &[Point], start: End, finish: End) -> [Point; 4] {
    let (first, last) = ends(samples);
    let third = distance(first, last) / 3.0;
    let handle = |from: Point, to: Point, end: End| match end {
        End::Along(direction) => towards(from, direction, third),
        End::Free => towards(from, between(from, to), 1.0 / 3.0),
    };
    [first, handle(first, last, start), handle(last, first, finish), last]
}

fn measured(piece: [Point; 4], samples: &[Point], parameters: &[f64]) -> Fit {
    let mut fit = Fit { piece, error: 0.0, worst: samples.len() / 2, squares: 0.0 };
    for (index, (sample, parameter)) in samples.iter().zip(parameters).enumerate() {
        let error = distance(position(&piece, *parameter), *sample);
        fit.squares += error * error;
        if error > fit.error {
            (fit.error, fit.worst) = (error, index);
        }
    }
    fit
}

/// One step of Newton's method towards the parameter of the nearest point of the curve.
fn nearer(piece: &[Point; 4], sample: Point, parameter: f64) -> f64 {
    let off = between(sample, position(piece, parameter));
    let (velocity, acceleration) = (velocity(piece, parameter), acceleration(piece, parameter));
    let slope = dot(velocity, velocity) + dot(off, acceleration);
    if slope <= 1e-12 {
        return parameter;
    }
    (parameter - dot(off, velocity) / slope).clamp(0.0, 1.0)
}

/// The handles with the least weighted squared distance at given parameters: one unknown for an end with a direction, two for a
/// free one. None where the samples do not tell them, or tell nonsense.
fn least_squares(
    samples: &[Point],
    parameters: &[f64],
    weights: &[f64],
    start: End,
    finish: End,
) -> Option<[Point; 4]> {
    let (first, last) = ends(samples);
    let mut system = System::default();
    let (head, tail) = (columns(start), columns(finish));
    for ((sample, &t), &weight) in samples.iter().zip(parameters).zip(weights) {
        let s = 1.0 - t;
        let (b1, b2) = (3.0 * s * s * t, 3.0 * s * t * t);
        let (fixed_first, fixed_last) = (s * s * s + b1, t * t * t + b2);
        for axis in 0..2 {
            let rest = sample[axis] - fixed_first * first[axis] - fixed_last * last[axis];
            let mut row = [0.0; 4];
            (row[0], row[1]) = (b1 * head[0][axis], b1 * head[1][axis]);
            (row[2], row[3]) = (b2 * tail[0][axis], b2 * tail[1][axis]);
            system.add(&row, rest, weight);
        }
    }
    let [a, b, c, d] = system.solved()?;
    let offset = |columns: [Point; 2], u: f64, v: f64| towards(columns[0].map(|value| value * u), columns[1], v);
    let (head, tail) = (offset(head, a, b), offset(tail, c, d));
    let longest = LONGEST * samples.windows(2).map(|pair| distance(pair[0], pair[1])).sum::<f64>();
    let sound = |offset: Point, end: End| {
        let length = offset[0].hypot(offset[1]);
        let ahead = match end {
            End::Along(direction) => dot(offset, direction) > 1e-3 * length && length > 1e-6,
            End::Free => true,
        };
        ahead && length <= longest
    };
    (sound(head, start) && sound(tail, finish))
        .then(|| [first, towards(first, head, 1.0), towards(last, tail, 1.0), last])
}

/// What the unknowns of an end move its handle by.
fn columns(end: End) -> [Point; 2] {
    match end {
        End::Free => [[1.0, 0.0], [0.0, 1.0]],
        End::Along(direction) => [direction, [0.0, 0.0]],
    }
}

/// Normal equations of four unknowns; those that no row names stay 0.
#[derive(Default)]
struct System {
    left: [[f64; 4]; 4],
    right: [f64; 4],
}

impl System {
    fn add(&mut self, row: &[f64; 4], rest: f64, weight: f64) {
        for (i, value) in row.iter().enumerate() {
            for (left, other) in self.left[i].iter_mut().zip(row) {
                *left += weight * value * other;
            }
            self.right[i] += weight * value * rest;
        }
    }

    /// By Gauss's elimination with the largest pivots.
    fn solved(mut self) -> Option<[f64; 4]> {
        for i in 0..4 {
            if self.left[i][i] == 0.0 {
                self.left[i][i] = 1.0;
            }
        }
        for column in 0..4 {
            let pivot = (column..4)
                .max_by(|a, b| self.left[*a][column].abs().total_cmp(&self.left[*b][column].abs()))
                .unwrap_or(column);
            self.left.swap(column, pivot);
            self.right.swap(column, pivot);
            let (row, right) = (self.left[column], self.right[column]);
            if row[column].abs() < 1e-9 {
                return None;
            }
            for below in column + 1..4 {
                let factor = self.left[below][column] / row[column];
                for (value, above) in self.left[below].iter_mut().zip(row) {
                    *value -= factor * above;
                }
                self.right[below] -= factor * right;
            }
        }
        let mut solution = [0.0; 4];
        for row in (0..4).rev() {
            let known: f64 = (row + 1..4).map(|column| self.left[row][column] * solution[column]).sum();
            solution[row] = (self.right[row] - known) / self.left[row][row];
        }
        solution.iter().all(|value: &f64| value.is_finite()).then_some(solution)
    }
}

#[cfg(test)]
mod tests {
    use super::super::spline::unit;
    use super::*;

    const NEAR: Near = Near { furthest: 0.3, mean: 0.2 };

    #[test]
    fn samples_of_a_cubic_give_that_cubic_back() {
        let piece = [[0.0, 0.0], [10.0, 30.0], [50.0, 35.0], [60.0, 5.0]];
        let samples: Vec<Point> = (0..=100).map(|i| position(&piece, f64::from(i) / 100.0)).collect();
        let free = fit(&samples, End::Free, End::Free, NEAR);
        assert!(free.error < 0.3, "{}", free.error);
        let start = End::Along(unit(between(piece[0], piece[1])).unwrap());
        let finish = End::Along(unit(between(piece[3], piece[2])).unwrap());
        let bound = fit(&samples, start, finish, NEAR);
        assert!(bound.error < 0.3, "{}", bound.error);
    }

    #[test]
    fn a_lone_bump_does_not_cost_a_piece() {
        let bump = |x: f64| 0.55 * (-(0.2 * (x - 40.0)).powi(2)).exp();
        let samples: Vec<Point> = (0..=200).map(|i| f64::from(i) / 2.0).map(|x| [x, bump(x)]).collect();
        let even = vec![1.0; samples.len()];
        let parameters = chord_parameters(&samples);
        let squares = least_squares(&samples, &parameters, &even, End::Free, End::Free).unwrap();
        assert!(measured(squares, &samples, &parameters).error > 0.4);
        let nearest = fit(&samples, End::Free, End::Free, NEAR);
        assert!(nearest.error <= 0.3, "{}", nearest.error);
    }

    #[test]
    fn too_few_samples_give_a_line() {
        for samples in [&[[1.0, 2.0], [4.0, 6.0]][..], &[[1.0, 2.0]; 3], &[[1.0, 2.0]]] {
            let fitted = fit(samples, End::Free, End::Free, NEAR);
            assert!(fitted.error < 1e-9);
            assert!(fitted.piece.iter().flatten().all(|value| value.is_finite()));
        }
    }
}
