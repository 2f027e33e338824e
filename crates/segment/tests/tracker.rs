//! The whole loop over the committed shot, both families, against `transformers`' own propagation.

#![allow(clippy::expect_used)]

#[path = "support/fixtures.rs"]
mod fixtures;
mod support;

use std::{collections::BTreeMap, sync::Arc};

use fixtures::{FAMILIES, difference};
use inference::NeverAbort;
use raster::Plane;
use segment::{
    Point,
    exported::{Encoded, Exported},
    tracker::{Direction, FramePrompt, Tracked, Tracker, TrackerOptions},
};
use serde::Deserialize;

/// The largest difference of logits; the masks are the same.
const TOLERANCE: f32 = 2e-3;

#[derive(Deserialize)]
struct Sessions {
    frames: usize,
    sessions: BTreeMap<String, Vec<Step>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Prompt(PromptStep),
    Condition { object: u32, frame: usize },
    Propagate { first: usize, last: usize },
}

#[derive(Debug, Clone, Deserialize)]
struct PromptStep {
    object: u32,
    frame: usize,
    #[serde(default)]
    points: Vec<[f32; 2]>,
    #[serde(default)]
    labels: Vec<i64>,
    mask: Option<[f32; 4]>,
    #[serde(default)]
    refine: bool,
}

impl PromptStep {
    fn prompt(&self, side: usize) -> FramePrompt {
        let corner = |label| self.labels.iter().position(|&found| found == label).map(|at| self.points[at]);
        let box_ = corner(2).zip(corner(3)).map(|([x1, y1], [x2, y2])| [x1, y1, x2, y2]);
        let points = self.points.iter().zip(&self.labels).filter(|(_, label)| **label < 2);
        let points = points.map(|(&[x, y], &label)| Point { x, y, include: label == 1 }).collect();
        let mask = self.mask.map(|edges| {
            let [left, top, right, bottom] = edges.map(|edge| edge.round() as usize);
            let inside = |i: usize| (left..right).contains(&(i % side)) && (top..bottom).contains(&(i / side));
            let values = (0..side * side).map(|i| f32::from(u8::from(inside(i)))).collect();
            Arc::new(Plane::from_vec(side, side, values).expect("a mask"))
        });
        FramePrompt { points, box_, mask, refine: self.refine }
    }
}

/// The shot, encoded, and its model.
struct Shot {
    model: Arc<Exported>,
    encoded: Vec<Encoded>,
    sessions: BTreeMap<String, Vec<Step>>,
    expected: fixtures::Tensors,
}

impl Shot {
    fn of(family: &str) -> Option<Self> {
        let model = fixtures::model(&fixtures::engine(support::library()?), family);
        let folder = fixtures::folder().join(family);
        let text = std::fs::read_to_string(folder.join("tracker.json")).expect("tracker.json");
        let Sessions { frames, sessions } = serde_json::from_str(&text).expect("tracker.json");
        let pictures = fixtures::frames(family);
        assert_eq!(pictures.len(), frames);
        let encode = |picture: &Plane<[u8; 3]>| {
            let embedding = model.embed(picture, &NeverAbort).expect("encodes");
            model.encoded(&embedding, &NeverAbort).expect("its own embedding")
        };
        let encoded = pictures.iter().map(encode).collect();
        let expected = fixtures::tensors(&folder.join("tracker.safetensors"));
        Some(Self { model, encoded, sessions, expected })
    }

    fn tracker(&self) -> Tracker {
        let frames = self.encoded.len();
        Tracker::new(&self.model, frames, TrackerOptions::default(), &NeverAbort).expect("a tracker")
    }

    /// Does a step and hands each result on; `between` may exchange the tracker between frames.
    fn take(
        &self,
        tracker: &mut Tracker,
        step: &Step,
        between: &mut dyn FnMut(&mut Tracker),
        found: &mut dyn FnMut(usize, u32, Tracked),
    ) {
        match step {
            Step::Prompt(prompt) => {
                let PromptStep { object, frame, .. } = *prompt;
                let said = prompt.prompt(self.model.facts().image_size);
                let tracked = tracker.prompt(object, frame, &self.encoded[frame], &said, &NeverAbort);
                found(frame, object, tracked.expect("a prompt"));
            }
            Step::Condition { object, frame } => tracker.condition(*object, *frame).expect("was corrected"),
            Step::Propagate { first, last } if first <= last => {
                for frame in *first..=*last {
                    self.frame(tracker, frame, Direction::Forward, found);
                    between(tracker);
                }
            }
            Step::Propagate { first, last } => {
                for frame in (*last..=*first).rev() {
                    self.frame(tracker, frame, Direction::Reverse, found);
                    between(tracker);
                }
            }
        }
        between(tracker);
    }

    fn frame(
        &self,
        tracker: &mut Tracker,
        frame: usize,
        direction: Direction,
        found: &mut dyn FnMut(usize, u32, Tracked),
    ) {
        let tracked = tracker.step(frame, direction, &self.encoded[frame], &NeverAbort).expect("a frame");
        tracked.into_iter().for_each(|(object, tracked)| found(frame, object, tracked));
    }

    /// All results of a session by (step, frame, object).
    fn run(&self, session: &str, mut between: impl FnMut(&mut Tracker)) -> BTreeMap<(usize, usize, u32), Tracked> {
        let mut tracker = self.tracker();
        let mut results = BTreeMap::new();
        for (index, step) in self.sessions[session].iter().enumerate() {
            self.take(&mut tracker, step, &mut between, &mut |frame, object, tracked| {
                results.insert((index, frame, object), tracked);
            });
        }
        results
    }
}

#[test]
fn every_session_gives_the_masks_of_the_original() {
    for family in FAMILIES {
        let Some(shot) = Shot::of(family) else { return };
        assert_eq!(shot.sessions.len(), 5);
        for session in shot.sessions.keys() {
            let results = shot.run(session, |_| {});
            let expected = |part: &str| &shot.expected[&format!("{session}/{part}")];
            let (keys, logits) = (expected("keys").i64(), expected("logits").f32());
            let (scores, pointers) = (expected("score").f32(), expected("pointer").f32());
            let (mut largest, mut other, mut differing) = (0f32, 0f32, 0);
            for (row, key) in keys.outer_iter().enumerate() {
                let key = (key[[0]] as usize, key[[1]] as usize, key[[2]] as u32);
                let found = results.get(&key).unwrap_or_else(|| panic!("{family} {session} has no {key:?}"));
                let logits = logits.index_axis(ndarray::Axis(0), row);
                largest = largest.max(difference(found.logits.data(), &logits));
                other = other.max((found.score - scores[[row]]).abs());
                other = other.max(difference(&found.pointer[..], pointers.index_axis(ndarray::Axis(0), row)));
                let differs = |(a, b): (&f32, &f32)| usize::from((*a > 0.0) != (*b > 0.0));
                differing += found.logits.data().iter().zip(&logits).map(differs).sum::<usize>();
            }
            let rows = keys.shape()[0];
            println!("{family} {session}: {rows} frames, logits {largest:.1e}, scores and pointers {other:.1e}");
            assert!(rows > 5 && largest <= TOLERANCE && other <= TOLERANCE, "{family} {session}");
            assert_eq!(differing, 0, "{family} {session}: pixels of masks");
        }
    }
}

#[test]
fn a_tracker_saved_and_resumed_after_every_frame_gives_the_same_bits() {
    for family in FAMILIES {
        let Some(shot) = Shot::of(family) else { return };
        for session in shot.sessions.keys() {
            let plain = shot.run(session, |_| {});
            let resumed = shot.run(session, |tracker| {
                let saved = tracker.save();
                *tracker = Tracker::resume(&shot.model, &saved, &NeverAbort).expect("its own state");
                assert_eq!(tracker.save(), saved);
            });
            assert_eq!(plain, resumed, "{family} {session}");
        }
    }
}
