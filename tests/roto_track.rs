//! Tracking through the bundle, with the exporter's tiny networks: the same bits whatever was asked for first, and
//! nothing tracked that need not be.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "roto_track/shot.rs"]
mod shot;
mod support;

use std::sync::{Arc, Weak};

use headless::host::{Bundle, Character, Host, Instance, Profile, RenderRequest, Value};
use shot::*;
use support::workplace::{again, in_own_process_on_fixtures as on_fixtures, is_inside};
use support::*;

#[test]
fn frames_in_any_order_have_the_same_bits() {
    on_fixtures("frames_in_any_order_have_the_same_bits", || {
        let (_bundle, plugin) = opened();
        for model in MODELS {
            let name = model.name;
            let instance = instance(&plugin, &Shot::of(model, 0.0, 11.0), model);
            key(&instance, 1, 3.0, [30.0, 56.0]);
            key(&instance, 1, 8.0, [45.0, 56.0]);
            let times = times(0, 11);
            let in_order = mattes(&instance, &times);
            let shows = |matte: &&Vec<f32>| matte.iter().any(|&alpha| alpha != matte[0]);
            assert!(in_order.iter().filter(shows).count() > 8, "{name}: mattes are blank");
            for order in [[11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [7, 0, 11, 4, 2, 9, 6, 1, 5, 10, 3, 8]] {
                instance.purge_caches().unwrap();
                assert!(mattes_asked(&instance, &times, &order) == in_order, "{name}, {order:?}");
            }
            instance.set("tracking", Value::Integer(EACH_FRAME)).unwrap();
            let alone = mattes(&instance, &times);
            let same: Vec<usize> = (0..times.len()).filter(|&index| alone[index] == in_order[index]).collect();
            assert!(same.contains(&3) && same.contains(&8), "{name}: prompt frames are as they are: {same:?}");
            assert!(same.len() < 6, "{name}: nothing was tracked: {same:?}");
            instance.destroy().unwrap();
        }
    });
}

#[test]
fn a_changed_key_moves_its_two_spans_and_runs_nothing_else() {
    on_fixtures("a_changed_key_moves_its_two_spans_and_runs_nothing_else", || {
        let (bundle, plugin) = opened();
        for model in MODELS {
            let name = model.name;
            let instance = instance(&plugin, &Shot::of(model, 0.0, 16.0), model);
            for (time, x) in [(3.0, 30.0), (8.0, 45.0), (13.0, 60.0)] {
                key(&instance, 1, time, [x, 56.0]);
            }
            let times = times(0, 16);
            let before = mattes(&instance, &times);
            let runs = (counter(&bundle, "encoder_runs"), decoded(&bundle));
            key(&instance, 1, 8.0, [100.0, 30.0]);
            let after = mattes(&instance, &times);
            let moved: Vec<usize> = (0..times.len()).filter(|&index| before[index] != after[index]).collect();
            assert!(moved.iter().all(|index| (4..13).contains(index)), "{name}: {moved:?}");
            assert!(moved.iter().any(|&index| index < 8) && moved.iter().any(|&index| index > 8), "{name}: {moved:?}");
            // The changed frame; of two spans both ends and four frames, and the last two of them back from the other end.
            let now = (counter(&bundle, "encoder_runs"), decoded(&bundle));
            assert_eq!(now, (runs.0, runs.1 + 1 + 2 * (2 + 4) + 2 * (2 + 2)), "{name}");
            key(&instance, 1, 8.0, [45.0, 56.0]);
            assert!(mattes(&instance, &times) == before, "{name}: back to what was");
            assert_eq!(decoded(&bundle), now.1, "{name}: nothing ran for what was there already");
            instance.destroy().unwrap();
        }
    });
}

#[test]
fn a_render_given_up_half_way_leaves_what_it_found() {
    on_fixtures("a_render_given_up_half_way_leaves_what_it_found", || {
        let (bundle, plugin) = opened();
        let shot = Shot::over(0.0, 12.0);
        let instance = Arc::new(instance(&plugin, &shot, SAM2));
        key(&instance, 1, 0.0, [60.0, 60.0]);
        let expected = matte(&instance, 10.0);
        let all = decoded(&bundle);
        for given_up_at in [1.0, 4.0, 9.0] {
            instance.purge_caches().unwrap();
            let start = decoded(&bundle);
            let giving_up: Weak<Instance> = Arc::downgrade(&instance);
            *shot.watch.lock().unwrap() = Some(Box::new(move |time| {
                if time == given_up_at {
                    giving_up.upgrade().unwrap().abort();
                }
            }));
            assert!(instance.render(&RenderRequest::at(10.0)).is_err(), "{given_up_at}: it went on");
            let tracked = decoded(&bundle) - start;
            // Fetched when the frames before it were done, and the prompt.
            assert_eq!(tracked, given_up_at as u64, "{given_up_at}");
            *shot.watch.lock().unwrap() = None;
            instance.resume();
            assert!(matte(&instance, 10.0) == expected, "{given_up_at}");
            // Given up before the first frame was tracked, the prompt is decoded twice.
            let again = u64::from(given_up_at == 1.0);
            assert_eq!(decoded(&bundle) - start, all + again, "{given_up_at}: a frame was tracked twice");
        }
        Arc::try_unwrap(instance).unwrap_or_else(|_| panic!("nobody else has it")).destroy().unwrap();
    });
}

#[test]
fn eight_threads_track_each_frame_once() {
    on_fixtures("eight_threads_track_each_frame_once", || {
        let (bundle, plugin) = opened();
        let shot = instance(&plugin, &Shot::over(0.0, 8.0), SAM2);
        let instance = &shot;
        key(instance, 1, 0.0, [60.0, 60.0]);
        let times = times(1, 8);
        let start = decoded(&bundle);
        let together: Vec<Vec<f32>> = std::thread::scope(|scope| {
            let threads: Vec<_> = times.iter().map(|&time| scope.spawn(move || matte(instance, time))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(decoded(&bundle) - start, 1 + 8, "the prompt once, and each frame once");
        instance.purge_caches().unwrap();
        assert!(mattes(instance, &times) == together);
        shot.destroy().unwrap();
    });
}

#[test]
fn objects_do_not_depend_on_each_other() {
    on_fixtures("objects_do_not_depend_on_each_other", || {
        let (bundle, plugin) = opened();
        let instance = instance(&plugin, &Shot::over(0.0, 8.0), SAM2);
        key(&instance, 1, 2.0, [60.0, 60.0]);
        instance.set("objects", Value::Integer(1)).unwrap();
        let times = times(0, 8);
        let alone = mattes(&instance, &times);
        let runs = decoded(&bundle);
        instance.set("point2Object", Value::Integer(1)).unwrap();
        key(&instance, 2, 5.0, [20.0, 100.0]);
        assert!(mattes(&instance, &times) == alone, "the second object moved the first");
        assert_eq!(decoded(&bundle), runs, "for the first object nothing is new");
        instance.set("objects", Value::Integer(2)).unwrap();
        let second = mattes(&instance, &times);
        let runs = decoded(&bundle);
        key(&instance, 1, 2.0, [64.0, 64.0]);
        assert!(mattes(&instance, &times) == second, "the first object moved the second");
        assert_eq!(decoded(&bundle), runs, "for the second object nothing is new");
        instance.destroy().unwrap();
    });
}

#[test]
fn a_host_that_hands_out_one_frame_at_a_time_gets_each_on_its_own_and_is_told() {
    on_fixtures("a_host_that_hands_out_one_frame_at_a_time_gets_each_on_its_own_and_is_told", || {
        let path = from_environment("SAM3ROTO_BUNDLE").unwrap();
        let strict = Host::new(Profile::Strict).character().clone();
        // Baselight says of itself that it hands out others, and does not.
        for (name, temporal_access) in [(strict.name, false), ("Baselight", true)] {
            let character = Character { name, temporal_access, ..strict.clone() };
            let bundle = Bundle::open(&Host::with_character(character), &path).unwrap();
            let plugin = bundle.plugin(ROTO).unwrap();
            let instance = instance(&plugin, &Shot::over(0.0, 8.0), SAM2);
            key(&instance, 1, 2.0, [60.0, 60.0]);
            let times = times(0, 8);
            let tracking = mattes(&instance, &times);
            let line = status(&instance);
            assert!(line.contains("the host hands out no other frames"), "{line}");
            instance.set("tracking", Value::Integer(EACH_FRAME)).unwrap();
            assert!(mattes(&instance, &times) == tracking);
            assert!(!status(&instance).contains("no other frames"));
            instance.destroy().unwrap();
        }
    });
}

#[test]
fn keys_beyond_the_shot_and_the_length_of_the_shot_do_not_matter() {
    on_fixtures("keys_beyond_the_shot_and_the_length_of_the_shot_do_not_matter", || {
        let (_bundle, plugin) = opened();
        let at = [60.0, 60.0];
        let inside = instance(&plugin, &Shot::over(0.0, 9.0), SAM2);
        key(&inside, 1, 4.0, at);
        let expected = mattes(&inside, &times(2, 8));
        for beyond in [-100.0, -1.0, 10.0, 500.0] {
            key(&inside, 1, beyond, at);
        }
        inside.purge_caches().unwrap();
        assert!(mattes(&inside, &times(2, 8)) == expected, "keys beyond the shot");
        let trimmed = instance(&plugin, &Shot::over(2.0, 8.0), SAM2);
        key(&trimmed, 1, 4.0, at);
        assert!(mattes(&trimmed, &times(2, 8)) == expected, "a trimmed shot");
        // Nothing but keys beyond the shot: each frame on its own.
        let outside = instance(&plugin, &Shot::over(2.0, 8.0), SAM2);
        key(&outside, 1, -100.0, at);
        let on_its_own = mattes(&outside, &times(2, 8));
        outside.set("tracking", Value::Integer(EACH_FRAME)).unwrap();
        assert!(mattes(&outside, &times(2, 8)) == on_its_own);
        for instance in [inside, trimmed, outside] {
            instance.destroy().unwrap();
        }
    });
}

#[test]
fn times_below_zero_and_between_frames_are_tracked_and_move_no_other() {
    on_fixtures("times_below_zero_and_between_frames_are_tracked_and_move_no_other", || {
        let (_bundle, plugin) = opened();
        let instance = instance(&plugin, &Shot::over(-7.0, 6.0), SAM2);
        key(&instance, 1, -2.0, [50.0, 60.0]);
        key(&instance, 1, 3.5, [70.0, 60.0]);
        let whole = mattes(&instance, &times(-7, 6));
        let between = [-4.5, -1.5, 0.25, 3.25, 5.75];
        let known = mattes(&instance, &between);
        instance.purge_caches().unwrap();
        assert!(mattes_asked(&instance, &between, &[4, 0, 3, 2, 1]) == known);
        assert!(mattes(&instance, &times(-7, 6)) == whole);
        instance.destroy().unwrap();
    });
}

#[test]
fn frames_without_a_picture_are_passed_over() {
    on_fixtures("frames_without_a_picture_are_passed_over", || {
        let (_bundle, plugin) = opened();
        let with = |missing: &[f64]| instance(&plugin, &Shot::over(0.0, 9.0).without(missing), SAM2);
        let holes = with(&[4.0]);
        key(&holes, 1, 2.0, [60.0, 60.0]);
        let mattes_of = |instance: &Instance| mattes(instance, &times(0, 9));
        let in_order = mattes_of(&holes);
        assert!(in_order[4].iter().all(|&alpha| alpha == 0.0), "no picture, no matte");
        holes.purge_caches().unwrap();
        let order = [9, 4, 6, 0, 5, 2, 1, 8, 3, 7];
        assert!(mattes_asked(&holes, &times(0, 9), &order) == in_order);
        // A prompt frame without a picture is none.
        let prompt = with(&[6.0]);
        key(&prompt, 1, 2.0, [60.0, 60.0]);
        let expected = mattes_of(&prompt);
        key(&prompt, 1, 6.0, [60.0, 60.0]);
        assert!(mattes_of(&prompt) == expected);
        holes.destroy().unwrap();
        prompt.destroy().unwrap();
    });
}

#[test]
fn without_keys_the_reference_frame_is_the_prompt_frame() {
    on_fixtures("without_keys_the_reference_frame_is_the_prompt_frame", || {
        let (_bundle, plugin) = opened();
        let keyed = instance(&plugin, &Shot::over(0.0, 8.0), SAM2);
        key(&keyed, 1, 5.0, [60.0, 60.0]);
        let expected = mattes(&keyed, &times(0, 8));
        let placed = instance(&plugin, &Shot::over(0.0, 8.0), SAM2);
        place_point(&placed, 1, [60.0, 60.0], true);
        placed.set("referenceFrame", Value::Integer(5)).unwrap();
        assert!(mattes(&placed, &times(0, 8)) == expected);
        matte(&placed, 7.0);
        let line = status(&placed);
        assert!(line.contains("tracked from frame 5"), "{line}");
        keyed.destroy().unwrap();
        placed.destroy().unwrap();
    });
}

#[test]
fn the_status_tells_how_many_frames_were_rolled() {
    on_fixtures("the_status_tells_how_many_frames_were_rolled", || {
        let (_bundle, plugin) = opened();
        let instance = instance(&plugin, &Shot::over(0.0, 20.0), SAM2);
        key(&instance, 1, 12.0, [60.0, 60.0]);
        for (time, words) in [(19.0, "tracked from frame 12, 7 frames rolled"), (20.0, ", 1 frame rolled")] {
            matte(&instance, time);
            let line = status(&instance);
            assert!(line.contains(words), "{line}");
        }
        instance.destroy().unwrap();
    });
}

#[test]
fn the_host_is_asked_for_the_ends_of_the_span_and_no_more_than_is_to_be_tracked() {
    on_fixtures("the_host_is_asked_for_the_ends_of_the_span_and_no_more_than_is_to_be_tracked", || {
        let (_bundle, plugin) = opened();
        let instance = instance(&plugin, &Shot::over(0.0, 20.0), SAM2);
        key(&instance, 1, 2.0, [60.0, 60.0]);
        key(&instance, 1, 12.0, [60.0, 60.0]);
        let needed = |time: f64| render(&instance, &RenderRequest::at(time)).frames_needed["Source"].clone();
        assert_eq!(needed(6.0), [(2.0, 6.0), (2.0, 2.0), (12.0, 12.0)]);
        assert_eq!(needed(7.0), [(6.0, 7.0), (2.0, 2.0), (12.0, 12.0)]);
        // Near the other end the frames back from there, too.
        assert_eq!(needed(9.0), [(7.0, 9.0), (9.0, 12.0), (2.0, 2.0), (12.0, 12.0)]);
        assert_eq!(needed(2.0), [(2.0, 2.0)]);
        instance.set("tracking", Value::Integer(EACH_FRAME)).unwrap();
        assert_eq!(needed(9.0), [(9.0, 9.0)]);
        instance.destroy().unwrap();
    });
}

#[test]
fn analysing_tracks_the_whole_shot() {
    on_fixtures("analysing_tracks_the_whole_shot", || {
        let (bundle, plugin) = opened();
        let instance = instance(&plugin, &Shot::over(0.0, 12.0), SAM2);
        key(&instance, 1, 4.0, [50.0, 60.0]);
        key(&instance, 1, 9.0, [70.0, 60.0]);
        let one_by_one = mattes(&instance, &times(0, 12));
        instance.purge_caches().unwrap();
        instance.press("analyse").unwrap();
        let Value::Text(line) = instance.get("status").unwrap() else { panic!("the status is no text") };
        assert!(line.starts_with("Analysed 13 of 13 frames, tracked objects to 11"), "{line}");
        let runs = (counter(&bundle, "encoder_runs"), decoded(&bundle));
        assert!(mattes(&instance, &times(0, 12)) == one_by_one);
        assert_eq!((counter(&bundle, "encoder_runs"), decoded(&bundle)), runs, "a frame waited for the network");
        instance.destroy().unwrap();
    });
}

#[test]
fn a_slider_moved_on_a_tracked_frame_needs_its_mask_and_not_its_encoded_picture() {
    on_fixtures("a_slider_moved_on_a_tracked_frame_needs_its_mask_and_not_its_encoded_picture", || {
        let (bundle, plugin) = opened();
        let instance = instance(&plugin, &Shot::over(0.0, 4.0), SAM2);
        key(&instance, 1, 0.0, [60.0, 60.0]);
        let wide = matte(&instance, 4.0);
        assert!(status(&instance).contains(" 4 frames rolled"), "{}", status(&instance));
        let looked_up = || counter(&bundle, "feature_hits") + counter(&bundle, "encoder_runs");
        let before = looked_up();
        instance.set("softness", Value::Double(0.5)).unwrap();
        assert!(matte(&instance, 4.0) != wide);
        assert_eq!(looked_up(), before, "an encoded picture was asked for");
        assert!(status(&instance).contains(" from remembered masks, tracked from frame 0, "), "{}", status(&instance));
        instance.destroy().unwrap();
    });
}

const RESTART: &str = "what_was_tracked_is_found_again_after_a_restart";

#[test]
fn what_was_tracked_is_found_again_after_a_restart() {
    if is_inside(RESTART) {
        return track_and_tell();
    }
    let process = |folder: &tempfile::TempDir, first: &str| {
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/resources/export/fixtures");
        let folder = folder.path().to_str().unwrap();
        let variables = [("SAM3ROTO_MODELS", fixtures), ("SAM3ROTO_CACHE", folder), ("SAM3ROTO_TEST_FIRST", first)];
        let words = again(RESTART, &variables)?;
        let of = |name: &str| words.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        Some((of("last matte "), of("decoded ")))
    };
    let (whole, last) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some((matte, decoded)) = process(&whole, "0") else { return };
    assert_eq!(decoded, "22", "the prompt's own frame, the prompt, and twenty frames");
    assert_eq!(process(&whole, "0").unwrap(), (matte.clone(), "0".to_owned()));
    // Every sixteenth state is on disk: the next machine goes on from there.
    assert_eq!(process(&last, "18").unwrap().1, "19", "the prompt and eighteen frames");
    assert_eq!(process(&last, "20").unwrap(), (matte, "4".to_owned()));
}

/// Tracks from frame 0 to 18 or 20, and tells of the last frame.
fn track_and_tell() {
    let (bundle, plugin) = opened();
    let instance = instance(&plugin, &Shot::over(0.0, 20.0), SAM2);
    key(&instance, 1, 0.0, [60.0, 60.0]);
    let first: i32 = std::env::var("SAM3ROTO_TEST_FIRST").unwrap().parse().unwrap();
    let last = if first == 0 { 20 } else { first };
    let mattes = mattes(&instance, &times(first, last));
    let bytes: Vec<u8> = mattes.last().unwrap().iter().flat_map(|alpha| alpha.to_le_bytes()).collect();
    println!("\nlast matte {:?}", std::hash::BuildHasher::hash_one(&Fixed::default(), bytes));
    println!("decoded {}", decoded(&bundle));
    instance.destroy().unwrap();
}

/// The same in every process.
type Fixed = std::hash::BuildHasherDefault<std::hash::DefaultHasher>;
