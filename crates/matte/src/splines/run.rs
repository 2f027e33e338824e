//! One outline along a shot, and the points that are the same points of the object in all of its frames.

use super::budget;
use super::corners::{corner_near, is_corner, sharpest};
use super::division::Member;
use super::joints::{Cutter, Joint};
use super::matching::matched;
use super::outline::Outline;
use super::shapes::{anchors, finished};
use super::{SplineSettings, SplineTrack};

/// How many times the tolerance curves of several frames may be off: mattes of neighbouring frames differ by about that much all
/// along, and points for that would be points for noise.
const HELD: f64 = 2.0;
/// How many times as many anchors as a curve of its own has points a frame may need before it gets one.
const MORE: usize = 3;

/// The outlines of an object from its first frame to the last one seen.
#[derive(Debug)]
pub(super) struct Run {
    frames: Vec<Stage>,
}

/// A frame of a run.
#[derive(Debug)]
struct Stage {
    frame: i32,
    outline: Outline,
    /// Samples in the order of the outline: the same points of the object in all frames. They tell what became of every place
    /// in between, and are more than the points of the curves.
    anchors: Vec<usize>,
}

impl Run {
    /// Begins with an outline.
    pub(super) fn new(frame: i32, outline: Outline, settings: &SplineSettings) -> Self {
        let anchors = anchors(&outline, settings.tolerance);
        Self { frames: vec![Stage { frame, outline, anchors }] }
    }

    /// The outline of the last frame.
    pub(super) fn last(&self) -> Option<&Outline> {
        self.frames.last().map(|stage| &stage.outline)
    }

    /// Adds a frame, or gives its outline back where it does not go on with this run.
    pub(super) fn carried(&mut self, frame: i32, outline: Outline, settings: &SplineSettings) -> Result<(), Outline> {
        let Some(last) = self.frames.last() else { return Err(outline) };
        let Some(samples) = matched(&last.outline, &last.anchors, &outline) else { return Err(outline) };
        let cutter = Cutter::new(&outline, HELD * settings.tolerance);
        let samples = cornered(last, &outline, samples);
        let mut joints: Vec<Joint> = cutter.eased(samples.into_iter().map(Joint::corner).collect());
        let most = MORE * anchors(&outline, settings.tolerance).len() + MORE;
        let mut added = Vec::new();
        let mut at = 0;
        while at < joints.len() {
            let (from, to) = (joints[at], joints[(at + 1) % joints.len()]);
            let Some(joint) = cutter.division(from, to) else {
                at += 1;
                continue;
            };
            let share = outline.span(from.index, joint.index) as f64 / outline.span(from.index, to.index) as f64;
            joints.insert(at + 1, joint);
            added.push((at, share));
            if joints.len() > most {
                return Err(outline);
            }
        }
        for stage in &mut self.frames {
            added.iter().for_each(|(at, share)| stage.divide(*at, *share));
        }
        let anchors = joints.into_iter().map(|joint| joint.index).collect();
        self.frames.push(Stage { frame, outline, anchors });
        Ok(())
    }

    /// The curves, with as few points as all frames together allow.
    pub(super) fn track(self, settings: &SplineSettings) -> SplineTrack {
        let tolerance = settings.tolerance * if self.frames.len() > 1 { HELD } else { 1.0 };
        let members = |tolerance| {
            self.frames.iter().map(|stage| Member::new(&stage.outline, &stage.anchors, tolerance)).collect()
        };
        let start = self.frames.first().map_or(0, |stage| sharpest(&stage.outline));
        let divided = budget::divided(members, start, tolerance, settings.most_points);
        let tolerance = divided.tolerance;
        let curves = self.frames.iter().zip(divided.joints);
        let frames = curves.map(|(stage, joints)| (stage.frame, finished(&stage.outline, joints, tolerance)));
        let frames: Vec<_> = frames.collect();
        SplineTrack { hole: self.last().is_some_and(|outline| outline.signed_area() < 0.0), tolerance, frames }
    }
}

impl Stage {
    /// Puts an anchor after anchor `at`, `share` of the way to the next one.
    fn divide(&mut self, at: usize, share: f64) {
        let (Some(&from), count) = (self.anchors.get(at), self.anchors.len()) else { return };
        let span = self.outline.span(from, self.anchors.get((at + 1) % count).copied().unwrap_or(from));
        let offset = (span as f64 * share).round() as usize;
        self.anchors.insert(at + 1, (from + offset) % self.outline.len());
    }
}

/// Samples that were found for the anchors of the frame before, with those that were corners on the corners near them.
fn cornered(last: &Stage, outline: &Outline, samples: Vec<usize>) -> Vec<usize> {
    let count = samples.len();
    let mut moved = samples.clone();
    for (at, (anchor, sample)) in last.anchors.iter().zip(&samples).enumerate() {
        let Some(corner) = is_corner(&last.outline, *anchor).then(|| corner_near(outline, *sample)).flatten() else {
            continue;
        };
        let (before, after) = (moved[(at + count - 1) % count], samples[(at + 1) % count]);
        if outline.span(before, corner) < outline.span(before, after) {
            moved[at] = corner;
        }
    }
    moved
}
