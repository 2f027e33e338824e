//! Names and values of parameters, as the effect understands them.

use super::error::CommandError;
use crate::host::{ClipDescription, ContextDescription, ParamDescription, ParamKind, RectI, Value};
use std::collections::BTreeMap;

/// Marks a position counted from the top left corner, y down.
const TOP_LEFT: &str = "tl:";

/// The picture that positions refer to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// Display window of the source in pixels, y up.
    pub display: RectI,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
}

impl Stage {
    /// Canonical coordinates of a place in pixels from the top left corner of the top left pixel, y down.
    pub fn from_top_left(&self, place: [f64; 2]) -> [f64; 2] {
        [(f64::from(self.display.x1) + place[0]) * self.pixel_aspect, f64::from(self.display.y2) - place[1]]
    }
}

/// Values and keys of all parameters, by the names that the effect gave them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// Constant values.
    pub values: BTreeMap<String, Value>,
    /// Keys by time.
    pub keys: BTreeMap<String, Vec<(f64, Value)>>,
}

/// Reads the values and keys of a job.
///
/// # Errors
/// Unknown names with what comes near, values that the parameter does not take with what it does, keys where there can be none.
pub fn settings(
    values: &BTreeMap<String, String>,
    keys: &BTreeMap<String, BTreeMap<i32, String>>,
    effect: &ContextDescription,
    stage: &Stage,
) -> Result<Settings, CommandError> {
    let mut settings = Settings::default();
    for (name, text) in values {
        let param = param(effect, name)?;
        if settings.values.insert(param.name.clone(), value(param, text, stage)?).is_some() {
            return Err(named_twice(param));
        }
    }
    for (name, keys) in keys {
        let param = param(effect, name)?;
        if !param.animates {
            return Err(CommandError::NotAnimated { param: param.name.clone() });
        }
        let keys = keys.iter().map(|(frame, text)| Ok((f64::from(*frame), value(param, text, stage)?)));
        let keys: Vec<_> = keys.collect::<Result<_, CommandError>>()?;
        let again = settings.keys.insert(param.name.clone(), keys).is_some();
        if again || settings.values.contains_key(&param.name) {
            return Err(named_twice(param));
        }
    }
    Ok(settings)
}

/// One parameter under two spellings, or with a value and keys.
fn named_twice(param: &ParamDescription) -> CommandError {
    let name = &param.name;
    CommandError::Exclusive { first: format!("a value of {name}"), second: format!("other values or keys of {name}") }
}

/// The parameter that holds a value and has this script name or name; in any case where that is not ambiguous.
///
/// # Errors
/// [`CommandError::Unknown`] with the names that come near.
pub fn param<'a>(effect: &'a ContextDescription, name: &str) -> Result<&'a ParamDescription, CommandError> {
    let holders = || effect.params.iter().filter(|param| holds_value(param.kind));
    let exact =
        holders().find(|param| param.script_name == name).or_else(|| holders().find(|param| param.name == name));
    let loose = || {
        let mut matching = holders().filter(|param| param.name.eq_ignore_ascii_case(name));
        matching.next().filter(|_| matching.next().is_none())
    };
    exact.or_else(loose).ok_or_else(|| CommandError::Unknown {
        kind: "parameter",
        name: name.to_owned(),
        available: holders().map(|param| param.name.clone()).collect(),
    })
}

/// The clip of this name.
///
/// # Errors
/// [`CommandError::Unknown`] with the inputs that there are.
pub fn input_clip<'a>(effect: &'a ContextDescription, name: &str) -> Result<&'a ClipDescription, CommandError> {
    let inputs = || effect.clips.iter().filter(|clip| clip.name != "Output");
    inputs().find(|clip| clip.name == name).ok_or_else(|| CommandError::Unknown {
        kind: "clip",
        name: name.to_owned(),
        available: inputs().map(|clip| clip.name.clone()).collect(),
    })
}

/// Reads a value for a parameter: as [`ParamDescription::parse`], with `tl:x,y` for positions, and within the parameter's range.
///
/// # Errors
/// [`CommandError::Value`] naming the parameter, the text and what is allowed.
pub fn value(param: &ParamDescription, text: &str, stage: &Stage) -> Result<Value, CommandError> {
    let refused = || CommandError::Value {
        param: param.name.clone(),
        text: text.to_owned(),
        expected: expected(param),
        choices: param.choices.clone(),
    };
    let (plain, from_top) = match text.trim().strip_prefix(TOP_LEFT) {
        Some(rest) if param.kind == ParamKind::Double2D => (rest, true),
        _ => (text, false),
    };
    let value = param.parse(plain).map_err(|_| refused())?;
    let value = match value {
        Value::Double2D(place) if from_top => Value::Double2D(stage.from_top_left(place)),
        value => value,
    };
    match within(param, &value) {
        true => Ok(value),
        false => Err(refused()),
    }
}

/// What a parameter takes, in words.
pub fn expected(param: &ParamDescription) -> String {
    let words = match param.kind {
        ParamKind::Boolean => "true or false (or 1 or 0)".to_owned(),
        ParamKind::Choice => {
            let entries: Vec<String> =
                param.choices.iter().enumerate().map(|(index, label)| format!("{index} {label}")).collect();
            format!("one of {}", entries.join(", "))
        }
        ParamKind::Integer => "a whole number".to_owned(),
        ParamKind::Double => "a number".to_owned(),
        ParamKind::Double2D => "a position x,y with y up, or tl:x,y with y down from the top left".to_owned(),
        ParamKind::Integer2D => "two whole numbers x,y".to_owned(),
        ParamKind::Integer3D => "three whole numbers x,y,z".to_owned(),
        ParamKind::Double3D => "three numbers x,y,z".to_owned(),
        ParamKind::Rgb => "a colour r,g,b".to_owned(),
        ParamKind::Rgba => "a colour r,g,b,a".to_owned(),
        ParamKind::String | ParamKind::Custom => "text".to_owned(),
        ParamKind::Group | ParamKind::Page | ParamKind::PushButton => "no value".to_owned(),
    };
    match range_words(param) {
        Some(range) => format!("{words}, {range}"),
        None => words,
    }
}

/// The limits of a parameter in words, where it has any that matter.
pub fn range_words(param: &ParamDescription) -> Option<String> {
    let (low, high) = param.range.as_ref()?;
    let bound = |values: &[f64], open: bool| {
        let limited = values.iter().any(|value| value.is_finite() && value.abs() < f64::from(i32::MAX));
        let same = values.iter().all(|value| Some(value) == values.first());
        let words = match same {
            true => values.first().map(f64::to_string).unwrap_or_default(),
            false => values.iter().map(f64::to_string).collect::<Vec<_>>().join(","),
        };
        (limited && !open).then_some(words)
    };
    match (bound(low, low.is_empty()), bound(high, high.is_empty())) {
        (Some(low), Some(high)) => Some(format!("{low} to {high}")),
        (Some(low), None) => Some(format!("{low} or more")),
        (None, Some(high)) => Some(format!("{high} or less")),
        (None, None) => None,
    }
}

/// Whether a kind of parameter holds a value.
pub fn holds_value(kind: ParamKind) -> bool {
    !matches!(kind, ParamKind::Group | ParamKind::Page | ParamKind::PushButton)
}

/// Whether all numbers are numbers, and inside the parameter's range.
fn within(param: &ParamDescription, value: &Value) -> bool {
    let numbers: Vec<f64> = match value {
        Value::Integer(_) if param.kind == ParamKind::Choice => Vec::new(),
        Value::Integer(value) => vec![f64::from(*value)],
        Value::Double(value) => vec![*value],
        Value::Integer2D(values) => values.map(f64::from).to_vec(),
        Value::Integer3D(values) => values.map(f64::from).to_vec(),
        Value::Double2D(values) => values.to_vec(),
        Value::Double3D(values) => values.to_vec(),
        Value::Double4D(values) => values.to_vec(),
        Value::Boolean(_) | Value::Text(_) => Vec::new(),
    };
    let (low, high) = param.range.clone().unwrap_or_default();
    numbers.iter().enumerate().all(|(index, number)| {
        let above = low.get(index).is_none_or(|low| number >= low);
        let below = high.get(index).is_none_or(|high| number <= high);
        number.is_finite() && above && below
    })
}
