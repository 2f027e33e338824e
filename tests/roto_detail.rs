//! The detail pass through the bundle: when the model looks again, what comes out, and what stays as it was.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "roto_track/shot.rs"]
#[allow(dead_code, reason = "shared with the tests of tracking")]
mod shot;
mod support;

use headless::host::{Bundle, Instance, Plugin, RenderRequest, Value};
use shot::*;
use support::workplace::in_own_process;
use support::*;

/// The choice of the best installed model, which is the tiny one.
const TINY: Model = Model { choice: 0, ..SAM2 };

/// A shot of five frames, tracked from a box on the first.
fn boxed(plugin: &Plugin, [corner, opposite]: [[f64; 2]; 2]) -> Instance {
    let instance = instance(plugin, &Shot::over(1.0, 5.0), TINY);
    place_box(&instance, corner, opposite);
    instance
}

/// A quarter of the picture's width.
fn small(plugin: &Plugin) -> Instance {
    boxed(plugin, [[40.0, 40.0], [72.0, 66.0]])
}

/// A still with a small box.
fn still(plugin: &Plugin) -> Instance {
    let instance = float_instance_on(plugin, striped_frame(256, 256, 3));
    place_box(&instance, [81.0, 83.0], [130.0, 121.0]);
    instance
}

fn detail(instance: &Instance, on: bool) {
    instance.set("detailPass", Value::Boolean(on)).unwrap();
}

fn encoded(bundle: &Bundle) -> u64 {
    counter(bundle, "encoder_runs")
}

#[test]
fn a_second_look_costs_one_run_of_the_encoder_and_none_once_it_is_known() {
    in_own_process("a_second_look_costs_one_run_of_the_encoder_and_none_once_it_is_known", || {
        let (bundle, plugin) = opened();
        let instance = still(&plugin);
        matte(&instance, 0.0);
        assert_eq!(encoded(&bundle), 1, "it is off by itself");
        detail(&instance, true);
        matte(&instance, 0.0);
        assert!(status(&instance).contains("detail pass"), "{}", status(&instance));
        assert_eq!(encoded(&bundle), 2);
        instance.set("threshold", Value::Double(0.4)).unwrap();
        matte(&instance, 0.0);
        assert_eq!(encoded(&bundle), 2);
        instance.destroy().unwrap();
    });
}

#[test]
fn with_and_without_never_mix() {
    let Some((_bundle, plugin)) = strict() else { return };
    let instance = instance_on(plugin, demo_frame(RABBIT_FRAME));
    place_point(&instance, 1, RABBIT, true);
    let without = matte(&instance, 0.0);
    detail(&instance, true);
    let with = matte(&instance, 0.0);
    assert!(with != without && iou(&with, &without) > 0.9, "{}", iou(&with, &without));
    detail(&instance, false);
    assert!(matte(&instance, 0.0) == without);
    instance.destroy().unwrap();
}

#[test]
fn a_track_stays_as_it_was() {
    in_own_process("a_track_stays_as_it_was", || {
        let (_bundle, plugin) = opened();
        let instance = small(&plugin);
        let without = mattes(&instance, &times(1, 4));
        instance.purge_caches().unwrap();
        detail(&instance, true);
        mattes(&instance, &times(1, 4));
        detail(&instance, false);
        assert!(mattes(&instance, &times(1, 4)) == without);
        instance.destroy().unwrap();
    });
}

#[test]
fn frames_in_any_order_have_the_same_bits() {
    in_own_process("frames_in_any_order_have_the_same_bits", || {
        let (_bundle, plugin) = opened();
        let instance = small(&plugin);
        detail(&instance, true);
        let in_order = mattes(&instance, &times(1, 4));
        instance.purge_caches().unwrap();
        assert!(mattes_asked(&instance, &times(1, 4), &[2, 0, 3, 1]) == in_order);
        instance.destroy().unwrap();
    });
}

#[test]
fn after_tracking_ahead_no_frame_waits_for_a_network() {
    in_own_process("after_tracking_ahead_no_frame_waits_for_a_network", || {
        let (bundle, plugin) = opened();
        let instance = small(&plugin);
        detail(&instance, true);
        instance.press("analyse").unwrap();
        let known = (encoded(&bundle), decoded(&bundle));
        assert!(known.0 > 5, "{} pictures for five frames", known.0);
        mattes(&instance, &times(1, 5));
        assert_eq!((encoded(&bundle), decoded(&bundle)), known);
        assert!(status(&instance).contains("detail pass"), "{}", status(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn an_object_that_fills_the_picture_is_not_looked_at_again() {
    in_own_process("an_object_that_fills_the_picture_is_not_looked_at_again", || {
        let (bundle, plugin) = opened();
        let instance = boxed(&plugin, [[4.0, 4.0], [124.0, 124.0]]);
        let without = matte(&instance, 1.0);
        detail(&instance, true);
        assert!(matte(&instance, 1.0) == without);
        assert!(status(&instance).contains("no detail pass: the object is too large"), "{}", status(&instance));
        assert_eq!(encoded(&bundle), 1);
        instance.destroy().unwrap();
    });
}

#[test]
fn drafts_go_without_and_files_do_not() {
    in_own_process("drafts_go_without_and_files_do_not", || {
        let (bundle, plugin) = opened();
        let instance = small(&plugin);
        detail(&instance, true);
        instance.set("quality", Value::Integer(1)).unwrap();
        render(&instance, &RenderRequest { interactive: true, ..RenderRequest::at(1.0) });
        assert_eq!(encoded(&bundle), 1);
        matte(&instance, 1.0);
        assert_eq!(encoded(&bundle), 2);
        instance.destroy().unwrap();
    });
}

#[test]
fn each_object_gets_its_own_second_look() {
    in_own_process("each_object_gets_its_own_second_look", || {
        let (bundle, plugin) = opened();
        let instance = still(&plugin);
        instance.set("box2Use", Value::Boolean(true)).unwrap();
        instance.set("box2Object", Value::Integer(1)).unwrap();
        instance.set("box2Corner1", Value::Double2D([160.0, 140.0])).unwrap();
        instance.set("box2Corner2", Value::Double2D([210.0, 190.0])).unwrap();
        detail(&instance, true);
        matte(&instance, 0.0);
        assert!(status(&instance).contains("detail pass"), "{}", status(&instance));
        assert_eq!(encoded(&bundle), 3);
        instance.destroy().unwrap();
    });
}
