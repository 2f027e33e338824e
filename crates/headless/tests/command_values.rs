//! Values of parameters from text.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

use headless::command::error::CommandError;
use headless::command::values::{Stage, input_clip, param, range_words, settings, value};
use headless::host::{
    ClipDescription, Components, Context, ContextDescription, ParamDescription, ParamKind, RectI, Value,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn described(name: &str, kind: ParamKind) -> ParamDescription {
    ParamDescription {
        name: name.to_owned(),
        kind,
        label: name.to_owned(),
        hint: String::new(),
        parent: String::new(),
        script_name: format!("{name}Script"),
        default: None,
        range: None,
        display_range: None,
        choices: Vec::new(),
        animates: true,
        secret: false,
        enabled: true,
        properties: BTreeMap::new(),
    }
}

fn ranged(kind: ParamKind, low: f64, high: f64) -> ParamDescription {
    ParamDescription { range: Some((vec![low], vec![high])), ..described("p", kind) }
}

fn stage() -> Stage {
    Stage { display: RectI::new(0, 0, 1280, 720), pixel_aspect: 1.0 }
}

fn read(kind: ParamKind, text: &str) -> Result<Value, CommandError> {
    let choices = ["Auto", "MobileSAM", "SAM 3"].map(str::to_owned).to_vec();
    value(&ParamDescription { choices, ..described("p", kind) }, text, &stage())
}

#[test]
fn every_kind_reads_its_values() {
    for text in ["true", "1", "TRUE", "on", "yes"] {
        assert_eq!(read(ParamKind::Boolean, text).unwrap(), Value::Boolean(true), "{text}");
    }
    assert_eq!(read(ParamKind::Boolean, "0").unwrap(), Value::Boolean(false));
    assert_eq!(read(ParamKind::Integer, "-12").unwrap(), Value::Integer(-12));
    assert_eq!(read(ParamKind::Double, "1e-3").unwrap(), Value::Double(0.001));
    assert_eq!(read(ParamKind::Double2D, "640, 360.5").unwrap(), Value::Double2D([640.0, 360.5]));
    assert_eq!(read(ParamKind::Rgb, "1,0.5,0").unwrap(), Value::Double3D([1.0, 0.5, 0.0]));
    assert_eq!(read(ParamKind::String, "tl:5,6").unwrap(), Value::Text("tl:5,6".to_owned()));
    for text in ["mobilesam", "MobileSAM", "1"] {
        assert_eq!(read(ParamKind::Choice, text).unwrap(), Value::Integer(1), "{text}");
    }
    assert_eq!(read(ParamKind::Choice, "sam 3").unwrap(), Value::Integer(2));
}

#[test]
fn top_left_positions_are_turned_over() {
    assert_eq!(read(ParamKind::Double2D, "tl:640,100").unwrap(), Value::Double2D([640.0, 620.0]));
    assert_eq!(read(ParamKind::Double2D, " tl: 0 , 0 ").unwrap(), Value::Double2D([0.0, 720.0]));
    let wide = Stage { display: RectI::new(10, 20, 110, 70), pixel_aspect: 2.0 };
    let position = value(&described("p", ParamKind::Double2D), "tl:3,4", &wide).unwrap();
    assert_eq!(position, Value::Double2D([26.0, 66.0]));
    assert!(read(ParamKind::Double, "tl:3").is_err(), "only positions count from the top");
}

#[test]
fn values_outside_the_range_are_refused_with_the_range() {
    let threshold = ranged(ParamKind::Double, 0.0, 1.0);
    assert!(value(&threshold, "1.0", &stage()).is_ok());
    for text in ["1.01", "-0.1", "nan", "inf"] {
        let error = value(&threshold, text, &stage()).unwrap_err().to_string();
        assert!(error.contains("parameter p") && error.contains(text) && error.contains("0 to 1"), "{error}");
    }
    let count = ranged(ParamKind::Integer, 0.0, f64::from(i32::MAX));
    assert!(value(&count, "-1", &stage()).unwrap_err().to_string().contains("0 or more"));
    assert_eq!(range_words(&ranged(ParamKind::Double, f64::NEG_INFINITY, f64::INFINITY)), None);
    assert_eq!(range_words(&ranged(ParamKind::Double, f64::MIN, 5.0)).as_deref(), Some("5 or less"));
    let both =
        ParamDescription { range: Some((vec![0.0, 0.0], vec![1.0, 2.0])), ..described("p", ParamKind::Double2D) };
    assert_eq!(range_words(&both).as_deref(), Some("0 to 1,2"));
    assert!(value(&both, "0.5,2", &stage()).is_ok());
    assert!(value(&both, "1.5,2", &stage()).is_err(), "each number has its own limits");
}

#[test]
fn what_does_not_read_names_parameter_value_and_choices() {
    let error = read(ParamKind::Choice, "mobilsam").unwrap_err().to_string();
    assert!(error.contains("1 MobileSAM") && error.contains("did you mean MobileSAM?"), "{error}");
    let error = read(ParamKind::Boolean, "maybe").unwrap_err();
    assert!(error.to_string().contains("parameter p takes true or false") && error.exit_code() == 2, "{error}");
    for (kind, text) in [
        (ParamKind::Choice, "3"),
        (ParamKind::Choice, "-1"),
        (ParamKind::Integer, "1.5"),
        (ParamKind::Integer, "99999999999"),
        (ParamKind::Double, ""),
        (ParamKind::Double2D, "1"),
        (ParamKind::Double2D, "1,2,3"),
        (ParamKind::Double2D, "tl:1"),
    ] {
        assert!(matches!(read(kind, text), Err(CommandError::Value { .. })), "{kind:?} {text:?}");
    }
}

fn effect() -> ContextDescription {
    let clip = |name: &str| ClipDescription {
        name: name.to_owned(),
        label: name.to_owned(),
        components: vec![Components::Rgba],
        optional: false,
        mask: false,
        temporal: false,
        properties: BTreeMap::new(),
    };
    ContextDescription {
        context: Context::General,
        clips: vec![clip("Source"), clip("Matte"), clip("Output")],
        params: vec![
            described("prompts", ParamKind::Group),
            described("point1Position", ParamKind::Double2D),
            described("Invert", ParamKind::Boolean),
            described("amount", ParamKind::Double),
            described("Amount", ParamKind::Double),
        ],
    }
}

#[test]
fn parameters_go_by_script_name_by_name_and_in_any_case() {
    let effect = effect();
    assert_eq!(param(&effect, "InvertScript").unwrap().name, "Invert");
    assert_eq!(param(&effect, "invert").unwrap().name, "Invert");
    assert_eq!(param(&effect, "Amount").unwrap().name, "Amount");
    assert!(param(&effect, "AMOUNT").is_err(), "two parameters could be meant");
    assert!(param(&effect, "prompts").is_err(), "a group has no value");
    let error = param(&effect, "point1Postion").unwrap_err().to_string();
    assert!(error.contains("point1Postion") && error.contains("did you mean point1Position?"), "{error}");
}

#[test]
fn only_inputs_are_clips_to_connect() {
    assert!(input_clip(&effect(), "Matte").is_ok());
    let error = input_clip(&effect(), "Output").unwrap_err().to_string();
    assert!(error.contains("Source, Matte"), "{error}");
}

#[test]
fn one_parameter_under_two_spellings_is_a_contradiction() {
    let text =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let read = |values: &[(&str, &str)], keyed: &[&str]| {
        let keys = keyed.iter().map(|name| ((*name).to_owned(), BTreeMap::from([(3, "1".to_owned())]))).collect();
        settings(&text(values), &keys, &effect(), &stage())
    };
    let fine = read(&[("invert", "1")], &["amount"]).unwrap();
    assert_eq!(fine.values["Invert"], Value::Boolean(true));
    assert_eq!(fine.keys["amount"], [(3.0, Value::Double(1.0))]);
    assert!(matches!(read(&[("invert", "1"), ("Invert", "0")], &[]), Err(CommandError::Exclusive { .. })));
    assert!(matches!(read(&[("invert", "1")], &["Invert"]), Err(CommandError::Exclusive { .. })));
}

#[test]
fn keys_need_a_parameter_that_has_them() {
    let mut effect = effect();
    effect.params[2].animates = false;
    let keys = BTreeMap::from([("invert".to_owned(), BTreeMap::from([(3, "1".to_owned())]))]);
    let error = settings(&BTreeMap::new(), &keys, &effect, &stage()).unwrap_err();
    assert!(error.to_string().contains("--set Invert=VALUE"), "{error}");
}

proptest! {
    #[test]
    fn any_number_written_out_reads_back(number in prop::num::f64::NORMAL | prop::num::f64::ZERO, whole in any::<i32>()) {
        prop_assert_eq!(read(ParamKind::Double, &number.to_string()).unwrap(), Value::Double(number));
        prop_assert_eq!(read(ParamKind::Integer, &whole.to_string()).unwrap(), Value::Integer(whole));
        let pair = format!("{number},{whole}");
        prop_assert_eq!(read(ParamKind::Double2D, &pair).unwrap(), Value::Double2D([number, f64::from(whole)]));
    }

    #[test]
    fn any_text_is_a_finite_value_or_an_error(text in ".{0,12}") {
        for kind in ParamKind::ALL {
            if let Ok(Value::Double2D(values)) = read(*kind, &text) {
                prop_assert!(values.iter().all(|value| value.is_finite()));
            }
        }
    }
}
