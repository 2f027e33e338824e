//! Parameters of any type, for what goes through a whole table: rows with values, read by their row.

use super::access::Parameters;
use super::keys::{BooleanKey, ChoiceKey, Double2DKey, DoubleKey, IntegerKey, TextKey};
use super::row::{Kind, Row, TextMode};
use crate::error::{Error, Result};

/// A value of a parameter of any type.
#[derive(Debug, Clone, PartialEq)]
pub enum AnyValue {
    /// Of a tick box.
    Boolean(bool),
    /// A whole number.
    Integer(i32),
    /// The index of an option.
    Choice(usize),
    /// A number.
    Double(f64),
    /// Two numbers; positions in canonical coordinates.
    Double2D([f64; 2]),
    /// Text.
    Text(String),
}

impl Row {
    /// What it holds until somebody changes it; `None` for buttons, groups and pages.
    #[must_use]
    pub fn default_value(&self) -> Option<AnyValue> {
        Some(match self.kind {
            Kind::Boolean { default } => AnyValue::Boolean(default),
            Kind::Integer { default, .. } => AnyValue::Integer(default),
            Kind::Choice { default, .. } => AnyValue::Choice(default),
            Kind::Double { default, .. } => AnyValue::Double(default),
            Kind::Double2D { default, .. } => AnyValue::Double2D(default),
            Kind::Text { default, .. } => AnyValue::Text(default.to_string_lossy().into_owned()),
            Kind::PushButton | Kind::Group { .. } | Kind::Page => return None,
        })
    }

    /// Whether frames depend on it: what the host renders again after a change, but for the plugin's own data.
    #[must_use]
    pub fn shapes_frames(&self) -> bool {
        self.evaluates && !matches!(self.kind, Kind::Text { mode: TextMode::Custom | TextMode::Label, .. })
    }

    /// Whether it can be keyframed.
    #[must_use]
    pub fn animates(&self) -> bool {
        self.animates
    }

    /// Whether one keyframe of it changes every frame of the shot, as those of prompts do.
    #[must_use]
    pub fn propagates(&self) -> bool {
        self.animates && self.invalidates_all
    }
}

impl Parameters {
    /// The value at `time` of the parameter that a row describes.
    ///
    /// # Errors
    /// As [`Parameters::get`]; [`Error::MissingParameter`] for rows without a value.
    pub fn value_of(&self, row: &Row, time: f64) -> Result<AnyValue> {
        let name = row.name;
        Ok(match row.kind {
            Kind::Boolean { .. } => AnyValue::Boolean(self.get(BooleanKey::new(name), time)?),
            Kind::Integer { .. } => AnyValue::Integer(self.get(IntegerKey::new(name), time)?),
            Kind::Choice { .. } => AnyValue::Choice(self.get(ChoiceKey::new(name), time)?),
            Kind::Double { .. } => AnyValue::Double(self.get(DoubleKey::new(name), time)?),
            Kind::Double2D { .. } => AnyValue::Double2D(self.get(Double2DKey::new(name), time)?),
            Kind::Text { .. } => AnyValue::Text(self.get(TextKey::new(name), time)?),
            Kind::PushButton | Kind::Group { .. } | Kind::Page => {
                return Err(Error::MissingParameter { name: name.to_string_lossy().into_owned() });
            }
        })
    }

    /// Whether the host says that the parameter of a row changes over time.
    #[must_use]
    pub fn is_animating_row(&self, row: &Row) -> bool {
        self.is_animating(DoubleKey::new(row.name))
    }

    /// The times of the keyframes of the parameter that a row describes, ascending.
    #[must_use]
    pub fn key_times_of(&self, row: &Row) -> Vec<f64> {
        // Keyframes are asked for by name alone: the type of the key does not matter.
        self.key_times(DoubleKey::new(row.name))
    }
}
