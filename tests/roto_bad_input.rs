//! What SAM3Roto does with input nobody wants: a clear word, a sane picture, and a host that lives on.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{Instance, MessageKind, RectI, RenderRequest, Value};
use support::*;

fn at(time: f64) -> RenderRequest {
    RenderRequest::at(time)
}

fn grey(width: i32, height: i32) -> Option<Instance> {
    let (_, plugin) = strict()?;
    Some(instance_on(plugin, flat_frame((0, 0), width, height, [120, 130, 140, 255])))
}

fn said(instance: &Instance) -> String {
    instance.persistent_message().map(|message| message.text).unwrap_or_default()
}

#[test]
fn without_a_prompt_the_matte_is_transparent_and_the_status_calm() {
    let Some(instance) = grey(64, 48) else { return };
    let frame = render(&instance, &at(0.0)).frame;
    assert!(rgba(&frame).iter().all(|pixel| pixel[3] == 0.0 && pixel[0] > 0.4), "colour kept, alpha empty");
    let message = instance.persistent_message().expect("a hint on the node");
    assert_eq!(message.kind, MessageKind::Message, "a hint, not an error: {message:?}");
    assert!(message.text.contains("click"), "{message:?}");
    instance.destroy().unwrap();
}

#[test]
fn inverting_nothing_selects_nothing() {
    let Some(instance) = grey(64, 48) else { return };
    instance.set("invert", Value::Boolean(true)).unwrap();
    assert!(alpha(&render(&instance, &at(0.0)).frame).iter().all(|&a| a == 0.0));
    instance.destroy().unwrap();
}

#[test]
fn a_point_outside_the_picture_is_named_and_ignored() {
    let Some(instance) = grey(64, 48) else { return };
    place_point(&instance, 3, [500.0, -20.0], true);
    let frame = render(&instance, &at(0.0)).frame;
    assert!(alpha(&frame).iter().all(|&a| a == 0.0));
    assert!(said(&instance).contains("Point 3 at 500.0, -20.0"), "{}", said(&instance));
    instance.destroy().unwrap();
}

#[test]
fn exclude_points_alone_ask_for_an_object() {
    let Some(instance) = grey(64, 48) else { return };
    place_point(&instance, 1, [10.0, 10.0], false);
    render(&instance, &at(0.0));
    assert!(said(&instance).contains("include point"), "{}", said(&instance));
    instance.destroy().unwrap();
}

#[test]
fn an_empty_box_is_named_and_an_inverted_one_is_taken_as_meant() {
    let Some(instance) = grey(64, 48) else { return };
    place_box(&instance, [20.0, 20.0], [20.0, 40.0]);
    render(&instance, &at(0.0));
    assert!(said(&instance).contains("box is empty"), "{}", said(&instance));
    place_box(&instance, [50.0, 40.0], [10.0, 8.0]);
    render(&instance, &at(0.0));
    assert_eq!(said(&instance), "");
    instance.destroy().unwrap();
}

#[test]
fn a_source_without_a_picture_gives_transparent_black() {
    let Some(instance) = grey(64, 48) else { return };
    place_point(&instance, 1, [10.0, 10.0], true);
    let beyond_the_clip = at(5000.0);
    let frame = render(&instance, &beyond_the_clip).frame;
    assert!(rgba(&frame).iter().all(|pixel| *pixel == [0.0; 4]));
    instance.destroy().unwrap();
}

#[test]
fn frames_of_one_pixel_and_very_wide_ones_render() {
    for (width, height) in [(1, 1), (3, 2000), (16_384, 3), (1, 500)] {
        let Some(instance) = grey(width, height) else { return };
        place_point(&instance, 1, [f64::from(width) / 2.0, f64::from(height) / 2.0], true);
        let frame = render(&instance, &at(0.0)).frame;
        assert_eq!(alpha(&frame).len(), (width * height) as usize);
        assert!(alpha(&frame).iter().all(|a| (0.0..=1.0).contains(a)));
        instance.destroy().unwrap();
    }
}

#[test]
fn an_empty_window_renders_nothing_and_harms_nothing() {
    let Some(instance) = grey(64, 48) else { return };
    place_point(&instance, 1, [32.0, 24.0], true);
    let request = RenderRequest { window: Some(RectI { x1: 10, y1: 10, x2: 10, y2: 10 }), ..at(0.0) };
    // The host may refuse to ask for nothing; the plugin must not mind being asked.
    let _ = instance.render(&request);
    render(&instance, &at(0.0));
    instance.destroy().unwrap();
}

#[test]
fn a_model_that_is_not_installed_is_named_with_what_is_there() {
    let Some(instance) = grey(64, 48) else { return };
    place_point(&instance, 1, [32.0, 24.0], true);
    instance.set("model", Value::Integer(1)).unwrap();
    assert!(instance.render(&at(0.0)).is_err());
    let message = said(&instance).to_lowercase();
    assert!(message.contains("sam 3") && message.contains("mobilesam"), "{message}");
    instance.set("model", Value::Integer(0)).unwrap();
    render(&instance, &at(0.0));
    assert_eq!(said(&instance), "", "the error is cleared by the next good frame");
    instance.destroy().unwrap();
}
