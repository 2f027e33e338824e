//! Sets of frame numbers, as people write them.

use std::fmt;
use std::str::FromStr;

/// More frames than anybody renders in one go: a typing error rather than a wish.
const MOST_FRAMES: usize = 1_000_000;

/// Frame numbers in ascending order, each once. Reads from text: numbers, ranges `A-B` and steps `A-BxSTEP`, joined by commas or
/// blanks; numbers may be negative (`-5--1`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FrameSet {
    frames: Vec<i32>,
}

/// Text that names no frames.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameSetError {
    /// A part does not read as a frame, a range or a range with a step.
    #[error("{part:?} is not a frame or range: write 12, 1-100 or 1-100x10, joined by commas")]
    Syntax {
        /// The part.
        part: String,
    },
    /// A range runs backwards.
    #[error("the range {part} ends before it begins")]
    Backwards {
        /// The range.
        part: String,
    },
    /// Far more frames than a shot has.
    #[error("{part} names more than a million frames")]
    TooMany {
        /// The range.
        part: String,
    },
    /// No frame at all.
    #[error("no frames are named: write 12, 1-100 or 1-100x10, joined by commas")]
    Empty,
}

impl FrameSet {
    /// A set of any numbers.
    pub fn new(frames: impl IntoIterator<Item = i32>) -> Self {
        let mut frames: Vec<i32> = frames.into_iter().collect();
        frames.sort_unstable();
        frames.dedup();
        Self { frames }
    }

    /// Every frame from the first to the last, both included.
    pub fn range(first: i32, last: i32) -> Self {
        Self { frames: (first..=last).collect() }
    }

    /// The frames, ascending.
    pub fn as_slice(&self) -> &[i32] {
        &self.frames
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The first and the last frame; none for an empty set.
    pub fn ends(&self) -> Option<(i32, i32)> {
        Some((*self.frames.first()?, *self.frames.last()?))
    }

    /// Adds what `other` has.
    #[must_use]
    pub fn union(self, other: &Self) -> Self {
        Self::new(self.frames.into_iter().chain(other.frames.iter().copied()))
    }
}

impl FromStr for FrameSet {
    type Err = FrameSetError;

    fn from_str(text: &str) -> Result<Self, FrameSetError> {
        let mut frames = Vec::new();
        for part in text.split([',', ' ', '\t']).filter(|part| !part.is_empty()) {
            let (first, last, step) = parse_part(part)?;
            let count = (i64::from(last) - i64::from(first)) / i64::from(step) + 1;
            if frames.len() as i64 + count > MOST_FRAMES as i64 {
                return Err(FrameSetError::TooMany { part: part.to_owned() });
            }
            frames.extend((first..=last).step_by(step as usize));
        }
        if frames.is_empty() {
            return Err(FrameSetError::Empty);
        }
        Ok(Self::new(frames))
    }
}

impl fmt::Display for FrameSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&describe_frames(&self.frames))
    }
}

/// First frame, last frame and step (1 or more) of one part.
fn parse_part(part: &str) -> Result<(i32, i32, u32), FrameSetError> {
    let syntax = || FrameSetError::Syntax { part: part.to_owned() };
    let (range, step) = match part.split_once(['x', 'X']) {
        Some((range, step)) => (range, step.parse::<u32>().ok().filter(|step| *step > 0).ok_or_else(syntax)?),
        None => (part, 1),
    };
    // The dash between the ends is the first one that is not a sign: one that follows a digit.
    let dash = range.bytes().zip(range.bytes().skip(1)).position(|(before, at)| before.is_ascii_digit() && at == b'-');
    let (first, last) = match dash {
        Some(before) => {
            let (first, rest) = range.split_at(before + 1);
            (first, rest.strip_prefix('-').unwrap_or(rest))
        }
        None if step == 1 => (range, range),
        None => return Err(syntax()),
    };
    let first = first.parse::<i32>().map_err(|_| syntax())?;
    let last = last.parse::<i32>().map_err(|_| syntax())?;
    if last < first {
        return Err(FrameSetError::Backwards { part: part.to_owned() });
    }
    Ok((first, last, step))
}

/// Ascending frame numbers in words: `1-4, 7, 9-12`.
pub fn describe_frames(frames: &[i32]) -> String {
    let mut parts: Vec<(i32, i32)> = Vec::new();
    for &frame in frames {
        match parts.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(frame) => *last = frame,
            _ => parts.push((frame, frame)),
        }
    }
    let words = parts.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    words.collect::<Vec<_>>().join(", ")
}
