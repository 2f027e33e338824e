//! Draft and final through the bundle: what a host says of a render counts, and files are never drafts.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "roto_track/shot.rs"]
#[allow(dead_code, reason = "shared with the tests of tracking")]
mod shot;
mod support;

use headless::host::{Instance, RenderRequest, Value};
use shot::*;
use support::workplace::in_own_process_on_fixtures as on_fixtures;
use support::*;

const FINAL: i32 = 0;
const DRAFT: i32 = 1;
const AUTOMATIC: i32 = 2;
/// The choice of the panel's Model.
const MOBILESAM: i32 = 3;

/// The matte of a frame, and what the status says of it.
fn made(instance: &Instance, interactive: bool, draft: bool) -> (Vec<f32>, String) {
    let matte = alpha(&render(instance, &RenderRequest { interactive, draft, ..RenderRequest::at(1.0) }).frame);
    (matte, status(instance))
}

/// Two frames, the panel's model SAM 2.1; the light one is the bundle's MobileSAM.
fn placed(plugin: &headless::host::Plugin) -> Instance {
    let instance = instance(plugin, &Shot::over(0.0, 1.0), SAM2);
    key(&instance, 1, 0.0, [60.0, 60.0]);
    instance
}

fn quality(instance: &Instance, quality: i32) {
    instance.set("quality", Value::Integer(quality)).unwrap();
}

#[test]
fn a_draft_is_for_the_viewer_and_files_are_final_bit_for_bit() {
    on_fixtures("a_draft_is_for_the_viewer_and_files_are_final_bit_for_bit", || {
        let (_bundle, plugin) = opened();
        let instance = placed(&plugin);
        let (final_matte, _) = made(&instance, false, false);
        quality(&instance, DRAFT);
        let (draft, line) = made(&instance, true, false);
        assert!(line.to_lowercase().starts_with("frame 1: draft: mobilesam on cpu"), "{line}");
        assert!(draft != final_matte);
        let (file, line) = made(&instance, false, false);
        assert!(file == final_matte, "a file got something else");
        assert!(line.contains("final although Quality is a draft"), "{line}");
        assert!(made(&instance, false, true).0 == draft, "a host that asks for a draft gets it");
        instance.destroy().unwrap();
    });
}

#[test]
fn automatic_is_a_draft_where_the_host_asks_for_one_alone() {
    on_fixtures("automatic_is_a_draft_where_the_host_asks_for_one_alone", || {
        let (_bundle, plugin) = opened();
        let instance = placed(&plugin);
        let (final_matte, _) = made(&instance, true, true);
        quality(&instance, AUTOMATIC);
        assert!(made(&instance, true, false).0 == final_matte);
        let (draft, line) = made(&instance, true, true);
        assert!(draft != final_matte && line.contains("Draft: "), "{line}");
        assert!(made(&instance, false, false).0 == final_matte);
        instance.destroy().unwrap();
    });
}

#[test]
fn tracking_a_draft_is_told_and_is_no_track_for_files() {
    on_fixtures("tracking_a_draft_is_told_and_is_no_track_for_files", || {
        let (_bundle, plugin) = opened();
        let instance = placed(&plugin);
        quality(&instance, DRAFT);
        instance.press("analyse").unwrap();
        let Value::Text(line) = instance.get("status").unwrap() else { panic!("the status is no text") };
        assert!(line.starts_with("Draft: Analysed 2 of 2 frames"), "{line}");
        instance.set("ifNotTracked", Value::Integer(2)).unwrap();
        made(&instance, true, false);
        let error = instance.render(&RenderRequest::at(1.0)).expect_err("only a draft was tracked").to_string();
        assert!(error.contains("not tracked yet"), "{error}");
        instance.destroy().unwrap();
    });
}

/// Drafts of frames in the order in which they are asked for.
fn drafts(instance: &Instance, times: impl Iterator<Item = i32>) -> Vec<Vec<f32>> {
    let request = |time: i32| RenderRequest { interactive: true, ..RenderRequest::at(f64::from(time)) };
    times.map(|time| alpha(&render(instance, &request(time)).frame)).collect()
}

/// Nine frames with a prompt on the first.
fn draft_of_nine(plugin: &headless::host::Plugin) -> Instance {
    let instance = instance(plugin, &Shot::over(0.0, 8.0), SAM2);
    key(&instance, 1, 0.0, [60.0, 60.0]);
    quality(&instance, DRAFT);
    instance
}

#[test]
fn a_draft_lets_the_network_look_at_every_fourth_frame() {
    on_fixtures("a_draft_lets_the_network_look_at_every_fourth_frame", || {
        let (bundle, plugin) = opened();
        let instance = draft_of_nine(&plugin);
        drafts(&instance, 0..=8);
        assert_eq!(counter(&bundle, "encoder_runs"), 3);
        instance.destroy().unwrap();
    });
}

#[test]
fn a_draft_tracked_by_the_button_encodes_no_more_than_one_that_is_scrubbed() {
    on_fixtures("a_draft_tracked_by_the_button_encodes_no_more_than_one_that_is_scrubbed", || {
        let (bundle, plugin) = opened();
        let instance = draft_of_nine(&plugin);
        instance.press("analyse").unwrap();
        assert_eq!(counter(&bundle, "encoder_runs"), 3);
        instance.destroy().unwrap();
    });
}

#[test]
fn drafts_in_any_order_have_the_same_bits() {
    on_fixtures("drafts_in_any_order_have_the_same_bits", || {
        let (_bundle, plugin) = opened();
        let instance = draft_of_nine(&plugin);
        let in_order = drafts(&instance, 0..=8);
        instance.purge_caches().unwrap();
        let mut from_the_end = drafts(&instance, (0..=8).rev());
        from_the_end.reverse();
        assert!(from_the_end == in_order);
        instance.destroy().unwrap();
    });
}

#[test]
fn a_draft_leaves_no_mask_to_the_final_of_the_same_model() {
    on_fixtures("a_draft_leaves_no_mask_to_the_final_of_the_same_model", || {
        let (_bundle, plugin) = opened();
        let light = |made: i32| {
            let instance = instance(&plugin, &Shot::over(0.0, 3.0), SAM2);
            instance.set("model", Value::Integer(MOBILESAM)).unwrap();
            key(&instance, 1, 0.0, [60.0, 60.0]);
            quality(&instance, made);
            instance
        };
        let plain = light(FINAL);
        let expected = matte(&plain, 3.0);
        plain.purge_caches().unwrap();
        plain.destroy().unwrap();
        let drafted = light(DRAFT);
        drafts(&drafted, 0..=3);
        assert!(matte(&drafted, 3.0) == expected);
        drafted.destroy().unwrap();
    });
}
