//! Footage as the host's image source.

use crate::host::{ClipFormat, Components, Frame, ImageSource, RectD, SourceError};
use crate::sequence::{Footage, SequenceError, luma_as_alpha};
use std::sync::Arc;

/// Shows footage as a clip. A mask clip gets alpha where the footage has none: its luma.
pub struct ClipSource {
    footage: Arc<Footage>,
    luma_is_alpha: bool,
    range: (i32, i32),
    format: ClipFormat,
    region: RectD,
}

impl ClipSource {
    /// Footage for a clip. `still_range` is the range that a still is there for; `frame_rate` serves where the footage tells none.
    pub fn new(footage: Arc<Footage>, mask: bool, still_range: (i32, i32), frame_rate: f64) -> Self {
        let first = footage.format();
        let luma_is_alpha = mask && first.components == Components::Rgb;
        let components = if luma_is_alpha { Components::Alpha } else { first.components };
        let mut format = ClipFormat::new(first.depth, components);
        if !luma_is_alpha {
            format.premultiplication = first.premultiplication;
        }
        format.pixel_aspect = first.pixel_aspect;
        format.frame_rate = footage.frame_rate().unwrap_or(frame_rate);
        let region = RectD::from_pixels(&footage.display(), (1.0, 1.0), first.pixel_aspect);
        let range = footage.frames().and_then(|frames| frames.ends()).unwrap_or(still_range);
        Self { luma_is_alpha, range, format, region, footage }
    }

    fn read(&self, frame: i32) -> Result<Frame, SequenceError> {
        let picture = self.footage.frame(frame)?;
        match self.luma_is_alpha {
            true => Ok(luma_as_alpha(&picture.frame)?),
            false => Ok(picture.frame.clone()),
        }
    }
}

impl ImageSource for ClipSource {
    fn range(&self) -> (f64, f64) {
        (f64::from(self.range.0), f64::from(self.range.1))
    }

    fn format(&self) -> ClipFormat {
        self.format
    }

    fn rod(&self, _time: f64) -> RectD {
        self.region
    }

    /// The file nearest to the time.
    fn frame(&self, time: f64) -> Result<Frame, SourceError> {
        // Saturates: a time beyond all frame numbers is a missing frame.
        Ok(self.read(time.round() as i32)?)
    }
}
