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
        let _ = (param, choices, text);
        todo!()
    }
}
