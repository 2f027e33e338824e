//! The overlay as a compositor uses it: clicks, drags and keys become parameters, nothing runs a network.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{
    DrawCommand, Instance, InstanceOptions, Overlay, OverlayView, Profile, RenderRequest, Still, Value,
};
use support::workplace::in_own_process;
use support::*;

const DELETE: i32 = 0xffff;
const SHIFT: i32 = 0xffe1;

/// Runs a test in a viewer of 1280x720 pixels that shows a grey picture at `time`.
fn in_viewer(time: f64, test: impl FnOnce(&Instance, &Overlay)) {
    let Some((_, plugin)) = strict() else { return };
    let instance = instance_on(plugin, flat_frame((0, 0), 1280, 720, [90, 90, 90, 255]));
    instance.set_time(time).unwrap();
    let view = OverlayView::new((1280.0, 720.0), time);
    let overlay = instance.overlay(view).unwrap().expect("the effect has an overlay");
    test(&instance, &overlay);
    drop(overlay);
    instance.destroy().unwrap();
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
    in_viewer(42.0, |instance, overlay| {
        click(overlay, (300.0, 200.0));
        click(overlay, (500.0, 400.0));
        assert_eq!(instance.get("point1Use").unwrap(), Value::Boolean(true));
        assert_eq!(instance.get("point1Position").unwrap(), Value::Double2D([300.0, 200.0]));
        assert_eq!(instance.get("point2Position").unwrap(), Value::Double2D([500.0, 400.0]));
        assert_eq!(instance.get("point3Use").unwrap(), Value::Boolean(false));
        assert_eq!(instance.get("referenceFrame").unwrap(), Value::Integer(42));
    });
}

#[test]
fn a_shift_click_excludes() {
    in_viewer(0.0, |instance, overlay| {
        overlay.key_down(SHIFT, "").unwrap();
        click(overlay, (300.0, 200.0));
        overlay.key_up(SHIFT, "").unwrap();
        click(overlay, (500.0, 200.0));
        assert_eq!(instance.get("point1Type").unwrap(), Value::Integer(1));
        assert_eq!(instance.get("point2Type").unwrap(), Value::Integer(0));
    });
}

#[test]
fn dragging_moves_a_point_and_delete_frees_its_slot() {
    in_viewer(0.0, |instance, overlay| {
        click(overlay, (300.0, 200.0));
        drag(overlay, (302.0, 199.0), (700.0, 350.0));
        assert_eq!(instance.get("point1Position").unwrap(), Value::Double2D([700.0, 350.0]));
        assert_eq!(instance.get("point2Use").unwrap(), Value::Boolean(false), "a drag adds nothing");
        assert!(overlay.key_down(DELETE, "").unwrap());
        assert_eq!(instance.get("point1Use").unwrap(), Value::Boolean(false));
    });
}

#[test]
fn dragging_over_empty_picture_draws_the_box() {
    in_viewer(0.0, |instance, overlay| {
        drag(overlay, (100.0, 600.0), (400.0, 300.0));
        assert_eq!(instance.get("boxUse").unwrap(), Value::Boolean(true));
        assert_eq!(instance.get("boxCorner1").unwrap(), Value::Double2D([100.0, 600.0]));
        assert_eq!(instance.get("boxCorner2").unwrap(), Value::Double2D([400.0, 300.0]));
    });
}

#[test]
fn a_click_in_a_keyed_shot_is_a_correction_that_speaks_until_the_next_prompt_frame() {
    in_viewer(20.0, |instance, overlay| {
        instance.set("point1Use", Value::Boolean(true)).unwrap();
        for time in [10.0, 30.0] {
            instance.set_key("point1Position", time, Value::Double2D([100.0, 100.0])).unwrap();
        }
        click(overlay, (500.0, 400.0));
        let used = |time| instance.get_at("point2Use", time).unwrap();
        assert_eq!(used(10.0), Value::Boolean(false));
        assert_eq!(used(20.0), Value::Boolean(true));
        assert_eq!(used(29.0), Value::Boolean(true));
        assert_eq!(used(30.0), Value::Boolean(false));
    });
}

#[test]
fn a_seventeenth_click_is_refused_in_words() {
    in_viewer(0.0, |instance, overlay| {
        for index in 0..16 {
            click(overlay, (70.0 + 70.0 * f64::from(index), 200.0));
        }
        assert_eq!(instance.get("point16Use").unwrap(), Value::Boolean(true));
        assert!(instance.take_messages().is_empty());
        click(overlay, (100.0, 400.0));
        let messages = instance.take_messages();
        assert!(messages.iter().any(|message| message.text.contains("All sixteen points")), "{messages:?}");
    });
}

#[test]
fn clicks_and_boxes_belong_to_the_active_object() {
    in_viewer(0.0, |instance, overlay| {
        let object = |name: &str| instance.get(name).unwrap();
        click(overlay, (300.0, 200.0));
        instance.set("activeObject", Value::Integer(2)).unwrap();
        click(overlay, (500.0, 200.0));
        assert_eq!((object("point1Object"), object("point2Object")), (Value::Integer(0), Value::Integer(2)));
        drag(overlay, (100.0, 600.0), (400.0, 300.0));
        assert_eq!(object("boxUse"), Value::Boolean(false), "the first box is left to the first object");
        assert_eq!((object("box3Use"), object("box3Object")), (Value::Boolean(true), Value::Integer(2)));
        assert_eq!(object("box3Corner2"), Value::Double2D([400.0, 300.0]));
        drag(overlay, (600.0, 600.0), (900.0, 350.0));
        assert_eq!(object("box3Corner1"), Value::Double2D([600.0, 600.0]), "drawn again, not beside it");
        assert_eq!(object("box4Use"), Value::Boolean(false));
        instance.set("activeObject", Value::Integer(0)).unwrap();
        drag(overlay, (600.0, 600.0), (650.0, 620.0));
        assert_eq!(object("box3Corner1"), Value::Double2D([650.0, 620.0]), "a corner moves, whoever is active");
        assert_eq!(object("boxUse"), Value::Boolean(false));
        assert!(overlay.key_down(DELETE, "").unwrap());
        assert_eq!(object("box3Use"), Value::Boolean(false));
    });
}

#[test]
fn an_example_box_is_not_drawn_over_and_four_boxes_are_all() {
    in_viewer(0.0, |instance, overlay| {
        for (name, x) in [("box", 100.0), ("box2", 300.0), ("box3", 500.0), ("box4", 700.0)] {
            instance.set(&format!("{name}Meaning"), Value::Integer(1)).unwrap();
            instance.set(&format!("{name}Corner1"), Value::Double2D([x, 100.0])).unwrap();
            instance.set(&format!("{name}Corner2"), Value::Double2D([x + 100.0, 200.0])).unwrap();
            instance.set(&format!("{name}Use"), Value::Boolean(true)).unwrap();
        }
        drag(overlay, (100.0, 600.0), (400.0, 300.0));
        let messages = instance.take_messages();
        assert_eq!(messages.len(), 1, "told once, not at every motion: {messages:?}");
        assert!(messages[0].text.contains("All four boxes"), "{messages:?}");
        instance.set("box4Use", Value::Boolean(false)).unwrap();
        drag(overlay, (100.0, 600.0), (400.0, 300.0));
        assert_eq!(instance.get("box4Meaning").unwrap(), Value::Integer(0));
        assert_eq!(instance.get("box4Object").unwrap(), Value::Integer(0));
        assert_eq!(instance.get("boxCorner1").unwrap(), Value::Double2D([100.0, 100.0]), "the example stays");
    });
}

#[test]
fn a_click_among_keyed_objects_is_a_correction_of_its_own_object_alone() {
    in_viewer(20.0, |instance, overlay| {
        instance.set("point1Use", Value::Boolean(true)).unwrap();
        for time in [10.0, 30.0] {
            instance.set_key("point1Position", time, Value::Double2D([100.0, 100.0])).unwrap();
        }
        instance.set("activeObject", Value::Integer(1)).unwrap();
        click(overlay, (500.0, 400.0));
        assert!(instance.keys("point2Use").unwrap().is_empty(), "the second object has no prompt frames yet");
        assert_eq!(instance.get("point2Use").unwrap(), Value::Boolean(true));
    });
}

/// A point of Object 1 without keys, placed on frame 5.
fn pointed_at_on_frame_5(instance: &Instance) {
    place_point(instance, 1, [100.0, 100.0], true);
    instance.set("referenceFrame", Value::Integer(5)).unwrap();
}

#[test]
fn a_click_on_another_frame_makes_it_a_prompt_frame_and_leaves_the_first_as_it_was() {
    in_viewer(20.0, |instance, overlay| {
        pointed_at_on_frame_5(instance);
        click(overlay, (500.0, 400.0));
        let used = |slot: usize, time| instance.get_at(&format!("point{slot}Use"), time).unwrap();
        let speaking = |time| (used(1, time), used(2, time));
        assert_eq!(speaking(5.0), (Value::Boolean(true), Value::Boolean(false)));
        assert_eq!(speaking(20.0), (Value::Boolean(false), Value::Boolean(true)));
        assert_eq!(instance.keys("point1Position").unwrap(), [5.0]);
        click(overlay, (600.0, 400.0));
        assert_eq!(speaking(20.0), (Value::Boolean(false), Value::Boolean(true)), "a second click adds to the first");
        assert_eq!(used(3, 20.0), Value::Boolean(true));
        assert_eq!(used(3, 5.0), Value::Boolean(false));
    });
}

#[test]
fn where_objects_are_not_tracked_a_click_is_the_same_on_every_frame() {
    in_viewer(20.0, |instance, overlay| {
        pointed_at_on_frame_5(instance);
        instance.set("tracking", Value::Integer(1)).unwrap();
        click(overlay, (500.0, 400.0));
        assert!(instance.keys("point1Use").unwrap().is_empty());
        assert!(instance.keys("point2Use").unwrap().is_empty());
    });
}

#[test]
fn a_point_moved_on_another_frame_stays_where_it_was_on_the_first() {
    in_viewer(20.0, |instance, overlay| {
        pointed_at_on_frame_5(instance);
        drag(overlay, (100.0, 100.0), (300.0, 250.0));
        assert_eq!(instance.get_at("point1Position", 5.0).unwrap(), Value::Double2D([100.0, 100.0]));
        assert_eq!(instance.get_at("point1Position", 20.0).unwrap(), Value::Double2D([300.0, 250.0]));
        assert_eq!(instance.get_at("point1Use", 20.0).unwrap(), Value::Boolean(true));
    });
}

#[test]
fn a_box_drawn_on_another_frame_leaves_the_first_as_it_was() {
    in_viewer(20.0, |instance, overlay| {
        pointed_at_on_frame_5(instance);
        place_box(instance, [50.0, 50.0], [200.0, 200.0]);
        drag(overlay, (600.0, 600.0), (900.0, 350.0));
        assert_eq!(instance.get_at("boxUse", 5.0).unwrap(), Value::Boolean(true));
        assert_eq!(instance.get_at("boxCorner1", 5.0).unwrap(), Value::Double2D([50.0, 50.0]));
        assert_eq!(instance.get_at("boxCorner1", 20.0).unwrap(), Value::Double2D([600.0, 600.0]));
        assert_eq!(instance.get_at("boxCorner2", 20.0).unwrap(), Value::Double2D([900.0, 350.0]));
        assert_eq!(instance.get_at("boxUse", 20.0).unwrap(), Value::Boolean(true));
        assert_eq!(instance.get_at("point1Use", 20.0).unwrap(), Value::Boolean(false), "the box says it anew");
    });
}

#[test]
fn keying_on_another_frame_keeps_the_reference_frame() {
    in_viewer(20.0, |instance, _| {
        pointed_at_on_frame_5(instance);
        instance.press("keyPrompts").unwrap();
        assert_eq!(instance.keys("point1Position").unwrap(), [5.0, 20.0]);
    });
}

#[test]
fn a_correction_says_with_a_box_what_the_viewer_shows_of_the_object() {
    in_own_process("a_correction_says_with_a_box_what_the_viewer_shows_of_the_object", || {
        let (_bundle, plugin) = open(Profile::Strict).expect("the bundle was there outside");
        let mut options = InstanceOptions { interactive: true, ..InstanceOptions::default() };
        options.clips.insert("Source".into(), Box::new(Still::new(striped_frame(320, 180, 0), (0.0, 200.0))));
        let instance = Instance::create(&plugin, options).unwrap();
        place_point(&instance, 1, [160.0, 90.0], true);
        instance.set("referenceFrame", Value::Integer(5)).unwrap();
        instance.set_time(20.0).unwrap();
        let matte = alpha(&render(&instance, &RenderRequest::at(20.0)).frame);
        assert!(matte.iter().any(|&a| a > 0.5) && matte[0] < 0.5);
        let overlay = instance.overlay(OverlayView::new((320.0, 180.0), 20.0)).unwrap().expect("an overlay");
        click(&overlay, (310.0, 12.0));
        assert_eq!(instance.get_at("boxUse", 5.0).unwrap(), Value::Boolean(false));
        assert_eq!(instance.get_at("boxUse", 20.0).unwrap(), Value::Boolean(true));
        let corner = |name: &str| match instance.get_at(name, 20.0).unwrap() {
            Value::Double2D(corner) => corner,
            other => panic!("{other:?}"),
        };
        let ([left, bottom], [right, top]) = (corner("boxCorner1"), corner("boxCorner2"));
        assert!(left < 160.0 && top > 90.0, "round what was seen: {left}, {top}");
        assert!(right >= 310.0 && bottom <= 12.0, "and reaching to the click: {right}, {bottom}");
        drop(overlay);
        instance.destroy().unwrap();
    });
}

#[test]
fn objects_differ_in_colour() {
    in_viewer(0.0, |instance, overlay| {
        click(overlay, (300.0, 200.0));
        let colours = || {
            let colour = |command: &DrawCommand| match command {
                DrawCommand::Colour(rgba) => Some(rgba.map(f32::to_bits)),
                _ => None,
            };
            overlay.draw().unwrap().iter().filter_map(colour).collect::<Vec<_>>()
        };
        let mut all: Vec<_> = (0..4)
            .map(|object| {
                instance.set("point1Object", Value::Integer(object)).unwrap();
                colours()
            })
            .collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4);
    });
}

#[test]
fn include_and_exclude_differ_in_shape() {
    in_viewer(0.0, |instance, overlay| {
        click(overlay, (300.0, 200.0));
        let include = shapes(&overlay.draw().unwrap());
        instance.set("point1Type", Value::Integer(1)).unwrap();
        let exclude = shapes(&overlay.draw().unwrap());
        assert!(!include.is_empty() && include != exclude, "{include:?} and {exclude:?}");
        instance.set("showOverlay", Value::Boolean(false)).unwrap();
        assert!(shapes(&overlay.draw().unwrap()).is_empty(), "nothing is drawn when switched off");
    });
}

/// The kinds of shapes drawn and how many points each has, in order.
fn shapes(commands: &[DrawCommand]) -> Vec<(u32, usize)> {
    let primitive = |command: &DrawCommand| match command {
        DrawCommand::Shape { primitive, points } => Some((*primitive, points.len())),
        _ => None,
    };
    commands.iter().filter_map(primitive).collect()
}

#[test]
fn the_buttons_key_and_clear_all_prompts() {
    in_viewer(7.0, |instance, overlay| {
        click(overlay, (300.0, 200.0));
        drag(overlay, (100.0, 600.0), (400.0, 400.0));
        instance.set("activeObject", Value::Integer(3)).unwrap();
        click(overlay, (800.0, 200.0));
        instance.set("text", Value::Text("cat".into())).unwrap();
        instance.press("keyPrompts").unwrap();
        assert_eq!(instance.keys("point1Position").unwrap(), [7.0]);
        assert_eq!(instance.keys("point2Use").unwrap(), [7.0], "of every object");
        assert_eq!(instance.keys("boxCorner2").unwrap(), [7.0]);
        instance.press("clearPrompts").unwrap();
        assert_eq!(instance.get("point2Use").unwrap(), Value::Boolean(false));
        assert_eq!(instance.get("text").unwrap(), Value::Text(String::new()));
        assert_eq!(instance.get("point1Use").unwrap(), Value::Boolean(false));
        assert_eq!(instance.get("boxUse").unwrap(), Value::Boolean(false));
        assert!(instance.keys("point1Position").unwrap().is_empty());
    });
}
