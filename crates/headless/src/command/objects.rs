//! Objects that get layers of their own: their names, and how an effect is asked for one alone.

use super::error::CommandError;
use super::scalar::Scalar;
use crate::host::ContextDescription;
use clap::ValueEnum;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The parameter that chooses the object that comes out: 0 all of them, 1 the first.
const WHICH: &str = "objects";
/// The parameter that chooses what comes out, and its entry for the matte in alpha.
const MODE: (&str, &str) = ("outputMode", "0");

/// An object of the effect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// Its number, from 1.
    pub number: u32,
    /// Its name in the files.
    pub name: String,
}

/// What the layers of objects are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LayersName {
    /// A layer for each object, with its matte as channel A.
    #[default]
    Mattes,
    /// Cryptomatte: ids and coverages, from which compositors pick objects by name.
    Cryptomatte,
    /// Both.
    Both,
}

/// Reads names and numbers, in the order of the numbers.
///
/// # Errors
/// Names that programs would not take for a layer, numbers that are none, and layers without objects.
pub(super) fn objects(
    given: BTreeMap<String, Scalar>,
    layers: Option<LayersName>,
) -> Result<Vec<Object>, CommandError> {
    if given.is_empty() && layers.is_some() {
        return Err(CommandError::Missing { option: "--object", purpose: "the objects of --layers, as rabbit=1" });
    }
    let objects = given.into_iter().map(|(name, number)| {
        let number = number.into_text();
        let read = number.trim().parse().ok().filter(|number| *number > 0).filter(|_| is_name(&name));
        let number = read.ok_or_else(|| CommandError::Assignment {
            option: "--object",
            text: format!("{name}={number}"),
            form: "NAME=NUMBER, with letters, digits and _ in the name and a number from 1, as rabbit=1",
        })?;
        Ok(Object { number, name })
    });
    let mut objects: Vec<Object> = objects.collect::<Result<_, CommandError>>()?;
    objects.sort();
    Ok(objects)
}

/// What Nuke takes as the name of a layer, and EXR as a part of a channel's.
fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts && name.len() <= 64 && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

impl Object {
    /// The values and keys under which the effect gives this object's matte alone.
    ///
    /// # Errors
    /// [`CommandError::NoObjects`] for an effect that cannot.
    #[allow(clippy::type_complexity, reason = "the two maps of a job")]
    pub fn alone(
        &self,
        effect: &ContextDescription,
        values: &BTreeMap<String, String>,
        keys: &BTreeMap<String, BTreeMap<i32, String>>,
    ) -> Result<(BTreeMap<String, String>, BTreeMap<String, BTreeMap<i32, String>>), CommandError> {
        let has = |name: &str| effect.params.iter().any(|param| param.name == name || param.script_name == name);
        if !has(WHICH) {
            return Err(CommandError::NoObjects);
        }
        let (mut values, mut keys) = (values.clone(), keys.clone());
        let number = self.number.to_string();
        for (name, value) in [(WHICH, number.as_str()), MODE] {
            if has(name) {
                // However the user spelt it.
                values.retain(|given, _| !given.eq_ignore_ascii_case(name));
                keys.retain(|given, _| !given.eq_ignore_ascii_case(name));
                values.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok((values, keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, number: &str) -> Result<Vec<Object>, CommandError> {
        objects(BTreeMap::from([(name.to_owned(), Scalar::Text(number.to_owned()))]), None)
    }

    #[test]
    fn names_are_such_as_programs_take() {
        assert_eq!(read("rabbit_2", "1").unwrap(), [Object { number: 1, name: "rabbit_2".to_owned() }]);
        for (name, number) in
            [("two words", "1"), ("a.b", "1"), ("2nd", "1"), ("", "1"), ("rabbit", "0"), ("rabbit", "x")]
        {
            assert!(read(name, number).is_err(), "{name}={number}");
        }
    }

    #[test]
    fn layers_need_objects() {
        assert!(objects(BTreeMap::new(), Some(LayersName::Both)).is_err());
        assert!(objects(BTreeMap::new(), None).unwrap().is_empty());
    }
}
