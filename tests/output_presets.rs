//! Presets of MatteOutput: a choice that sets the panel.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{Instance, RenderRequest, Value};
use support::output::*;
use support::*;

const DEFAULT: i32 = 1;
const FINE_HAIR: i32 = 2;
const PRESETS: i32 = 10;

fn choose(instance: &Instance, preset: i32) {
    instance.set("preset", Value::Integer(preset)).unwrap();
}

fn number(instance: &Instance, name: &str) -> f64 {
    match instance.get(name).unwrap() {
        Value::Double(value) => value,
        Value::Integer(value) => f64::from(value),
        Value::Boolean(value) => f64::from(u8::from(value)),
        other => panic!("{name} is {other:?}"),
    }
}

/// Everything that a preset sets, by the file of the default.
fn panel(instance: &Instance) -> Vec<(String, f64)> {
    let file = std::fs::read_to_string("resources/presets/default.toml").unwrap();
    let names = file.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.to_owned());
    names.map(|name| (name.clone(), number(instance, &name))).collect()
}

#[test]
fn the_default_preset_is_the_panel_of_a_new_node() {
    let Some(instance) = on_scene(32, 24, &[]) else { return };
    let new = panel(&instance);
    assert!(new.len() > 25);
    choose(&instance, FINE_HAIR);
    assert_ne!(panel(&instance), new);
    choose(&instance, DEFAULT);
    assert_eq!(panel(&instance), new, "and it takes back every other preset");
    instance.destroy().unwrap();
}

#[test]
fn a_preset_sets_what_it_says_and_the_rest_as_in_the_default() {
    let Some(instance) = on_scene(32, 24, &[("feather", Value::Double(33.0)), ("outputMode", Value::Integer(7))])
    else {
        return;
    };
    choose(&instance, FINE_HAIR);
    assert_eq!(number(&instance, "hairDetail"), 3.0);
    assert_eq!(number(&instance, "refine"), 2.0);
    assert_eq!(number(&instance, "feather"), 0.0);
    assert_eq!(number(&instance, "outputMode"), 7.0, "what is written is not the material's business");
    instance.set("hairDetail", Value::Integer(1)).unwrap();
    assert_eq!(number(&instance, "hairDetail"), 1.0, "it can be changed afterwards");
    instance.destroy().unwrap();
}

#[test]
fn every_preset_renders() {
    let Some(instance) = on_scene(96, 64, &[]) else { return };
    for preset in 1..=PRESETS {
        choose(&instance, preset);
        assert!(instance.take_messages().is_empty(), "preset {preset}");
        let pixels = rgba(&render(&instance, &RenderRequest::at(0.0)).frame);
        assert!(pixels.iter().all(|pixel| (0.0..=1.0).contains(&pixel[3])), "preset {preset}");
        assert!(pixels.iter().any(|pixel| pixel[3] > 0.4), "preset {preset}: something is left");
    }
    instance.destroy().unwrap();
}

#[test]
fn a_preset_of_ones_own_is_saved_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let Some(instance) = on_scene(32, 24, &[("feather", Value::Double(12.5)), ("despill", Value::Integer(2))]) else {
        return;
    };
    std::fs::write(&file, "feather = 3").unwrap();
    instance.set("userPreset", Value::Text(file.to_str().unwrap().to_owned())).unwrap();
    assert_eq!((number(&instance, "feather"), number(&instance, "despill")), (3.0, 0.0));
    instance.set("feather", Value::Double(12.5)).unwrap();
    instance.press("savePreset").unwrap();
    let saved = panel(&instance);
    choose(&instance, FINE_HAIR);
    choose(&instance, PRESETS + 1);
    assert_eq!(panel(&instance), saved);
    instance.destroy().unwrap();
}

#[test]
fn a_preset_that_cannot_be_used_is_refused_in_words_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let Some(instance) = on_scene(32, 24, &[]) else { return };
    let before = panel(&instance);
    for (text, word) in [(Some("fether = 1"), "fether"), (Some("feather = "), "mine.toml"), (None, "mine.toml")] {
        match text {
            Some(text) => std::fs::write(&file, text).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        instance.set("userPreset", Value::Text(String::new())).unwrap();
        instance.take_messages();
        instance.set("userPreset", Value::Text(file.to_str().unwrap().to_owned())).unwrap();
        let said = instance.take_messages();
        assert!(said.iter().any(|message| message.text.contains(word)), "{text:?}: {said:?}");
        assert_eq!(panel(&instance), before);
    }
    instance.destroy().unwrap();
}
