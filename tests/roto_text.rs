//! Text prompts: what models without texts say, and what the tiny SAM3 of the exporter does. Its weights are random, so
//! this is about behaviour, not about cats.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{Bundle, Instance, MessageKind, Plugin, Profile, RenderRequest, Rendered, Value};
use support::workplace::{in_own_process, in_own_process_on_fixtures};
use support::*;

fn opened() -> (Bundle, Plugin) {
    open(Profile::Strict).expect("the bundle was there outside")
}

/// The random weights are sure of nothing: their scores end below one half.
const THRESHOLD: f64 = 0.1;
/// The frame that the prompts are placed on.
const FRAME: f64 = 0.0;
/// A picture in which they see several things at that threshold.
const STRIPES: usize = 3;

fn shot_with(plugin: &Plugin, text: &str) -> Instance {
    let instance = float_instance_on(plugin, striped_frame(320, 180, STRIPES));
    instance.set("text", Value::Text(text.to_owned())).unwrap();
    instance.set("textThreshold", Value::Double(THRESHOLD)).unwrap();
    instance
}

fn rendered(instance: &Instance) -> Rendered {
    render(instance, &RenderRequest::at(FRAME))
}

fn matte(instance: &Instance) -> Vec<f32> {
    alpha(&rendered(instance).frame)
}

fn said(instance: &Instance) -> String {
    instance.persistent_message().map(|message| message.text).unwrap_or_default()
}

fn inside(matte: &[f32]) -> usize {
    matte.iter().filter(|&&a| a >= 0.5).count()
}

/// The middle of the largest square that lies inside the matte: canonical.
fn well_inside(matte: &[f32]) -> [f64; 2] {
    let (width, height) = (320, 180);
    let is_inside = |x: usize, y: usize| matte[y * width + x] == 1.0;
    // The side of the largest square whose lower right corner is here.
    let mut sides = vec![0usize; width * height];
    for y in 1..height {
        for x in (1..width).filter(|&x| is_inside(x, y)) {
            let at = y * width + x;
            sides[at] = 1 + sides[at - 1].min(sides[at - width]).min(sides[at - width - 1]);
        }
    }
    let (at, side) = sides.iter().enumerate().max_by_key(|(_, side)| **side).expect("a picture");
    let half = *side as f64 / 2.0;
    [(at % width) as f64 + 1.0 - half, (height - 1 - at / width) as f64 + half]
}

#[test]
fn a_model_without_texts_says_so_instead_of_making_another_matte() {
    in_own_process("a_model_without_texts_says_so_instead_of_making_another_matte", || {
        let (_bundle, plugin) = opened();
        let instance = shot_with(&plugin, "cat");
        place_point(&instance, 1, [160.0, 90.0], true);
        assert!(instance.render(&RenderRequest::at(FRAME)).is_err());
        let message = instance.persistent_message().expect("a message");
        assert_eq!(message.kind, MessageKind::Error);
        assert!(message.text.contains("tiny") && message.text.contains("text"), "{}", message.text);
        instance.set("text", Value::Text(String::new())).unwrap();
        assert!(inside(&matte(&instance)) > 0);
        assert_eq!(said(&instance), "", "without the text all is well");
        instance.destroy().unwrap();
    });
}

#[test]
fn a_text_says_what_the_object_is() {
    in_own_process_on_fixtures("a_text_says_what_the_object_is", || {
        let (bundle, plugin) = opened();
        let instance = shot_with(&plugin, "cat");
        let found = matte(&instance);
        assert!(inside(&found) > 0, "something");
        assert_eq!(said(&instance), "");
        let again = shot_with(&plugin, " cat ");
        let before = counter(&bundle, "encoder_runs");
        assert!(matte(&again) == found, "blanks round the words mean nothing");
        assert_eq!(counter(&bundle, "encoder_runs"), before);
        instance.destroy().unwrap();
        again.destroy().unwrap();
    });
}

#[test]
fn at_a_threshold_of_one_nothing_is_found_and_the_node_says_so() {
    in_own_process_on_fixtures("at_a_threshold_of_one_nothing_is_found_and_the_node_says_so", || {
        let (_bundle, plugin) = opened();
        let instance = shot_with(&plugin, "cat");
        instance.set("textThreshold", Value::Double(1.0)).unwrap();
        for _ in 0..2 {
            assert!(matte(&instance).iter().all(|&a| a == 0.0));
            assert!(said(&instance).contains("finds nothing"), "computed and remembered alike: {}", said(&instance));
        }
        place_point(&instance, 1, [160.0, 90.0], true);
        let clicked = matte(&instance);
        assert!(said(&instance).contains("finds nothing"), "{}", said(&instance));
        instance.set("text", Value::Text(String::new())).unwrap();
        assert!(matte(&instance) == clicked, "where nothing is found the points speak for themselves");
        instance.destroy().unwrap();
    });
}

#[test]
fn the_choice_takes_some_of_what_is_found() {
    in_own_process_on_fixtures("the_choice_takes_some_of_what_is_found", || {
        let (_bundle, plugin) = opened();
        let instance = shot_with(&plugin, "cat");
        // The model's own mask, not what the picture makes of it.
        instance.set("edgeDetail", Value::Double(0.0)).unwrap();
        let all = matte(&instance);
        instance.set("textChoice", Value::Integer(1)).unwrap();
        let best = matte(&instance);
        assert!(inside(&best) > 0 && inside(&best) <= inside(&all));
        instance.set("textChoice", Value::Integer(2)).unwrap();
        assert!(matte(&instance) == best, "number 1 is the best");
        instance.set("textNumber", Value::Integer(900)).unwrap();
        assert!(matte(&instance).iter().all(|&a| a == 0.0));
        assert!(said(&instance).contains("none of them"), "{}", said(&instance));
        instance.set("textChoice", Value::Integer(3)).unwrap();
        assert!(matte(&instance).iter().all(|&a| a == 0.0));
        assert!(said(&instance).contains("Point 1"), "{}", said(&instance));
        place_point(&instance, 1, well_inside(&best), true);
        assert!(matte(&instance) == best, "the best is the first of those under a point that it covers");
        instance.destroy().unwrap();
    });
}

#[test]
fn points_refine_what_the_text_finds() {
    in_own_process_on_fixtures("points_refine_what_the_text_finds", || {
        let (_bundle, plugin) = opened();
        let instance = shot_with(&plugin, "cat");
        let found = matte(&instance);
        place_point(&instance, 1, [40.0, 40.0], true);
        let refined = matte(&instance);
        instance.set("text", Value::Text(String::new())).unwrap();
        let clicked = matte(&instance);
        assert!(refined != found && refined != clicked, "the answer depends on both");
        instance.set("text", Value::Text("cat".into())).unwrap();
        instance.set("point1Type", Value::Integer(1)).unwrap();
        assert!(matte(&instance) != found, "an exclude point alone refines too");
        assert_eq!(said(&instance), "");
        instance.destroy().unwrap();
    });
}

#[test]
fn examples_stand_beside_a_text_and_without_one() {
    in_own_process_on_fixtures("examples_stand_beside_a_text_and_without_one", || {
        let (_bundle, plugin) = opened();
        let instance = shot_with(&plugin, "cat");
        let by_text = matte(&instance);
        instance.set("box2Corner1", Value::Double2D([40.0, 40.0])).unwrap();
        instance.set("box2Corner2", Value::Double2D([120.0, 120.0])).unwrap();
        instance.set("box2Meaning", Value::Integer(1)).unwrap();
        instance.set("box2Use", Value::Boolean(true)).unwrap();
        // An example changes the scores, not always across the threshold.
        instance.set("textThreshold", Value::Double(0.05)).unwrap();
        let with_example = matte(&instance);
        instance.set("box2Meaning", Value::Integer(2)).unwrap();
        let with_counterexample = matte(&instance);
        assert!(with_example != with_counterexample, "like and unlike differ");
        assert!(with_example != by_text);
        instance.set("text", Value::Text(String::new())).unwrap();
        assert!(matte(&instance).iter().all(|&a| a == 0.0), "a counterexample alone says nothing");
        assert!(said(&instance).contains("Unlike this"), "{}", said(&instance));
        instance.set("box2Meaning", Value::Integer(1)).unwrap();
        assert!(inside(&matte(&instance)) > 0, "an example alone does: {}", said(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn texts_nobody_wants_give_a_sane_picture_or_a_clear_word() {
    in_own_process_on_fixtures("texts_nobody_wants_give_a_sane_picture_or_a_clear_word", || {
        let (_bundle, plugin) = opened();
        let long = "a cat and another cat ".repeat(455);
        for text in [
            long.as_str(),
            "\u{1f408}\u{200d}\u{2b1b}",
            "\u{732b}",
            "\u{645}\u{631}\u{62d}\u{628}\u{627}",
            "%s%n",
            "-1",
        ] {
            let instance = shot_with(&plugin, text);
            let matte = matte(&instance);
            assert!(matte.iter().all(|a| (0.0..=1.0).contains(a)), "{text:.20}");
            if text.len() > 1000 {
                assert!(said(&instance).contains("only its beginning counts"), "{}", said(&instance));
            }
            instance.destroy().unwrap();
        }
        for text in ["", "   ", "\t\n"] {
            let instance = shot_with(&plugin, text);
            assert!(matte(&instance).iter().all(|&a| a == 0.0), "{text:?}");
            assert!(said(&instance).contains("click"), "an empty text is no prompt: {}", said(&instance));
            instance.destroy().unwrap();
        }
        let instance = shot_with(&plugin, "\u{1}");
        assert!(instance.render(&RenderRequest::at(FRAME)).is_err());
        assert!(said(&instance).contains("no text"), "{}", said(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn the_models_of_the_panel_are_lines_not_folder_names() {
    in_own_process_on_fixtures("the_models_of_the_panel_are_lines_not_folder_names", || {
        let (_bundle, plugin) = opened();
        let instance = shot_with(&plugin, "");
        place_point(&instance, 1, [160.0, 90.0], true);
        let of_model = |choice| {
            instance.set("model", Value::Integer(choice)).unwrap();
            matte(&instance)
        };
        let (best, sam3, sam2) = (of_model(0), of_model(1), of_model(2));
        assert!(best == sam3 && sam3 != sam2);
        instance.set("text", Value::Text("cat".into())).unwrap();
        assert!(instance.render(&RenderRequest::at(FRAME)).is_err(), "SAM 2.1 takes no texts");
        assert!(said(&instance).contains("text"), "{}", said(&instance));
        instance.destroy().unwrap();
    });
}
