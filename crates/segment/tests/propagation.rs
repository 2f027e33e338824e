//! Tracking with MobileSAM, whose network knows single pictures only: the real weights on a disc that moves.

mod support;

use inference::{NeverAbort, Stored};
use raster::Plane;
use segment::{
    Segmentation, ShotState, open,
    tracker::{FramePrompt, TrackerOptions},
};

const SIZE: (usize, usize) = (1024, 576);
const RADIUS: f32 = 90.0;

fn centre(frame: usize) -> (f32, f32) {
    (300.0 + 40.0 * frame as f32, 260.0 + 10.0 * frame as f32)
}

fn is_inside(frame: usize, index: usize) -> bool {
    let (x, y) = ((index % SIZE.0) as f32 + 0.5, (index / SIZE.0) as f32 + 0.5);
    (x - centre(frame).0).hypot(y - centre(frame).1) < RADIUS
}

fn picture(frame: usize) -> Plane<[u8; 3]> {
    let pixel = |i: usize| {
        let grain = ((i * 7919) % 13) as u8;
        if is_inside(frame, i) { [210, 60 + grain, 40] } else { [40, 90 + (i / SIZE.0 / 8) as u8, 70 + grain] }
    };
    Plane::from_vec(SIZE.0, SIZE.1, (0..SIZE.0 * SIZE.1).map(pixel).collect()).unwrap_or_else(|_| unreachable!())
}

fn overlap(mask: &Segmentation, frame: usize) -> f64 {
    let mask = mask.resampled(SIZE.0, SIZE.1);
    let inside = |(index, &logit): (usize, &f32)| (logit > 0.0, is_inside(frame, index));
    let (both, either) = mask
        .data()
        .iter()
        .enumerate()
        .map(inside)
        .fold((0u32, 0u32), |(both, either), (a, b)| (both + u32::from(a && b), either + u32::from(a || b)));
    f64::from(both) / f64::from(either.max(1))
}

#[test]
fn mobilesam_follows_a_disc_and_goes_on_from_saved_bytes() {
    let Some(engine) = support::engine() else { return };
    let model = open(&engine, "auto").unwrap();
    let trackers = model.trackers().expect("every model has a tracker");
    let mut tracker = trackers.start(TrackerOptions::default(), &NeverAbort).unwrap();
    let embedding = |frame: usize| model.embed(&picture(frame), &NeverAbort).unwrap();
    let (x, y) = centre(0);
    let box_ = Some([x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS]);
    let prompt = FramePrompt { box_, ..FramePrompt::default() };
    assert!(overlap(&tracker.prompt(0, &embedding(0), &prompt, &NeverAbort).unwrap(), 0) > 0.95);
    let mut saved = Vec::new();
    for frame in 1..3 {
        if frame == 2 {
            tracker.state().write(&mut saved);
        }
        let mask = tracker.step(frame, &embedding(frame), &NeverAbort).unwrap();
        assert!(overlap(&mask, frame) > 0.95, "frame {frame}: {}", overlap(&mask, frame));
    }
    let last = tracker.step(3, &embedding(3), &NeverAbort).unwrap();
    let state = ShotState::read(&saved).unwrap();
    let mut resumed = trackers.resume(&state, &NeverAbort).unwrap();
    resumed.step(2, &embedding(2), &NeverAbort).unwrap();
    assert_eq!(resumed.step(3, &embedding(3), &NeverAbort).unwrap(), last);
}
