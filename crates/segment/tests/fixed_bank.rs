//! A stand-in of the public SAM2.1 video exports whose memory has a fixed size, against what their own host's loop makes
//! of the same graphs: `fixed_bank.py` of `resources/export`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/fixed_bank.rs"]
mod fixed_bank;
#[path = "support/fixtures.rs"]
mod fixtures;
mod support;

use std::sync::Arc;

use fixed_bank::{NAME, copied, edit, engine_over, models};
use fixtures::{Tensor, Tensors, tensors};
use inference::{NeverAbort, Stored};
use raster::Plane;
use segment::{
    ImageSegmenter, MemoryKind, Point, Prompt, Segmentation, ShotState, ShotTracker, open,
    tracker::{FramePrompt, TrackerOptions},
};

/// Largest difference of logits from the reference.
const TOLERANCE: f32 = 2e-3;

fn reference() -> Tensors {
    tensors(&models().join(NAME).join("tracker.safetensors"))
}

/// One span of the reference: the click's frame first, then the others in the order of tracking.
struct Span {
    frames: Vec<usize>,
    click: Point,
    logits: Vec<Vec<f32>>,
    iou: Vec<f32>,
}

impl Span {
    fn of(tensors: &Tensors, name: &str) -> Self {
        let get = |part: &str| &tensors[&format!("{name}/{part}")];
        let Tensor::I64(frames) = get("frames") else { panic!("frames are i64") };
        let point: Vec<f32> = get("point").f32().iter().copied().collect();
        let logits = get("logits").f32().outer_iter().map(|one| one.iter().copied().collect()).collect();
        Self {
            frames: frames.iter().map(|&frame| frame as usize).collect(),
            click: Point { x: point[0], y: point[1], include: true },
            logits,
            iou: get("iou").f32().iter().copied().collect(),
        }
    }

    fn prompt(&self) -> FramePrompt {
        FramePrompt { points: vec![self.click], ..FramePrompt::default() }
    }

    /// Largest difference of a frame's logits. The masks have to be the same, and the estimates.
    fn difference(&self, index: usize, found: &Segmentation) -> f32 {
        assert!((found.iou - self.iou[index]).abs() < TOLERANCE, "{index}: {}", found.iou);
        let pairs = || found.logits.data().iter().zip(&self.logits[index]);
        assert_eq!(found.logits.data().len(), self.logits[index].len());
        assert!(pairs().all(|(found, wanted)| (*found > 0.0) == (*wanted > 0.0)), "another mask on frame {index}");
        pairs().map(|(found, wanted)| (found - wanted).abs()).fold(0.0, f32::max)
    }
}

fn embedded(model: &dyn ImageSegmenter, frames: &[Plane<[u8; 3]>], frame: usize) -> segment::Embedding {
    model.embed(&frames[frame], &NeverAbort).unwrap()
}

/// Tracks a whole span, counted in the direction of tracking.
fn largest_difference(name: &str) -> Option<f32> {
    let engine = engine_over(&models())?;
    let model = open(&engine, NAME).unwrap();
    let (frames, span) = (fixtures::frames("sam2"), Span::of(&reference(), name));
    let trackers = model.trackers().unwrap();
    let mut tracker = trackers.start(TrackerOptions::default(), &NeverAbort).unwrap();
    let first = embedded(model.as_ref(), &frames, span.frames[0]);
    let mut largest = span.difference(0, &tracker.prompt(0, &first, &span.prompt(), &NeverAbort).unwrap());
    for (index, &frame) in span.frames.iter().enumerate().skip(1) {
        let found = tracker.step(index, &embedded(model.as_ref(), &frames, frame), &NeverAbort).unwrap();
        let difference = span.difference(index, &found);
        assert!(difference <= TOLERANCE, "{name}, frame {frame}: {difference}");
        largest = largest.max(difference);
    }
    println!("{name}: {} frames, logits differ by {largest:.1e} at most", span.frames.len());
    Some(largest)
}

#[test]
fn a_shot_is_tracked_forward_and_backward_as_by_the_exports_own_host() {
    let spans = reference();
    let unsure = Span::of(&spans, "forward").iou.iter().filter(|iou| **iou < 0.25).count();
    let lost = Span::of(&spans, "forward").logits.iter().filter(|logits| logits.iter().all(|l| *l < -100.0)).count();
    assert!(unsure + lost > 0, "the reference has frames that are not remembered");
    for name in ["forward", "reverse"] {
        largest_difference(name);
    }
}

#[test]
fn a_single_picture_has_the_mask_of_the_tracked_prompt() {
    let Some(engine) = engine_over(&models()) else { return };
    let model = open(&engine, "sam2").unwrap();
    assert_eq!((model.name(), model.family()), (NAME, "sam2-video-fixed-bank"));
    let (frames, span) = (fixtures::frames("sam2"), Span::of(&reference(), "forward"));
    let picture = embedded(model.as_ref(), &frames, 0);
    let prompt = Prompt { points: vec![span.click], ..Prompt::default() };
    assert!(span.difference(0, &model.segment(&picture, &prompt, &NeverAbort).unwrap()) <= TOLERANCE);
}

#[test]
fn tracking_goes_on_from_saved_bytes_to_the_same_bits() {
    let Some(engine) = engine_over(&models()) else { return };
    let model = open(&engine, NAME).unwrap();
    let (frames, span) = (fixtures::frames("sam2"), Span::of(&reference(), "forward"));
    let trackers = model.trackers().unwrap();
    let mut tracker = trackers.start(TrackerOptions::default(), &NeverAbort).unwrap();
    tracker.prompt(0, &embedded(model.as_ref(), &frames, 0), &span.prompt(), &NeverAbort).unwrap();
    let track = |tracker: &mut dyn ShotTracker, frame: usize| {
        tracker.step(frame, &embedded(model.as_ref(), &frames, frame), &NeverAbort).unwrap()
    };
    (1..9).for_each(|frame| drop(track(tracker.as_mut(), frame)));
    let mut saved = Vec::new();
    tracker.state().write(&mut saved);
    let mut resumed = trackers.resume(&ShotState::read(&saved).unwrap(), &NeverAbort).unwrap();
    for frame in 9..12 {
        assert_eq!(track(resumed.as_mut(), frame), track(tracker.as_mut(), frame), "frame {frame}");
    }
}

#[test]
fn a_later_prompt_gives_its_own_frame_and_changes_no_other() {
    let Some(engine) = engine_over(&models()) else { return };
    let model = open(&engine, NAME).unwrap();
    let (frames, span) = (fixtures::frames("sam2"), Span::of(&reference(), "forward"));
    let trackers = model.trackers().unwrap();
    let mut tracker = trackers.start(TrackerOptions::default(), &NeverAbort).unwrap();
    tracker.prompt(0, &embedded(model.as_ref(), &frames, 0), &span.prompt(), &NeverAbort).unwrap();
    let later = embedded(model.as_ref(), &frames, 12);
    let click = Span::of(&reference(), "reverse");
    assert!(click.difference(0, &tracker.prompt(12, &later, &click.prompt(), &NeverAbort).unwrap()) <= TOLERANCE);
    let found = tracker.step(1, &embedded(model.as_ref(), &frames, 1), &NeverAbort).unwrap();
    assert!(span.difference(1, &found) <= TOLERANCE);
}

#[test]
fn its_memory_is_told_its_options_do_nothing_and_its_masks_have_names_of_their_own() {
    let Some(engine) = engine_over(&models()) else { return };
    let model = open(&engine, NAME).unwrap();
    let trackers = model.trackers().unwrap();
    assert_eq!(trackers.memory(), MemoryKind::Fixed);
    let all = TrackerOptions { memory_selection: true, motion: true };
    let key = trackers.fingerprint(TrackerOptions::default(), &NeverAbort).unwrap();
    assert_eq!(trackers.fingerprint(all, &NeverAbort).unwrap(), key);
    let own = fixtures::model(&fixtures::engine(support::library().unwrap()), "sam2");
    let own: Box<dyn ImageSegmenter> = Box::new(own);
    assert_ne!(own.trackers().unwrap().fingerprint(TrackerOptions::default(), &NeverAbort).unwrap(), key);
    assert_ne!(own.fingerprint(&NeverAbort).unwrap(), model.fingerprint(&NeverAbort).unwrap());

    let changed = copied();
    edit(changed.path(), "\"image_mean\": [0.485,", "\"image_mean\": [0.486,");
    let changed = engine_over(changed.path()).unwrap();
    let changed = open(&changed, NAME).unwrap();
    assert_ne!(changed.fingerprint(&NeverAbort).unwrap(), model.fingerprint(&NeverAbort).unwrap());
    assert_ne!(changed.trackers().unwrap().fingerprint(all, &NeverAbort).unwrap(), key);
}

#[test]
fn prompts_that_the_graphs_cannot_take_are_refused() {
    let Some(engine) = engine_over(&models()) else { return };
    let model = open(&engine, NAME).unwrap();
    let picture = embedded(model.as_ref(), &fixtures::frames("sam2"), 0);
    let trackers = model.trackers().unwrap();
    let mut tracker = trackers.start(TrackerOptions::default(), &NeverAbort).unwrap();
    let click = Span::of(&reference(), "forward").prompt();
    let mask = FramePrompt { mask: Some(Arc::new(Plane::new(128, 128, 1.0))), ..FramePrompt::default() };
    for (prompt, words) in
        [(mask, "a mask as the prompt"), (FramePrompt { refine: true, ..click.clone() }, "a refinement")]
    {
        let told = tracker.prompt(0, &picture, &prompt, &NeverAbort).unwrap_err().to_string();
        assert!(told.contains(NAME) && told.contains(words), "{told}");
    }
    assert!(tracker.step(1, &picture, &NeverAbort).unwrap_err().to_string().contains("prompt it first"));
    let found = tracker.prompt(0, &picture, &click, &NeverAbort).unwrap();
    let prompt = Prompt { previous: Some(found.previous()), points: click.points, ..Prompt::default() };
    assert!(model.segment(&picture, &prompt, &NeverAbort).unwrap_err().to_string().contains("to refine"));
}
