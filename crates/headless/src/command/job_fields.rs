//! What single fields of a job may be.

use super::error::CommandError;
use super::job::Existing;
use super::scalar::Scalar;
use crate::sequence::FrameSet;
use std::collections::BTreeMap;

/// Most frames rendered at once: more is a typing error.
const MOST_THREADS: usize = 256;

/// Name and value around the first `=`.
pub(super) fn assignment<'a>(
    option: &'static str,
    text: &'a str,
    form: &'static str,
) -> Result<(&'a str, &'a str), CommandError> {
    let parts = text.split_once('=').map(|(name, value)| (name.trim(), value)).filter(|(name, _)| !name.is_empty());
    parts.ok_or_else(|| CommandError::Assignment { option, text: text.to_owned(), form })
}

/// Keys by their frame numbers.
pub(super) fn keys_by_frame(
    keys: BTreeMap<String, BTreeMap<String, Scalar>>,
) -> Result<BTreeMap<String, BTreeMap<i32, String>>, CommandError> {
    let mut by_frame: BTreeMap<String, BTreeMap<i32, String>> = BTreeMap::new();
    for (name, keys) in keys {
        let places = by_frame.entry(name.clone()).or_default();
        for (frame, value) in keys {
            let number = frame.parse().map_err(|_| CommandError::Assignment {
                option: "--key",
                text: format!("{name}@{frame}"),
                form: "NAME@FRAME with a whole frame number",
            })?;
            places.insert(number, value.into_text());
        }
    }
    Ok(by_frame)
}

/// Reads frame numbers: "1-100x10, 120".
///
/// # Errors
/// [`CommandError::Frames`] for what is no such text.
pub(super) fn frame_set(text: String) -> Result<FrameSet, CommandError> {
    text.parse().map_err(|source| CommandError::Frames { text, source })
}

pub(super) fn threads(given: Option<usize>) -> Result<usize, CommandError> {
    match given {
        None => Ok(1),
        Some(count) if (1..=MOST_THREADS).contains(&count) => Ok(count),
        Some(count) => Err(CommandError::Range {
            option: "--threads",
            allowed: "a number from 1 to 256",
            found: count.to_string(),
        }),
    }
}

pub(super) fn frame_rate(given: Option<f64>) -> Result<Option<f64>, CommandError> {
    match given {
        Some(rate) if !(1.0..=1000.0).contains(&rate) => {
            Err(CommandError::Range { option: "--fps", allowed: "a rate from 1 to 1000", found: rate.to_string() })
        }
        given => Ok(given),
    }
}

pub(super) fn proxy(given: Option<f64>) -> Result<f64, CommandError> {
    match given {
        None => Ok(1.0),
        Some(scale) if scale > 0.0 && scale <= 1.0 => Ok(scale),
        Some(scale) => {
            let allowed = "a scale above 0 and up to 1, as 0.5";
            Err(CommandError::Range { option: "--proxy", allowed, found: scale.to_string() })
        }
    }
}

pub(super) fn existing(overwrite: Option<bool>, skip: Option<bool>) -> Result<Existing, CommandError> {
    match (overwrite.unwrap_or_default(), skip.unwrap_or_default()) {
        (false, false) => Ok(Existing::Refuse),
        (true, false) => Ok(Existing::Overwrite),
        (false, true) => Ok(Existing::Skip),
        (true, true) => {
            Err(CommandError::Exclusive { first: "--overwrite".to_owned(), second: "--skip-existing".to_owned() })
        }
    }
}
