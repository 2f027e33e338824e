//! Track Shot: every frame through the network ahead of need, by the button of the panel.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::sync::{Arc, Mutex};

use headless::host::{
    Bundle, ClipFormat, Components, Depth, Frame, ImageSource, Instance, InstanceOptions, Plugin, Profile,
    ProgressEvent, RectD, RenderRequest, SourceError, Value,
};
use support::workplace::{again, in_own_process, is_inside};
use support::*;

const SIZE: (i32, i32) = (320, 180);
const FRAMES: usize = 10;

/// A shot whose every frame is another picture.
struct Stripes;

impl ImageSource for Stripes {
    fn range(&self) -> (f64, f64) {
        (0.0, (FRAMES - 1) as f64)
    }

    fn format(&self) -> ClipFormat {
        ClipFormat::new(Depth::Byte, Components::Rgba)
    }

    fn rod(&self, _: f64) -> RectD {
        RectD { x1: 0.0, y1: 0.0, x2: f64::from(SIZE.0), y2: f64::from(SIZE.1) }
    }

    fn frame(&self, time: f64) -> Result<Frame, SourceError> {
        Ok(striped_frame(SIZE.0, SIZE.1, time as usize))
    }
}

fn opened() -> (Bundle, Plugin) {
    open(Profile::Strict).expect("the bundle was there outside")
}

fn shot(plugin: &Plugin) -> Instance {
    let mut options = InstanceOptions { depth: Some(Depth::Float), interactive: true, ..InstanceOptions::default() };
    options.clips.insert("Source".into(), Box::new(Stripes));
    let instance = Instance::create(plugin, options).expect("the instance is made");
    place_point(&instance, 1, [160.0, 90.0], true);
    // Each frame on its own: tracking has its own tests.
    instance.set("tracking", Value::Integer(1)).unwrap();
    instance
}

fn mattes(instance: &Instance) -> Vec<Vec<f32>> {
    (0..FRAMES).map(|frame| alpha(&render(instance, &RenderRequest::at(frame as f64)).frame)).collect()
}

fn status(instance: &Instance) -> String {
    let Value::Text(line) = instance.get("status").unwrap() else { panic!("the status is no text") };
    line
}

#[test]
fn after_analysing_no_frame_waits_for_the_network_and_the_mattes_are_the_same() {
    in_own_process("after_analysing_no_frame_waits_for_the_network_and_the_mattes_are_the_same", || {
        let (bundle, plugin) = opened();
        let instance = shot(&plugin);
        let one_by_one = mattes(&instance);
        instance.purge_caches().unwrap();
        let runs = || (counter(&bundle, "encoder_runs"), counter(&bundle, "decoder_runs"));
        let before = runs();
        instance.press("analyse").unwrap();
        let analysed = runs();
        assert_eq!(analysed, (before.0 + FRAMES as u64, before.1 + FRAMES as u64));
        assert!(mattes(&instance) == one_by_one, "other mattes than one by one");
        assert_eq!(runs(), analysed, "a frame waited for the network");
        instance.destroy().unwrap();
    });
}

#[test]
fn progress_runs_from_nothing_to_all_and_the_panel_tells_the_result() {
    in_own_process("progress_runs_from_nothing_to_all_and_the_panel_tells_the_result", || {
        let (_bundle, plugin) = opened();
        let instance = shot(&plugin);
        let events = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&events);
        instance.on_progress(move |event| {
            seen.lock().unwrap().push(event.clone());
            true
        });
        instance.press("analyse").unwrap();
        let events = events.lock().unwrap();
        assert!(matches!(events.first(), Some(ProgressEvent::Start { .. })), "{events:?}");
        assert!(matches!(events.last(), Some(ProgressEvent::End)), "{events:?}");
        let fractions: Vec<f64> = events
            .iter()
            .filter_map(|event| if let ProgressEvent::Update(done) = event { Some(*done) } else { None })
            .collect();
        assert!(fractions.is_sorted() && fractions.last() == Some(&1.0), "{fractions:?}");
        let line = status(&instance);
        assert!(line.starts_with("Analysed 10 of 10 frames in "), "{line}");
        instance.destroy().unwrap();
    });
}

#[test]
fn cancelling_keeps_what_is_finished() {
    in_own_process("cancelling_keeps_what_is_finished", || {
        let (bundle, plugin) = opened();
        let instance = shot(&plugin);
        instance.on_progress(|event| !matches!(event, ProgressEvent::Update(done) if *done >= 0.3));
        instance.press("analyse").unwrap();
        let encoded = counter(&bundle, "encoder_runs");
        assert!(encoded < FRAMES as u64, "it went on to the end");
        let line = status(&instance);
        assert!(line.contains(&format!("of {FRAMES} frames")), "{line}");
        mattes(&instance);
        assert_eq!(counter(&bundle, "encoder_runs"), FRAMES as u64, "each frame once, analysed or rendered");
        instance.destroy().unwrap();
    });
}

const BATCHES: &str = "batches_give_the_same_mattes_as_one_by_one";

#[test]
fn batches_give_the_same_mattes_as_one_by_one() {
    if !is_inside(BATCHES) {
        again(BATCHES, &[("SAM3ROTO_BATCH", "4")]);
        return;
    }
    let (bundle, plugin) = opened();
    let instance = shot(&plugin);
    let one_by_one = mattes(&instance);
    instance.purge_caches().unwrap();
    let before = counter(&bundle, "encoder_runs");
    instance.press("analyse").unwrap();
    let batches = FRAMES.div_ceil(4) as u64;
    assert_eq!(counter(&bundle, "encoder_runs"), before + batches, "four frames a run");
    assert!(mattes(&instance) == one_by_one, "other mattes than one by one");
    assert_eq!(counter(&bundle, "encoder_runs"), before + batches);
    instance.destroy().unwrap();
}
