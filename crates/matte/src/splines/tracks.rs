//! Curves that stay the same curves along a shot.

use super::outline::Outline;
use super::run::Run;
use super::shapes::outlines;
use super::spline::Point;
use super::{Spline, SplineSettings};
use raster::Plane;

/// One curve over some frames.
#[derive(Debug, Clone, PartialEq)]
pub struct SplineTrack {
    /// Whether it goes round a hole.
    pub hole: bool,
    /// How far its curves may be from the edges of the mattes, in pixels.
    pub tolerance: f64,
    /// Frames, ascending, each with its curve. All curves have as many knots, and each knot is the same point of the object
    /// in all of them.
    pub frames: Vec<(i32, Spline)>,
}

/// Goes through a shot, one matte after the other.
///
/// Points of an outline are looked for on the outlines of the next frames. When the outline vanishes, becomes one with another,
/// falls apart or changes beyond recognition, the fewest points are chosen whose curves are within twice the tolerance on all of
/// its frames (a frame alone: within the tolerance), and another curve begins.
#[derive(Debug)]
pub struct SplineTracker {
    settings: SplineSettings,
    living: Vec<Run>,
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
            let likenesses = living.iter().map(|run| run.last().and_then(|last| likeness(last, &outline)));
            let best = likenesses.enumerate().filter_map(|(at, alike)| Some((at, alike?)));
            let best = best.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|(at, _)| at);
            let mut run = best.map(|at| living.remove(at));
            let outline = match &mut run {
                Some(run) => run.carried(frame, outline, &self.settings).err(),
                None => Some(outline),
            };
            if let Some(outline) = outline {
                self.ended.extend(run.take().map(|run| run.track(&self.settings)));
                run = Some(Run::new(frame, outline, &self.settings));
            }
            self.living.extend(run);
        }
        self.ended.extend(living.into_iter().map(|run| run.track(&self.settings)));
    }

    /// All curves, those that began first first, the larger ones before the smaller.
    pub fn finish(mut self) -> Vec<SplineTrack> {
        self.ended.extend(self.living.into_iter().map(|run| run.track(&self.settings)));
        let area = |track: &SplineTrack| track.frames.first().map_or(0.0, |(_, spline)| spline.signed_area().abs());
        let first = |track: &SplineTrack| track.frames.first().map(|(frame, _)| *frame);
        self.ended.sort_by(|a, b| first(a).cmp(&first(b)).then(area(b).total_cmp(&area(a))));
        self.ended
    }
}

/// How well an outline goes on with another; none where it is something else.
fn likeness(last: &Outline, outline: &Outline) -> Option<f64> {
    let ratio = outline.signed_area() / last.signed_area();
    if !(1.0 / GROWN..=GROWN).contains(&ratio) {
        return None;
    }
    let (a, b) = (bounds(last), bounds(outline));
    let size = |from: Point, to: Point| (to[0] - from[0]).max(0.0) * (to[1] - from[1]).max(0.0);
    let both = size([a[0][0].max(b[0][0]), a[0][1].max(b[0][1])], [a[1][0].min(b[1][0]), a[1][1].min(b[1][1])]);
    let alike = both / (size(a[0], a[1]) + size(b[0], b[1]) - both).max(f64::MIN_POSITIVE);
    (alike >= ALIKE).then_some(alike)
}

fn bounds(outline: &Outline) -> [Point; 2] {
    (0..outline.len())
        .map(|index| outline.at(index))
        .fold([[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]], |[low, high], at| {
            [[low[0].min(at[0]), low[1].min(at[1])], [high[0].max(at[0]), high[1].max(at[1])]]
        })
}
