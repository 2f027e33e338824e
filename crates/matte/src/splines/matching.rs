//! Finding points of an outline again on the outline of another frame.

use super::outline::Outline;
use super::spline::{Point, between, distance, dot};

/// Places on the new outline that are considered for an anchor.
const CANDIDATES: usize = 24;
/// Samples between places that are looked at: 2 pixels.
const STRIDE: usize = 4;
/// What a direction turned right round costs, as a distance in pixels.
const TURNED: f64 = 20.0;
/// What it costs that a piece becomes longer or shorter, against how far points move.
const STRETCH: f64 = 1.0;

/// The samples of `outline` that the anchors, samples of `last`, have become: in the same order round the outline, near where they
/// were but for the motion of the whole, where the line runs as it did there, and as far apart as they were. The cheapest by
/// dynamic programming. None where they do not all fit on the outline.
pub(super) fn matched(last: &Outline, anchors: &[usize], outline: &Outline) -> Option<Vec<usize>> {
    let moved = between(centre(last), centre(outline));
    let places: Vec<Vec<Place>> = anchors.iter().map(|anchor| candidates(last, *anchor, moved, outline)).collect();
    let next = anchors.iter().cycle().skip(1);
    let chords: Vec<f64> = anchors.iter().zip(next).map(|(a, b)| distance(last.at(*a), last.at(*b))).collect();
    let (first, others) = places.split_first()?;
    let rounds = first.iter().filter_map(|start| Round { outline, chords: &chords, start: *start }.cheapest(others));
    rounds.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, samples)| samples)
}

/// A sample and what it costs to be there.
#[derive(Debug, Clone, Copy)]
struct Place {
    index: usize,
    cost: f64,
}

fn centre(outline: &Outline) -> Point {
    let samples = (0..outline.len()).map(|index| outline.at(index));
    let sum = samples.fold([0.0; 2], |sum, at| [sum[0] + at[0], sum[1] + at[1]]);
    sum.map(|value| value / outline.len().max(1) as f64)
}

/// The cheapest places for an anchor, in the order of the outline.
fn candidates(last: &Outline, anchor: usize, moved: Point, outline: &Outline) -> Vec<Place> {
    let at = last.at(anchor);
    let expected = [at[0] + moved[0], at[1] + moved[1]];
    let direction = last.direction(anchor);
    let cost = |index: usize| {
        let turned = direction.zip(outline.direction(index)).map_or(0.0, |(was, is)| (1.0 - dot(was, is)) / 2.0);
        distance(outline.at(index), expected).powi(2) + turned * TURNED * TURNED
    };
    let mut places: Vec<Place> =
        (0..outline.len()).step_by(STRIDE).map(|index| Place { index, cost: cost(index) }).collect();
    places.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    // The best place is found to the sample.
    if let Some(best) = places.first().map(|place| place.index) {
        let near = (0..=2 * STRIDE).map(|offset| (best + outline.len() + offset - STRIDE) % outline.len());
        places.truncate(CANDIDATES);
        places.extend(near.map(|index| Place { index, cost: cost(index) }));
    }
    places.sort_by_key(|place| place.index);
    places.dedup_by_key(|place| place.index);
    places
}

/// Once round the outline from one place of the first anchor.
struct Round<'a> {
    outline: &'a Outline,
    /// How far each anchor was from the next.
    chords: &'a [f64],
    start: Place,
}

impl Round<'_> {
    /// The cheapest places of all anchors with what they cost together.
    fn cheapest(&self, others: &[Vec<Place>]) -> Option<(f64, Vec<usize>)> {
        let count = self.outline.len();
        // Of each place: samples from the start, cost up to there, which place before.
        let mut layers = vec![vec![(0, self.start.cost, 0)]];
        for (places, chord) in others.iter().zip(self.chords) {
            let before = layers.last()?;
            let layer = places.iter().filter_map(|place| {
                let passed = (place.index + count - self.start.index) % count;
                let ways = before.iter().enumerate().filter(|(_, from)| from.0 < passed && passed < count);
                let costs = ways.map(|(at, from)| (at, from.1 + self.stretch(from.0, passed, *chord)));
                let (at, cost) = costs.min_by(|a, b| a.1.total_cmp(&b.1))?;
                Some((passed, cost + place.cost, at))
            });
            layers.push(layer.collect());
        }
        let closing = *self.chords.last()?;
        let ends = layers.last()?.iter().enumerate();
        let ends = ends.map(|(at, end)| (at, end.1 + self.stretch(end.0, count, closing)));
        let (mut at, cost) = ends.min_by(|a, b| a.1.total_cmp(&b.1))?;
        let mut samples = Vec::with_capacity(layers.len());
        for layer in layers.iter().rev() {
            let place = layer.get(at)?;
            samples.push((self.start.index + place.0) % count);
            at = place.2;
        }
        samples.reverse();
        Some((cost, samples))
    }

    fn stretch(&self, from: usize, to: usize, chord: f64) -> f64 {
        let now = distance(self.outline.at(self.start.index + from), self.outline.at(self.start.index + to));
        STRETCH * (now - chord).powi(2)
    }
}
