//! Quality control through the bundle: the tracking buttons review frames, the panel shows them as a curve, and buttons
//! go to those that are suspicious.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "roto_track/shot.rs"]
#[allow(dead_code, reason = "shared with the tests of tracking")]
mod shot;
mod support;

use headless::host::{Bundle, Character, Host, Instance, Plugin, Profile, Value};
use shot::*;
use support::workplace::in_own_process_on_fixtures as on_fixtures;
use support::*;

/// Sixteen frames, prompts keyed on 3 and 9; the object is out of sight from 14 on.
fn tracked(plugin: &Plugin) -> Instance {
    let instance = keyed(plugin);
    instance.press("analyse").unwrap();
    instance
}

fn keyed(plugin: &Plugin) -> Instance {
    let instance = instance(plugin, &Shot::over(0.0, 15.0), SAM2);
    key(&instance, 1, 3.0, [60.0, 56.0]);
    key(&instance, 1, 9.0, [64.0, 64.0]);
    instance
}

fn text(instance: &Instance, parameter: &str) -> String {
    let Value::Text(text) = instance.get(parameter).unwrap() else { panic!("{parameter} is no text") };
    text
}

fn curve(instance: &Instance) -> Vec<(f64, f64)> {
    let score = |time| match instance.get_at("trackQuality", time).unwrap() {
        Value::Double(score) => score,
        other => panic!("{other:?}"),
    };
    instance.keys("trackQuality").unwrap().into_iter().map(|time| (time, score(time))).collect()
}

/// The frames that the curve has below the limit of the panel.
fn below(instance: &Instance, limit: f64) -> Vec<f64> {
    curve(instance).into_iter().filter(|(_, score)| *score < limit).map(|(time, _)| time).collect()
}

fn limited(instance: &Instance) -> Vec<f64> {
    // In the middle of all scores: about half of the frames are below.
    let mut scores: Vec<f64> = curve(instance).into_iter().map(|(_, score)| score).collect();
    scores.sort_by(f64::total_cmp);
    let limit = scores[scores.len() / 2];
    instance.set("suspiciousBelow", Value::Double(limit)).unwrap();
    below(instance, limit)
}

#[test]
fn tracking_draws_a_curve_with_a_key_on_every_frame_and_runs_no_network_for_it() {
    on_fixtures("tracking_draws_a_curve_with_a_key_on_every_frame_and_runs_no_network_for_it", || {
        let (bundle, plugin) = opened();
        let instance = keyed(&plugin);
        mattes(&instance, &times(0, 15));
        let runs = (counter(&bundle, "encoder_runs"), decoded(&bundle));
        instance.press("analyse").unwrap();
        assert_eq!((counter(&bundle, "encoder_runs"), decoded(&bundle)), runs);
        let curve = curve(&instance);
        assert_eq!(curve.iter().map(|(time, _)| *time).collect::<Vec<_>>(), times(0, 15));
        assert!(curve.iter().all(|(_, score)| (0.0..=1.0).contains(score)), "{curve:?}");
        assert!(curve.iter().any(|(_, score)| *score != curve[0].1), "one score for all: {curve:?}");
        assert!(!instance.is_enabled("trackQuality").unwrap(), "nobody sets it but tracking");
        assert!(text(&instance, "status").contains("suspicious"), "{}", text(&instance, "status"));
        instance.destroy().unwrap();
    });
}

#[test]
fn tracking_a_part_reviews_that_part_and_keeps_what_is_known_of_the_rest() {
    on_fixtures("tracking_a_part_reviews_that_part_and_keeps_what_is_known_of_the_rest", || {
        let (_bundle, plugin) = opened();
        let whole = tracked(&plugin);
        let expected = curve(&whole);
        let parts = keyed(&plugin);
        parts.set_time(6.0).unwrap();
        parts.press("trackForward").unwrap();
        assert_eq!(parts.keys("trackQuality").unwrap(), times(6, 15));
        parts.press("trackBackward").unwrap();
        let found = curve(&parts);
        assert!((0..16).all(|frame| expected[frame] == found[frame]), "{expected:?} {found:?}");
        whole.destroy().unwrap();
        parts.destroy().unwrap();
    });
}

#[test]
fn the_buttons_go_along_the_suspicious_frames_and_say_why() {
    on_fixtures("the_buttons_go_along_the_suspicious_frames_and_say_why", || {
        let (_bundle, plugin) = opened();
        let instance = tracked(&plugin);
        let bad = limited(&instance);
        assert!((2..16).contains(&bad.len()), "{:?}", curve(&instance));
        instance.set_time(-1.0).unwrap();
        for &frame in &bad {
            instance.press("nextSuspicious").unwrap();
            assert_eq!(instance.time(), frame);
            let line = text(&instance, "status");
            assert!(line.starts_with(&format!("Frame {frame}: Object 1: ")), "{line}");
        }
        instance.press("nextSuspicious").unwrap();
        assert_eq!(text(&instance, "status"), format!("No suspicious frame after {}.", bad.last().unwrap()));
        instance.press("previousSuspicious").unwrap();
        assert_eq!(instance.time(), bad[bad.len() - 2]);
        instance.destroy().unwrap();
    });
}

#[test]
fn without_a_review_the_buttons_say_what_to_do() {
    on_fixtures("without_a_review_the_buttons_say_what_to_do", || {
        let (_bundle, plugin) = opened();
        let instance = keyed(&plugin);
        instance.press("nextSuspicious").unwrap();
        assert_eq!(text(&instance, "status"), "Nothing is reviewed yet: press Track Shot.");
        instance.destroy().unwrap();
    });
}

#[test]
fn a_host_without_a_time_line_is_told_where_to_go() {
    on_fixtures("a_host_without_a_time_line_is_told_where_to_go", || {
        let path = from_environment("SAM3ROTO_BUNDLE").unwrap();
        let character = Character { time_line: false, ..Host::new(Profile::Strict).character().clone() };
        let bundle = Bundle::open(&Host::with_character(character), &path).unwrap();
        let instance = tracked(&bundle.plugin(ROTO).unwrap());
        let bad = limited(&instance);
        instance.set_time(0.0).unwrap();
        instance.press("nextSuspicious").unwrap();
        let next = bad.iter().find(|&&frame| frame > 0.0).unwrap();
        let line = text(&instance, "status");
        assert!(line.starts_with(&format!("Go to frame {next}: Object 1: ")), "{line}");
        assert_eq!(instance.time(), 0.0);
        instance.destroy().unwrap();
    });
}

#[test]
fn where_nobody_looks_on_the_tracker_encodes_each_picture_itself() {
    on_fixtures("where_nobody_looks_on_the_tracker_encodes_each_picture_itself", || {
        let path = from_environment("SAM3ROTO_BUNDLE").unwrap();
        let character = Character { is_background: true, ..Host::new(Profile::Strict).character().clone() };
        let bundle = Bundle::open(&Host::with_character(character), &path).unwrap();
        let instance = tracked(&bundle.plugin(ROTO).unwrap());
        let encoded = counter(&bundle, "encoder_runs");
        // Sixteen pictures; the ends of the span and the frames where its two ways meet are looked at again.
        assert!((16..28).contains(&encoded), "{encoded} runs for 16 pictures");
        assert_eq!(curve(&instance).len(), 16);
        instance.destroy().unwrap();
    });
}
