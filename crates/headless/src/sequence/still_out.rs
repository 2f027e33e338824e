//! Writing PNG and JPEG.

use super::commit::{WriteFailure, WriteSeek};
use super::{Picture, Provenance};
use crate::host::{Components, Depth};
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use std::borrow::Cow;

/// Quality of JPEG files, of 100: for looking at, without visible loss.
const JPEG_QUALITY: u8 = 95;

/// Writes an 8 or 16 bit picture as PNG; alpha alone and grey as greyscale.
pub(super) fn write_png(
    out: &mut dyn WriteSeek,
    picture: &Picture,
    provenance: &Provenance,
) -> Result<(), WriteFailure> {
    let (width, height) = size(picture)?;
    let mut encoder = png::Encoder::new(out, width, height);
    encoder.set_color(match single_channel(picture) {
        true => png::ColorType::Grayscale,
        false if picture.frame.components() == Components::Rgb => png::ColorType::Rgb,
        false => png::ColorType::Rgba,
    });
    let wide = picture.frame.depth() == Depth::Short;
    encoder.set_depth(if wide { png::BitDepth::Sixteen } else { png::BitDepth::Eight });
    encoder.set_compression(png::Compression::Fast);
    encoder.add_itxt_chunk("Software".to_owned(), provenance.software.clone())?;
    for (name, text) in provenance.entries() {
        encoder.add_itxt_chunk(name.to_owned(), text.to_owned())?;
    }
    encoder.add_itxt_chunk("sam3roto.frame".to_owned(), provenance.frame.to_string())?;
    let samples = samples(picture);
    let samples = if wide { Cow::Owned(big_endian(&samples)) } else { samples };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&samples)?;
    Ok(writer.finish()?)
}

/// Marks of a JPEG file (ITU-T T.81, table B.1).
const START: [u8; 2] = [0xff, 0xd8];
const COMMENT: [u8; 2] = [0xff, 0xfe];
/// Most bytes of a comment: its length, with the two bytes that hold it, has 16 bits.
const LONGEST_COMMENT: usize = 65533;

/// Writes an 8 bit picture as JPEG, with where it comes from as a comment.
pub(super) fn write_jpeg(
    out: &mut dyn WriteSeek,
    picture: &Picture,
    provenance: &Provenance,
) -> Result<(), WriteFailure> {
    let (width, height) = size(picture)?;
    let color = if single_channel(picture) { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY).encode(&samples(picture), width, height, color)?;
    let text = format!("{}\n{}", provenance.software, provenance.text());
    let text = text.as_bytes().get(..text.len().min(LONGEST_COMMENT)).unwrap_or_default();
    let length = u16::try_from(text.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
    let rest = file.strip_prefix(&START).unwrap_or(&file);
    [&START[..], &COMMENT, &length, text, rest]
        .iter()
        .try_for_each(|part| out.write_all(part))
        .map_err(WriteFailure::Io)
}

/// Whether a file holds one channel of this picture.
pub(super) fn single_channel(picture: &Picture) -> bool {
    picture.grey || picture.frame.components() == Components::Alpha
}

/// Width and height as files count them.
pub(super) fn size(picture: &Picture) -> Result<(u32, u32), WriteFailure> {
    match (u32::try_from(picture.frame.width()), u32::try_from(picture.frame.height())) {
        (Ok(width), Ok(height)) => Ok((width, height)),
        _ => Err(WriteFailure::Encode("the picture is too large for this format".to_owned())),
    }
}

/// Interleaved samples, native byte order: one per pixel where a single channel is enough.
pub(super) fn samples(picture: &Picture) -> Cow<'_, [u8]> {
    let frame = &picture.frame;
    if !single_channel(picture) || frame.components() == Components::Alpha {
        return Cow::Borrowed(frame.data());
    }
    let sample = frame.depth().bytes();
    Cow::Owned(
        frame.data().chunks_exact(frame.pixel_bytes()).flat_map(|pixel| pixel.iter().take(sample)).copied().collect(),
    )
}

fn big_endian(samples: &[u8]) -> Vec<u8> {
    samples.as_chunks().0.iter().flat_map(|two| u16::from_ne_bytes(*two).to_be_bytes()).collect()
}
