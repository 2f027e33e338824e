//! Curves that stay the same curves along a shot.

use super::joints::{Cutter, Joint};
use super::matching::matched;
use super::outline::Outline;
use super::shapes::{divided, finished, outlines};
use super::spline::{Knot, Point, distance, position};
use super::{Spline, SplineSettings};
use raster::Plane;

/// One curve over some frames.
#[derive(Debug, Clone, PartialEq)]
pub struct SplineTrack {
    /// Whether it goes round a hole.
    pub hole: bool,
    /// Frames, ascending, each with its curve. All curves have as many knots, and each knot is the same point of the object
    /// in all of them.
    pub frames: Vec<(i32, Spline)>,
}

/// Goes through a shot, one matte after the other.
///
/// The points of a frame's curves are looked for on the outlines of the next frame. Where the curve through them is out of twice
/// the tolerance, a point is added, in the earlier frames too (which does not change their curves). A curve ends, and another
/// begins, where its outline vanishes, becomes one with another or falls apart, or would need more
/// than three times as many points as a curve of its own.
#[derive(Debug)]
pub struct SplineTracker {
    settings: SplineSettings,
    living: Vec<SplineTrack>,
    ended: Vec<SplineTrack>,
}

/// How alike the boxes of two outlines must be at least (area in both over area in either) to be one thing.
const ALIKE: f64 = 0.25;
/// How many times larger one of them may be.
const GROWN: f64 = 1.6;

impl SplineTracker {
    /// Nothing seen yet.
    pub fn new(settings: SplineSettings) -> Self {
        Self { settings, living: Vec::new(), ended: Vec::new() }
    }

    /// The next matte, with its frame number, larger than the ones before.
    pub fn push(&mut self, frame: i32, matte: &Plane<f32>) {
        let mut living = std::mem::take(&mut self.living);
        for outline in outlines(matte, &self.settings) {
            let best = living
                .iter()
                .enumerate()
                .filter_map(|(at, track)| {
                    Some((at, likeness(track.frames.last().map(|(_, spline)| spline)?, &outline)?))
                })
                .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
                .map(|(at, _)| at);
            let mut track = best.map(|at| living.remove(at));
            if !track.as_mut().is_some_and(|track| carried(track, frame, &outline, &self.settings)) {
                self.ended.extend(track.take());
            }
            self.living.push(track.unwrap_or_else(|| {
                let spline = finished(&outline, divided(&outline, self.settings.tolerance), self.settings.tolerance);
                SplineTrack { hole: outline.signed_area() < 0.0, frames: vec![(frame, spline)] }
            }));
        }
        self.ended.extend(living);
    }

    /// All curves, those that began first first, the larger ones before the smaller.
    pub fn finish(mut self) -> Vec<SplineTrack> {
        self.ended.append(&mut self.living);
        let area = |track: &SplineTrack| track.frames.first().map_or(0.0, |(_, spline)| spline.signed_area().abs());
        let first = |track: &SplineTrack| track.frames.first().map(|(frame, _)| *frame);
        self.ended.sort_by(|a, b| first(a).cmp(&first(b)).then(area(b).total_cmp(&area(a))));
        self.ended
    }
}

/// How well an outline goes on with a curve; none where it is something else.
fn likeness(spline: &Spline, outline: &Outline) -> Option<f64> {
    let (before, now) = (spline.signed_area(), outline.signed_area());
    let ratio = now / before;
    if !(1.0 / GROWN..=GROWN).contains(&ratio) {
        return None;
    }
    let a = bounds(spline.polyline().points.iter().map(|point| point.map(f64::from)));
    let b = bounds((0..outline.len()).map(|index| outline.at(index)));
    let size = |from: Point, to: Point| (to[0] - from[0]).max(0.0) * (to[1] - from[1]).max(0.0);
    let both = size([a[0][0].max(b[0][0]), a[0][1].max(b[0][1])], [a[1][0].min(b[1][0]), a[1][1].min(b[1][1])]);
    let alike = both / (size(a[0], a[1]) + size(b[0], b[1]) - both).max(f64::MIN_POSITIVE);
    (alike >= ALIKE).then_some(alike)
}

fn bounds(points: impl Iterator<Item = Point>) -> [Point; 2] {
    points.fold([[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]], |[low, high], at| {
        [[low[0].min(at[0]), low[1].min(at[1])], [high[0].max(at[0]), high[1].max(at[1])]]
    })
}

/// How many times the tolerance a curve that is carried on may be off before it gets another point: mattes of neighbouring
/// frames differ by about that much all along, and points for that would be points for noise.
const HELD: f64 = 2.0;
/// How many times as many points as a curve of its own a frame may need before it gets one.
const MORE: usize = 3;

/// Adds the frame to the track; says whether it went.
fn carried(track: &mut SplineTrack, frame: i32, outline: &Outline, settings: &SplineSettings) -> bool {
    let tolerance = HELD * settings.tolerance;
    let Some((_, last)) = track.frames.last() else { return false };
    let Some(samples) = matched(&last.knots, outline) else { return false };
    let cutter = Cutter::new(outline, tolerance);
    let mut joints: Vec<Joint> = cutter.eased(samples.into_iter().map(Joint::corner).collect());
    let most = MORE * divided(outline, settings.tolerance).len() + MORE;
    let mut added = Vec::new();
    let mut at = 0;
    while at < joints.len() {
        let (from, to) = (joints[at], joints[(at + 1) % joints.len()]);
        match cutter.division(from, to) {
            Some((joint, share)) => {
                joints.insert(at + 1, joint);
                added.push((at, share));
                if joints.len() > most {
                    return false;
                }
            }
            None => at += 1,
        }
    }
    for (_, spline) in &mut track.frames {
        added.iter().for_each(|(at, share)| divide(spline, *at, *share));
    }
    track.frames.push((frame, finished(outline, joints, tolerance)));
    true
}

/// Puts a knot on the piece after knot `at`, `share` of the way along it. The curve stays the same (de Casteljau).
fn divide(spline: &mut Spline, at: usize, share: f64) {
    let Some(piece) = spline.pieces().nth(at) else { return };
    let t = parameter(&piece, share);
    let mix = |a: Point, b: Point| [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
    let [a, b, c] = [mix(piece[0], piece[1]), mix(piece[1], piece[2]), mix(piece[2], piece[3])];
    let (incoming, outgoing) = (mix(a, b), mix(b, c));
    let next = (at + 1) % spline.knots.len();
    spline.knots[at].outgoing = a;
    spline.knots[next].incoming = c;
    spline.knots.insert(at + 1, Knot { at: mix(incoming, outgoing), incoming, outgoing, corner: false });
}

/// The parameter at a share of a piece's length.
fn parameter(piece: &[Point; 4], share: f64) -> f64 {
    const CHORDS: u32 = 64;
    let at = |i: u32| f64::from(i) / f64::from(CHORDS);
    let lengths: Vec<f64> = (0..CHORDS).map(|i| distance(position(piece, at(i)), position(piece, at(i + 1)))).collect();
    let wanted = share * lengths.iter().sum::<f64>();
    let mut passed = 0.0;
    for (i, length) in (0..).zip(&lengths) {
        if passed + length >= wanted && *length > 0.0 {
            return at(i) + (wanted - passed) / length / f64::from(CHORDS);
        }
        passed += length;
    }
    share
}
