//! The Matte clip as the prompt of the first object.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{Bundle, Components, Depth, Frame, Instance, Plugin, Profile, RectI, RenderRequest, Still, Value};
use support::workplace::{in_own_process, in_own_process_on_fixtures};
use support::*;

const SIZE: (i32, i32) = (320, 180);
/// The frame that the prompts are placed on.
const FRAME: f64 = 0.0;
/// The place of "Is the prompt of Object 1" in the list.
const PROMPT: i32 = 4;
/// A picture in which the tiny SAM3 sees something whatever it is told: its weights are random.
const STRIPES: usize = 3;

fn opened() -> (Bundle, Plugin) {
    open(Profile::Strict).expect("the bundle was there outside")
}

fn shot(plugin: &Plugin) -> Instance {
    let instance = float_instance_on(plugin, striped_frame(SIZE.0, SIZE.1, STRIPES));
    instance.set("matteInput", Value::Integer(PROMPT)).unwrap();
    instance
}

/// A matte that is white in these columns, `value` strong.
fn columns(range: std::ops::Range<i32>, value: f32) -> Frame {
    let bounds = RectI { x1: 0, y1: 0, x2: SIZE.0, y2: SIZE.1 };
    let inside = |x: i32| if range.contains(&x) { value } else { 0.0 };
    let pixels = (0..SIZE.1).flat_map(|_| (0..SIZE.0).flat_map(|x| [inside(x); 4]));
    let data = pixels.flat_map(f32::to_ne_bytes).collect();
    Frame::new(bounds, Depth::Float, Components::Rgba, data).unwrap()
}

fn connect(instance: &Instance, frame: Frame) {
    instance.clip("Matte").unwrap().connect(Box::new(Still::new(frame, (0.0, 200.0)))).unwrap();
}

fn matte(instance: &Instance) -> Vec<f32> {
    alpha(&render(instance, &RenderRequest::at(FRAME)).frame)
}

fn said(instance: &Instance) -> String {
    instance.persistent_message().map(|message| message.text).unwrap_or_default()
}

#[test]
fn a_matte_is_a_prompt_and_limits_nothing() {
    in_own_process_on_fixtures("a_matte_is_a_prompt_and_limits_nothing", || {
        let (bundle, plugin) = opened();
        let instance = shot(&plugin);
        connect(&instance, columns(60..140, 1.0));
        let left = matte(&instance);
        assert_eq!(said(&instance), "");
        connect(&instance, columns(180..260, 1.0));
        let right = matte(&instance);
        assert!(left != right, "another matte, another answer");
        let before = counter(&bundle, "decoder_runs");
        // The model cuts at one half: what is above it is one and the same prompt.
        connect(&instance, columns(180..260, 0.75));
        assert!(matte(&instance) == right);
        assert_eq!(counter(&bundle, "decoder_runs"), before, "and runs nothing again");
        instance.destroy().unwrap();
    });
}

#[test]
fn points_refine_what_the_matte_says() {
    in_own_process_on_fixtures("points_refine_what_the_matte_says", || {
        let (_bundle, plugin) = opened();
        let instance = shot(&plugin);
        connect(&instance, columns(60..140, 1.0));
        let rough = matte(&instance);
        place_point(&instance, 1, [200.0, 40.0], true);
        let refined = matte(&instance);
        instance.set("matteInput", Value::Integer(3)).unwrap();
        let clicked = matte(&instance);
        assert!(refined != rough && refined != clicked, "the answer depends on both");
        instance.destroy().unwrap();
    });
}

#[test]
fn a_matte_that_says_nothing_is_told_and_does_not_stop_the_points() {
    in_own_process_on_fixtures("a_matte_that_says_nothing_is_told_and_does_not_stop_the_points", || {
        let (_bundle, plugin) = opened();
        let instance = shot(&plugin);
        assert!(matte(&instance).iter().all(|&a| a == 0.0));
        assert!(said(&instance).contains("has no picture"), "{}", said(&instance));
        connect(&instance, columns(0..0, 1.0));
        assert!(matte(&instance).iter().all(|&a| a == 0.0));
        assert!(said(&instance).contains("is empty"), "{}", said(&instance));
        place_point(&instance, 1, [200.0, 40.0], true);
        let clicked = matte(&instance);
        assert!(said(&instance).contains("is empty"), "{}", said(&instance));
        instance.set("matteInput", Value::Integer(3)).unwrap();
        assert!(matte(&instance) == clicked);
        instance.destroy().unwrap();
    });
}

#[test]
fn a_text_goes_before_the_matte_and_says_so() {
    in_own_process_on_fixtures("a_text_goes_before_the_matte_and_says_so", || {
        let (_bundle, plugin) = opened();
        let instance = shot(&plugin);
        connect(&instance, columns(60..140, 1.0));
        instance.set("text", Value::Text("cat".into())).unwrap();
        instance.set("textThreshold", Value::Double(0.1)).unwrap();
        let both = matte(&instance);
        assert!(said(&instance).contains("Matte input is ignored"), "{}", said(&instance));
        instance.set("matteInput", Value::Integer(3)).unwrap();
        assert!(matte(&instance) == both);
        instance.destroy().unwrap();
    });
}

#[test]
fn a_model_without_mask_prompts_says_so() {
    in_own_process("a_model_without_mask_prompts_says_so", || {
        let (_bundle, plugin) = opened();
        let instance = shot(&plugin);
        connect(&instance, columns(60..140, 1.0));
        place_point(&instance, 1, [100.0, 90.0], true);
        assert!(instance.render(&RenderRequest::at(FRAME)).is_err());
        assert!(said(&instance).contains("a mask as the prompt"), "{}", said(&instance));
        instance.set("matteInput", Value::Integer(3)).unwrap();
        assert!(matte(&instance).iter().any(|&a| a > 0.5));
        instance.destroy().unwrap();
    });
}
