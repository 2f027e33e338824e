//! Reading PNG and JPEG.

use super::format::buffer;
use super::picture::{FileLayout, grey_alpha_as_rgba};
use super::{Picture, SequenceError};
use crate::host::Depth;
use image::codecs::{jpeg::JpegDecoder, png::PngDecoder};
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder};
use std::io::{BufRead, Cursor, Seek};
use std::path::Path;

/// Reads a PNG in its own depth; palettes and depths under 8 bit come as 8 bit.
pub(super) fn read_png(path: &Path, file: impl BufRead + Seek) -> Result<Picture, SequenceError> {
    let decoder = PngDecoder::new(file).map_err(|error| failed(path, error))?;
    let color = decoder.color_type();
    let (width, height) = size_of(&decoder);
    let mut data = buffer(path, width, height, usize::from(color.bytes_per_pixel()))?;
    decoder.read_image(&mut data).map_err(|error| failed(path, error))?;
    from_samples(path, (width, height), color, data)
}

/// Reads a JPEG and turns it upright. The decoder would show what there is of a cut file, with grey below; that is no matte to work on.
pub(super) fn read_jpeg(path: &Path, mut file: impl BufRead + Seek) -> Result<Picture, SequenceError> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|source| SequenceError::read(path, source))?;
    if !reaches_its_end(&bytes) {
        return Err(SequenceError::decode(path, "the file is cut short"));
    }
    let mut decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(|error| failed(path, error))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| failed(path, error))?;
    image.apply_orientation(orientation);
    let (size, color) = ((image.width() as usize, image.height() as usize), image.color());
    from_samples(path, size, color, image.into_bytes())
}

/// Whether the markers of a JPEG lead to its end marker (ITU-T T.81, annex B). Whatever follows the end is ignored.
fn reaches_its_end(bytes: &[u8]) -> bool {
    let mut at = 2;
    loop {
        // Entropy coded data holds 0xff only before 0 (stuffed) or a restart marker; between segments 0xff may be repeated.
        let Some(found) = bytes.get(at..).and_then(|rest| rest.windows(2).position(is_marker)) else { return false };
        at += found + 2;
        match bytes.get(at - 1) {
            Some(0xd9) => return true,
            // Start and temporary markers have no length.
            Some(0x01 | 0xd8) => {}
            _ => match bytes.get(at..at + 2) {
                Some(&[high, low]) => at += usize::from(u16::from_be_bytes([high, low])).max(2),
                _ => return false,
            },
        }
    }
}

fn is_marker(two: &[u8]) -> bool {
    matches!(two, [0xff, marker] if !matches!(marker, 0 | 0xff | 0xd0..=0xd7))
}

/// A picture from interleaved samples in native byte order.
fn from_samples(path: &Path, size: (usize, usize), color: ColorType, data: Vec<u8>) -> Result<Picture, SequenceError> {
    let (depth, layout, data) = match color {
        ColorType::L8 => (Depth::Byte, FileLayout::Grey, data),
        ColorType::L16 => (Depth::Short, FileLayout::Grey, data),
        ColorType::La8 => (Depth::Byte, FileLayout::RgbaStraight, grey_alpha_as_rgba(&data, 1)),
        ColorType::La16 => (Depth::Short, FileLayout::RgbaStraight, grey_alpha_as_rgba(&data, 2)),
        ColorType::Rgb8 => (Depth::Byte, FileLayout::Rgb, data),
        ColorType::Rgb16 => (Depth::Short, FileLayout::Rgb, data),
        ColorType::Rgba8 => (Depth::Byte, FileLayout::RgbaStraight, data),
        ColorType::Rgba16 => (Depth::Short, FileLayout::RgbaStraight, data),
        other => return Err(SequenceError::decode(path, format!("pixels of kind {other:?} are not supported"))),
    };
    Ok(Picture::from_file(size, depth, layout, data)?)
}

fn size_of(decoder: &impl ImageDecoder) -> (usize, usize) {
    let (width, height) = decoder.dimensions();
    (width as usize, height as usize)
}

fn failed(path: &Path, error: image::ImageError) -> SequenceError {
    match error {
        image::ImageError::IoError(source) => SequenceError::read(path, source),
        other => SequenceError::decode(path, other),
    }
}
