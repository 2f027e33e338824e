//! Named layers beside a picture.

use super::pixels::{converted, cropped};
use super::{Format, SequenceError, WriteSettings};
use crate::host::{Components, Frame, RectI};

/// A layer of an EXR file: `rabbit` with the channel `A` is `rabbit.A`.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// The names of the frame's channels, in their order.
    pub channels: &'static [&'static str],
    /// Its pixels, half or float.
    pub frame: Frame,
    /// Words for the file's header, by name.
    pub words: Vec<(String, String)>,
}

impl Layer {
    /// The matte of an object: the frame's alpha, stored as an EXR file with these settings would.
    ///
    /// # Errors
    /// When the frame is too large to be addressed.
    pub fn matte(name: &str, frame: &Frame, settings: &WriteSettings) -> Result<Self, SequenceError> {
        let depth = Format::Exr.stored(settings, frame.depth()).depth();
        let frame = converted(frame, depth, Components::Alpha)?;
        Ok(Self { name: name.to_owned(), channels: &["A"], frame, words: Vec::new() })
    }

    /// The part of it inside a picture's data window, with zeros where it has no pixels.
    pub(super) fn placed(&self, bounds: RectI) -> Result<Self, SequenceError> {
        Ok(Self { frame: cropped(&self.frame, bounds)?, ..self.clone() })
    }
}
