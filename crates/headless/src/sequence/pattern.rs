//! Numbered file names: which files belong to a shot.

use super::{FrameSet, SequenceError, describe_frames};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Digits that a frame number (an `i32`) can need.
const MOST_DIGITS: usize = 10;

/// A file name with a place for the frame number: `%04d` or `%d` as in C, or a run of `#`, one for each digit. Only the last part of
/// the path may hold one; where there is a `%d`, a `#` is a plain character.
///
/// A negative number takes its sign out of the width, as in C: frame -5 of `%04d` is `-005`. When reading, `-0005` is known too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    folder: PathBuf,
    before: String,
    digits: usize,
    after: String,
    text: String,
}

impl Pattern {
    /// Finds the frame number's place; none where the name has no such place and so means one file.
    ///
    /// # Errors
    /// [`SequenceError::BadPattern`] for two places, an absurd width, or no file name.
    pub fn parse(text: &str) -> Result<Option<Self>, SequenceError> {
        let bad = |problem| SequenceError::BadPattern { text: text.to_owned(), problem };
        let path = Path::new(text);
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| bad("it names no file"))?;
        let mut places = printf_places(name);
        if places.is_empty() {
            places = hash_places(name);
        }
        let place = match places.as_slice() {
            [] => return Ok(None),
            [place] => place.clone(),
            _ => return Err(bad("it has more than one place for the frame number")),
        };
        if place.digits > MOST_DIGITS {
            return Err(bad("the frame number is too wide"));
        }
        Ok(Some(Self {
            folder: path.parent().map(Path::to_owned).unwrap_or_default(),
            before: name.get(..place.start).unwrap_or_default().to_owned(),
            digits: place.digits,
            after: name.get(place.end..).unwrap_or_default().to_owned(),
            text: text.to_owned(),
        }))
    }

    /// The text that it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file of a frame.
    pub fn path(&self, frame: i32) -> PathBuf {
        self.folder.join(format!("{}{:0width$}{}", self.before, frame, self.after, width = self.digits))
    }

    /// The frame that a file name stands for.
    pub fn frame_of(&self, name: &str) -> Option<i32> {
        let number = name.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?;
        let digits = number.strip_prefix('-').unwrap_or(number);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let frame: i32 = number.parse().ok()?;
        let as_written = format!("{frame:0width$}", width = self.digits);
        (number == as_written || (frame < 0 && digits.len() == self.digits)).then_some(frame)
    }

    /// Looks which frames have a file.
    ///
    /// # Errors
    /// When the folder is missing or cannot be read, or no file fits.
    pub fn discover(&self) -> Result<Numbered, SequenceError> {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let entries = fs::read_dir(folder).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => {
                SequenceError::NoFolder { folder: folder.to_owned(), pattern: self.text.clone() }
            }
            _ => SequenceError::read(folder, source),
        })?;
        let mut files = BTreeMap::new();
        let mut example: Option<String> = None;
        for entry in entries {
            let name = entry.map_err(|source| SequenceError::read(folder, source))?.file_name();
            let Some(name) = name.to_str() else { continue };
            match self.frame_of(name) {
                // The spelling that we would write wins over the other one for a negative number.
                Some(frame) if self.folder.join(name) == self.path(frame) => {
                    files.insert(frame, self.path(frame));
                }
                Some(frame) => {
                    files.entry(frame).or_insert_with(|| self.folder.join(name));
                }
                None if self.comes_near(name) && example.as_deref().is_none_or(|first| name < first) => {
                    example = Some(name.to_owned());
                }
                None => {}
            }
        }
        if files.is_empty() {
            return Err(SequenceError::NoFrames { pattern: self.text.clone(), example });
        }
        Ok(Numbered { pattern: self.clone(), files })
    }

    /// Whether a numbered name begins or ends as the pattern does.
    fn comes_near(&self, name: &str) -> bool {
        let ending = |text: &str| text.rsplit_once('.').map(|(_, ending)| ending.to_owned());
        let same_ending = ending(&self.after).is_some_and(|wanted| ending(name) == Some(wanted));
        name.bytes().any(|byte| byte.is_ascii_digit()) && (name.starts_with(&self.before) || same_ending)
    }
}

/// The files of a numbered shot that were there when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    pattern: Pattern,
    files: BTreeMap<i32, PathBuf>,
}

impl Numbered {
    /// Its pattern.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Frames that have a file.
    pub fn frames(&self) -> FrameSet {
        FrameSet::new(self.files.keys().copied())
    }

    /// First and last frame that have a file.
    pub fn range(&self) -> (i32, i32) {
        let first = self.files.keys().next().copied().unwrap_or_default();
        (first, self.files.keys().next_back().copied().unwrap_or(first))
    }

    /// The file of a frame.
    ///
    /// # Errors
    /// [`SequenceError::MissingFrame`] where there is none.
    pub fn file(&self, frame: i32) -> Result<&Path, SequenceError> {
        self.files.get(&frame).map(PathBuf::as_path).ok_or_else(|| SequenceError::MissingFrame {
            pattern: self.pattern.text.clone(),
            frame,
            path: self.pattern.path(frame),
            available: describe_frames(self.frames().as_slice()),
        })
    }

    /// Frames asked for that have no file.
    pub fn missing(&self, asked: &FrameSet) -> Vec<i32> {
        asked.as_slice().iter().copied().filter(|frame| !self.files.contains_key(frame)).collect()
    }
}

/// Where a frame number goes in a name, in bytes.
#[derive(Clone)]
struct Place {
    start: usize,
    end: usize,
    digits: usize,
}

/// Every `%d`, `%4d` and `%04d`.
fn printf_places(name: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for (start, _) in name.match_indices('%') {
        let rest = name.get(start + 1..).unwrap_or_default();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if rest.as_bytes().get(digits) == Some(&b'd') {
            let width = rest.get(..digits).filter(|text| !text.is_empty()).map_or(Ok(1), str::parse);
            places.push(Place { start, end: start + digits + 2, digits: width.unwrap_or(usize::MAX).max(1) });
        }
    }
    places
}

/// Every run of `#`.
fn hash_places(name: &str) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for (at, _) in name.match_indices('#') {
        match places.last_mut() {
            Some(place) if place.end == at => {
                place.end += 1;
                place.digits += 1;
            }
            _ => places.push(Place { start: at, end: at + 1, digits: 1 }),
        }
    }
    places
}
