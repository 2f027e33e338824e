//! What MatteOutput does with input nobody wants: a sane picture, a clear word, and a host that lives on.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{Frame, Instance, Premultiplication, RenderRequest, Value};
use support::output::*;
use support::*;

/// Settings that set everything in motion.
fn busy() -> Vec<(&'static str, Value)> {
    vec![
        ("blackPoint", Value::Double(0.1)),
        ("fillHoles", Value::Double(40.0)),
        ("removeSpecks", Value::Double(0.5)),
        ("borderFix", Value::Double(1.5)),
        ("refine", Value::Integer(2)),
        ("hairDetail", Value::Integer(2)),
        ("hairDensity", Value::Double(0.3)),
        ("grow", Value::Double(-0.7)),
        ("feather", Value::Double(5.0)),
        ("edgeBlur", Value::Double(2.0)),
        ("despill", Value::Integer(3)),
        ("edgeColour", Value::Integer(1)),
    ]
}

fn pixels(instance: &Instance) -> Vec<[f32; 4]> {
    rgba(&render(instance, &RenderRequest::at(0.0)).frame)
}

fn sane(pixels: &[[f32; 4]]) -> bool {
    pixels.iter().all(|pixel| (0.0..=1.0).contains(&pixel[3]) && pixel.iter().all(|value| value.is_finite()))
}

fn on(source: Frame, matte: Frame, values: Vec<(&'static str, Value)>) -> Option<Instance> {
    instance(Setup { clips: vec![("Source", source), ("Matte", matte)], values })
}

#[test]
fn impossible_alphas_and_colours_give_possible_ones_in_every_mode() {
    let wild = [f32::NAN, -3.0, 7.0, f32::INFINITY, f32::NEG_INFINITY, 0.5, 1.0, 0.0];
    let alphas = drawn_alpha(48, 32, |x, y| wild[(x / 3 + y / 4) % 8]);
    let source =
        drawn(48, 32, |x, y| if (x + y) % 11 == 0 { [f32::NAN, -1.0, 0.5, 1.0] } else { [0.2, 0.3, 9.0, 1.0] })
            .with_premultiplication(Premultiplication::Opaque);
    for values in [busy(), Vec::new()] {
        let Some(instance) = on(source.clone(), alphas.clone(), values) else { return };
        for mode in (0..12).filter(|mode| ![2, 6].contains(mode)) {
            instance.set("outputMode", Value::Integer(mode)).unwrap();
            assert!(sane(&pixels(&instance)), "mode {mode}");
        }
        instance.set("edgeColour", Value::Integer(2)).unwrap();
        instance.set("outputMode", Value::Integer(0)).unwrap();
        assert!(sane(&pixels(&instance)), "extended");
        instance.destroy().unwrap();
    }
}

#[test]
fn empty_and_full_mattes_stay_so_whatever_is_asked() {
    for full in [0.0, 1.0] {
        for refine in 0..4 {
            let matte = drawn_alpha(40, 30, |_, _| full);
            let Some(instance) = on(scene(40, 30), matte, busy()) else { return };
            instance.set("refine", Value::Integer(refine)).unwrap();
            let pixels = pixels(&instance);
            assert!(sane(&pixels) && pixels.iter().all(|pixel| pixel[3] == full), "{full}, refine {refine}");
            instance.destroy().unwrap();
        }
    }
}

#[test]
fn an_object_of_one_pixel_is_kept_until_it_is_called_a_speck() {
    let matte = || drawn_alpha(40, 30, |x, y| if (x, y) == (20, 15) { 1.0 } else { 0.0 });
    let Some(instance) = on(scene(40, 30), matte(), Vec::new()) else { return };
    let sum = |instance: &Instance| pixels(instance).iter().map(|pixel| pixel[3]).sum::<f32>();
    assert_eq!(sum(&instance), 1.0);
    instance.set("removeSpecks", Value::Double(1.0)).unwrap();
    assert_eq!(sum(&instance), 0.0);
    instance.destroy().unwrap();
    let Some(instance) = on(scene(40, 30), matte(), busy()) else { return };
    assert!(sane(&pixels(&instance)));
    instance.destroy().unwrap();
}

#[test]
fn feathers_of_nothing_and_of_more_than_the_frame_are_fine() {
    let Some(instance) = on_scene(60, 40, &[]) else { return };
    let before = pixels(&instance);
    for (feather, bias) in [(0.0, -1.0), (0.0, 1.0), (500.0, 0.0), (500.0, -1.0), (500.0, 1.0)] {
        instance.set("feather", Value::Double(feather)).unwrap();
        instance.set("featherBias", Value::Double(bias)).unwrap();
        let pixels = pixels(&instance);
        assert!(sane(&pixels));
        assert!(feather > 0.0 || pixels == before, "a feather of nothing changes nothing");
    }
    instance.destroy().unwrap();
}

#[test]
fn frames_of_one_pixel_and_very_wide_ones_render() {
    for (width, height) in [(1, 1), (2, 3), (16_384, 100)] {
        for values in [Vec::new(), busy()] {
            let Some(instance) = on(scene(width, height), matte(width, height), values) else { return };
            let pixels = pixels(&instance);
            assert_eq!(pixels.len(), width * height);
            assert!(sane(&pixels), "{width} x {height}");
            instance.destroy().unwrap();
        }
    }
}

#[test]
fn alpha_without_colour_takes_the_nearest_there_is() {
    let source = drawn(40, 30, |x, _| if x < 15 { [0.4, 0.2, 0.1, 1.0] } else { [0.0, 0.0, 0.0, 0.0] })
        .with_premultiplication(Premultiplication::Premultiplied);
    let Some(instance) =
        instance(Setup { clips: vec![("Source", source)], values: vec![("grow", Value::Double(6.0))] })
    else {
        return;
    };
    let grown: Vec<_> = pixels(&instance).into_iter().filter(|pixel| pixel[3] > 0.0).collect();
    assert!(grown.len() > 20 * 30);
    assert!(grown.iter().all(|pixel| (pixel[0] - 0.4 * pixel[3]).abs() < 1e-3), "{:?}", grown.last());
    instance.destroy().unwrap();
}

#[test]
fn a_matte_that_is_asked_for_and_missing_is_named() {
    let clips = || vec![("Source", scene(40, 30))];
    let Some(instance) = instance(Setup { clips: clips(), values: vec![("useMatteInput", Value::Integer(1))] }) else {
        return;
    };
    assert!(pixels(&instance).iter().all(|pixel| *pixel == [0.0; 4]), "no matte is an empty one");
    let message = instance.persistent_message().expect("a word on the node").text;
    assert!(message.contains("Matte input"), "{message}");
    instance.set("useMatteInput", Value::Integer(2)).unwrap();
    assert!(pixels(&instance).iter().all(|pixel| pixel[3] == 1.0), "the alpha of Source");
    assert!(instance.persistent_message().is_none());
    instance.destroy().unwrap();
}

#[test]
fn without_a_source_nothing_is_written() {
    let Some(instance) = on_scene(40, 30, &[]) else { return };
    let beyond = render(&instance, &RenderRequest::at(5000.0)).frame;
    assert!(rgba(&beyond).iter().all(|pixel| *pixel == [0.0; 4]));
    instance.destroy().unwrap();
}
