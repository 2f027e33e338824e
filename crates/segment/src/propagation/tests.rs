//! The tracker with a made-up model: its cells are colours, its decoder takes what is red inside the box.

use std::sync::Arc;

use inference::{Abort, Device, Feature, Found, Key, ModelFile, NeverAbort, Origin, Placement, Stored};
use ndarray::ArrayD;
use raster::Plane;

use super::*;
use crate::{
    model::Embedding,
    prompt::{Point, Prompt},
    segmentation::{PreviousLogits, Segmentation},
    tracker::FramePrompt,
};

/// Pixels of the picture.
const SIZE: (usize, usize) = (1024, 512);

struct Colours {
    key: u128,
    takes_logits: bool,
}

const MODEL: Colours = Colours { key: 1, takes_logits: true };

impl Colours {
    fn identity(&self) -> Identity {
        Identity { name: Arc::from("colours"), key: Key(self.key) }
    }

    fn encode(&self, picture: &Plane<[u8; 3]>, spoil: f32) -> Embedding {
        let mut cells = ArrayD::zeros(vec![1, 4, 64, 64]);
        for (index, value) in cells.indexed_iter_mut() {
            let pixel = picture.get(index[3] * 16 + 8, index[2] * 16 + 8).copied().unwrap_or_default();
            *value = spoil + pixel.get(index[1]).map_or(40.0, |&step| f32::from(step) - 128.0);
        }
        let found = Found { value: Arc::new(Feature::new(vec![cells])), origin: Origin::Computed };
        Embedding::new(found, Key(0), &self.identity(), picture)
    }
}

impl ImageSegmenter for Colours {
    fn name(&self) -> &str {
        "colours"
    }

    fn family(&self) -> &'static str {
        "made up"
    }

    fn files(&self) -> Vec<ModelFile> {
        Vec::new()
    }

    fn fingerprint(&self, _: &dyn Abort) -> Result<Key, SegmentError> {
        Ok(Key(self.key))
    }

    fn placement(&self, _: &dyn Abort) -> Result<Placement, SegmentError> {
        Ok(Placement { device: Device::Cpu, fallbacks: Vec::new() })
    }

    fn input_size(&self, _: usize, _: usize) -> (usize, usize) {
        SIZE
    }

    fn embed(&self, picture: &Plane<[u8; 3]>, _: &dyn Abort) -> Result<Embedding, SegmentError> {
        Ok(self.encode(picture, 0.0))
    }

    fn batch_size(&self, _: &dyn Abort) -> Result<usize, SegmentError> {
        Ok(1)
    }

    fn embed_batch(&self, pictures: &[Plane<[u8; 3]>], _: &dyn Abort) -> Result<Vec<Embedding>, SegmentError> {
        Ok(pictures.iter().map(|picture| self.encode(picture, 0.0)).collect())
    }

    fn segment(&self, embedding: &Embedding, prompt: &Prompt, _: &dyn Abort) -> Result<Segmentation, SegmentError> {
        if prompt.previous.is_some() && !self.takes_logits {
            return Err(SegmentError::PromptKind { model: "colours".into(), what: "logits", remedy: "none" });
        }
        let (width, height) = embedding.picture_size();
        let usable = prompt.usable(width, height)?;
        let [x1, y1, x2, y2] = usable.box_.unwrap_or([0.0, 0.0, width as f32, height as f32]);
        let mut canvas = Plane::new(256, 256, -5.0);
        for (y, row) in embedding.thumbnail().rows().enumerate() {
            for (x, pixel) in row.iter().enumerate() {
                let (px, py) = (x as f32 * 4.0 + 2.0, y as f32 * 4.0 + 2.0);
                if pixel[0] > 150 && (x1..x2).contains(&px) && (y1..y2).contains(&py) {
                    canvas.row_mut(y)[x] = 5.0;
                }
            }
        }
        let logits = Plane::from_vec(256, 128, canvas.data()[..256 * 128].to_vec()).unwrap();
        let previous = PreviousLogits { canvas: Arc::new(canvas), model: self.identity() };
        Ok(Segmentation { logits, extent: (256.0, 128.0), iou: 0.9, ignored: usable.ignored, previous })
    }
}

/// A red square of 96 pixels with its top left corner here, on patterned green.
fn picture(corner: Option<(usize, usize)>) -> Plane<[u8; 3]> {
    let pixel = |i: usize| {
        let (x, y) = (i % SIZE.0, i / SIZE.0);
        let on = |(left, top): (usize, usize)| (left..left + 96).contains(&x) && (top..top + 96).contains(&y);
        let grain = ((x / 32 * 7 + y / 32 * 13) % 90) as u8;
        if corner.is_some_and(on) { [220, 40, 30] } else { [30, 90 + grain, 60] }
    };
    Plane::from_vec(SIZE.0, SIZE.1, (0..SIZE.0 * SIZE.1).map(pixel).collect()).unwrap()
}

/// Where the square is on a frame; it is hidden on frames 8 to 11, and comes back elsewhere.
fn corner(frame: usize) -> Option<(usize, usize)> {
    match frame {
        0..8 => Some((100 + 24 * frame, 120 + 8 * frame)),
        8..12 => None,
        _ => Some((700 - 20 * (frame - 12), 300)),
    }
}

fn embedding(frame: usize) -> Embedding {
    MODEL.encode(&picture(corner(frame)), 0.0)
}

fn click() -> FramePrompt {
    FramePrompt { points: vec![Point { x: 150.0, y: 170.0, include: true }], ..FramePrompt::default() }
}

/// Intersection over union with the square at this corner; with no square, 1 for an empty mask.
fn overlap(mask: &Segmentation, corner: Option<(usize, usize)>) -> f64 {
    let (mut both, mut either) = (0, 0);
    for (y, row) in mask.resampled(SIZE.0, SIZE.1).rows().enumerate() {
        for (x, &logit) in row.iter().enumerate() {
            let on = |(left, top): (usize, usize)| (left..left + 96).contains(&x) && (top..top + 96).contains(&y);
            let inside = corner.is_some_and(on);
            both += u32::from(inside && logit > 0.0);
            either += u32::from(inside || logit > 0.0);
        }
    }
    if either == 0 { 1.0 } else { f64::from(both) / f64::from(either) }
}

fn started(trackers: &dyn Trackers) -> Box<dyn ShotTracker + '_> {
    let mut tracker = trackers.start(TrackerOptions::default(), &NeverAbort).unwrap();
    tracker.prompt(0, &embedding(0), &click(), &NeverAbort).unwrap();
    tracker
}

fn bytes(tracker: &dyn ShotTracker) -> Vec<u8> {
    let mut bytes = Vec::new();
    tracker.state().write(&mut bytes);
    bytes
}

#[test]
fn an_object_is_followed_lost_and_found_again() {
    let trackers = Propagation::of(&MODEL);
    let mut tracker = started(&trackers);
    for frame in 1..20 {
        let mask = tracker.step(frame, &embedding(frame), &NeverAbort).unwrap();
        let overlap = overlap(&mask, corner(frame));
        // The box is as coarse as the cells.
        assert!(overlap > 0.85, "frame {frame}: {overlap}");
        assert_eq!((mask.logits.width(), mask.logits.height()), (256, 128), "frame {frame}");
    }
}

#[test]
fn from_any_frame_on_the_same_bits_follow_from_saved_bytes() {
    let trackers = Propagation::of(&MODEL);
    let mut tracker = started(&trackers);
    let mut resumed: Option<Box<dyn ShotTracker + '_>> = None;
    for frame in 1..16 {
        let mask = tracker.step(frame, &embedding(frame), &NeverAbort).unwrap();
        if let Some(mut resumed) = resumed {
            assert_eq!(resumed.step(frame, &embedding(frame), &NeverAbort).unwrap(), mask, "frame {frame}");
            assert_eq!(bytes(&*resumed), bytes(&*tracker), "frame {frame}");
        }
        let state = ShotState::read(&bytes(&*tracker)).unwrap();
        resumed = Some(trackers.resume(&state, &NeverAbort).unwrap());
    }
}

#[test]
fn memory_does_not_grow_with_the_shot() {
    let trackers = Propagation::of(&MODEL);
    let mut tracker = started(&trackers);
    let mut sizes = Vec::new();
    for frame in 1..40 {
        tracker.step(frame, &embedding(frame % 8), &NeverAbort).unwrap();
        sizes.push(bytes(&*tracker).len());
    }
    assert_eq!(sizes[11..].iter().max(), sizes[11..].iter().min(), "{sizes:?}");
}

#[test]
fn both_ends_of_a_span_are_remembered() {
    let trackers = Propagation::of(&MODEL);
    let mut tracker = started(&trackers);
    let before = bytes(&*tracker).len();
    let on_square = |i: usize| (700..796).contains(&(i % SIZE.0)) && (300..396).contains(&(i / SIZE.0));
    let end =
        Plane::from_vec(SIZE.0, SIZE.1, (0..SIZE.0 * SIZE.1).map(|i| f32::from(u8::from(on_square(i)))).collect());
    let prompt = FramePrompt { mask: end.ok().map(Arc::new), ..FramePrompt::default() };
    let given = tracker.prompt(12, &embedding(12), &prompt, &NeverAbort).unwrap();
    assert!(overlap(&given, corner(12)) > 0.95, "the mask as it was given");
    assert!(bytes(&*tracker).len() > before + 64 * 32 * 4);
    tracker.prompt(12, &embedding(12), &prompt, &NeverAbort).unwrap();
    let twice = bytes(&*tracker).len();
    tracker.step(1, &embedding(1), &NeverAbort).unwrap();
    assert!(bytes(&*tracker).len() > twice, "a frame on the way is remembered too");
}

#[test]
fn decoders_that_take_no_logits_get_the_box_and_the_points() {
    let model = Colours { takes_logits: false, ..MODEL };
    let trackers = Propagation::of(&model);
    let mut tracker = started(&trackers);
    let mask = tracker.step(1, &embedding(1), &NeverAbort).unwrap();
    assert!(overlap(&mask, corner(1)) > 0.85);
}

#[test]
fn an_abort_and_a_frame_that_is_no_numbers_change_nothing() {
    let trackers = Propagation::of(&MODEL);
    let mut tracker = started(&trackers);
    tracker.step(1, &embedding(1), &NeverAbort).unwrap();
    let before = bytes(&*tracker);
    assert!(tracker.step(2, &embedding(2), &|| true).unwrap_err().is_aborted());
    assert_eq!(bytes(&*tracker), before);
    let spoilt = MODEL.encode(&picture(corner(2)), f32::NAN);
    let mask = tracker.step(2, &spoilt, &NeverAbort).unwrap();
    assert!(mask.logits.data().iter().all(|&logit| logit < 0.0) && mask.iou == 0.0);
    assert_eq!(bytes(&*tracker), before);
    let mask = tracker.step(3, &embedding(3), &NeverAbort).unwrap();
    assert!(overlap(&mask, corner(3)) > 0.85);
}

#[test]
fn what_cannot_be_used_is_refused_in_words_and_changes_nothing() {
    let trackers = Propagation::of(&MODEL);
    let mut fresh = trackers.start(TrackerOptions::default(), &NeverAbort).unwrap();
    let error = fresh.step(1, &embedding(1), &NeverAbort).unwrap_err();
    assert!(matches!(error, SegmentError::NotTracked { frame: 1, .. }), "{error}");
    let before = bytes(&*fresh);
    let mask = |width, height| Some(Arc::new(Plane::new(width, height, 1.0)));
    let wrong_size = FramePrompt { mask: mask(64, 64), ..FramePrompt::default() };
    let with_points = FramePrompt { mask: mask(1024, 512), ..click() };
    let refine = FramePrompt { refine: true, ..click() };
    let mut refused = |prompt: &FramePrompt| fresh.prompt(0, &embedding(0), prompt, &NeverAbort).unwrap_err();
    assert!(matches!(refused(&wrong_size), SegmentError::PictureSize { width: 64, .. }));
    assert!(matches!(refused(&with_points), SegmentError::PromptKind { .. }));
    assert!(matches!(refused(&refine), SegmentError::PromptKind { .. }));
    assert!(matches!(refused(&FramePrompt::default()), SegmentError::NoPrompt));
    let other = Colours { key: 2, ..MODEL }.encode(&picture(None), 0.0);
    assert!(matches!(fresh.prompt(0, &other, &click(), &NeverAbort), Err(SegmentError::OtherModel { .. })));
    let nothing = MODEL.encode(&Plane::new(0, 0, [0; 3]), 0.0);
    assert!(fresh.prompt(0, &nothing, &click(), &NeverAbort).is_err());
    assert_eq!(bytes(&*fresh), before);
}

#[test]
fn a_state_of_another_model_is_refused() {
    let trackers = Propagation::of(&MODEL);
    let state = started(&trackers).state();
    let other = Colours { key: 2, ..MODEL };
    let refused = Propagation::of(&other).resume(&state, &NeverAbort).map(drop).unwrap_err();
    assert!(matches!(refused, SegmentError::OtherModel { .. }), "{refused}");
    let keys = [&MODEL, &other]
        .map(|model| Propagation::of(model).fingerprint(TrackerOptions::default(), &NeverAbort).unwrap());
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn a_picture_of_one_row_of_cells_is_served() {
    let row = |pixels: usize| {
        Plane::from_vec(1024, 1, (0..1024).map(|x| if x < pixels { [220, 40, 30] } else { [30, 90, 60] }).collect())
    };
    let trackers = Propagation::of(&MODEL);
    let mut tracker = trackers.start(TrackerOptions::default(), &NeverAbort).unwrap();
    let mask = Some(Arc::new(Plane::new(1024, 1, 1.0)));
    let prompt = FramePrompt { mask, ..FramePrompt::default() };
    tracker.prompt(0, &MODEL.encode(&row(300).unwrap(), 0.0), &prompt, &NeverAbort).unwrap();
    assert!(tracker.step(1, &MODEL.encode(&row(320).unwrap(), 0.0), &NeverAbort).is_ok());
}
