//! Writing TIFF.

use super::commit::{WriteFailure, WriteSeek};
use super::still_out::{samples, single_channel, size};
use super::{Picture, Provenance};
use crate::host::{Components, Depth, Premultiplication};
use tiff::encoder::colortype::{
    ColorType, Gray8, Gray16, Gray32Float, RGB8, RGB16, RGB32Float, RGBA8, RGBA16, RGBA32Float,
};
use tiff::encoder::{Compression, DeflateLevel, TiffEncoder, TiffKind, TiffKindBig, TiffKindStandard, TiffValue};
use tiff::tags::Tag;

/// Beyond this many bytes of pixels a file might not fit the 32 bit offsets of plain TIFF; BigTIFF is written.
const LARGEST_PLAIN: usize = 0xf000_0000;
/// Values of the ExtraSamples tag (TIFF 6.0, page 77).
const ASSOCIATED_ALPHA: u16 = 1;
const UNASSOCIATED_ALPHA: u16 = 2;

/// Writes an 8 bit, 16 bit or float picture; alpha alone and grey as greyscale.
pub(super) fn write(
    out: &mut dyn WriteSeek,
    picture: &Picture,
    compression: super::Compression,
    provenance: &Provenance,
) -> Result<(), WriteFailure> {
    let packing = match compression {
        super::Compression::None => Compression::Uncompressed,
        super::Compression::Lzw => Compression::Lzw,
        _ => Compression::Deflate(DeflateLevel::Fast),
    };
    if picture.frame.data().len() < LARGEST_PLAIN {
        let encoder = TiffEncoder::<_, TiffKindStandard>::new(out)?.with_compression(packing);
        write_kind(encoder, picture, provenance)
    } else {
        write_kind(TiffEncoder::<_, TiffKindBig>::new_big(out)?.with_compression(packing), picture, provenance)
    }
}

fn write_kind<K: TiffKind>(
    encoder: TiffEncoder<&mut dyn WriteSeek, K>,
    picture: &Picture,
    provenance: &Provenance,
) -> Result<(), WriteFailure> {
    let channels = match (single_channel(picture), picture.frame.components()) {
        (true, _) => 1,
        (false, Components::Rgb) => 3,
        (false, _) => 4,
    };
    match (picture.frame.depth(), channels) {
        (Depth::Byte, 1) => write_samples::<Gray8, K>(encoder, picture, provenance),
        (Depth::Byte, 3) => write_samples::<RGB8, K>(encoder, picture, provenance),
        (Depth::Byte, _) => write_samples::<RGBA8, K>(encoder, picture, provenance),
        (Depth::Short, 1) => write_samples::<Gray16, K>(encoder, picture, provenance),
        (Depth::Short, 3) => write_samples::<RGB16, K>(encoder, picture, provenance),
        (Depth::Short, _) => write_samples::<RGBA16, K>(encoder, picture, provenance),
        (Depth::Half | Depth::Float, 1) => write_samples::<Gray32Float, K>(encoder, picture, provenance),
        (Depth::Half | Depth::Float, 3) => write_samples::<RGB32Float, K>(encoder, picture, provenance),
        (Depth::Half | Depth::Float, _) => write_samples::<RGBA32Float, K>(encoder, picture, provenance),
    }
}

fn write_samples<C, K>(
    mut encoder: TiffEncoder<&mut dyn WriteSeek, K>,
    picture: &Picture,
    provenance: &Provenance,
) -> Result<(), WriteFailure>
where
    C: ColorType,
    C::Inner: bytemuck::Pod,
    [C::Inner]: TiffValue,
    K: TiffKind,
{
    let (width, height) = size(picture)?;
    let mut image = encoder.new_image::<C>(width, height)?;
    image.encoder().write_tag(Tag::Software, ascii(&provenance.software).as_str())?;
    image.encoder().write_tag(Tag::ImageDescription, ascii(&provenance.text()).as_str())?;
    if picture.frame.components() == Components::Rgba {
        let alpha = match picture.frame.premultiplication() {
            Premultiplication::Premultiplied => ASSOCIATED_ALPHA,
            _ => UNASSOCIATED_ALPHA,
        };
        image.encoder().write_tag(Tag::ExtraSamples, alpha)?;
    }
    image.write_data(&bytemuck::pod_collect_to_vec::<u8, C::Inner>(&samples(picture)))?;
    Ok(())
}

/// Text as TIFF takes it: what is not ASCII is written as `\u{f6}`.
fn ascii(text: &str) -> String {
    let letter =
        |letter: char| if letter.is_ascii() { letter.to_string() } else { letter.escape_unicode().to_string() };
    text.chars().map(letter).collect()
}
