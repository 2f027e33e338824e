//! RAFTRefine through the bundle: what flickers becomes calm, the same whatever was asked for first.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "refine_frames/shot.rs"]
mod shot;
mod support;

use headless::host::{Profile, RenderRequest, Value};
use shot::*;
use support::workplace::in_own_process;
use support::*;

const LAST: f64 = 8.0;

fn times() -> Vec<f64> {
    (0..=LAST as i32).map(f64::from).collect()
}

#[test]
fn a_matte_that_jitters_comes_nearer_to_the_truth_and_colours_stay() {
    in_own_process("a_matte_that_jitters_comes_nearer_to_the_truth_and_colours_stay", || {
        let (_bundle, plugin) = opened(Profile::Strict).unwrap();
        let instance = jittering(&plugin, 0.0, LAST);
        let truth = Shot::of(Shows::Truth, 0.0, LAST);
        let source = Shot::of(Shows::Picture, 0.0, LAST);
        let (mut before, mut after) = (0.0, 0.0);
        for time in times() {
            let frame = render(&instance, &RenderRequest::at(time)).frame;
            before += error(&held(&Shot::of(Shows::Matte, 0.0, LAST), time), &held(&truth, time));
            after += error(&alpha(&frame), &held(&truth, time));
            let (kept, came) = (rgba(&frame), rgba(&headless::host::ImageSource::frame(&source, time).unwrap()));
            assert!(kept.iter().zip(&came).all(|(kept, came)| kept[..3] == came[..3]), "frame {time}");
        }
        assert!(after < 0.5 * before, "{before} to {after}");
        assert!(status(&instance).contains("DIS medium, 192 x 128"), "{}", status(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn frames_in_any_order_have_the_same_bits_and_each_pair_is_looked_at_once() {
    in_own_process("frames_in_any_order_have_the_same_bits_and_each_pair_is_looked_at_once", || {
        let (bundle, plugin) = opened(Profile::Strict).unwrap();
        let instance = jittering(&plugin, 0.0, LAST);
        let in_order: Vec<_> = times().iter().map(|&time| matte(&instance, time)).collect();
        // Frames up to three apart: 8 + 7 + 6 pairs.
        assert_eq!(pairs_found(&bundle), 21);
        let other = jittering(&plugin, 0.0, LAST);
        assert!(in_order[4] == matte(&other, 4.0));
        assert_eq!(pairs_found(&bundle), 21, "instances share what was found");
        instance.purge_caches().unwrap();
        for index in [7, 0, 8, 4, 2, 6, 1, 5, 3] {
            assert!(matte(&instance, index as f64) == in_order[index], "frame {index}");
        }
        assert_eq!(pairs_found(&bundle), 42, "the order does not matter");
        other.destroy().unwrap();
        instance.destroy().unwrap();
    });
}

#[test]
fn the_host_is_told_exactly_the_frames_that_are_fetched() {
    in_own_process("the_host_is_told_exactly_the_frames_that_are_fetched", || {
        let (_bundle, plugin) = opened(Profile::Strict).unwrap();
        let (source, mattes) = (Shot::of(Shows::Picture, 0.0, 20.0), Shot::of(Shows::Matte, 0.0, 20.0));
        let instance = instance(&plugin, &source, Some(&mattes));
        for (time, window, first, last) in
            [(10.0, 3, 7.0, 13.0), (10.0, 1, 9.0, 11.0), (1.0, 5, 0.0, 6.0), (20.0, 2, 18.0, 20.0)]
        {
            instance.set("window", Value::Integer(window)).unwrap();
            let fetched = [&source, &mattes].map(|shot| std::mem::take(&mut *shot.fetched.lock().unwrap()));
            drop(fetched);
            let rendered = render(&instance, &RenderRequest::at(time));
            for (clip, shot) in [("Source", &source), ("Matte", &mattes)] {
                assert_eq!(rendered.frames_needed[clip], [(first, last)], "{clip} at {time}");
                let mut frames = std::mem::take(&mut *shot.fetched.lock().unwrap());
                frames.sort_by(f64::total_cmp);
                frames.dedup();
                let expected: Vec<f64> = (first as i32..=last as i32).map(f64::from).collect();
                assert_eq!(frames, expected, "{clip} at {time}");
            }
        }
        instance.set("strength", Value::Double(0.0)).unwrap();
        source.fetched.lock().unwrap().clear();
        let untouched = matte(&instance, 10.0);
        assert_eq!(*source.fetched.lock().unwrap(), [10.0], "without strength no other frame is needed");
        assert!(untouched == held(&mattes, 10.0));
        instance.destroy().unwrap();
    });
}

#[test]
fn a_proxy_shows_the_same_edge() {
    in_own_process("a_proxy_shows_the_same_edge", || {
        let (_bundle, plugin) = opened(Profile::Strict).unwrap();
        let instance = jittering(&plugin, 0.0, LAST);
        let whole = matte(&instance, 4.0);
        let half = render(&instance, &RenderRequest { scale: (0.5, 0.5), ..RenderRequest::at(4.0) }).frame;
        let (width, rows) = (SIZE[0] as usize, SIZE[1] as usize);
        let mean = |x: usize, y: usize| {
            [(0, 0), (1, 0), (0, 1), (1, 1)]
                .map(|(dx, dy)| whole[(2 * y + dy) * width + 2 * x + dx])
                .iter()
                .sum::<f32>()
                / 4.0
        };
        let halved: Vec<f32> =
            (0..rows / 2).flat_map(|y| (0..width / 2).map(move |x| (x, y))).map(|(x, y)| mean(x, y)).collect();
        let difference = error(&alpha(&half), &halved);
        let moved = error(&halved, &{
            let mut shifted = halved.clone();
            shifted.rotate_right(1);
            shifted
        });
        assert!(difference < 0.5 * moved, "{difference}; half a pixel of the full frame is about {moved}");
        instance.destroy().unwrap();
    });
}

#[test]
fn the_alpha_of_source_is_refined_where_no_matte_is_connected() {
    in_own_process("the_alpha_of_source_is_refined_where_no_matte_is_connected", || {
        let (_bundle, plugin) = opened(Profile::Strict).unwrap();
        let expected = jittering(&plugin, 0.0, LAST);
        let alone = instance(&plugin, &Shot::of(Shows::PictureWithMatte, 0.0, LAST), None);
        let (a, b) = (matte(&alone, 4.0), matte(&expected, 4.0));
        assert!(error(&a, &b) < 1e-6, "{}", error(&a, &b));
        // Asked for the Matte input all the same: there is none.
        alone.set("useMatteInput", Value::Integer(1)).unwrap();
        assert!(matte(&alone, 4.0).iter().all(|&alpha| alpha == 0.0));
        assert!(status(&alone).contains("No picture on Matte"), "{}", status(&alone));
        alone.destroy().unwrap();
        expected.destroy().unwrap();
    });
}

#[test]
fn views_show_motion_its_confidence_and_what_changed() {
    in_own_process("views_show_motion_its_confidence_and_what_changed", || {
        let (_bundle, plugin) = opened(Profile::Strict).unwrap();
        let instance = jittering(&plugin, 0.0, LAST);
        let middle = |view: i32| {
            instance.set("view", Value::Integer(view)).unwrap();
            // The disc's middle at frame 4.
            rgba(&render(&instance, &RenderRequest::at(4.0)).frame)[64 * SIZE[0] as usize + 68]
        };
        let [u, v, ..] = middle(2);
        assert!((u - STEP).abs() < 0.3 && v.abs() < 0.3, "{u}, {v}");
        let [r, g, b, a] = middle(1);
        assert!(r == 1.0 && g < 1.0 && b < 1.0 && a == 1.0, "to the right is red: {r}, {g}, {b}");
        assert!(middle(3)[0] > 0.7, "the disc's motion is sure");
        assert!(middle(4)[..3].iter().all(|&value| value > 0.2), "the core is grey");
        instance.set("view", Value::Integer(0)).unwrap();
        instance.set("outputMode", Value::Integer(2)).unwrap();
        let grey = rgba(&render(&instance, &RenderRequest::at(4.0)).frame);
        assert!(grey.iter().all(|&[r, g, b, a]| r == a && g == a && b == a));
        instance.destroy().unwrap();
    });
}

#[test]
fn motion_blur_widens_the_edges_across_the_motion_only() {
    in_own_process("motion_blur_widens_the_edges_across_the_motion_only", || {
        let (_bundle, plugin) = opened(Profile::Strict).unwrap();
        let fast = Shot { step: 4.0, ..Shot::of(Shows::Picture, 0.0, LAST) };
        let clean = Shot { step: 4.0, ..Shot::of(Shows::Truth, 0.0, LAST) };
        let instance = instance(&plugin, &fast, Some(&clean));
        instance.set("shutterAngle", Value::Double(360.0)).unwrap();
        let soft = |blurred: bool| {
            instance.set("motionBlur", Value::Boolean(blurred)).unwrap();
            let matte = matte(&instance, 4.0);
            let edge = |value: &&f32| (0.05..0.95).contains(*value);
            // Through the disc's middle.
            let (width, middle) = (SIZE[0] as usize, 76);
            let row = matte[64 * width..65 * width].iter().filter(edge).count();
            let column: Vec<f32> = matte.iter().skip(middle).step_by(width).copied().collect();
            (row, column.iter().filter(edge).count())
        };
        let ((row, column), (blurred_row, blurred_column)) = (soft(false), soft(true));
        assert!(blurred_row >= row + 4, "{row} to {blurred_row}");
        assert!(blurred_column <= column + 2, "{column} to {blurred_column}");
        instance.destroy().unwrap();
    });
}
