//! What the vote says, as a prompt: a box, points inside, and logits for the decoder to refine.

use raster::Plane;

use super::distance::squared_distances;
use crate::{prompt::Point, thumbnail::REDUCTION};

/// The box is larger than the vote by this share of its sides on each side.
const BOX_MARGIN: f32 = 0.05;

/// Points at most.
const POINTS: usize = 3;

/// No further point where what is left is narrower than this share of the first point's surroundings...
const NARROWEST: f32 = 0.25;

/// ...or than so many samples.
const NARROWEST_SAMPLES: f32 = 0.6;

/// A point keeps others away for so many times its distance from the edge.
const KEPT_AWAY: f32 = 1.5;

/// Logits of cells that are surely in or out.
pub(super) const SURE: f32 = 8.0;

/// Weight of the colours' logarithm.
const COLOUR: f32 = 1.5;

/// Bound of the logits where colours add to them.
const MOST: f32 = 12.0;

/// Colours count no farther from the object than this, in samples.
const COLOUR_REACH: f32 = 12.0;

/// The object may be there, for the colours to count, from this vote on.
const MAYBE: f32 = 0.3;

/// Fewer samples than this do not make an object of votes above one half.
const FEWEST: usize = 2;

/// A prompt for the decoder. Pixels of the picture.
pub(super) struct Cues {
    pub points: Vec<Point>,
    pub box_: [f32; 4],
    /// Logits over the thumbnail.
    pub prior: Plane<f32>,
}

impl Cues {
    /// The prompt for votes over the thumbnail; `None` where none is above 0.
    pub fn of(votes: &Plane<f32>, likelihood: &Plane<f32>) -> Option<Self> {
        let level = level(votes)?;
        let box_ = box_of(votes, level)?;
        Some(Self { points: points(votes, level), box_, prior: prior(votes, likelihood) })
    }
}

/// The vote above which a sample is the object's: one half, or half of the largest where that is small.
fn level(votes: &Plane<f32>) -> Option<f32> {
    let inside = votes.data().iter().filter(|&&vote| vote > 0.5).count();
    if inside >= FEWEST {
        return Some(0.5);
    }
    let largest = votes.data().iter().copied().fold(0f32, f32::max);
    (largest > 0.0).then_some(0.5 * largest)
}

fn box_of(votes: &Plane<f32>, level: f32) -> Option<[f32; 4]> {
    let (mut low, mut high) = ((usize::MAX, usize::MAX), (0, 0));
    for (y, row) in votes.rows().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, vote)| **vote > level) {
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x + 1), high.1.max(y + 1));
        }
    }
    if high.0 == 0 {
        return None;
    }
    let side = |low: usize, high: usize, samples: usize| {
        let margin = BOX_MARGIN * (high - low) as f32;
        let pixels = |at: f32| at.clamp(0.0, samples as f32) * REDUCTION as f32;
        (pixels(low as f32 - margin), pixels(high as f32 + margin))
    };
    let (x1, x2) = side(low.0, high.0, votes.width());
    let (y1, y2) = side(low.1, high.1, votes.height());
    Some([x1, y1, x2, y2])
}

/// Points well inside and apart from each other: the peaks of the distance to what is outside, and of what is left
/// round those that are taken.
fn points(votes: &Plane<f32>, level: f32) -> Vec<Point> {
    let mut depths = depths(votes, level);
    let mut points = Vec::new();
    let mut first = 0f32;
    while points.len() < POINTS {
        let peaks = depths.data().iter().copied().enumerate();
        let (at, depth) = peaks.fold((0, 0f32), |best, one| if one.1 > best.1 { one } else { best });
        first = first.max(depth);
        if depth < NARROWEST_SAMPLES || depth < NARROWEST * first {
            break;
        }
        let (x, y) = (at % depths.width(), at / depths.width());
        let pixels = |at: usize| (at as f32 + 0.5) * REDUCTION as f32;
        points.push(Point { x: pixels(x), y: pixels(y), include: true });
        let away = KEPT_AWAY * depth + 1.0;
        for (row_at, row) in depths.rows_mut().enumerate() {
            let down = row_at as f32 - y as f32;
            for (column, value) in row.iter_mut().enumerate() {
                let across = column as f32 - x as f32;
                if across * across + down * down <= away * away {
                    *value = 0.0;
                }
            }
        }
    }
    points
}

/// How far inside every sample lies, in samples; beyond the picture is outside.
fn depths(votes: &Plane<f32>, level: f32) -> Plane<f32> {
    let (width, height) = (votes.width(), votes.height());
    let mut framed = Plane::new(width + 2, height + 2, 0f32);
    for (y, row) in votes.rows().enumerate() {
        framed.row_mut(y + 1)[1..=width].copy_from_slice(row);
    }
    let away = squared_distances(&framed, |&vote| vote <= level);
    let mut depths = Plane::new(width, height, 0f32);
    for (y, row) in depths.rows_mut().enumerate() {
        for (value, squared) in row.iter_mut().zip(&away.row(y + 1)[1..]) {
            *value = squared.sqrt();
        }
    }
    depths
}

fn prior(votes: &Plane<f32>, likelihood: &Plane<f32>) -> Plane<f32> {
    let away = squared_distances(votes, |&vote| vote > MAYBE);
    let mut prior = votes.map(|vote| SURE * (2.0 * vote - 1.0));
    for ((value, likelihood), &away) in prior.data_mut().iter_mut().zip(likelihood.data()).zip(away.data()) {
        if away <= COLOUR_REACH * COLOUR_REACH {
            *value = (*value + COLOUR * likelihood).clamp(-MOST, MOST);
        }
    }
    prior
}

#[cfg(test)]
mod tests {
    use super::*;

    fn votes(f: impl Fn(usize, usize) -> f32) -> Plane<f32> {
        Plane::from_vec(60, 40, (0..2400).map(|i| f(i % 60, i / 60)).collect()).unwrap()
    }

    fn silent() -> Plane<f32> {
        Plane::new(60, 40, 0.0)
    }

    #[test]
    fn the_box_holds_the_votes_with_a_margin_and_stays_in_the_picture() {
        let cues = Cues::of(&votes(|x, y| if x >= 20 && (10..30).contains(&y) { 0.9 } else { 0.1 }), &silent());
        assert_eq!(cues.unwrap().box_, [72.0, 36.0, 240.0, 124.0]);
    }

    #[test]
    fn points_lie_deep_inside_and_apart() {
        let parts =
            |x: usize, y: usize| (5..20).contains(&x) && (5..20).contains(&y) || (40..50).contains(&x) && y < 11;
        let cues = Cues::of(&votes(|x, y| f32::from(u8::from(parts(x, y)))), &silent()).unwrap();
        let (first, second) = (cues.points[0], cues.points[1]);
        assert!((first.x - 50.0).abs() <= 2.0 && (first.y - 50.0).abs() <= 2.0, "{first:?}");
        assert!((second.x - 180.0).abs() <= 4.0 && (second.y - 22.0).abs() <= 4.0, "{second:?}");
        assert!(cues.points.len() <= POINTS && cues.points.iter().all(|point| point.include));
    }

    #[test]
    fn the_prior_says_how_sure_the_vote_is_and_colours_count_near_it() {
        let votes = votes(|x, _| if x < 10 { 1.0 } else { 0.0 });
        let prior = Cues::of(&votes, &Plane::new(60, 40, 2.0)).unwrap().prior;
        assert_eq!((prior.row(5)[3], prior.row(5)[15], prior.row(5)[50]), (11.0, -5.0, -8.0));
    }

    #[test]
    fn weak_votes_are_still_a_prompt_and_none_are_none() {
        let weak = Cues::of(&votes(|x, y| if (x, y) == (30, 20) { 0.3 } else { 0.0 }), &silent()).unwrap();
        assert_eq!(weak.points.len(), 1);
        assert!(weak.box_[0] < 122.0 && weak.box_[2] > 122.0);
        assert!(Cues::of(&silent(), &silent()).is_none());
        assert!(Cues::of(&Plane::new(0, 0, 0.0), &Plane::new(0, 0, 0.0)).is_none());
    }
}
