//! Several objects in one node: each by its own prompts, together, alone, and without overlap.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{Bundle, Instance, Plugin, Profile, RenderRequest, Value};
use support::workplace::in_own_process;
use support::*;

const SIZE: (i32, i32) = (320, 180);
const ALL: i32 = 0;
/// The frame that the prompts are placed on.
const FRAME: f64 = 0.0;

fn opened() -> (Bundle, Plugin) {
    open(Profile::Strict).expect("the bundle was there outside")
}

fn shot(plugin: &Plugin) -> Instance {
    float_instance_on(plugin, striped_frame(SIZE.0, SIZE.1, 0))
}

/// Puts a point of an object, counted from 1, into a slot.
fn point_of(instance: &Instance, slot: usize, object: i32, at: [f64; 2]) {
    instance.set(&format!("point{slot}Object"), Value::Integer(object - 1)).unwrap();
    place_point(instance, slot, at, true);
}

/// The matte of one object, counted from 1, or of [`ALL`].
fn matte_of(instance: &Instance, object: i32) -> Vec<f32> {
    instance.set("objects", Value::Integer(object)).unwrap();
    alpha(&render(instance, &RenderRequest::at(FRAME)).frame)
}

fn said(instance: &Instance) -> String {
    instance.persistent_message().map(|message| message.text).unwrap_or_default()
}

fn both(a: &[f32], b: &[f32], join: fn(f32, f32) -> f32) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| join(*a, *b)).collect()
}

/// Two objects whose mattes overlap in the middle of the picture.
fn overlapping(plugin: &Plugin) -> Instance {
    let instance = shot(plugin);
    point_of(&instance, 1, 1, [110.0, 90.0]);
    point_of(&instance, 2, 2, [190.0, 90.0]);
    instance
}

#[test]
fn all_objects_combined_are_the_surest_of_each_place() {
    in_own_process("all_objects_combined_are_the_surest_of_each_place", || {
        let (_bundle, plugin) = opened();
        let instance = overlapping(&plugin);
        instance.set("edgeDetail", Value::Double(0.0)).unwrap();
        let (first, second) = (matte_of(&instance, 1), matte_of(&instance, 2));
        let (together, expected) = (matte_of(&instance, ALL), both(&first, &second, f32::max));
        assert!(iou(&first, &second) > 0.05 && iou(&first, &second) < 0.9, "they overlap in part");
        let agreement = iou(&together, &expected);
        assert!(agreement > 0.999, "IoU of the combination {agreement}");
        instance.set("exclusive", Value::Boolean(true)).unwrap();
        assert!(matte_of(&instance, ALL) == together, "together they cover the same without overlap");
        instance.destroy().unwrap();
    });
}

#[test]
fn objects_that_do_not_overlap_share_the_picture_among_them() {
    in_own_process("objects_that_do_not_overlap_share_the_picture_among_them", || {
        let (_bundle, plugin) = opened();
        let instance = overlapping(&plugin);
        let inside = |matte: &[f32]| matte.iter().filter(|&&a| a >= 0.5).count();
        let overlap = |a: &[f32], b: &[f32]| inside(&both(a, b, f32::min));
        let (first, second) = (matte_of(&instance, 1), matte_of(&instance, 2));
        assert!(overlap(&first, &second) > 100);
        let together = matte_of(&instance, ALL);
        instance.set("exclusive", Value::Boolean(true)).unwrap();
        let (own, other) = (matte_of(&instance, 1), matte_of(&instance, 2));
        assert_eq!(overlap(&own, &other), 0, "no pixel is inside both");
        assert!(inside(&own) > 100 && inside(&other) > 100, "and none took it all");
        assert!(both(&own, &first, |own, first| own - first).iter().all(|&grown| grown < 0.51), "nothing grew");
        let covered = iou(&both(&own, &other, f32::max), &together);
        assert!(covered > 0.97, "IoU of the parts with the whole {covered}");
        instance.destroy().unwrap();
    });
}

#[test]
fn another_objects_points_change_no_bit_and_run_no_network() {
    in_own_process("another_objects_points_change_no_bit_and_run_no_network", || {
        let (bundle, plugin) = opened();
        let instance = overlapping(&plugin);
        let first = matte_of(&instance, 1);
        let runs = || (counter(&bundle, "encoder_runs"), counter(&bundle, "decoder_runs"));
        let before = runs();
        instance.set("point2Position", Value::Double2D([20.0, 20.0])).unwrap();
        assert!(matte_of(&instance, 1) == first);
        place_point(&instance, 3, [-500.0, 20.0], false);
        instance.set("point3Object", Value::Integer(3)).unwrap();
        assert!(matte_of(&instance, 1) == first);
        assert_eq!(said(&instance), "", "nor is anything told of it");
        assert_eq!(runs(), before);
        instance.destroy().unwrap();
    });
}

#[test]
fn an_object_has_the_same_matte_under_every_number() {
    in_own_process("an_object_has_the_same_matte_under_every_number", || {
        let (_bundle, plugin) = opened();
        let matte = |slot, object, out| {
            let instance = shot(&plugin);
            point_of(&instance, slot, object, [110.0, 90.0]);
            let matte = matte_of(&instance, out);
            instance.destroy().unwrap();
            matte
        };
        let first = matte(1, 1, ALL);
        for (slot, object, out) in [(1, 1, 1), (7, 3, ALL), (16, 4, 4)] {
            assert!(matte(slot, object, out) == first, "point {slot} of object {object}, output {out}");
        }
    });
}

#[test]
fn boxes_belong_to_their_objects() {
    in_own_process("boxes_belong_to_their_objects", || {
        let (_bundle, plugin) = opened();
        let instance = shot(&plugin);
        let corners = [[30.0, 30.0], [140.0, 150.0]];
        for name in ["box", "box3"] {
            for (corner, position) in ["Corner1", "Corner2"].iter().zip(corners) {
                instance.set(&format!("{name}{corner}"), Value::Double2D(position)).unwrap();
            }
        }
        instance.set("boxUse", Value::Boolean(true)).unwrap();
        let first = matte_of(&instance, 1);
        instance.set("boxUse", Value::Boolean(false)).unwrap();
        instance.set("box3Use", Value::Boolean(true)).unwrap();
        assert!(matte_of(&instance, 3) == first, "the third box is meant for the third object");
        instance.set("boxUse", Value::Boolean(true)).unwrap();
        instance.set("box3Object", Value::Integer(0)).unwrap();
        assert!(matte_of(&instance, 1) == first);
        assert!(said(&instance).contains("Box 3 is ignored"), "{}", said(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn an_object_without_prompts_is_named_when_it_is_asked_for() {
    in_own_process("an_object_without_prompts_is_named_when_it_is_asked_for", || {
        let (_bundle, plugin) = opened();
        let instance = shot(&plugin);
        point_of(&instance, 1, 1, [110.0, 90.0]);
        assert!(matte_of(&instance, 2).iter().all(|&a| a == 0.0));
        assert!(said(&instance).contains("what Object 2 is"), "{}", said(&instance));
        assert!(matte_of(&instance, ALL).iter().any(|&a| a > 0.5));
        assert_eq!(said(&instance), "");
        instance.destroy().unwrap();
    });
}

#[test]
fn each_object_goes_by_its_own_keys() {
    in_own_process("each_object_goes_by_its_own_keys", || {
        let (_bundle, plugin) = opened();
        let instance = shot(&plugin);
        instance.set("tracking", Value::Integer(1)).unwrap();
        instance.set("point1Use", Value::Boolean(true)).unwrap();
        for (time, x) in [(10.0, 60.0), (30.0, 100.0)] {
            instance.set_key("point1Position", time, Value::Double2D([x, 90.0])).unwrap();
        }
        point_of(&instance, 2, 2, [250.0, 90.0]);
        let alone = |object, time| {
            instance.set("objects", Value::Integer(object)).unwrap();
            alpha(&render(&instance, &RenderRequest::at(time)).frame)
        };
        assert!(alone(1, 10.0) != alone(1, 20.0), "the first follows its keys");
        assert!(alone(2, 0.0) == alone(2, 20.0), "the second has none and says the same everywhere");
        instance.destroy().unwrap();
    });
}

#[test]
fn prompts_keyed_outside_the_shot_speak_all_the_same() {
    in_own_process("prompts_keyed_outside_the_shot_speak_all_the_same", || {
        let (_bundle, plugin) = opened();
        let instance = shot(&plugin);
        instance.set("point1Use", Value::Boolean(true)).unwrap();
        // The clip runs from 0 to 200.
        for (time, x) in [(-5000.0, 60.0), (90_000.0, 100.0)] {
            instance.set_key("point1Position", time, Value::Double2D([x, 90.0])).unwrap();
        }
        for time in [0.0, 200.0] {
            let matte = alpha(&render(&instance, &RenderRequest::at(time)).frame);
            assert!(matte.iter().any(|&a| a > 0.5), "frame {time}");
        }
        instance.destroy().unwrap();
    });
}
