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
    Point, SegmentError,
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

/// By step, frame and object.
type Results = BTreeMap<(usize, usize, u32), Tracked>;

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
        self.tracker_with(TrackerOptions::default())
    }

    fn tracker_with(&self, options: TrackerOptions) -> Tracker {
        Tracker::new(&self.model, self.encoded.len(), options, &NeverAbort).expect("a tracker")
    }

    fn side(&self) -> usize {
        self.model.facts().image_size
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
                let said = prompt.prompt(self.side());
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

    /// All results of a session; `between` may exchange the tracker after every frame.
    fn run(&self, session: &str, between: impl FnMut(&mut Tracker)) -> Results {
        self.run_on(self.tracker(), session, between)
    }

    fn run_on(&self, mut tracker: Tracker, session: &str, mut between: impl FnMut(&mut Tracker)) -> Results {
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
                assert!(tracker.save() == saved);
            });
            assert!(plain == resumed, "{family} {session}");
        }
    }
}

#[test]
fn memory_selection_and_motion_change_only_what_is_asked_for_and_resume_alike() {
    let Some(shot) = Shot::of("sam3") else { return };
    let plain = shot.run("both_ways", |_| {});
    for options in [(true, false), (false, true), (true, true)] {
        let options = TrackerOptions { memory_selection: options.0, motion: options.1 };
        let run = || shot.run_on(shot.tracker_with(options), "both_ways", |_| {});
        let found = run();
        assert!(found == run(), "{options:?}");
        assert!(found != plain, "{options:?}");
        // The first frame after the prompt has one memory whatever the options.
        assert!(found[&(3, 0, 1)] == plain[&(3, 0, 1)]);
        let resumed = shot.run_on(shot.tracker_with(options), "both_ways", |tracker| {
            *tracker = Tracker::resume(&shot.model, &tracker.save(), &NeverAbort).expect("its own state");
        });
        assert!(found == resumed, "{options:?}");
    }
}

fn click(x: f32, y: f32) -> FramePrompt {
    FramePrompt { points: vec![Point { x, y, include: true }], ..FramePrompt::default() }
}

#[test]
fn six_objects_tracked_together_are_those_tracked_alone() {
    for family in FAMILIES {
        let Some(shot) = Shot::of(family) else { return };
        let side = shot.side() as f32;
        let track = |objects: &[u32]| {
            let mut tracker = shot.tracker();
            for &object in objects {
                let prompt = click(side * 0.15 * object as f32, side * 0.5);
                tracker.prompt(object, 0, &shot.encoded[0], &prompt, &NeverAbort).expect("a prompt");
            }
            (0..6).map(|frame| tracker.step(frame, Direction::Forward, &shot.encoded[frame], &NeverAbort)).last()
        };
        let together = track(&[1, 2, 3, 4, 5, 6]).expect("frames").expect("tracks");
        for (object, found) in together {
            let alone = track(&[object]).expect("frames").expect("tracks").swap_remove(0).1;
            let off = difference(found.logits.data(), alone.logits.data());
            assert!(off <= TOLERANCE, "{family}, object {object}: {off}");
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused_in_words_and_leaves_the_tracker_as_it_was() {
    let Some(shot) = Shot::of("sam2") else { return };
    let (side, encoded) = (shot.side(), &shot.encoded);
    let mut tracker = shot.tracker();
    let nothing = tracker.step(0, Direction::Forward, &encoded[0], &NeverAbort).expect("no object yet");
    assert!(nothing.is_empty());
    tracker.prompt(1, 0, &encoded[0], &click(30.0, 60.0), &NeverAbort).expect("a prompt");
    tracker.step(1, Direction::Forward, &encoded[1], &NeverAbort).expect("a frame");
    let before = tracker.save();
    let mask = |side| Some(Arc::new(Plane::new(side, side, 1.0f32)));
    let exclude = FramePrompt { points: vec![Point { x: 1.0, y: 1.0, include: false }], ..FramePrompt::default() };
    for (frame, prompt, words) in [
        (24, click(1.0, 1.0), "frame 24 is outside the shot of 24 frames"),
        (5, FramePrompt::default(), "no prompt"),
        (5, exclude, "no prompt"),
        (5, click(1e6, f32::NAN), "outside the picture"),
        (5, FramePrompt { mask: mask(side), ..click(1.0, 1.0) }, "a mask together with points"),
        (5, FramePrompt { mask: mask(side - 1), ..FramePrompt::default() }, "a mask as the prompt"),
        (5, FramePrompt { refine: true, ..click(1.0, 1.0) }, "nothing was tracked for object 1 on frame 5"),
    ] {
        let error = tracker.prompt(1, frame, &encoded[5], &prompt, &NeverAbort).expect_err(words);
        assert!(error.to_string().contains(words), "{error}");
    }
    for error in [
        tracker.step(24, Direction::Reverse, &encoded[0], &NeverAbort).map(drop),
        tracker.step(2, Direction::Forward, &encoded[2], &|| true).map(drop),
        tracker.prompt(2, 2, &encoded[2], &click(1.0, 1.0), &|| true).map(drop),
        tracker.condition(1, 7),
        tracker.condition(9, 0),
    ] {
        error.expect_err("refused");
    }
    assert!(tracker.save() == before);
    assert_eq!(tracker.objects().collect::<Vec<_>>(), [1]);
    tracker.remove(1);
    assert_eq!((tracker.tracked(1, 0), tracker.objects().count()), (None, 0));
}

#[test]
fn frames_and_states_of_another_model_are_refused() {
    let (Some(one), Some(other)) = (Shot::of("sam2"), Shot::of("sam3")) else { return };
    let mut tracker = one.tracker();
    let error = tracker.prompt(1, 0, &other.encoded[0], &click(1.0, 1.0), &NeverAbort).expect_err("another model");
    assert!(error.to_string().contains("the encoded frame of tiny sam3"), "{error}");
    tracker.prompt(1, 0, &one.encoded[0], &click(1.0, 1.0), &NeverAbort).expect("its own");
    let error = Tracker::resume(&other.model, &tracker.save(), &NeverAbort).expect_err("another model");
    assert!(error.to_string().contains("the saved tracking state of tiny sam2"), "{error}");
}

#[test]
fn a_frame_tracked_far_beyond_what_is_kept_is_refused_and_the_last_ones_can_be_corrected() {
    let Some(shot) = Shot::of("sam2") else { return };
    let frames = 200;
    let mut tracker = Tracker::new(&shot.model, frames, TrackerOptions::default(), &NeverAbort).expect("a tracker");
    // There and back over the 24 frames of the shot.
    let encoded =
        |frame: usize| &shot.encoded[if (frame / 24).is_multiple_of(2) { frame % 24 } else { 23 - frame % 24 }];
    tracker.prompt(1, 0, encoded(0), &click(26.0, 64.0), &NeverAbort).expect("a prompt");
    let mut sizes = Vec::new();
    for frame in 1..frames {
        tracker.step(frame, Direction::Forward, encoded(frame), &NeverAbort).expect("a frame");
        sizes.push(tracker.save().len());
    }
    assert_eq!(sizes[100], sizes[198], "it does not grow");
    let refine = FramePrompt { refine: true, ..click(30.0, 60.0) };
    let error = tracker.prompt(1, 100, encoded(100), &refine, &NeverAbort).expect_err("forgotten");
    assert!(matches!(error, SegmentError::Forgotten { frame: 100, .. }), "{error}");
    tracker.prompt(1, 195, encoded(195), &refine, &NeverAbort).expect("near the last");
    tracker.condition(1, 195).expect("was corrected");
    tracker.step(196, Direction::Forward, encoded(196), &NeverAbort).expect("on from there");
}
