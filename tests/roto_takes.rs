//! Clear Track, and a folder of its own for a node's results.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "roto_track/shot.rs"]
#[allow(dead_code, reason = "shared with the tests of tracking")]
mod shot;
mod support;

use headless::host::{Bundle, Instance, Plugin, RenderRequest, Value};
use shot::*;
use support::workplace::in_own_process_on_fixtures as on_fixtures;
use support::*;

const REFUSE: i32 = 2;

fn keyed(plugin: &Plugin) -> Instance {
    let instance = instance(plugin, &Shot::over(0.0, 10.0), SAM2);
    key(&instance, 1, 4.0, [50.0, 60.0]);
    key(&instance, 1, 9.0, [70.0, 60.0]);
    instance
}

fn text(instance: &Instance, parameter: &str) -> String {
    let Value::Text(text) = instance.get(parameter).unwrap() else { panic!("{parameter} is no text") };
    text
}

/// The frames that have a matte while nothing may be tracked.
fn known(instance: &Instance) -> usize {
    instance.set("ifNotTracked", Value::Integer(REFUSE)).unwrap();
    let known = (0..=10).filter(|&time| instance.render(&RenderRequest::at(f64::from(time))).is_ok()).count();
    instance.set("ifNotTracked", Value::Integer(0)).unwrap();
    known
}

fn runs(bundle: &Bundle) -> (u64, u64) {
    (counter(bundle, "encoder_runs"), decoded(bundle))
}

#[test]
fn clearing_tracks_anew_to_the_same_bits_and_undo_finds_what_was() {
    on_fixtures("clearing_tracks_anew_to_the_same_bits_and_undo_finds_what_was", || {
        let (bundle, plugin) = opened();
        let instance = keyed(&plugin);
        let times = times(0, 10);
        let before = mattes(&instance, &times);
        instance.press("clearTrack").unwrap();
        assert_eq!(text(&instance, "status"), "Cleared: the shot is tracked anew, as take 1.");
        assert_eq!(known(&instance), 2, "the prompt frames alone have a matte");
        let (encoded, decodings) = runs(&bundle);
        instance.press("analyse").unwrap();
        assert!(decoded(&bundle) > decodings, "nothing was tracked");
        assert_eq!(counter(&bundle, "encoder_runs"), encoded, "the pictures were encoded again");
        assert!(mattes(&instance, &times) == before, "tracked anew, other bits");
        let all = runs(&bundle);
        // What undo does.
        instance.set("trackTake", Value::Integer(0)).unwrap();
        assert!(mattes(&instance, &times) == before);
        assert_eq!(runs(&bundle), all, "the first take was gone");
        instance.destroy().unwrap();
    });
}

#[test]
fn clearing_takes_nothing_from_a_copy_of_the_node() {
    on_fixtures("clearing_takes_nothing_from_a_copy_of_the_node", || {
        let (_bundle, plugin) = opened();
        let (node, copy) = (keyed(&plugin), keyed(&plugin));
        node.press("analyse").unwrap();
        node.press("clearTrack").unwrap();
        assert_eq!((known(&node), known(&copy)), (2, 11));
        node.destroy().unwrap();
        copy.destroy().unwrap();
    });
}

#[test]
fn what_was_tracked_into_a_folder_needs_no_network_where_the_folder_is() {
    on_fixtures("what_was_tracked_into_a_folder_needs_no_network_where_the_folder_is", || {
        let (bundle, plugin) = opened();
        let folder = tempfile::tempdir().unwrap();
        let folder = Value::Text(folder.path().join("made by the first write").to_str().unwrap().into());
        let instance = keyed(&plugin);
        instance.set("cacheFolder", folder.clone()).unwrap();
        instance.press("analyse").unwrap();
        let tracked = mattes(&instance, &times(0, 10));
        // As another machine would find it.
        instance.purge_caches().unwrap();
        let (with, without) = (keyed(&plugin), keyed(&plugin));
        with.set("cacheFolder", folder).unwrap();
        let before = runs(&bundle);
        assert!(known(&with) == 11 && mattes(&with, &times(0, 10)) == tracked);
        assert_eq!(runs(&bundle), before, "a network ran for what was in the folder");
        instance.purge_caches().unwrap();
        assert_eq!(known(&without), 2, "the prompt frames alone have a matte elsewhere");
        for instance in [instance, with, without] {
            instance.destroy().unwrap();
        }
    });
}

#[test]
fn a_folder_that_is_no_full_path_is_refused_in_words() {
    on_fixtures("a_folder_that_is_no_full_path_is_refused_in_words", || {
        let (_bundle, plugin) = opened();
        let instance = keyed(&plugin);
        instance.set("cacheFolder", Value::Text("shots/cache".into())).unwrap();
        let error = instance.render(&RenderRequest::at(5.0)).expect_err("which folder?").to_string();
        assert!(error.contains("Cache Folder \"shots/cache\" is no full path"), "{error}");
        instance.set("cacheFolder", Value::Text(String::new())).unwrap();
        matte(&instance, 5.0);
        instance.destroy().unwrap();
    });
}

#[test]
fn a_folder_that_cannot_be_made_is_told_and_stops_nothing() {
    on_fixtures("a_folder_that_cannot_be_made_is_told_and_stops_nothing", || {
        let (_bundle, plugin) = opened();
        let file = tempfile::NamedTempFile::new().unwrap();
        let instance = keyed(&plugin);
        let folder = file.path().join("results");
        instance.set("cacheFolder", Value::Text(folder.to_str().unwrap().into())).unwrap();
        let told = instance.press("analyse").unwrap();
        assert!(told.iter().any(|message| message.text.contains("is not there and could not be made")), "{told:?}");
        assert_eq!(known(&instance), 11);
        instance.destroy().unwrap();
    });
}
