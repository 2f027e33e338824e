//! Projects that people saved with earlier versions: every parameter of then is still there and still means the same.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{ParamDescription, RenderRequest, Value};
use support::workplace::in_own_process;
use support::*;

/// The panel of version 1 beside its eight points: script name, default, choices.
fn version_1() -> Vec<(&'static str, Value, &'static [&'static str])> {
    vec![
        ("referenceFrame", Value::Integer(1), &[]),
        ("boxUse", Value::Boolean(false), &[]),
        ("boxCorner1", Value::Double2D([640.0, 360.0]), &[]),
        ("boxCorner2", Value::Double2D([1280.0, 720.0]), &[]),
        ("threshold", Value::Double(0.5), &[]),
        ("softness", Value::Double(0.5), &[]),
        ("edgeDetail", Value::Double(1.0), &[]),
        ("invert", Value::Boolean(false), &[]),
        ("matteInput", Value::Integer(0), &["Automatic", "Limit to it", "Cut it away", "Ignore"]),
        ("outputMode", Value::Integer(0), &["Matte in alpha", "Premultiplied cutout", "Matte as RGB", "Overlay view"]),
        ("showOverlay", Value::Boolean(true), &[]),
        ("model", Value::Integer(0), &["Best installed", "SAM 3", "SAM 2.1", "MobileSAM"]),
        ("sourceEncoding", Value::Integer(0), &["Automatic", "Display (sRGB, Rec.709)", "Scene linear", "Log"]),
        ("effectVersion", Value::Text("1".into()), &[]),
    ]
}

fn check(parameters: &[ParamDescription], name: &str, default: &Value, choices: &[&str]) {
    let found = parameters.iter().find(|parameter| parameter.name == name);
    let found = found.unwrap_or_else(|| panic!("{name} is gone"));
    assert_eq!(found.default.as_ref(), Some(default), "{name}");
    assert!(found.choices.len() >= choices.len(), "{name}: {:?}", found.choices);
    assert_eq!(&found.choices[..choices.len()], choices, "{name}: projects hold the place in the list");
}

#[test]
fn every_parameter_of_version_1_is_there_with_its_default_and_its_choices_in_place() {
    let Some((_, plugin)) = strict() else { return };
    let description = plugin.describe().unwrap();
    for described in &description.described {
        let parameters = &described.params;
        for (name, default, choices) in version_1() {
            check(parameters, name, &default, choices);
        }
        for slot in 1..=8 {
            check(parameters, &format!("point{slot}Use"), &Value::Boolean(false), &[]);
            check(parameters, &format!("point{slot}Type"), &Value::Integer(0), &["Include", "Exclude"]);
            check(parameters, &format!("point{slot}Position"), &Value::Double2D([960.0, 540.0]), &[]);
        }
        for button in ["keyPrompts", "clearPrompts", "analyse"] {
            assert!(parameters.iter().any(|parameter| parameter.name == button), "{button} is gone");
        }
    }
}

#[test]
fn what_is_new_changes_nothing_at_its_defaults() {
    in_own_process("what_is_new_changes_nothing_at_its_defaults", || {
        let (_bundle, plugin) = open(headless::host::Profile::Strict).expect("the bundle was there outside");
        let matte = |new: &[(&str, Value)]| {
            let instance = float_instance_on(&plugin, striped_frame(320, 180, 0));
            place_point(&instance, 1, [100.0, 90.0], true);
            place_point(&instance, 2, [250.0, 90.0], false);
            place_box(&instance, [40.0, 20.0], [200.0, 160.0]);
            for (name, value) in new {
                instance.set(name, value.clone()).unwrap();
            }
            let matte = alpha(&render(&instance, &RenderRequest::at(0.0)).frame);
            instance.destroy().unwrap();
            matte
        };
        let expected = matte(&[]);
        assert!(expected.iter().any(|&a| a > 0.5) && expected.iter().any(|&a| a < 0.5));
        // The new parameters that the three prompts of the project do not have to do with.
        let at_rest = [
            ("point3Object", Value::Integer(2)),
            ("box2Object", Value::Integer(0)),
            ("box2Meaning", Value::Integer(1)),
            ("activeObject", Value::Integer(3)),
            ("exclusive", Value::Boolean(true)),
            ("objects", Value::Integer(1)),
            ("text", Value::Text("   ".into())),
            ("textThreshold", Value::Double(1.0)),
            ("textChoice", Value::Integer(3)),
        ];
        assert!(matte(&at_rest) == expected, "other bits");
    });
}
