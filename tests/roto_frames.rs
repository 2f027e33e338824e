//! SAM3Roto on real frames with real weights, in a strict host.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{Components, Depth, Frame, Instance, RectI, RenderRequest, Value};
use std::time::Instant;
use support::*;

/// An instance with one point on the rabbit, the host's images in bytes.
fn rabbit() -> Option<Instance> {
    let (_, plugin) = strict()?;
    let instance = instance_on(plugin, demo_frame(RABBIT_FRAME));
    place_point(&instance, 1, RABBIT, true);
    Some(instance)
}

/// The same with the host's images in floating point. The colours are the file's own: display-referred.
fn float_rabbit() -> Option<Instance> {
    let (_, plugin) = strict()?;
    let instance = float_instance_on(plugin, demo_frame(RABBIT_FRAME));
    place_point(&instance, 1, RABBIT, true);
    instance.set("sourceEncoding", Value::Integer(1)).unwrap();
    Some(instance)
}

/// The still is the same on every frame; this is the one that the prompts are placed on.
fn at_rabbit() -> RenderRequest {
    RenderRequest::at(0.0)
}

#[test]
fn a_click_on_the_rabbit_gives_a_matte_of_the_rabbit() {
    let Some(instance) = rabbit() else { return };
    let matte = alpha(&render(&instance, &at_rabbit()).frame);
    let value = |[x, y]: [f64; 2]| matte[(720 - 1 - y as usize) * 1280 + x as usize];
    assert!(value(RABBIT) > 0.95, "the rabbit is inside: {}", value(RABBIT));
    for corner in [[10.0, 10.0], [1270.0, 10.0], [10.0, 710.0], [1270.0, 710.0]] {
        assert_eq!(value(corner), 0.0, "the corner {corner:?} is outside, exactly");
    }
    let covered = matte.iter().filter(|&&a| a > 0.5).count() as f64 / matte.len() as f64;
    assert!((0.03..0.6).contains(&covered), "the rabbit covers {covered} of the frame");
    instance.destroy().unwrap();
}

#[test]
fn any_window_and_any_order_gives_the_same_bits() {
    let Some(instance) = rabbit() else { return };
    let whole = rgba(&render(&instance, &at_rabbit()).frame);
    for window in [
        RectI { x1: 600, y1: 300, x2: 700, y2: 420 },
        RectI { x1: 0, y1: 0, x2: 1280, y2: 1 },
        RectI { x1: 1279, y1: 0, x2: 1280, y2: 720 },
    ] {
        let request = RenderRequest { window: Some(window), ..at_rabbit() };
        let part = render(&instance, &request).frame;
        let bounds = part.bounds();
        let pixels = rgba(&part);
        for y in window.y1..window.y2 {
            for x in window.x1..window.x2 {
                let here = pixels[(bounds.y2 - 1 - y) as usize * part.width() + (x - bounds.x1) as usize];
                assert_eq!(here, whole[(720 - 1 - y) as usize * 1280 + x as usize], "at {x}, {y} of {window:?}");
            }
        }
    }
    instance.destroy().unwrap();
}

#[test]
fn a_proxy_shows_the_same_object() {
    let Some(instance) = rabbit() else { return };
    let whole = alpha(&render(&instance, &at_rabbit()).frame);
    let half = render(&instance, &RenderRequest { scale: (0.5, 0.5), ..at_rabbit() }).frame;
    assert_eq!((half.width(), half.height()), (640, 360));
    let halved: Vec<f32> =
        (0..360).flat_map(|y| (0..640).map(move |x| (x, y))).map(|(x, y)| whole[2 * y * 1280 + 2 * x]).collect();
    let agreement = iou(&alpha(&half), &halved);
    assert!(agreement > 0.97, "IoU of the proxy {agreement}");
    instance.destroy().unwrap();
}

#[test]
fn invert_swaps_inside_and_outside_exactly() {
    let Some(instance) = float_rabbit() else { return };
    let matte = alpha(&render(&instance, &at_rabbit()).frame);
    instance.set("invert", Value::Boolean(true)).unwrap();
    let inverted = alpha(&render(&instance, &at_rabbit()).frame);
    assert!(matte.iter().zip(&inverted).all(|(a, b)| *b == 1.0 - *a));
    instance.destroy().unwrap();
}

#[test]
fn matte_in_alpha_keeps_every_colour_bit() {
    let Some(instance) = rabbit() else { return };
    let source = rgba(&demo_frame(RABBIT_FRAME));
    let output = rgba(&render(&instance, &at_rabbit()).frame);
    assert!(source.iter().zip(&output).all(|(s, o)| s[..3] == o[..3]));
    instance.destroy().unwrap();
}

#[test]
fn output_modes_show_the_same_matte_in_their_own_way() {
    let Some(instance) = float_rabbit() else { return };
    let kept = rgba(&render(&instance, &at_rabbit()).frame);
    instance.set("outputMode", Value::Integer(1)).unwrap();
    let cutout = rgba(&render(&instance, &at_rabbit()).frame);
    instance.set("outputMode", Value::Integer(2)).unwrap();
    let as_rgb = rgba(&render(&instance, &at_rabbit()).frame);
    for ((kept, cut), grey) in kept.iter().zip(&cutout).zip(&as_rgb) {
        let a = kept[3];
        assert_eq!(*grey, [a; 4]);
        assert_eq!(cut[3], a);
        assert!((0..3).all(|i| (cut[i] - kept[i] * a).abs() < 1e-6), "{cut:?} of {kept:?}");
    }
    instance.destroy().unwrap();
}

#[test]
fn a_scene_linear_source_gives_the_matte_of_its_display_picture() {
    let Some((_, plugin)) = strict() else { return };
    let Some(display) = float_rabbit() else { return };
    let expected = alpha(&render(&display, &at_rabbit()).frame);
    let frame = demo_frame(RABBIT_FRAME);
    // The inverse of the sRGB transfer function (IEC 61966-2-1), with a highlight far above 1 and values no picture has.
    let linear = |v: f32| if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
    let mut pixels: Vec<[f32; 4]> =
        rgba(&frame).iter().map(|&[r, g, b, a]| [linear(r), linear(g), linear(b), a]).collect();
    pixels[0] = [f32::NAN, f32::INFINITY, -5.0, 1.0];
    let data = pixels.iter().flatten().flat_map(|value| value.to_ne_bytes()).collect();
    let frame = Frame::new(frame.bounds(), Depth::Float, Components::Rgba, data).unwrap();
    let instance = float_instance_on(plugin, frame);
    place_point(&instance, 1, RABBIT, true);
    instance.set("sourceEncoding", Value::Integer(2)).unwrap();
    let agreement = iou(&alpha(&render(&instance, &at_rabbit()).frame), &expected);
    assert!(agreement > 0.995, "IoU {agreement}");
    instance.destroy().unwrap();
    display.destroy().unwrap();
}

#[test]
fn keyed_points_follow_the_object_and_the_nearest_earlier_key_speaks() {
    let Some((_, plugin)) = strict() else { return };
    let instance = instance_on(plugin, demo_frame(RABBIT_FRAME));
    instance.set("tracking", Value::Integer(1)).unwrap();
    instance.set("point1Use", Value::Boolean(true)).unwrap();
    instance.set_key("point1Position", 10.0, Value::Double2D(RABBIT)).unwrap();
    instance.set_key("point1Position", 20.0, Value::Double2D([RABBIT[0] + 40.0, RABBIT[1]])).unwrap();
    let keyed = alpha(&render(&instance, &RenderRequest::at(15.0)).frame);
    let still = instance_on(plugin, demo_frame(RABBIT_FRAME));
    place_point(&still, 1, [RABBIT[0] + 20.0, RABBIT[1]], true);
    assert_eq!(keyed, alpha(&render(&still, &at_rabbit()).frame), "half way between the keys");
    instance.destroy().unwrap();
    still.destroy().unwrap();
}

#[test]
fn the_matte_input_limits_the_matte() {
    let Some(instance) = rabbit() else { return };
    let matte = flat_frame((0, 0), 640, 720, [0, 0, 0, 255]);
    let free = alpha(&render(&instance, &at_rabbit()).frame);
    instance.clip("Matte").unwrap().connect(Box::new(headless::host::Still::new(matte, (0.0, 200.0)))).unwrap();
    let limited = alpha(&render(&instance, &at_rabbit()).frame);
    for (index, (free, limited)) in free.iter().zip(&limited).enumerate() {
        let expected = if index % 1280 < 640 { *free } else { 0.0 };
        assert_eq!(*limited, expected, "column {}", index % 1280);
    }
    instance.destroy().unwrap();
}

#[test]
fn an_origin_elsewhere_gives_the_same_matte() {
    let Some((_, plugin)) = strict() else { return };
    let frame = demo_frame(RABBIT_FRAME);
    let reference = instance_on(plugin, frame.clone());
    place_point(&reference, 1, RABBIT, true);
    let expected = alpha(&render(&reference, &at_rabbit()).frame);
    let bounds = RectI { x1: -300, y1: 77, x2: 980, y2: 797 };
    let moved = headless::host::Frame::new(bounds, frame.depth(), frame.components(), frame.data().to_vec()).unwrap();
    let instance = instance_on(plugin, moved);
    place_point(&instance, 1, [RABBIT[0] - 300.0, RABBIT[1] + 77.0], true);
    assert_eq!(alpha(&render(&instance, &at_rabbit()).frame), expected);
    instance.destroy().unwrap();
    reference.destroy().unwrap();
}

#[test]
fn abort_answers_at_once_and_the_next_render_works() {
    let Some((_, plugin)) = strict() else { return };
    let instance = instance_on(plugin, demo_frame(80));
    place_point(&instance, 1, RABBIT, true);
    instance.abort();
    let start = Instant::now();
    assert!(instance.render(&at_rabbit()).is_err(), "an aborted render fails");
    assert!(start.elapsed().as_secs_f64() < 1.0, "it gave up after {:?}", start.elapsed());
    assert!(instance.persistent_message().is_none(), "giving up is no error to tell");
    instance.resume();
    render(&instance, &at_rabbit());
    instance.destroy().unwrap();
}
