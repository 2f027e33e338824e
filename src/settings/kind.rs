//! What a value may be, how it is read from the file and from the environment, and how it is told.

use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use inference::{DeviceOrder, Precision};
use toml::de::DeValue;

use super::Settings;

/// The place of a setting's value.
pub(super) type Field<T> = fn(&mut Settings) -> &mut T;

/// What a setting takes.
pub(super) enum Kind {
    /// An absolute path; empty text for none.
    Path {
        /// What is taken while none is given.
        otherwise: &'static str,
        /// Its place.
        field: Field<Option<PathBuf>>,
    },
    /// Absolute folders: a list in the file, separated as in `PATH` in the environment.
    Folders(Field<Vec<PathBuf>>),
    /// A whole number.
    Whole {
        /// What is allowed.
        range: RangeInclusive<u64>,
        /// Its place.
        field: Field<u64>,
    },
    /// A whole number, or "auto".
    WholeOrAuto {
        /// What is allowed.
        range: RangeInclusive<u64>,
        /// What "auto" takes.
        auto: &'static str,
        /// Its place.
        field: Field<Option<u64>>,
    },
    /// Devices in the order in which they are tried: names separated by commas, or a list of names.
    Devices(Field<DeviceOrder>),
    /// What devices compute in.
    Precision(Field<Precision>),
    /// Yes or no: `true` or `false` in the file, also `on` and `off` in the environment.
    Switch(Field<bool>),
    /// What is logged: a level for all, or for modules.
    Levels(Field<String>),
}

/// A value as it is written.
#[derive(Clone, Copy)]
pub(super) enum Raw<'a> {
    /// In a variable of the environment or on the command line.
    Text(&'a OsStr),
    /// In the file.
    Toml(&'a DeValue<'a>),
}

/// The value is none that the setting takes.
pub(super) struct Refused;

const AUTO: &str = "auto";
const PRECISIONS: [(&str, Precision); 2] = [("f32", Precision::F32), ("f16", Precision::F16)];
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

impl Kind {
    /// Puts a value into its place.
    pub(super) fn store(&self, raw: Raw<'_>, settings: &mut Settings) -> Result<(), Refused> {
        match self {
            Self::Path { field, .. } => *field(settings) = raw.path_or_none()?,
            Self::Folders(field) => *field(settings) = raw.folders()?,
            Self::Whole { range, field } => *field(settings) = raw.whole(range)?,
            Self::WholeOrAuto { range, field, .. } => {
                *field(settings) = if raw.word() == Some(AUTO) { None } else { Some(raw.whole(range)?) };
            }
            Self::Devices(field) => {
                let text = raw.words().ok_or(Refused)?.join(",");
                *field(settings) = text.parse().map_err(|_| Refused)?;
            }
            Self::Precision(field) => {
                let word = raw.word().ok_or(Refused)?;
                *field(settings) = PRECISIONS.iter().find(|(name, _)| *name == word).ok_or(Refused)?.1;
            }
            Self::Switch(field) => *field(settings) = raw.switch()?,
            Self::Levels(field) => {
                *field(settings) = raw.word().filter(|text| are_levels(text)).ok_or(Refused)?.to_owned();
            }
        }
        Ok(())
    }

    /// What the setting takes, in words.
    pub(super) fn allowed(&self) -> String {
        match self {
            Self::Path { .. } => format!("an absolute path, such as {EXAMPLE_PATH}"),
            Self::Folders(_) => format!("a list of absolute folders, such as [{EXAMPLE_PATH}]"),
            Self::Whole { range, .. } => format!("a whole number from {} to {}", range.start(), range.end()),
            Self::WholeOrAuto { range, .. } => {
                format!("a whole number from {} to {}, or \"auto\"", range.start(), range.end())
            }
            Self::Devices(_) => {
                "\"auto\", or one or a list of cpu, cuda, tensorrt, directml, coreml, webgpu, with a number where there are several, such as [\"cuda:1\", \"cpu\"]".to_owned()
            }
            Self::Precision(_) => "\"f32\" or \"f16\"".to_owned(),
            Self::Switch(_) => "true or false".to_owned(),
            Self::Levels(_) => {
                format!("one of {}, or a level for each module, such as \"warn,inference=debug\"", LEVELS.join(", "))
            }
        }
    }

    /// The setting's value in words.
    pub(super) fn text(&self, settings: &Settings) -> String {
        // Places are told by functions that could also write: they get a copy.
        let settings = &mut settings.clone();
        match self {
            Self::Path { otherwise, field } => match field(settings) {
                Some(path) => path.display().to_string(),
                None => (*otherwise).to_owned(),
            },
            Self::Folders(field) => {
                let folders: Vec<String> = field(settings).iter().map(|folder| folder.display().to_string()).collect();
                if folders.is_empty() { "none".to_owned() } else { folders.join(", ") }
            }
            Self::Whole { field, .. } => field(settings).to_string(),
            Self::WholeOrAuto { auto, field, .. } => match field(settings) {
                Some(number) => number.to_string(),
                None => format!("{AUTO} ({auto})"),
            },
            Self::Devices(field) => field(settings).to_string(),
            Self::Precision(field) => {
                let held = *field(settings);
                PRECISIONS
                    .iter()
                    .find(|(_, precision)| *precision == held)
                    .map_or_else(String::new, |(name, _)| (*name).to_owned())
            }
            Self::Switch(field) => field(settings).to_string(),
            Self::Levels(field) => field(settings).clone(),
        }
    }
}

#[cfg(windows)]
const EXAMPLE_PATH: &str = "'D:\\models'";
#[cfg(not(windows))]
const EXAMPLE_PATH: &str = "\"/mnt/models\"";

impl Raw<'_> {
    /// The value as it is written, shortened, for a message.
    pub(super) fn found(&self) -> String {
        match self {
            Self::Text(text) => quoted(&text.to_string_lossy()),
            Self::Toml(DeValue::String(text)) => quoted(text),
            Self::Toml(DeValue::Integer(number)) => shortened(&number.to_string()),
            Self::Toml(DeValue::Float(number)) => shortened(&number.to_string()),
            Self::Toml(DeValue::Boolean(value)) => value.to_string(),
            Self::Toml(DeValue::Datetime(time)) => time.to_string(),
            Self::Toml(DeValue::Array(entries)) => {
                let entries: Vec<String> =
                    entries.iter().take(4).map(|entry| Raw::Toml(entry.get_ref()).found()).collect();
                shortened(&format!("[{}]", entries.join(", ")))
            }
            Self::Toml(DeValue::Table(_)) => "a section".to_owned(),
        }
    }

    fn word(&self) -> Option<&str> {
        match self {
            Self::Text(text) => text.to_str().map(str::trim),
            Self::Toml(value) => value.as_str(),
        }
    }

    /// One word, or all words of a list.
    fn words(&self) -> Option<Vec<&str>> {
        match self {
            Self::Toml(DeValue::Array(entries)) => entries.iter().map(|entry| entry.get_ref().as_str()).collect(),
            one => Some(vec![one.word()?]),
        }
    }

    fn whole(&self, range: &RangeInclusive<u64>) -> Result<u64, Refused> {
        let number = match self {
            Self::Text(text) => text.to_str().and_then(|text| text.trim().parse().ok()),
            Self::Toml(value) => {
                value.as_integer().and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok())
            }
        };
        number.filter(|number| range.contains(number)).ok_or(Refused)
    }

    fn switch(&self) -> Result<bool, Refused> {
        match self {
            Self::Text(_) => match self.word().unwrap_or_default().to_ascii_lowercase().as_str() {
                "true" | "on" | "yes" | "1" => Ok(true),
                "false" | "off" | "no" | "0" => Ok(false),
                _ => Err(Refused),
            },
            Self::Toml(value) => value.as_bool().ok_or(Refused),
        }
    }

    fn path(&self) -> Result<PathBuf, Refused> {
        match self {
            Self::Text(text) => absolute(Path::new(text)),
            Self::Toml(value) => absolute(Path::new(value.as_str().ok_or(Refused)?)),
        }
    }

    fn path_or_none(&self) -> Result<Option<PathBuf>, Refused> {
        if self.word() == Some("") { Ok(None) } else { self.path().map(Some) }
    }

    fn folders(&self) -> Result<Vec<PathBuf>, Refused> {
        match self {
            Self::Text(text) => {
                let folders = std::env::split_paths(text).filter(|folder| !folder.as_os_str().is_empty());
                folders.map(|folder| absolute(&folder)).collect()
            }
            Self::Toml(DeValue::Array(entries)) => {
                entries.iter().map(|entry| Raw::Toml(entry.get_ref()).path()).collect()
            }
            Self::Toml(_) => Err(Refused),
        }
    }
}

/// A host's working folder is anywhere: a path from there would be another file each time.
fn absolute(path: &Path) -> Result<PathBuf, Refused> {
    if path.is_absolute() { Ok(path.to_owned()) } else { Err(Refused) }
}

fn are_levels(text: &str) -> bool {
    let is_level = |word: &str| LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level));
    let is_module = |word: &str| {
        !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "_:".contains(letter))
    };
    text.split(',').all(|part| match part.trim().split_once('=') {
        Some((module, level)) => is_module(module.trim()) && is_level(level.trim()),
        None => is_level(part.trim()),
    })
}

fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

/// Messages stand on a node: a text of any length must not fill the viewer.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
