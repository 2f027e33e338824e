//! Where a clip's pictures come from.

use super::{Components, Depth, Field, Frame, Premultiplication, RectD};

/// Why a source could not deliver a frame: any error, shown to the user with the clip and the time.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// A [`SourceError`] that is none: the clip has no picture at this time. The effect gets no image, and the render goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no picture at this time")]
pub struct NoPicture;

/// What all frames of a clip have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipFormat {
    /// Sample type before any conversion.
    pub depth: Depth,
    /// Channels before any conversion.
    pub components: Components,
    /// What alpha means.
    pub premultiplication: Premultiplication,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
    /// Frames per second.
    pub frame_rate: f64,
    /// Interlacing.
    pub field: Field,
}

impl ClipFormat {
    /// Progressive frames with square pixels at 24 frames per second; premultiplied where there is alpha, else opaque.
    pub fn new(depth: Depth, components: Components) -> Self {
        let premultiplication =
            if components == Components::Rgb { Premultiplication::Opaque } else { Premultiplication::Premultiplied };
        Self { depth, components, premultiplication, pixel_aspect: 1.0, frame_rate: 24.0, field: Field::None }
    }
}

/// Provides the pictures of one input clip. Called from whatever threads render, several at once.
pub trait ImageSource: Send + Sync {
    /// First and last frame, both included, on the effect's time line.
    fn range(&self) -> (f64, f64);

    /// What all frames have in common. Must not change while connected.
    fn format(&self) -> ClipFormat;

    /// Region of definition at a time, canonical coordinates.
    fn rod(&self, time: f64) -> RectD;

    /// The picture at a time, at full scale and in the source's own format. The host converts depth and components to what was
    /// negotiated and scales it for proxies. Asked only for times inside [`ImageSource::range`].
    ///
    /// # Errors
    /// Whatever kept the frame from being read, or [`NoPicture`]; the plugin is told that the image is not available.
    fn frame(&self, time: f64) -> Result<Frame, SourceError>;
}

/// One picture that stands still over a range of frames.
#[derive(Debug, Clone)]
pub struct Still {
    frame: Frame,
    range: (f64, f64),
}

impl Still {
    /// Shows `frame` from the first to the last frame of `range`, both included.
    pub fn new(frame: Frame, range: (f64, f64)) -> Self {
        Self { frame, range }
    }
}

impl ImageSource for Still {
    fn range(&self) -> (f64, f64) {
        self.range
    }

    fn format(&self) -> ClipFormat {
        ClipFormat {
            premultiplication: self.frame.premultiplication(),
            pixel_aspect: self.frame.pixel_aspect(),
            field: self.frame.field(),
            ..ClipFormat::new(self.frame.depth(), self.frame.components())
        }
    }

    fn rod(&self, _time: f64) -> RectD {
        RectD::from_pixels(&self.frame.bounds(), (1.0, 1.0), self.frame.pixel_aspect())
    }

    fn frame(&self, _time: f64) -> Result<Frame, SourceError> {
        Ok(self.frame.clone())
    }
}
