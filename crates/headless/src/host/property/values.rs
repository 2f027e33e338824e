//! The values of one property.

use crate::host::description::PropertyValues;
use std::ffi::{CStr, CString};
use std::sync::Arc;

/// The values of one property.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::host) enum Values {
    /// Whole numbers.
    Int(Vec<i32>),
    /// Numbers.
    Double(Vec<f64>),
    /// Texts. Shared, so that a pointer handed to a plugin outlives a change of the property.
    Text(Vec<Arc<CStr>>),
    /// Addresses.
    Pointer(Vec<usize>),
}

/// One type of value.
pub(in crate::host) trait Element: Clone + Default {
    /// What the type is called in messages.
    const NAME: &'static str;
    /// The values, if they are of this type.
    fn of(values: &Values) -> Option<&Vec<Self>>;
    /// The values for change, if they are of this type.
    fn of_mut(values: &mut Values) -> Option<&mut Vec<Self>>;
    /// Values of this type.
    fn wrap(values: Vec<Self>) -> Values;
}

macro_rules! element {
    ($type:ty, $variant:ident, $name:literal) => {
        impl Element for $type {
            const NAME: &'static str = $name;
            fn of(values: &Values) -> Option<&Vec<Self>> {
                if let Values::$variant(values) = values { Some(values) } else { None }
            }
            fn of_mut(values: &mut Values) -> Option<&mut Vec<Self>> {
                if let Values::$variant(values) = values { Some(values) } else { None }
            }
            fn wrap(values: Vec<Self>) -> Values {
                Values::$variant(values)
            }
        }
    };
}

element!(i32, Int, "int");
element!(f64, Double, "double");
element!(Arc<CStr>, Text, "string");
element!(usize, Pointer, "pointer");

impl Values {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Int(values) => values.len(),
            Self::Double(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::Pointer(values) => values.len(),
        }
    }

    /// As plain data.
    pub(super) fn plain(&self) -> PropertyValues {
        match self {
            Self::Int(values) => PropertyValues::Int(values.clone()),
            Self::Double(values) => PropertyValues::Double(values.clone()),
            Self::Text(values) => {
                PropertyValues::Text(values.iter().map(|value| value.to_string_lossy().into_owned()).collect())
            }
            Self::Pointer(values) => PropertyValues::Pointer(values.iter().map(|value| *value != 0).collect()),
        }
    }
}

/// Text as properties hold it.
pub(in crate::host) fn text(text: &CStr) -> Arc<CStr> {
    Arc::from(text)
}

/// Text for a property from a Rust string; cut at an inner NUL.
pub(in crate::host) fn text_of(string: &str) -> Arc<CStr> {
    let bytes: Vec<u8> = string.bytes().take_while(|byte| *byte != 0).collect();
    CString::new(bytes).map_or_else(|_| Arc::from(c""), Arc::from)
}
