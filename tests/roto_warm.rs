//! The model is loaded ahead of the first click, and nothing of it outlives the last instance.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::time::{Duration, Instant};

use headless::host::{Profile, RenderRequest};
use support::workplace::in_own_process;
use support::*;

const PATIENCE: Duration = Duration::from_secs(60);

fn is_warming() -> bool {
    support::process::thread_names().iter().any(|name| name.starts_with("sam3roto-warm"))
}

#[test]
fn opening_the_panel_loads_the_model_in_the_background() {
    in_own_process("opening_the_panel_loads_the_model_in_the_background", || {
        let (bundle, plugin) = open(Profile::Strict).expect("the bundle was there outside");
        let instance = instance_on(&plugin, striped_frame(320, 180, 0));
        assert_eq!(counter(&bundle, "session_loads"), 0, "an instance by itself loads nothing");
        instance.begin_edit().unwrap();
        let start = Instant::now();
        while counter(&bundle, "session_loads") < 2 {
            assert!(start.elapsed() < PATIENCE, "the model was not loaded");
            std::thread::yield_now();
        }
        place_point(&instance, 1, [160.0, 90.0], true);
        render(&instance, &RenderRequest::at(0.0));
        assert_eq!(counter(&bundle, "session_loads"), 2, "the render found it loaded");
        instance.destroy().unwrap();
        assert!(!is_warming(), "the threads that ONNX Runtime started meanwhile go by its own name");
    });
}

#[test]
fn the_last_instance_takes_the_loading_with_it() {
    in_own_process("the_last_instance_takes_the_loading_with_it", || {
        let (_bundle, plugin) = open(Profile::Strict).expect("the bundle was there outside");
        for _ in 0..20 {
            let instance = instance_on(&plugin, striped_frame(320, 180, 0));
            instance.begin_edit().unwrap();
            instance.destroy().unwrap();
            assert!(!is_warming(), "a thread outlives the last instance");
        }
    });
}
