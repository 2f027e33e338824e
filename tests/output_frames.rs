//! What MatteOutput writes, in each of its modes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{Frame, Instance, Premultiplication, RectI, RenderRequest, Value};
use support::output::*;
use support::*;

const SIZE: (usize, usize) = (120, 80);

fn whole() -> RenderRequest {
    RenderRequest::at(0.0)
}

fn rendered(instance: &Instance) -> Frame {
    render(instance, &whole()).frame
}

fn mode(instance: &Instance, mode: i32) -> Frame {
    instance.set("outputMode", Value::Integer(mode)).unwrap();
    rendered(instance)
}

fn most_apart(a: &[[f32; 4]], b: &[[f32; 4]]) -> f32 {
    a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn the_foreground_is_the_objects_own_colour_by_default() {
    let Some(instance) = on_scene(SIZE.0, SIZE.1, &[]) else { return };
    let frame = rendered(&instance);
    assert_eq!(frame.premultiplication(), Premultiplication::Premultiplied);
    let expected: Vec<f32> = alpha(&matte(SIZE.0, SIZE.1));
    for (pixel, expected) in rgba(&frame).iter().zip(expected) {
        assert_eq!(pixel[3], expected, "the default changes no matte");
        if expected == 0.0 {
            assert_eq!(*pixel, [0.0; 4]);
        } else if expected > 0.3 {
            for c in 0..3 {
                assert!((pixel[c] / expected - OBJECT[c]).abs() < 0.12, "{pixel:?}");
            }
        }
    }
    instance.destroy().unwrap();
}

#[test]
fn straight_times_alpha_is_premultiplied_and_each_mode_says_what_it_is() {
    let Some(instance) = on_scene(SIZE.0, SIZE.1, &[("grow", Value::Double(2.5)), ("despill", Value::Integer(1))])
    else {
        return;
    };
    let premultiplied = rgba(&mode(&instance, 0));
    let straight = mode(&instance, 1);
    assert_eq!(straight.premultiplication(), Premultiplication::Unpremultiplied);
    let multiplied: Vec<_> = rgba(&straight).iter().map(|&[r, g, b, a]| [r * a, g * a, b * a, a]).collect();
    assert!(most_apart(&premultiplied, &multiplied) < 1e-5);
    let as_rgb = rgba(&mode(&instance, 3));
    assert!(as_rgb.iter().zip(&premultiplied).all(|(grey, pixel)| *grey == [pixel[3], pixel[3], pixel[3], 1.0]));
    for view in 3..12 {
        let frame = mode(&instance, view);
        assert_eq!(frame.premultiplication(), Premultiplication::Opaque, "view {view}");
        assert!(rgba(&frame).iter().all(|pixel| pixel[3] == 1.0 && pixel.iter().all(|value| value.is_finite())));
    }
    instance.destroy().unwrap();
}

#[test]
fn matte_in_alpha_keeps_every_colour_bit() {
    let Some(instance) = on_scene(SIZE.0, SIZE.1, &[("outputMode", Value::Integer(2))]) else { return };
    let output = rgba(&rendered(&instance));
    assert!(rgba(&scene(SIZE.0, SIZE.1)).iter().zip(&output).all(|(source, out)| source[..3] == out[..3]));
    instance.destroy().unwrap();
}

#[test]
fn a_cut_out_source_comes_through_the_same_straight_and_premultiplied() {
    let straight = drawn(SIZE.0, SIZE.1, |x, y| {
        let alpha = shape(SIZE.0, SIZE.1, x, y);
        if alpha > 0.0 { [OBJECT[0] * 4.0, OBJECT[1], OBJECT[2], alpha] } else { [0.0; 4] }
    });
    let multiplied = drawn(SIZE.0, SIZE.1, |x, y| {
        let alpha = shape(SIZE.0, SIZE.1, x, y);
        [OBJECT[0] * 4.0 * alpha, OBJECT[1] * alpha, OBJECT[2] * alpha, alpha]
    });
    let sources =
        [(straight, Premultiplication::Unpremultiplied), (multiplied.clone(), Premultiplication::Premultiplied)];
    for (source, kind) in sources {
        for grow in [0.0, 3.0] {
            let clips = vec![("Source", source.clone().with_premultiplication(kind))];
            let values = vec![("grow", Value::Double(grow))];
            let Some(instance) = instance(Setup { clips, values }) else { return };
            for (pixel, expected) in rgba(&rendered(&instance)).iter().zip(rgba(&multiplied)) {
                if grow == 0.0 {
                    assert!((0..4).all(|c| (pixel[c] - expected[c]).abs() < 2e-5), "{pixel:?} {expected:?} {kind:?}");
                } else if pixel[3] > 0.0 {
                    assert!((pixel[0] / pixel[3] - OBJECT[0] * 4.0).abs() < 1e-3, "grown over colour: {pixel:?}");
                }
            }
            instance.destroy().unwrap();
        }
    }
}

#[test]
fn bright_colours_stay_as_bright_where_the_object_is_solid() {
    let source = drawn(40, 30, |x, _| [7.5, x as f32, 0.25, 1.0]).with_premultiplication(Premultiplication::Opaque);
    let clips = vec![("Source", source), ("Matte", drawn_alpha(40, 30, |x, _| if x < 20 { 1.0 } else { 0.0 }))];
    let Some(instance) = instance(Setup { clips, values: Vec::new() }) else { return };
    for (i, pixel) in rgba(&rendered(&instance)).iter().enumerate() {
        let expected = if i % 40 < 20 { [7.5, (i % 40) as f32, 0.25, 1.0] } else { [0.0; 4] };
        assert_eq!(*pixel, expected);
    }
    instance.destroy().unwrap();
}

#[test]
fn a_part_of_the_frame_is_a_part_of_the_whole_and_needs_all_of_its_inputs() {
    let values = [("feather", Value::Double(20.0)), ("fillHoles", Value::Double(500.0)), ("refine", Value::Integer(2))];
    let Some(instance) = on_scene(SIZE.0, SIZE.1, &values) else { return };
    let all = render(&instance, &whole());
    for clip in ["Source", "Matte"] {
        let region = all.regions_of_interest[clip];
        assert!(region.x1 <= 0.0 && region.y1 <= 0.0 && region.x2 >= 120.0 && region.y2 >= 80.0, "{clip}: {region:?}");
    }
    let window = RectI { x1: 31, y1: 20, x2: 77, y2: 41 };
    let part = render(&instance, &RenderRequest { window: Some(window), ..whole() }).frame;
    let (all, bounds, pixels) = (rgba(&all.frame), part.bounds(), rgba(&part));
    for y in window.y1..window.y2 {
        for x in window.x1..window.x2 {
            let at = |bounds: RectI| ((bounds.y2 - 1 - y) * (bounds.x2 - bounds.x1) + x - bounds.x1) as usize;
            assert_eq!(pixels[at(bounds)], all[at(RectI { x1: 0, y1: 0, x2: 120, y2: 80 })]);
        }
    }
    instance.destroy().unwrap();
}

#[test]
fn a_proxy_looks_like_the_full_size() {
    let settings: [&[(&str, Value)]; 4] = [
        &[("grow", Value::Double(6.0)), ("edgeBlur", Value::Double(4.0))],
        &[("feather", Value::Double(24.0)), ("featherBias", Value::Double(-0.5))],
        &[("fillHoles", Value::Double(600.0)), ("removeSpecks", Value::Double(600.0))],
        &[("refine", Value::Integer(2)), ("refineRadius", Value::Double(12.0)), ("coreDensity", Value::Double(0.5))],
    ];
    for values in settings {
        let Some(instance) = on_scene(360, 240, values) else { return };
        let full = rgba(&rendered(&instance));
        let proxy = render(&instance, &RenderRequest { scale: (0.5, 0.5), ..whole() }).frame;
        assert_eq!((proxy.width(), proxy.height()), (180, 120));
        let mut off = 0.0;
        for (i, pixel) in rgba(&proxy).iter().enumerate() {
            let (x, y) = (2 * (i % 180), 2 * (i / 180));
            for (c, value) in pixel.iter().enumerate() {
                let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| full[(y + dy) * 360 + x + dx][c]);
                off += f64::from((four.iter().sum::<f32>() / 4.0 - value).abs());
            }
        }
        let mean = off / (180.0 * 120.0 * 4.0);
        assert!(mean < 0.004, "{values:?}: {mean} apart on average");
        instance.destroy().unwrap();
    }
}

#[test]
fn a_painted_trimap_has_the_last_word_where_it_is_sure() {
    let trimap = drawn(SIZE.0, SIZE.1, |x, _| match x {
        0..30 => [1.0, 1.0, 1.0, 1.0],
        30..90 => [0.5, 0.5, 0.5, 1.0],
        _ => [0.0, 0.0, 0.0, 1.0],
    });
    let clips = vec![("Source", scene(SIZE.0, SIZE.1)), ("Matte", matte(SIZE.0, SIZE.1)), ("Trimap", trimap)];
    let Some(instance) = instance(Setup { clips, values: vec![("refine", Value::Integer(3))] }) else { return };
    for (i, pixel) in rgba(&rendered(&instance)).iter().enumerate() {
        match i % SIZE.0 {
            0..30 => assert_eq!(pixel[3], 1.0),
            30..90 => {}
            _ => assert_eq!(pixel[3], 0.0),
        }
    }
    let shown = rgba(&mode(&instance, 4));
    assert_eq!([shown[0][0], shown[60][0], shown[110][0]], [1.0, 0.5, 0.0]);
    instance.destroy().unwrap();
}

#[test]
fn the_light_of_a_background_falls_over_the_edge_only() {
    let background = drawn(SIZE.0, SIZE.1, |_, _| [0.0, 0.0, 2.0, 1.0]);
    let clips = vec![("Source", scene(SIZE.0, SIZE.1)), ("Matte", matte(SIZE.0, SIZE.1)), ("Background", background)];
    let Some(instance) = instance(Setup { clips, values: Vec::new() }) else { return };
    let plain = rgba(&rendered(&instance));
    instance.set("lightWrap", Value::Double(0.5)).unwrap();
    let wrapped = rgba(&rendered(&instance));
    let mut most = 0f32;
    for (plain, wrapped) in plain.iter().zip(&wrapped) {
        assert!(wrapped[2] >= plain[2] && wrapped[3] == plain[3] && (wrapped[0] - plain[0]).abs() < 1e-6);
        assert!(plain[3] > 0.0 || *wrapped == [0.0; 4]);
        most = most.max(wrapped[2] - plain[2]);
    }
    assert!(most > 0.05, "{most}");
    instance.destroy().unwrap();
}
