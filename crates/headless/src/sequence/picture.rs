//! One decoded frame.

use crate::host::{Components, Depth, Frame, FrameError, Premultiplication, RectI};

/// A frame as a file holds it: the pixels it has, and the area that is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The pixels. Their bounds are the file's data window; PNG, JPEG, TIFF and video have pixels for the whole display window.
    pub frame: Frame,
    /// The display window: what the picture is said to cover, y up.
    pub display: RectI,
    /// Whether the file has a single channel of grey, not of alpha; red, green and blue of the frame are then equal.
    pub grey: bool,
}

/// What a picture is, without its pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PictureFormat {
    /// The display window, y up.
    pub display: RectI,
    /// Sample type.
    pub depth: Depth,
    /// Channels.
    pub components: Components,
    /// What alpha means.
    pub premultiplication: Premultiplication,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
}

impl Picture {
    /// A picture that shows exactly its pixels.
    pub fn new(frame: Frame) -> Self {
        Self { display: frame.bounds(), frame, grey: false }
    }

    /// The same pixels, shown in another area.
    #[must_use]
    pub fn with_display(mut self, display: RectI) -> Self {
        self.display = display;
        self
    }

    /// What it is.
    pub fn format(&self) -> PictureFormat {
        PictureFormat {
            display: self.display,
            depth: self.frame.depth(),
            components: self.frame.components(),
            premultiplication: self.frame.premultiplication(),
            pixel_aspect: self.frame.pixel_aspect(),
        }
    }

    /// Pixels from a file that has no windows: the lower left corner is (0, 0).
    pub(super) fn from_file(
        size: (usize, usize),
        depth: Depth,
        layout: FileLayout,
        data: Vec<u8>,
    ) -> Result<Self, FrameError> {
        let too_large = || FrameError::TooLarge { width: size.0, height: size.1 };
        let width = i32::try_from(size.0).map_err(|_| too_large())?;
        let height = i32::try_from(size.1).map_err(|_| too_large())?;
        let bounds = RectI::new(0, 0, width, height);
        let data = if layout == FileLayout::Grey { tripled(&data, depth.bytes()) } else { data };
        let (components, premultiplication) = match layout {
            FileLayout::Grey | FileLayout::Rgb => (Components::Rgb, Premultiplication::Opaque),
            FileLayout::RgbaStraight => (Components::Rgba, Premultiplication::Unpremultiplied),
            FileLayout::RgbaPremultiplied => (Components::Rgba, Premultiplication::Premultiplied),
        };
        let frame = Frame::new(bounds, depth, components, data)?.with_premultiplication(premultiplication);
        Ok(Self { frame, display: bounds, grey: layout == FileLayout::Grey })
    }
}

/// How the samples of a plain picture file are laid out, interleaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileLayout {
    Grey,
    Rgb,
    RgbaStraight,
    RgbaPremultiplied,
}

/// Every sample three times: grey as RGB.
fn tripled(data: &[u8], sample_bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len().saturating_mul(3));
    for sample in data.chunks_exact(sample_bytes) {
        for _ in 0..3 {
            out.extend_from_slice(sample);
        }
    }
    out
}

/// Grey and alpha, interleaved, as RGB and alpha.
pub(super) fn grey_alpha_as_rgba(data: &[u8], sample_bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len().saturating_mul(2));
    for pixel in data.chunks_exact(sample_bytes * 2) {
        let (grey, alpha) = pixel.split_at(sample_bytes);
        for _ in 0..3 {
            out.extend_from_slice(grey);
        }
        out.extend_from_slice(alpha);
    }
    out
}
