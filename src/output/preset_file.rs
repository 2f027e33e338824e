//! Presets as files: a TOML table of parameters by their script names, in the words and numbers of the panel.

use std::path::{Path, PathBuf};

use openfx::{BooleanKey, ChoiceKey, DoubleKey, Error, IntegerKey, Key, Parameters};
use toml::{Table, Value};

use super::parameters::*;
use crate::whole_file;

/// A parameter that a preset sets, and how its value is written.
#[derive(Debug, Clone, Copy)]
pub enum PresetKey {
    /// A number.
    Number(DoubleKey),
    /// A whole number.
    Whole(IntegerKey),
    /// Yes or no.
    Switch(BooleanKey),
    /// One of these words, in the order of the parameter's choices.
    Words(ChoiceKey, &'static [&'static str]),
}

use PresetKey::{Number, Switch, Whole, Words};

/// Everything a preset sets: all that depends on the material, nothing of what comes in and what is written.
pub const KEYS: [PresetKey; 31] = [
    Number(BLACK_POINT),
    Number(WHITE_POINT),
    Number(GAMMA),
    Number(FILL_HOLES),
    Number(REMOVE_SPECKS),
    Number(GROW),
    Number(BORDER),
    Number(FEATHER),
    Number(FEATHER_BIAS),
    Number(BLUR),
    Words(REFINE, &["off", "brightness", "colour", "closed form", "learned"]),
    Number(TRIMAP_INSIDE),
    Number(TRIMAP_OUTSIDE),
    Number(REFINE_AMOUNT),
    Number(REFINE_RADIUS),
    Number(REFINE_TOLERANCE),
    Whole(HAIR_DETAIL),
    Switch(REFINE_FAST),
    Number(HAIR_WIDTH),
    Number(EDGE_WIDTH),
    Number(CORE_DENSITY),
    Number(EDGE_DENSITY),
    Number(HAIR_DENSITY),
    Words(EDGE_COLOUR, &["picture", "estimate", "extend"]),
    Number(EDGE_COLOUR_AMOUNT),
    Number(EXTEND_INSET),
    Words(DESPILL, &["off", "green", "blue", "background"]),
    Number(DESPILL_AMOUNT),
    Number(RESTORE_LUMINANCE),
    Number(LIGHT_WRAP),
    Number(LIGHT_WRAP_WIDTH),
];

/// Why a preset cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PresetError {
    /// The file cannot be read or written.
    #[error("the preset {} cannot be {action}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// It is no TOML.
    #[error("the preset {} cannot be understood: {problem}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and what.
        problem: String,
    },
    /// A name that is no parameter of a preset.
    #[error("the preset {} sets '{key}', which is no parameter of a preset", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The name.
        key: String,
    },
    /// A value of the wrong kind.
    #[error("the preset {} sets {key} to {found}; it takes {expected}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The parameter.
        key: &'static str,
        /// What stands there.
        found: String,
        /// What it takes.
        expected: String,
    },
    /// No name was given.
    #[error("name the preset first: type a name into User Preset")]
    NoName,
    /// There is no folder for presets.
    #[error("there is no folder for presets: set presets.folder in the settings, or type a full path")]
    NoFolder,
}

impl From<PresetError> for Error {
    fn from(error: PresetError) -> Self {
        Self::effect(error)
    }
}

impl PresetKey {
    /// The parameter's script name.
    pub fn name(&self) -> &'static str {
        let name = match self {
            Number(key) => key.name(),
            Whole(key) => key.name(),
            Switch(key) => key.name(),
            Words(key, _) => key.name(),
        };
        name.to_str().unwrap_or_default()
    }

    fn expected(&self) -> String {
        match self {
            Number(_) => "a number".to_owned(),
            Whole(_) => "a whole number".to_owned(),
            Switch(_) => "true or false".to_owned(),
            Words(_, words) => format!("one of: {}", words.join(", ")),
        }
    }

    /// Whether a value is of the kind it takes.
    fn takes(&self, value: &Value) -> bool {
        match self {
            Number(_) => number(value).is_some(),
            Whole(_) => whole(value).is_some(),
            Switch(_) => value.as_bool().is_some(),
            Words(_, words) => value.as_str().is_some_and(|word| words.contains(&word)),
        }
    }

    fn set(&self, parameters: &Parameters, value: &Value) -> openfx::Result<()> {
        match *self {
            Number(key) => number(value).map_or(Ok(()), |value| parameters.set(key, value)),
            Whole(key) => whole(value).map_or(Ok(()), |value| parameters.set(key, value)),
            Switch(key) => value.as_bool().map_or(Ok(()), |value| parameters.set(key, value)),
            Words(key, words) => {
                let index = words.iter().position(|word| value.as_str() == Some(word));
                index.map_or(Ok(()), |index| parameters.set(key, index))
            }
        }
    }

    fn get(&self, parameters: &Parameters, time: f64) -> openfx::Result<Value> {
        Ok(match *self {
            Number(key) => Value::Float(parameters.get(key, time)?),
            Whole(key) => Value::Integer(parameters.get(key, time)?.into()),
            Switch(key) => Value::Boolean(parameters.get(key, time)?),
            Words(key, words) => {
                let word = words.get(parameters.get(key, time)?).copied();
                Value::String(word.unwrap_or_default().to_owned())
            }
        })
    }
}

fn number(value: &Value) -> Option<f64> {
    let number = value.as_float().or_else(|| value.as_integer().map(|value| value as f64));
    number.filter(|number| number.is_finite())
}

fn whole(value: &Value) -> Option<i32> {
    value.as_integer().and_then(|value| i32::try_from(value).ok())
}

/// Values of parameters, by their names.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Preset(Table);

impl Preset {
    /// Reads a file.
    ///
    /// # Errors
    /// [`PresetError`] for a file that is not there, is no TOML, or holds what no preset sets.
    pub fn read(path: &Path) -> Result<Self, PresetError> {
        let text = std::fs::read_to_string(path).map_err(|source| {
            let action = "read";
            PresetError::File { path: path.to_owned(), action, source }
        })?;
        Self::parse(&text, path)
    }

    /// As [`read`](Self::read), of a text; `path` is for the words of an error.
    ///
    /// # Errors
    /// As there.
    pub fn parse(text: &str, path: &Path) -> Result<Self, PresetError> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| PresetError::Syntax {
            path: path.to_owned(),
            problem: error.to_string().trim().to_owned(),
        })?;
        for (name, value) in &table {
            let Some(key) = KEYS.iter().find(|key| key.name() == name) else {
                return Err(PresetError::Unknown { path: path.to_owned(), key: name.clone() });
            };
            if !key.takes(value) {
                return Err(PresetError::Wrong {
                    path: path.to_owned(),
                    key: key.name(),
                    found: value.to_string(),
                    expected: key.expected(),
                });
            }
        }
        Ok(Self(table))
    }

    /// What the panel says at a time.
    ///
    /// # Errors
    /// The host's refusal.
    pub fn of(parameters: &Parameters, time: f64) -> openfx::Result<Self> {
        let entry = |key: &PresetKey| Ok((key.name().to_owned(), key.get(parameters, time)?));
        Ok(Self(KEYS.iter().map(entry).collect::<openfx::Result<Table>>()?))
    }

    /// These values, and those of `below` for what is not set here.
    #[must_use]
    pub fn over(mut self, below: Self) -> Self {
        for (name, value) in below.0 {
            self.0.entry(name).or_insert(value);
        }
        self
    }

    /// Sets the parameters.
    ///
    /// # Errors
    /// The host's refusal.
    pub fn apply(&self, parameters: &Parameters) -> openfx::Result<()> {
        KEYS.iter().try_for_each(|key| self.0.get(key.name()).map_or(Ok(()), |value| key.set(parameters, value)))
    }

    /// Writes a file, whole or not at all; its folder is made where it is missing.
    ///
    /// # Errors
    /// [`PresetError::File`].
    pub fn write(&self, path: &Path) -> Result<(), PresetError> {
        let failed = |source| PresetError::File { path: path.to_owned(), action: "written", source };
        let text = self.0.to_string();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        whole_file::write(path, &text).map_err(failed)
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where something is missing")]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Preset::parse(text, Path::new("mine.toml")).unwrap_err().to_string()
    }

    #[test]
    fn a_preset_that_cannot_be_meant_is_refused_in_words() {
        assert!(refused("feather = ").contains("mine.toml"));
        assert!(refused("fether = 3").contains("'fether'"));
        assert!(refused("feather = 'wide'").contains("feather to \"wide\"; it takes a number"));
        assert!(refused("feather = nan").contains("a number"));
        assert!(refused("refine = 'magic'").contains("closed form"));
        assert!(refused("outputMode = 3").contains("no parameter of a preset"));
    }

    #[test]
    fn what_a_preset_does_not_set_comes_from_below() {
        let parse = |text| Preset::parse(text, Path::new("a")).unwrap();
        let both = parse("feather = 3\nrefine = 'off'").over(parse("feather = 1\ngrow = 2.5"));
        assert_eq!(both, parse("feather = 3\nrefine = 'off'\ngrow = 2.5"));
    }
}
