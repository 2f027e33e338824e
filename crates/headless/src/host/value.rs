//! Parameter values and types.

use super::HostError;
use openfx_sys as sys;
use serde::{Deserialize, Serialize};
use std::ffi::CStr;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A check box.
    Boolean(bool),
    /// A whole number; for a choice, the index of its entry.
    Integer(i32),
    /// A number.
    Double(f64),
    /// Text; for a choice, the label of its entry.
    Text(String),
    /// Two whole numbers.
    Integer2D([i32; 2]),
    /// Three whole numbers.
    Integer3D([i32; 3]),
    /// Two numbers: a position is in canonical coordinates, y up.
    Double2D([f64; 2]),
    /// Three numbers; also a colour without alpha.
    Double3D([f64; 3]),
    /// Four numbers: a colour with alpha.
    Double4D([f64; 4]),
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParamKind {
    /// Whole number.
    Integer,
    /// Number.
    Double,
    /// Check box.
    Boolean,
    /// One of several entries.
    Choice,
    /// Colour with alpha.
    Rgba,
    /// Colour.
    Rgb,
    /// Two numbers.
    Double2D,
    /// Two whole numbers.
    Integer2D,
    /// Three numbers.
    Double3D,
    /// Three whole numbers.
    Integer3D,
    /// Text.
    String,
    /// Text with a meaning only the plugin knows.
    Custom,
    /// Holds other parameters.
    Group,
    /// A page of parameters.
    Page,
    /// A button.
    PushButton,
}

impl ParamKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Integer,
        Self::Double,
        Self::Boolean,
        Self::Choice,
        Self::Rgba,
        Self::Rgb,
        Self::Double2D,
        Self::Integer2D,
        Self::Double3D,
        Self::Integer3D,
        Self::String,
        Self::Custom,
        Self::Group,
        Self::Page,
        Self::PushButton,
    ];

    /// The OFX string of this kind.
    pub fn ofx(self) -> &'static CStr {
        let bytes: &'static [u8] = match self {
            Self::Integer => sys::kOfxParamTypeInteger,
            Self::Double => sys::kOfxParamTypeDouble,
            Self::Boolean => sys::kOfxParamTypeBoolean,
            Self::Choice => sys::kOfxParamTypeChoice,
            Self::Rgba => sys::kOfxParamTypeRGBA,
            Self::Rgb => sys::kOfxParamTypeRGB,
            Self::Double2D => sys::kOfxParamTypeDouble2D,
            Self::Integer2D => sys::kOfxParamTypeInteger2D,
            Self::Double3D => sys::kOfxParamTypeDouble3D,
            Self::Integer3D => sys::kOfxParamTypeInteger3D,
            Self::String => sys::kOfxParamTypeString,
            Self::Custom => sys::kOfxParamTypeCustom,
            Self::Group => sys::kOfxParamTypeGroup,
            Self::Page => sys::kOfxParamTypePage,
            Self::PushButton => sys::kOfxParamTypePushButton,
        };
        CStr::from_bytes_with_nul(bytes).unwrap_or(c"")
    }

    /// The kind that an OFX string stands for.
    pub fn from_ofx(text: &CStr) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.ofx() == text)
    }

    /// Reads a value of this kind from text, as a command line gives it: `true`/`1`/`on`, `3`, `0.5`, `640,360`, plain text. For a
    /// choice the label of an entry, or its index.
    ///
    /// # Errors
    /// [`HostError::ValueText`] when the text does not read as this kind, or the kind holds no value.
    pub fn parse(self, param: &str, choices: &[String], text: &str) -> Result<Value, HostError> {
        let text = text.trim();
        let value = match self {
            Self::Boolean => truth(text).map(Value::Boolean),
            Self::Choice => choice(choices, text),
            Self::String | Self::Custom => Some(Value::Text(text.to_owned())),
            Self::Integer => text.parse().ok().map(Value::Integer),
            Self::Integer2D => numbers(text).map(Value::Integer2D),
            Self::Integer3D => numbers(text).map(Value::Integer3D),
            Self::Double => text.parse().ok().map(Value::Double),
            Self::Double2D => numbers(text).map(Value::Double2D),
            Self::Double3D | Self::Rgb => numbers(text).map(Value::Double3D),
            Self::Rgba => numbers(text).map(Value::Double4D),
            Self::Group | Self::Page | Self::PushButton => None,
        };
        value.ok_or_else(|| HostError::ValueText {
            param: param.to_owned(),
            expected: match self {
                Self::Choice => format!("one of {}, or its index", choices.join(", ")),
                _ => self.words().to_owned(),
            },
            text: text.to_owned(),
        })
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "on" | "yes" => Some(true),
        "false" | "0" | "off" | "no" => Some(false),
        _ => None,
    }
}

/// The label itself, else without regard to case, else an index.
fn choice(choices: &[String], text: &str) -> Option<Value> {
    let exact = choices.iter().position(|choice| choice == text);
    let loose = || choices.iter().position(|choice| choice.eq_ignore_ascii_case(text));
    let index = || text.parse::<usize>().ok().filter(|index| *index < choices.len());
    let found = exact.or_else(loose).or_else(index)?;
    i32::try_from(found).ok().map(Value::Integer)
}

/// Exactly `N` numbers separated by commas or blanks.
fn numbers<T: std::str::FromStr, const N: usize>(text: &str) -> Option<[T; N]> {
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    let values: Option<Vec<T>> = parts.map(|part| part.parse().ok()).collect();
    values?.try_into().ok()
}

macro_rules! value_from {
    ($($type:ty => $variant:ident),+ $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}

value_from! {
    bool => Boolean,
    i32 => Integer,
    f64 => Double,
    &str => Text,
    String => Text,
    [i32; 2] => Integer2D,
    [i32; 3] => Integer3D,
    [f64; 2] => Double2D,
    [f64; 3] => Double3D,
    [f64; 4] => Double4D,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: ParamKind, text: &str) -> Option<Value> {
        kind.parse("p", &["Auto".to_owned(), "Matte".to_owned(), "3".to_owned()], text).ok()
    }

    #[test]
    fn text_reads_as_the_kind_asks() {
        assert_eq!(parse(ParamKind::Boolean, "On"), Some(Value::Boolean(true)));
        assert_eq!(parse(ParamKind::Integer, "-3"), Some(Value::Integer(-3)));
        assert_eq!(parse(ParamKind::Double2D, "640, 360.5"), Some(Value::Double2D([640.0, 360.5])));
        assert_eq!(parse(ParamKind::Rgba, "1,0,0,1"), Some(Value::Double4D([1.0, 0.0, 0.0, 1.0])));
        assert_eq!(parse(ParamKind::String, "a, b"), Some(Value::Text("a, b".to_owned())));
    }

    #[test]
    fn a_choice_is_named_or_numbered() {
        assert_eq!(parse(ParamKind::Choice, "matte"), Some(Value::Integer(1)));
        assert_eq!(parse(ParamKind::Choice, "0"), Some(Value::Integer(0)));
        // A label wins over an index.
        assert_eq!(parse(ParamKind::Choice, "3"), Some(Value::Integer(2)));
        assert_eq!(parse(ParamKind::Choice, "7"), None);
    }

    #[test]
    fn what_does_not_read_is_refused_with_words() {
        assert_eq!(parse(ParamKind::Double2D, "640"), None);
        assert_eq!(parse(ParamKind::Integer, "1.5"), None);
        let error = ParamKind::Boolean.parse("invert", &[], "maybe").unwrap_err();
        assert_eq!(error.to_string(), "parameter invert takes true or false; \"maybe\" does not read as that");
    }
}
