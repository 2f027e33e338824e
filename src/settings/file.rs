//! `settings.toml`: sections of keys, every one of them known.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Settings;
use super::error::{Place, Problem};
use super::kind::Raw;
use super::table::TABLE;

/// No settings file is larger; a film that was named by mistake is not read into memory.
const MOST_BYTES: u64 = 1 << 20;

/// The text of the file; none where there is no such file.
///
/// # Errors
/// [`Problem::Unreadable`].
pub(super) fn text_of(file: &Path) -> Result<Option<String>, Problem> {
    let refused = |reason: String| Problem::Unreadable { file: file.to_owned(), reason };
    let opened = match File::open(file) {
        Ok(opened) => opened,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(refused(error.to_string())),
    };
    let mut text = Vec::new();
    opened.take(MOST_BYTES + 1).read_to_end(&mut text).map_err(|error| refused(error.to_string()))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(refused(format!("it has more than {MOST_BYTES} bytes and is no settings file")));
    }
    String::from_utf8(text).map(Some).map_err(|_| refused("it is no UTF-8 text".to_owned()))
}

/// Takes the values of the text into `settings` and what is wrong into `problems`, in the order of the lines.
pub(super) fn apply(text: &str, file: &Path, settings: &mut Settings, problems: &mut Vec<Problem>) {
    let mut reader = Reader { text, file, settings, problems: Vec::new() };
    match DeTable::parse(text) {
        Ok(document) => document.get_ref().iter().for_each(|(name, value)| reader.section(name, value)),
        Err(error) => {
            let place = reader.place(&error.span().unwrap_or_default());
            reader.problems.push(Problem::Syntax { place, reason: error.message().trim().to_owned() });
        }
    }
    let line = |problem: &Problem| match problem {
        Problem::Value { place: Place::File { line, .. }, .. }
        | Problem::Unknown { place: Place::File { line, .. }, .. } => *line,
        _ => 0,
    };
    reader.problems.sort_by_key(line);
    problems.append(&mut reader.problems);
}

struct Reader<'a> {
    text: &'a str,
    file: &'a Path,
    settings: &'a mut Settings,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn place(&self, span: &Range<usize>) -> Place {
        let line = 1 + self.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count();
        Place::File { file: self.file.to_owned(), line }
    }

    fn section(&mut self, name: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let is_known =
            TABLE.iter().any(|row| row.key.split_once('.').is_some_and(|(section, _)| section == name.get_ref()));
        match value.get_ref() {
            DeValue::Table(keys) if is_known || !keys.is_empty() => {
                for (key, value) in keys {
                    self.setting(&format!("{}.{}", name.get_ref(), key.get_ref()), &key.span(), value);
                }
            }
            other if is_known => self.problems.push(Problem::Value {
                place: self.place(&name.span()),
                key: name.get_ref().to_string(),
                found: Raw::Toml(other).found(),
                allowed: format!("a section, written as [{}] with its settings below", name.get_ref()),
            }),
            _ => self.unknown(name.get_ref(), &name.span()),
        }
    }

    fn setting(&mut self, key: &str, span: &Range<usize>, value: &Spanned<DeValue<'_>>) {
        let place = self.place(span);
        if let Err(problem) = self.settings.take(key, Raw::Toml(value.get_ref()), place) {
            self.problems.push(problem);
        }
    }

    fn unknown(&mut self, key: &str, span: &Range<usize>) {
        self.problems.push(Problem::unknown(key, self.place(span)));
    }
}
