//! The options of the tracker through the bundle: they reach the tracker, and results of one way never pass for those of
//! another.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "roto_track/shot.rs"]
#[allow(dead_code, reason = "shared with the tests of tracking")]
mod shot;
mod support;

use headless::host::{Instance, Value};
use shot::*;
use support::workplace::{in_own_process_on_fixtures as on_fixtures, is_inside};

const OPTIONS: [&str; 2] = ["memorySelection", "motionScore"];

fn switch(instance: &Instance, option: &str, on: bool) {
    instance.set(option, Value::Boolean(on)).unwrap();
}

#[test]
fn an_option_tracks_anew_and_switched_off_everything_is_still_known() {
    on_fixtures("an_option_tracks_anew_and_switched_off_everything_is_still_known", || {
        let (bundle, plugin) = opened();
        let mut differing = Vec::new();
        for model in MODELS {
            let name = model.name;
            let instance = instance(&plugin, &Shot::of(model, 0.0, 20.0), model);
            key(&instance, 1, 0.0, [30.0, 56.0]);
            let times = times(0, 20);
            let plain = mattes(&instance, &times);
            for option in OPTIONS {
                let before = decoded(&bundle);
                switch(&instance, option, true);
                let with = mattes(&instance, &times);
                assert_eq!(decoded(&bundle) - before, 1 + 20, "{name}, {option}: the prompt and the frames behind it");
                assert!(with[0] == plain[0], "{name}, {option}: the prompt frame is as it was");
                differing.extend((with != plain).then_some(option));
                let again = decoded(&bundle);
                switch(&instance, option, false);
                assert!(mattes(&instance, &times) == plain, "{name}, {option} switched off");
                assert_eq!(decoded(&bundle), again, "{name}, {option}: all of it was known");
            }
            instance.destroy().unwrap();
        }
        for option in OPTIONS {
            assert!(differing.contains(&option), "{option} changed no matte of any model");
        }
    });
}

#[test]
fn a_model_without_memory_says_that_the_options_do_nothing() {
    support::workplace::in_own_process("a_model_without_memory_says_that_the_options_do_nothing", || {
        assert!(is_inside("a_model_without_memory_says_that_the_options_do_nothing"));
        let (_bundle, plugin) = opened();
        let instance = instance(&plugin, &Shot::over(0.0, 4.0), Model { name: "sam2", choice: 0, side: 128 });
        key(&instance, 1, 0.0, [60.0, 60.0]);
        let plain = mattes(&instance, &times(0, 4));
        assert!(!status(&instance).contains("Tracker"), "{}", status(&instance));
        switch(&instance, "motionScore", true);
        assert!(mattes(&instance, &times(0, 4)) == plain);
        let told = status(&instance);
        assert!(told.contains("options under Tracker do nothing"), "{told}");
        instance.destroy().unwrap();
    });
}
