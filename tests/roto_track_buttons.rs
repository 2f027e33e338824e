//! The buttons that track ahead of need, and frames that nobody tracked yet.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]
#![allow(dead_code, reason = "the shot serves other tests, too")]

#[path = "roto_track/shot.rs"]
mod shot;
mod support;

use headless::host::{Instance, RenderRequest, Value};
use shot::*;
use support::workplace::in_own_process_on_fixtures as on_fixtures;
use support::*;

const HOLD: i32 = 1;
const REFUSE: i32 = 2;

/// Thirteen frames, prompts keyed on 4 and 9, the time line on 6.
fn keyed(plugin: &headless::host::Plugin) -> Instance {
    let instance = instance(plugin, &Shot::over(0.0, 12.0), SAM2);
    key(&instance, 1, 4.0, [50.0, 60.0]);
    key(&instance, 1, 9.0, [70.0, 60.0]);
    instance.set_time(6.0).unwrap();
    instance
}

fn if_not_tracked(instance: &Instance, answer: i32) {
    instance.set("ifNotTracked", Value::Integer(answer)).unwrap();
}

/// The frames that have a matte while nothing may be tracked.
fn known(instance: &Instance) -> Vec<i32> {
    if_not_tracked(instance, REFUSE);
    (0..=12).filter(|&time| instance.render(&RenderRequest::at(f64::from(time))).is_ok()).collect()
}

#[test]
fn each_button_tracks_its_part_of_the_shot_and_what_comes_before_in_its_spans() {
    on_fixtures("each_button_tracks_its_part_of_the_shot_and_what_comes_before_in_its_spans", || {
        let (_bundle, plugin) = opened();
        let instance = keyed(&plugin);
        let all: Vec<i32> = (0..=12).collect();
        let cases = [
            ("trackToNextKey", vec![4, 5, 6, 7, 8, 9], "Analysed 4 of 4 frames"),
            ("trackForward", all[4..].to_vec(), "Analysed 7 of 7 frames"),
            ("trackBackward", vec![0, 1, 2, 3, 4, 5, 6, 9], "Analysed 7 of 7 frames"),
            ("analyse", all, "Analysed 13 of 13 frames"),
        ];
        for (button, frames, words) in cases {
            instance.purge_caches().unwrap();
            instance.press(button).unwrap();
            let Value::Text(line) = instance.get("status").unwrap() else { panic!("the status is no text") };
            assert!(line.starts_with(words), "{button}: {line}");
            assert_eq!(known(&instance), frames, "{button}");
        }
        instance.destroy().unwrap();
    });
}

#[test]
fn what_is_not_tracked_is_refused_in_words_and_runs_nothing() {
    on_fixtures("what_is_not_tracked_is_refused_in_words_and_runs_nothing", || {
        let (bundle, plugin) = opened();
        let instance = keyed(&plugin);
        let expected = matte(&instance, 7.0);
        instance.purge_caches().unwrap();
        if_not_tracked(&instance, REFUSE);
        let runs = || (counter(&bundle, "encoder_runs"), decoded(&bundle));
        let before = runs();
        let error = instance.render(&RenderRequest::at(7.0)).expect_err("nobody tracked it").to_string();
        assert!(error.contains("Frame 7 is not tracked yet") && error.contains("Track Shot"), "{error}");
        assert_eq!(runs(), before);
        instance.press("trackToNextKey").unwrap();
        assert!(matte(&instance, 7.0) == expected, "tracked ahead of need, the same bits");
        instance.destroy().unwrap();
    });
}

#[test]
fn the_nearest_tracked_frame_is_held_and_never_taken_for_the_frame_itself() {
    on_fixtures("the_nearest_tracked_frame_is_held_and_never_taken_for_the_frame_itself", || {
        let (_bundle, plugin) = opened();
        let instance = keyed(&plugin);
        let expected = matte(&instance, 8.0);
        instance.purge_caches().unwrap();
        matte(&instance, 6.0);
        if_not_tracked(&instance, HOLD);
        let held = matte(&instance, 8.0);
        let line = status(&instance);
        assert!(line.contains(", not tracked yet: held from frame 6, "), "{line}");
        assert!(held != expected);
        if_not_tracked(&instance, 0);
        assert!(matte(&instance, 8.0) == expected);
        if_not_tracked(&instance, HOLD);
        assert!(matte(&instance, 8.0) == expected, "it is tracked now");
        instance.destroy().unwrap();
    });
}
