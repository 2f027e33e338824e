//! Reading TIFF: 8 and 16 bit, half and float; grey, RGB, with or without alpha; strips or tiles, interleaved or planar.

use super::picture::{FileLayout, grey_alpha_as_rgba};
use super::{Picture, SequenceError};
use crate::host::Depth;
use std::io::{BufRead, Seek, SeekFrom};
use std::path::Path;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

/// First value of the ExtraSamples tag of an alpha that the colours are multiplied by (TIFF 6.0, page 77).
const ASSOCIATED_ALPHA: u16 = 1;

/// How many bytes of samples one byte of a file can stand for at most: LZW, the densest of TIFF's compressions, packs
/// 4096 bytes or so into a code of 12 bits.
const DENSEST: u64 = 4096;

pub(super) fn read(path: &Path, mut file: impl BufRead + Seek) -> Result<Picture, SequenceError> {
    let failed = |error| failed(path, error);
    let limits = limits(&mut file).map_err(|error| failed(error.into()))?;
    let mut decoder = Decoder::new(file).map_err(failed)?.with_limits(limits);
    let (width, height) = decoder.dimensions().map_err(failed)?;
    let (width, height) = (width as usize, height as usize);
    let color = decoder.colortype().map_err(failed)?;
    let extra: Option<Vec<u16>> = decoder.find_tag_unsigned_vec(Tag::ExtraSamples).map_err(failed)?;
    let mut samples = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut samples).map_err(failed)?;
    let (depth, mut data) = native_samples(path, color, width, samples)?;
    if layout.planes > 1 {
        data = interleaved(&data, layout.planes, width * height, depth.bytes());
    }
    let found = data.len() / (width * height * depth.bytes()).max(1);
    let wanted = channels(path, color)?;
    if found < wanted {
        return Err(SequenceError::decode(path, "the file is cut short"));
    }
    let data = first_channels(data, found, wanted, depth.bytes());
    let layout = match (wanted, extra.as_deref()) {
        (1, _) => FileLayout::Grey,
        (3, _) => FileLayout::Rgb,
        (_, Some([ASSOCIATED_ALPHA, ..])) => FileLayout::RgbaPremultiplied,
        _ => FileLayout::RgbaStraight,
    };
    let data = if wanted == 2 { grey_alpha_as_rgba(&data, depth.bytes()) } else { data };
    Ok(Picture::from_file((width, height), depth, layout, data)?)
}

/// What a file of this length can hold: a damaged header must not ask for more memory than any machine has.
fn limits(file: &mut impl Seek) -> std::io::Result<Limits> {
    let length = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let most = usize::try_from(length.saturating_mul(DENSEST)).unwrap_or(usize::MAX);
    let mut limits = Limits::unlimited();
    limits.decoding_buffer_size = most;
    limits.intermediate_buffer_size = most;
    limits.ifd_value_size = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(limits)
}

/// How many channels to take: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
fn channels(path: &Path, color: ColorType) -> Result<usize, SequenceError> {
    match color {
        ColorType::Gray(_) => Ok(1),
        ColorType::GrayA(_) | ColorType::Multiband { num_samples: 2, .. } => Ok(2),
        ColorType::RGB(_) => Ok(3),
        ColorType::RGBA(_) => Ok(4),
        other => {
            Err(SequenceError::decode(path, format!("TIFF pixels of kind {other:?} are not supported: save as RGB")))
        }
    }
}

/// Samples as native bytes in one of our depths.
fn native_samples(
    path: &Path,
    color: ColorType,
    width: usize,
    samples: DecodingResult,
) -> Result<(Depth, Vec<u8>), SequenceError> {
    Ok(match samples {
        DecodingResult::U8(bytes) if color.bit_depth() < 8 => (Depth::Byte, unpacked(&bytes, color.bit_depth(), width)),
        DecodingResult::U8(bytes) => (Depth::Byte, bytes),
        DecodingResult::U16(values) => (Depth::Short, bytemuck::cast_slice(&values).to_vec()),
        DecodingResult::F16(values) => (Depth::Half, values.iter().flat_map(|value| value.to_ne_bytes()).collect()),
        DecodingResult::F32(values) => (Depth::Float, bytemuck::cast_slice(&values).to_vec()),
        DecodingResult::F64(values) => {
            (Depth::Float, values.iter().flat_map(|value| (*value as f32).to_ne_bytes()).collect())
        }
        _ => {
            let problem =
                format!("{} bit whole numbers are not supported: save as 8 bit, 16 bit or float", color.bit_depth());
            return Err(SequenceError::decode(path, problem));
        }
    })
}

/// Grey of 1, 2 or 4 bits, rows padded to bytes, as whole bytes over the full range.
fn unpacked(bytes: &[u8], bits: u8, width: usize) -> Vec<u8> {
    let per_byte = usize::from(8 / bits.max(1));
    let most = (1u16 << bits) - 1;
    let row_bytes = width.div_ceil(per_byte).max(1);
    let mut out = Vec::with_capacity(bytes.len().saturating_mul(per_byte));
    for row in bytes.chunks_exact(row_bytes) {
        let values = row.iter().flat_map(|byte| {
            (1..=per_byte).map(move |place| (u16::from(*byte) >> (8 - usize::from(bits) * place)) & most)
        });
        out.extend(values.take(width).map(|value| (value * 255 / most) as u8));
    }
    out
}

/// Planes one after the other as interleaved samples.
fn interleaved(data: &[u8], planes: usize, pixels: usize, sample_bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let plane_bytes = data.len() / planes.max(1);
    for pixel in 0..pixels {
        for plane in 0..planes {
            let at = plane * plane_bytes + pixel * sample_bytes;
            out.extend_from_slice(data.get(at..at + sample_bytes).unwrap_or_default());
        }
    }
    out
}

/// The first `wanted` of `found` interleaved channels.
fn first_channels(data: Vec<u8>, found: usize, wanted: usize, sample_bytes: usize) -> Vec<u8> {
    if found == wanted {
        return data;
    }
    data.chunks_exact(found * sample_bytes)
        .flat_map(|pixel| pixel.iter().take(wanted * sample_bytes))
        .copied()
        .collect()
}

fn failed(path: &Path, error: TiffError) -> SequenceError {
    match error {
        TiffError::IoError(source) => SequenceError::read(path, source),
        other => SequenceError::decode(path, other),
    }
}
