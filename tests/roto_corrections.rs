//! Corrections through the bundle: a key owns the frames between its neighbours, and nothing else moves by a bit, whether
//! results are kept in memory, on disk or nowhere.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "roto_track/shot.rs"]
#[allow(dead_code, reason = "shared with the tests of tracking")]
mod shot;
mod support;

use std::ops::RangeInclusive;

use headless::host::{Bundle, Instance, Value};
use shot::*;
use support::workplace::{again, is_inside};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/resources/export/fixtures");

/// Runs `body` with results in memory alone, and with a folder for them.
fn with_and_without_disk(test: &str, body: impl Fn()) {
    if is_inside(test) {
        return body();
    }
    let folder = tempfile::tempdir().unwrap();
    again(test, &[("SAM3ROTO_MODELS", FIXTURES)]);
    again(test, &[("SAM3ROTO_MODELS", FIXTURES), ("SAM3ROTO_CACHE", folder.path().to_str().unwrap())]);
}

fn keeps_on_disk() -> bool {
    std::env::var_os("SAM3ROTO_CACHE").is_some()
}

/// The shot that is corrected: keys on frames 3, 8 and 20 of 0 to 23. The object is out of sight from 14 to 18.
struct Corrected {
    instance: Instance,
    times: Vec<f64>,
    before: Vec<Vec<f32>>,
}

const FIRST: [f64; 2] = [60.0, 56.0];
const MIDDLE: [f64; 2] = [64.0, 64.0];
const LAST: [f64; 2] = [60.0, 60.0];
const CORRECTED: [f64; 2] = [24.0, 100.0];

impl Corrected {
    fn new(plugin: &headless::host::Plugin) -> Self {
        let instance = instance(plugin, &Shot::over(0.0, 23.0), SAM2);
        for (time, at) in [(3.0, FIRST), (8.0, MIDDLE), (20.0, LAST)] {
            key(&instance, 1, time, at);
        }
        let times = times(0, 23);
        let before = mattes(&instance, &times);
        Self { instance, times, before }
    }

    /// Checks that frames inside `span` moved, on both sides of `key`, and no other frame by a bit; that nobody runs a
    /// network for the others where they are on disk; and that it is so with nothing in memory.
    fn moved_only(&self, bundle: &Bundle, what: &str, span: RangeInclusive<usize>, key: usize) {
        let Self { instance, times, before } = self;
        let after = mattes(instance, times);
        let moved: Vec<usize> = (0..times.len()).filter(|&frame| before[frame] != after[frame]).collect();
        assert!(moved.iter().all(|frame| span.contains(frame)), "{what}: {moved:?} moved");
        assert!(moved.iter().any(|&f| f < key) && moved.iter().any(|&f| f > key), "{what}: {moved:?} moved");
        instance.purge_caches().unwrap();
        let runs = decoded(bundle);
        for frame in (0..times.len()).rev().filter(|frame| !span.contains(frame)) {
            assert!(matte(instance, times[frame]) == before[frame], "{what}: frame {frame} with nothing in memory");
        }
        assert!(!keeps_on_disk() || decoded(bundle) == runs, "{what}: a frame outside was computed again");
        assert!(mattes(instance, times) == after, "{what}: with nothing in memory");
    }

    /// Checks that everything is as it was, and where results are kept that nothing runs for it.
    fn is_as_before(&self, bundle: &Bundle, what: &str) {
        self.instance.purge_caches().unwrap();
        let runs = decoded(bundle);
        assert!(mattes(&self.instance, &self.times) == self.before, "{what}: not what it was");
        assert!(!keeps_on_disk() || decoded(bundle) == runs, "{what}: what was known was computed again");
    }
}

#[test]
fn a_changed_key_moves_the_frames_between_its_neighbours_and_back() {
    with_and_without_disk("a_changed_key_moves_the_frames_between_its_neighbours_and_back", || {
        let (bundle, plugin) = opened();
        let shot = Corrected::new(&plugin);
        key(&shot.instance, 1, 8.0, CORRECTED);
        shot.moved_only(&bundle, "changed", 4..=19, 8);
        key(&shot.instance, 1, 8.0, MIDDLE);
        shot.is_as_before(&bundle, "changed back");
        shot.instance.destroy().unwrap();
    });
}

#[test]
fn an_added_key_moves_the_frames_between_its_neighbours_and_deleting_it_gives_back_what_was() {
    with_and_without_disk(
        "an_added_key_moves_the_frames_between_its_neighbours_and_deleting_it_gives_back_what_was",
        || {
            let (bundle, plugin) = opened();
            let shot = Corrected::new(&plugin);
            key(&shot.instance, 1, 11.0, CORRECTED);
            shot.moved_only(&bundle, "added", 9..=19, 11);
            assert!(shot.instance.delete_key("point1Position", 11.0).unwrap());
            shot.is_as_before(&bundle, "deleted");
            shot.instance.destroy().unwrap();
        },
    );
}

#[test]
fn a_deleted_key_leaves_its_frames_to_its_neighbours_and_set_again_it_gives_back_what_was() {
    with_and_without_disk(
        "a_deleted_key_leaves_its_frames_to_its_neighbours_and_set_again_it_gives_back_what_was",
        || {
            let (bundle, plugin) = opened();
            let shot = Corrected::new(&plugin);
            assert!(shot.instance.delete_key("point1Position", 8.0).unwrap());
            shot.moved_only(&bundle, "deleted", 4..=19, 8);
            key(&shot.instance, 1, 8.0, MIDDLE);
            shot.is_as_before(&bundle, "set again");
            shot.instance.destroy().unwrap();
        },
    );
}

#[test]
fn the_first_key_owns_the_frames_before_it_and_the_last_those_after() {
    with_and_without_disk("the_first_key_owns_the_frames_before_it_and_the_last_those_after", || {
        let (bundle, plugin) = opened();
        let shot = Corrected::new(&plugin);
        key(&shot.instance, 1, 3.0, CORRECTED);
        shot.moved_only(&bundle, "the first", 0..=7, 3);
        key(&shot.instance, 1, 3.0, FIRST);
        key(&shot.instance, 1, 20.0, CORRECTED);
        shot.moved_only(&bundle, "the last", 9..=23, 20);
        key(&shot.instance, 1, 20.0, LAST);
        shot.is_as_before(&bundle, "both");
        shot.instance.destroy().unwrap();
    });
}

#[test]
fn a_correction_of_one_object_leaves_the_bits_of_the_other() {
    with_and_without_disk("a_correction_of_one_object_leaves_the_bits_of_the_other", || {
        let (bundle, plugin) = opened();
        let Corrected { instance, times, before } = Corrected::new(&plugin);
        instance.set("point2Object", Value::Integer(1)).unwrap();
        key(&instance, 2, 5.0, [20.0, 100.0]);
        key(&instance, 2, 10.0, [24.0, 100.0]);
        let second = || {
            instance.set("objects", Value::Integer(2)).unwrap();
            mattes(&instance, &times)
        };
        let uncorrected = second();
        let is_as_it_was = |what: &str| {
            instance.purge_caches().unwrap();
            instance.set("objects", Value::Integer(1)).unwrap();
            let runs = decoded(&bundle);
            assert!(mattes(&instance, &times) == before, "{what}: the first object moved");
            assert!(!keeps_on_disk() || decoded(&bundle) == runs, "{what}: the first object was computed again");
        };
        is_as_it_was("with a second object");
        key(&instance, 2, 10.0, [70.0, 60.0]);
        is_as_it_was("the second corrected");
        let corrected = second();
        let moved: Vec<usize> = (0..times.len()).filter(|&frame| uncorrected[frame] != corrected[frame]).collect();
        assert!(!moved.is_empty() && moved.iter().all(|frame| (6..=23).contains(frame)), "{moved:?}");
        assert!(instance.delete_key("point2Position", 10.0).unwrap());
        is_as_it_was("a key of the second deleted");
        instance.destroy().unwrap();
    });
}
