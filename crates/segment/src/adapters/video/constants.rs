//! `constants.json`: what is in none of the graphs.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use inference::{Key, KeyBuilder};
use serde::Deserialize;

/// Larger files are none of constants; the public ones have 10 KB.
const MOST_BYTES: u64 = 1 << 20;

/// What the host has to know besides the graphs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Constants {
    /// Mean and deviation of a pixel's channels, which go from 0 to 1.
    pub mean: [f32; 3],
    pub deviation: [f32; 3],
    /// What is added to a memory's positions by its place: the newest frame first, the prompted frame last.
    pub time: Vec<Vec<f32>>,
    /// Pixels on a side of the picture, and memories in the bank, where the file says so.
    pub image_size: Option<usize>,
    pub memory_frames: Option<usize>,
    /// The file's text, hashed: its numbers change results.
    pub key: Key,
}

/// Why the file is of no use. To be read after the model's name.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConstantsError {
    /// It cannot be read.
    #[error("{} cannot be read: {reason}; install the model again", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// It is no JSON, or lacks a key or has one of another type.
    #[error("{} is not what this model needs: {reason}; install the model again", file.display())]
    Format {
        /// The file.
        file: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// A value that cannot be.
    #[error("{}: {key} is {found}, expected {expected}; install the model again", file.display())]
    Value {
        /// The file.
        file: PathBuf,
        /// The key.
        key: &'static str,
        /// Its value, in words.
        found: String,
        /// What it has to be.
        expected: String,
    },
}

#[derive(Deserialize)]
struct Text {
    image_mean: [f32; 3],
    image_std: [f32; 3],
    memory_temporal_positional_encoding: Vec<Vec<f32>>,
    image_size: Option<usize>,
    memory_frames: Option<usize>,
}

impl Constants {
    /// Reads the file.
    ///
    /// # Errors
    /// [`ConstantsError`].
    pub fn read(file: &Path) -> Result<Self, ConstantsError> {
        let text = read_limited(file).map_err(|error| {
            let (file, reason) = (file.to_owned(), error.to_string());
            ConstantsError::Unreadable { file, reason }
        })?;
        let parsed: Text = serde_json::from_str(&text).map_err(|error| {
            let (file, reason) = (file.to_owned(), error.to_string());
            ConstantsError::Format { file, reason }
        })?;
        let key = KeyBuilder::new("constants").bytes(text.as_bytes()).finish();
        let wrong = |key, found: String, expected: &str| {
            Err(ConstantsError::Value { file: file.to_owned(), key, found, expected: expected.to_owned() })
        };
        if !parsed.image_mean.iter().all(|value| value.is_finite()) {
            return wrong("image_mean", format!("{:?}", parsed.image_mean), "three numbers");
        }
        if !parsed.image_std.iter().all(|value| value.is_finite() && *value > 0.0) {
            return wrong("image_std", format!("{:?}", parsed.image_std), "three positive numbers");
        }
        let time = parsed.memory_temporal_positional_encoding;
        let width = time.first().map_or(0, Vec::len);
        let whole = |row: &Vec<f32>| row.len() == width && row.iter().all(|value| value.is_finite());
        if width == 0 || !time.iter().all(whole) {
            let found = format!("{} rows", time.len());
            return wrong("memory_temporal_positional_encoding", found, "rows of equally many finite numbers");
        }
        let (image_size, memory_frames) = (parsed.image_size, parsed.memory_frames);
        Ok(Self { mean: parsed.image_mean, deviation: parsed.image_std, time, image_size, memory_frames, key })
    }
}

fn read_limited(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(file)?.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES { Err(io::Error::other("it is larger than 1 MiB")) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const GOOD: &str = r#"{"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.1], "model": "m",
        "memory_temporal_positional_encoding": [[1, 2.5], [3, 4]], "image_size": 512}"#;

    fn read(text: &str) -> Result<Constants, ConstantsError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("constants.json");
        fs::write(&file, text).unwrap();
        Constants::read(&file)
    }

    #[test]
    fn constants_are_read_and_named_by_what_they_are() {
        let good = read(GOOD).unwrap();
        assert_eq!(good.time, [[1.0, 2.5], [3.0, 4.0]]);
        assert_eq!((good.mean, good.image_size, good.memory_frames), ([0.5, 0.4, 0.3], Some(512), None));
        assert_ne!(read(&GOOD.replace("2.5", "2.25")).unwrap().key, good.key);
    }

    #[test]
    fn what_is_wrong_is_told_with_file_and_key() {
        for (from, to, words) in [
            ("[0.5, 0.4, 0.3]", "[0.5, 0.4]", "line 1"),
            ("image_std", "std", "image_std"),
            ("[0.2, 0.2, 0.1]", "[0.2, 0.0, 0.1]", "image_std is [0.2, 0.0, 0.1], expected three positive numbers"),
            ("[3, 4]", "[3]", "memory_temporal_positional_encoding is 2 rows"),
            ("[[1, 2.5], [3, 4]]", "[]", "memory_temporal_positional_encoding is 0 rows"),
            ("512}", "-3}", "-3"),
            ("{", "", "constants.json"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let told = read(&GOOD.replacen(from, to, 1)).expect_err(to).to_string();
            assert!(told.contains("constants.json") && told.contains(words), "{told}");
        }
        let absent = Constants::read(Path::new("/nowhere/constants.json")).unwrap_err().to_string();
        assert!(absent.contains("/nowhere/constants.json cannot be read"), "{absent}");
    }
}
