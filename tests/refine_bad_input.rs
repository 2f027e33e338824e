//! What RAFTRefine does with input nobody wants: a sane matte, a clear word, and a host that lives on.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "refine_frames/shot.rs"]
mod shot;
mod support;

use headless::host::{Bundle, Instance, InstanceOptions, Plugin, Profile, RectI, RenderRequest, Still, Value};
use shot::*;
use support::workplace::in_own_process;
use support::*;

/// The test of this name in a process of its own, in a strict host.
fn alone(test: &str, body: impl FnOnce(&Bundle, &Plugin)) {
    in_own_process(test, || {
        let (bundle, plugin) = opened(Profile::Strict).unwrap();
        body(&bundle, &plugin);
    });
}

fn clips(last: f64) -> (Shot, Shot) {
    (Shot::of(Shows::Picture, 0.0, last), Shot::of(Shows::Matte, 0.0, last))
}

#[test]
fn a_host_of_one_frame_at_a_time_gets_the_matte_as_it_is_and_is_told() {
    in_own_process("a_host_of_one_frame_at_a_time_gets_the_matte_as_it_is_and_is_told", || {
        let (_bundle, plugin) = opened(Profile::Mlt).unwrap();
        // MLT never connects Matte.
        let source = Shot::of(Shows::PictureWithMatte, 0.0, 8.0);
        let instance = instance(&plugin, &source, None);
        let found = matte(&instance, 4.0);
        assert!(error(&found, &held(&source, 4.0)) < 1e-5, "but for rounding");
        assert!(said(&instance).contains("one frame at a time"), "{}", said(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn a_clip_of_one_frame_keeps_its_matte() {
    alone("a_clip_of_one_frame_keeps_its_matte", |_, plugin| {
        let (source, mattes) = clips(0.0);
        let instance = instance(plugin, &source, Some(&mattes));
        assert!(matte(&instance, 0.0) == held(&mattes, 0.0));
        assert!(status(&instance).contains("0 before and 0 after"), "{}", status(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn frames_of_another_shot_do_not_help() {
    alone("frames_of_another_shot_do_not_help", |_, plugin| {
        let (mut source, mut mattes) = clips(9.0);
        (source.cut_at, mattes.cut_at) = (5.0, 5.0);
        let cut = instance(plugin, &source, Some(&mattes));
        let found = matte(&cut, 4.0);
        assert!(status(&cut).contains("cut at +1"), "{}", status(&cut));
        let (source, mattes) = clips(4.0);
        let ends_there = instance(plugin, &source, Some(&mattes));
        assert!(found == matte(&ends_there, 4.0), "as if the clip ended there");
        cut.destroy().unwrap();
        ends_there.destroy().unwrap();
    });
}

#[test]
fn missing_and_black_neighbours_are_left_out() {
    alone("missing_and_black_neighbours_are_left_out", |_, plugin| {
        let (mut source, mut mattes) = clips(9.0);
        source.missing = vec![3.0];
        mattes.missing = vec![6.0];
        source.black = vec![7.0];
        let gaps = instance(plugin, &source, Some(&mattes));
        let found = matte(&gaps, 4.0);
        let line = status(&gaps);
        assert!(line.contains("no picture or matte at -1, +2") && line.contains("cut at +3"), "{line}");
        let truth = held(&Shot::of(Shows::Truth, 0.0, 9.0), 4.0);
        assert!(error(&found, &truth) <= error(&held(&mattes, 4.0), &truth));
        gaps.destroy().unwrap();
    });
}

#[test]
fn a_frame_without_its_own_matte_is_empty_and_one_without_a_picture_transparent() {
    alone("a_frame_without_its_own_matte_is_empty_and_one_without_a_picture_transparent", |_, plugin| {
        let (mut source, mut mattes) = clips(9.0);
        mattes.missing = vec![4.0];
        source.missing = vec![6.0];
        let instance = instance(plugin, &source, Some(&mattes));
        assert!(matte(&instance, 4.0).iter().all(|&alpha| alpha == 0.0));
        assert!(status(&instance).contains("No picture on Matte"), "{}", status(&instance));
        let frame = render(&instance, &RenderRequest::at(6.0)).frame;
        assert!(rgba(&frame).iter().all(|pixel| *pixel == [0.0; 4]));
        instance.destroy().unwrap();
    });
}

#[test]
fn samples_that_are_no_numbers_and_huge_motion_give_alphas() {
    alone("samples_that_are_no_numbers_and_huge_motion_give_alphas", |_, plugin| {
        let (source, _) = clips(6.0);
        let fast = Shot { step: 60.0, ..source.clone() };
        let fast_matte = Shot { step: 60.0, ..Shot::of(Shows::Matte, 0.0, 6.0) };
        let nonsense = Shot::of(Shows::Nonsense, 0.0, 6.0);
        for (source, mattes) in [(&source, &nonsense), (&nonsense, &fast_matte), (&fast, &fast_matte)] {
            let instance = instance(plugin, source, Some(mattes));
            for time in [0.0, 2.0, 6.0] {
                let found = matte(&instance, time);
                assert!(found.iter().all(|alpha| (0.0..=1.0).contains(alpha)), "{:?} {time}", mattes.shows);
            }
            instance.destroy().unwrap();
        }
    });
}

#[test]
fn a_matte_of_another_size_and_place_is_refined_where_it_lies() {
    alone("a_matte_of_another_size_and_place_is_refined_where_it_lies", |_, plugin| {
        let (source, mattes) = clips(8.0);
        let whole = instance(plugin, &source, Some(&mattes));
        // All of the disc with room round it, and less than the frame above and below.
        let part = Shot { bounds: RectI { x1: -30, y1: 20, x2: 180, y2: 110 }, ..mattes.clone() };
        let cut = instance(plugin, &source, Some(&part));
        assert!(matte(&whole, 4.0) == matte(&cut, 4.0));
        whole.destroy().unwrap();
        cut.destroy().unwrap();
    });
}

#[test]
fn a_source_without_alpha_and_without_a_matte_asks_for_one() {
    alone("a_source_without_alpha_and_without_a_matte_asks_for_one", |_, plugin| {
        let data = [90u8, 120, 60].repeat(32 * 16);
        let bounds = RectI { x1: 0, y1: 0, x2: 32, y2: 16 };
        let depth = headless::host::Depth::Byte;
        let frame = headless::host::Frame::new(bounds, depth, headless::host::Components::Rgb, data).unwrap();
        let mut options = InstanceOptions::default();
        options.clips.insert("Source".into(), Box::new(Still::new(frame, (0.0, 9.0))));
        let instance = Instance::create(plugin, options).unwrap();
        assert!(matte(&instance, 2.0).iter().all(|&alpha| alpha == 1.0));
        assert!(said(&instance).contains("connect one to Matte"), "{}", said(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn a_render_given_up_is_quiet_and_the_next_one_works() {
    alone("a_render_given_up_is_quiet_and_the_next_one_works", |_, plugin| {
        let (source, mattes) = clips(8.0);
        let instance = instance(plugin, &source, Some(&mattes));
        instance.abort();
        assert!(instance.render(&RenderRequest::at(4.0)).is_err());
        assert_eq!(said(&instance), "");
        instance.resume();
        let expected = matte(&instance, 4.0);
        instance.set("window", Value::Integer(3)).unwrap();
        assert!(matte(&instance, 4.0) == expected);
        instance.destroy().unwrap();
    });
}
