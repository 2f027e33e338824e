//! Decoded frames as planes to measure on: the top row first, as large as the display window.

use super::Picture;
use super::pixels::{cropped, luma_as_alpha};
use crate::host::{Components, Depth, Frame, FrameError, Premultiplication};
use raster::{PixelLayout, PixelView, Plane, SourceEncoding, display_row};

/// What of a picture its matte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatteChannel {
    /// Its alpha; the luma of a picture without alpha.
    #[default]
    Alpha,
    /// Its luma, alpha or not.
    Luma,
}

/// The matte in a picture, as its samples are; 0 where it has no pixels.
///
/// # Errors
/// When the picture is too large to be addressed.
pub fn matte_plane(picture: &Picture, channel: MatteChannel) -> Result<Plane<f32>, FrameError> {
    let frame = cropped(&picture.frame, picture.display)?;
    let frame = match channel {
        MatteChannel::Alpha if frame.components() != Components::Rgb => frame,
        MatteChannel::Alpha | MatteChannel::Luma => luma_as_alpha(&frame)?,
    };
    let view = view(&frame)?;
    let mut plane = Plane::new(frame.width(), frame.height(), 0.0);
    for (y, row) in plane.rows_mut().enumerate() {
        view.read_alpha(y, 0, row);
    }
    Ok(plane)
}

/// The brightness 0..255 of a picture as a display shows it: whole numbers are taken as they are, floats as scene linear.
///
/// # Errors
/// When the picture is too large to be addressed.
pub fn brightness_plane(picture: &Picture) -> Result<Plane<f32>, FrameError> {
    let frame = cropped(&picture.frame, picture.display)?;
    let encoding = match frame.depth() {
        Depth::Byte | Depth::Short => SourceEncoding::Display,
        Depth::Half | Depth::Float => SourceEncoding::Linear,
    };
    let premultiplied = frame.premultiplication() == Premultiplication::Premultiplied;
    let view = view(&frame)?;
    let mut colours = Plane::new(frame.width(), frame.height(), [0.0; 3]);
    for (y, row) in colours.rows_mut().enumerate() {
        display_row(&view, encoding, premultiplied, y, 0, row);
    }
    Ok(flow::luma(&colours))
}

fn view(frame: &Frame) -> Result<PixelView<'_>, FrameError> {
    let depth = match frame.depth() {
        Depth::Byte => raster::Depth::Byte,
        Depth::Short => raster::Depth::Short,
        Depth::Half => raster::Depth::Half,
        Depth::Float => raster::Depth::Float,
    };
    let components = match frame.components() {
        Components::Rgba => raster::Components::Rgba,
        Components::Rgb => raster::Components::Rgb,
        Components::Alpha => raster::Components::Alpha,
    };
    let (width, height) = (frame.width(), frame.height());
    // A frame holds exactly its pixels, so only its size can stand against it.
    PixelView::new(frame.data(), PixelLayout::packed(width, height, depth, components))
        .map_err(|_| FrameError::TooLarge { width, height })
}
