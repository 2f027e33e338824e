//! Values as a job file may write them.

use super::options::DepthName;
use clap::ValueEnum;
use serde::Deserialize;

/// A value of a job file. All become the text that the command line would give.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Boolean(bool),
    Integer(i64),
    Double(f64),
    Text(String),
    List(Vec<Scalar>),
}

impl Scalar {
    /// As the command line would write it.
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Double(value) => value.to_string(),
            Self::Text(value) => value,
            Self::List(values) => values.into_iter().map(Self::into_text).collect::<Vec<_>>().join(","),
        }
    }
}

/// Depths are written as `8` or `"8"`.
impl<'de> Deserialize<'de> for DepthName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Scalar::deserialize(deserializer)?.into_text();
        Self::from_str(&text, true)
            .map_err(|_| serde::de::Error::custom(format!("depth is 8, 10, 16, half or float, not {text}")))
    }
}
