//! What SAM3Roto does not compute twice. Its counters are the process's: these tests have a process of their own and run
//! one after the other.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use headless::host::{RenderRequest, Value};
use support::*;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[test]
fn moving_a_point_runs_no_encoder_and_takes_a_fifth_of_the_first_time_at_most() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((bundle, plugin)) = strict() else { return };
    let instance = instance_on(plugin, demo_frame(90));
    place_point(&instance, 1, RABBIT, true);
    let start = Instant::now();
    render(&instance, &RenderRequest::at(0.0));
    let first = start.elapsed();
    let (encoded, decoded) = (counter(bundle, "encoder_runs"), counter(bundle, "decoder_runs"));
    instance.set("point1Position", Value::Double2D([RABBIT[0] + 20.0, RABBIT[1] + 15.0])).unwrap();
    let start = Instant::now();
    render(&instance, &RenderRequest::at(0.0));
    let moved = start.elapsed();
    assert_eq!(counter(bundle, "encoder_runs"), encoded, "the picture was encoded again");
    assert_eq!(counter(bundle, "decoder_runs"), decoded + 1, "the moved point was not looked at");
    assert!(moved < first / 5, "first {first:?}, with the point moved {moved:?}");
    instance.destroy().unwrap();
}

#[test]
fn a_slider_of_the_matte_runs_no_network() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((bundle, plugin)) = strict() else { return };
    let instance = instance_on(plugin, demo_frame(70));
    place_point(&instance, 1, RABBIT, true);
    let first = alpha(&render(&instance, &RenderRequest::at(0.0)).frame);
    let runs = || (counter(bundle, "encoder_runs"), counter(bundle, "decoder_runs"));
    let before = runs();
    instance.set("softness", Value::Double(1.0)).unwrap();
    assert_ne!(first, alpha(&render(&instance, &RenderRequest::at(0.0)).frame), "the slider does something");
    assert_eq!(runs(), before);
    instance.destroy().unwrap();
}

#[test]
fn a_second_instance_on_the_same_picture_shares_the_encoding() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((bundle, plugin)) = strict() else { return };
    let one = instance_on(plugin, demo_frame(60));
    place_point(&one, 1, RABBIT, true);
    let first = alpha(&render(&one, &RenderRequest::at(0.0)).frame);
    let before = counter(bundle, "encoder_runs");
    let other = instance_on(plugin, demo_frame(60));
    place_point(&other, 1, RABBIT, true);
    assert_eq!(first, alpha(&render(&other, &RenderRequest::at(0.0)).frame));
    assert_eq!(counter(bundle, "encoder_runs"), before);
    one.destroy().unwrap();
    other.destroy().unwrap();
}
