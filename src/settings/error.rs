//! Settings that cannot be used, in words for the person who wrote them.

use std::fmt;
use std::path::PathBuf;

use super::kind::shortened;
use super::near::nearest;

/// Most problems of one reading that are shown: a file of another program would fill the screen.
const MOST_SHOWN: usize = 5;

/// Who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Nobody.
    Default,
    /// A line of the settings file, counted from 1.
    File {
        /// The file.
        file: PathBuf,
        /// Its line.
        line: usize,
    },
    /// A variable of the environment.
    Variable(&'static str),
    /// An option of the `sam3roto` command.
    Command,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default"),
            Self::File { file, line } => write!(out, "{}, line {line}", file.display()),
            Self::Variable(name) => write!(out, "environment variable {name}"),
            Self::Command => out.write_str("command line"),
        }
    }
}

impl Place {
    /// What to do when the value there is refused.
    fn remedy(&self) -> &'static str {
        match self {
            Self::Default => "",
            Self::Command => "Correct the option.",
            Self::File { .. } => "Correct the line and render again.",
            Self::Variable(_) => "Correct or unset it and start the host again.",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A value that the setting does not take.
    #[error("{place}: {key} is {found}; allowed is {allowed}. {remedy}", remedy = place.remedy())]
    Value {
        /// Where it is written.
        place: Place,
        /// The setting.
        key: String,
        /// The value.
        found: String,
        /// What the setting takes.
        allowed: String,
    },
    /// A name that no setting has.
    #[error("{place}: there is no setting {key}{hint} {remedy}", hint = did_you_mean(*nearest), remedy = place.remedy())]
    Unknown {
        /// Where it is written.
        place: Place,
        /// The name.
        key: String,
        /// The setting that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A file that is no TOML.
    #[error("{place}: {reason}. {remedy}", remedy = place.remedy())]
    Syntax {
        /// Where.
        place: Place,
        /// The parser's words.
        reason: String,
    },
    /// The file is there and cannot be read.
    #[error("the settings file {} cannot be read: {reason}. Put that right and render again.", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The operating system's words, or what is wrong with the file as a whole.
        reason: String,
    },
    /// The file was named on purpose and is not there.
    #[error("{variable} names the settings file {}, which does not exist. Put the file there, or unset {variable} and start the host again.", file.display())]
    Missing {
        /// The variable that names it.
        variable: &'static str,
        /// The file.
        file: PathBuf,
    },
}

impl Problem {
    /// No setting has this name.
    pub(super) fn unknown(key: &str, place: Place) -> Self {
        Self::Unknown { place, key: shortened(key), nearest: nearest(key) }
    }
}

fn did_you_mean(nearest: Option<&'static str>) -> String {
    match nearest.and_then(|key| Some((key, key.split_once('.')?))) {
        Some((key, (section, name))) => format!("; did you mean {key} ({name} below [{section}])?"),
        None => "; docs/settings.md lists them all.".to_owned(),
    }
}

/// Settings that are not used because something in them is wrong. Nothing is rendered with a part of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", words(problems))]
pub struct SettingsError {
    problems: Vec<Problem>,
}

impl SettingsError {
    /// A refusal; none where nothing is wrong.
    pub(super) fn of(problems: Vec<Problem>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self { problems })
    }

    /// Everything that is wrong, in the order of the lines.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

fn words(problems: &[Problem]) -> String {
    let mut lines: Vec<String> = problems.iter().take(MOST_SHOWN).map(ToString::to_string).collect();
    if problems.len() > MOST_SHOWN {
        lines.push(format!("... and {} more", problems.len() - MOST_SHOWN));
    }
    format!("Settings are not used because something in them is wrong.\n{}", lines.join("\n"))
}
