//! The overlay as a compositor uses it: clicks, drags and keys become parameters, nothing runs a network.

mod support;

use headless::host::{DrawCommand, Instance, Overlay, OverlayView, Value};
use support::*;

const DELETE: i32 = 0xffff;
const SHIFT: i32 = 0xffe1;

fn viewer(time: f64) -> Option<(Instance, Overlay)> {
    let (_, plugin) = strict()?;
    let instance = instance_on(plugin, flat_frame((0, 0), 1280, 720, [90, 90, 90, 255]));
    instance.set_time(time).unwrap();
    let overlay = instance.overlay(OverlayView::new((1280.0, 720.0), time)).unwrap().expect("the effect has an overlay");
    Some((instance, overlay))
}

fn click(overlay: &Overlay, at: (f64, f64)) {
    assert!(overlay.pen_down(at).unwrap(), "the pen is taken");
    assert!(overlay.pen_up(at).unwrap());
}

fn drag(overlay: &Overlay, from: (f64, f64), to: (f64, f64)) {
    overlay.pen_down(from).unwrap();
    overlay.pen_motion(((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0)).unwrap();
    overlay.pen_motion(to).unwrap();
    overlay.pen_up(to).unwrap();
}

#[test]
fn a_click_fills_the_next_free_slot_and_sets_the_reference_frame() {
    let Some((instance, overlay)) = viewer(42.0) else { return };
    click(&overlay, (300.0, 200.0));
    click(&overlay, (500.0, 400.0));
    assert_eq!(instance.get("point1Use").unwrap(), Value::Boolean(true));
    assert_eq!(instance.get("point1Position").unwrap(), Value::Double2D([300.0, 200.0]));
    assert_eq!(instance.get("point2Position").unwrap(), Value::Double2D([500.0, 400.0]));
    assert_eq!(instance.get("point3Use").unwrap(), Value::Boolean(false));
    assert_eq!(instance.get("referenceFrame").unwrap(), Value::Integer(42));
    drop(overlay);
    instance.destroy().unwrap();
}

#[test]
fn a_shift_click_excludes() {
    let Some((instance, overlay)) = viewer(0.0) else { return };
    overlay.key_down(SHIFT, "").unwrap();
    click(&overlay, (300.0, 200.0));
    overlay.key_up(SHIFT, "").unwrap();
    click(&overlay, (500.0, 200.0));
    assert_eq!(instance.get("point1Type").unwrap(), Value::Integer(1));
    assert_eq!(instance.get("point2Type").unwrap(), Value::Integer(0));
    drop(overlay);
    instance.destroy().unwrap();
}

#[test]
fn dragging_moves_a_point_and_delete_frees_its_slot() {
    let Some((instance, overlay)) = viewer(0.0) else { return };
    click(&overlay, (300.0, 200.0));
    drag(&overlay, (302.0, 199.0), (700.0, 350.0));
    assert_eq!(instance.get("point1Position").unwrap(), Value::Double2D([700.0, 350.0]));
    assert_eq!(instance.get("point2Use").unwrap(), Value::Boolean(false), "a drag adds nothing");
    assert!(overlay.key_down(DELETE, "").unwrap());
    assert_eq!(instance.get("point1Use").unwrap(), Value::Boolean(false));
    drop(overlay);
    instance.destroy().unwrap();
}

#[test]
fn dragging_over_empty_picture_draws_the_box() {
    let Some((instance, overlay)) = viewer(0.0) else { return };
    drag(&overlay, (100.0, 600.0), (400.0, 300.0));
    assert_eq!(instance.get("boxUse").unwrap(), Value::Boolean(true));
    assert_eq!(instance.get("boxCorner1").unwrap(), Value::Double2D([100.0, 600.0]));
    assert_eq!(instance.get("boxCorner2").unwrap(), Value::Double2D([400.0, 300.0]));
    drop(overlay);
    instance.destroy().unwrap();
}

#[test]
fn a_click_in_a_keyed_shot_is_a_correction_that_speaks_until_the_next_prompt_frame() {
    let Some((instance, overlay)) = viewer(20.0) else { return };
    instance.set("point1Use", Value::Boolean(true)).unwrap();
    for time in [10.0, 30.0] {
        instance.set_key("point1Position", time, Value::Double2D([100.0, 100.0])).unwrap();
    }
    click(&overlay, (500.0, 400.0));
    let used = |time| instance.get_at("point2Use", time).unwrap();
    assert_eq!(used(10.0), Value::Boolean(false));
    assert_eq!(used(20.0), Value::Boolean(true));
    assert_eq!(used(29.0), Value::Boolean(true));
    assert_eq!(used(30.0), Value::Boolean(false));
    drop(overlay);
    instance.destroy().unwrap();
}

#[test]
fn a_ninth_click_is_refused_in_words() {
    let Some((instance, overlay)) = viewer(0.0) else { return };
    for index in 0..9 {
        click(&overlay, (100.0 + 100.0 * f64::from(index), 200.0));
    }
    let messages = instance.take_messages();
    assert!(messages.iter().any(|message| message.text.contains("All eight points")), "{messages:?}");
    drop(overlay);
    instance.destroy().unwrap();
}

#[test]
fn include_and_exclude_differ_in_shape() {
    let Some((instance, overlay)) = viewer(0.0) else { return };
    click(&overlay, (300.0, 200.0));
    let include = shapes(&overlay.draw().unwrap());
    instance.set("point1Type", Value::Integer(1)).unwrap();
    let exclude = shapes(&overlay.draw().unwrap());
    assert!(!include.is_empty() && include != exclude, "{include:?} and {exclude:?}");
    instance.set("showOverlay", Value::Boolean(false)).unwrap();
    assert!(shapes(&overlay.draw().unwrap()).is_empty(), "nothing is drawn when switched off");
    drop(overlay);
    instance.destroy().unwrap();
}

/// The kinds of lines drawn, without their colours.
fn shapes(commands: &[DrawCommand]) -> Vec<String> {
    commands
        .iter()
        .map(|command| format!("{command:?}"))
        .filter(|text| text.starts_with("Draw"))
        .collect()
}

#[test]
fn the_buttons_key_and_clear_all_prompts() {
    let Some((instance, overlay)) = viewer(7.0) else { return };
    click(&overlay, (300.0, 200.0));
    drag(&overlay, (100.0, 600.0), (400.0, 400.0));
    instance.press("keyPrompts").unwrap();
    assert_eq!(instance.keys("point1Position").unwrap(), [7.0]);
    assert_eq!(instance.keys("boxCorner2").unwrap(), [7.0]);
    instance.press("clearPrompts").unwrap();
    assert_eq!(instance.get("point1Use").unwrap(), Value::Boolean(false));
    assert_eq!(instance.get("boxUse").unwrap(), Value::Boolean(false));
    assert!(instance.keys("point1Position").unwrap().is_empty());
    drop(overlay);
    instance.destroy().unwrap();
}
