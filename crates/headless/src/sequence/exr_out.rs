//! Writing OpenEXR.

use super::commit::{WriteFailure, WriteSeek};
use super::exr_in::mirrored;
use super::exr_zip::zip_chunk;
use super::{Compression, Layer, Picture, Provenance};
use crate::host::{Components, Depth, Frame};
use exr::block::writer::ChunksWriter;
use exr::block::{BlockIndex, UncompressedBlock, enumerate_ordered_header_block_indices};
use exr::compression::Compression as Packing;
use exr::error::Result as ExrResult;
use exr::math::Vec2;
use exr::meta::BlockDescription;
use exr::meta::attribute::{self, AttributeValue, ChannelDescription, IntegerBounds, LineOrder, SampleType, Text};
use exr::meta::header::{Header, ImageAttributes, LayerAttributes};
use std::io::SeekFrom;

/// Where the attributes of a file begin: after its magic number and version (OpenEXR File Layout).
const ATTRIBUTES: u64 = 8;

/// A channel of the file and where its samples come from.
struct Channel<'a> {
    name: String,
    frame: &'a Frame,
    /// Of the frame's channels.
    index: usize,
}

/// Writes a half or float picture with layers of the same data window, scan lines in increasing order. The same pixels give the same
/// bytes.
pub(super) fn write(
    out: &mut dyn WriteSeek,
    picture: &Picture,
    layers: &[Layer],
    compression: Compression,
    provenance: &Provenance,
) -> Result<(), WriteFailure> {
    let channels = channels(picture, layers);
    let header = header(picture, layers, &channels, compression, provenance)?;
    let top = header.own_attributes.layer_position.y();
    exr::block::write(&mut *out, [header.clone()].into_iter().collect(), true, |meta, writer| {
        for (place, index) in enumerate_ordered_header_block_indices(&meta.headers) {
            let data = block_samples(&channels, &index);
            let chunk = match compression {
                Compression::Zip | Compression::Zips if cfg!(target_endian = "little") => zip_chunk(data, &index, top)?,
                _ => UncompressedBlock { index, data }.compress_to_chunk(&meta.headers)?,
            };
            writer.write_chunk(place, chunk)?;
        }
        Ok(())
    })?;
    out.seek(SeekFrom::Start(ATTRIBUTES)).map_err(WriteFailure::Io)?;
    out.write_all(&sorted_attributes(&header)?).map_err(WriteFailure::Io)
}

/// The attributes in the order of their names. The exr crate keeps them in hash maps and writes them in another order each time; these
/// have the same length and take their place.
fn sorted_attributes(header: &Header) -> ExrResult<Vec<u8>> {
    let mut all: Vec<_> = header.all_named_attributes().collect();
    all.sort_by_key(|(name, _)| *name);
    let mut bytes = Vec::new();
    for (name, value) in all {
        attribute::write(name, &value, &mut bytes)?;
    }
    bytes.push(0);
    Ok(bytes)
}

/// The channels in the order that the format wants, that of their names.
fn channels<'a>(picture: &'a Picture, layers: &'a [Layer]) -> Vec<Channel<'a>> {
    let names: &[&str] = match (picture.frame.components(), picture.grey) {
        (Components::Rgba, _) => &["R", "G", "B", "A"],
        (Components::Rgb, false) => &["R", "G", "B"],
        (Components::Rgb, true) => &["Y"],
        (Components::Alpha, _) => &["A"],
    };
    let own = names.iter().enumerate().map(|(index, name)| Channel {
        name: (*name).to_owned(),
        frame: &picture.frame,
        index,
    });
    let named = layers.iter().flat_map(|layer| {
        layer.channels.iter().enumerate().map(|(index, channel)| Channel {
            name: format!("{}.{channel}", layer.name),
            frame: &layer.frame,
            index,
        })
    });
    let mut all: Vec<_> = own.chain(named).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn header(
    picture: &Picture,
    layers: &[Layer],
    channels: &[Channel<'_>],
    compression: Compression,
    provenance: &Provenance,
) -> Result<Header, WriteFailure> {
    let frame = &picture.frame;
    let outside = || WriteFailure::Encode("its position leaves the range of pixels".to_owned());
    let rows_down = mirrored(&frame.bounds(), &picture.display).ok_or_else(outside)?;
    let mut own = LayerAttributes { layer_position: Vec2(rows_down.x1, rows_down.y1), ..Default::default() };
    own.software_name = Text::new_or_none(&provenance.software);
    let words = layers.iter().flat_map(|layer| &layer.words).map(|(name, text)| (name.as_str(), text.as_str()));
    for (name, text) in provenance.entries().into_iter().chain(words) {
        // Bytes as they are: OpenEXR calls them UTF-8, `Text` from a str takes single byte characters alone.
        own.other.insert(Text::from(name), AttributeValue::Text(Text::from_slice_unchecked(text.as_bytes())));
    }
    let display = picture.display;
    let mut shared =
        ImageAttributes::new(IntegerBounds::new((display.x1, display.y1), (display.width(), display.height())));
    shared.pixel_aspect = frame.pixel_aspect() as f32;
    shared.other.insert(Text::from("sam3roto.frame"), AttributeValue::I32(provenance.frame));
    let list = channels.iter().map(|channel| {
        let float = channel.frame.depth() == Depth::Float;
        let sample_type = if float { SampleType::F32 } else { SampleType::F16 };
        ChannelDescription::named(channel.name.as_str(), sample_type)
    });
    let packing = match compression {
        Compression::None | Compression::Lzw => Packing::Uncompressed,
        Compression::Rle => Packing::RLE,
        Compression::Zips => Packing::ZIP1,
        Compression::Zip => Packing::ZIP16,
        Compression::Piz => Packing::PIZ,
    };
    Ok(Header::new(Text::from(""), (frame.width(), frame.height()), list.collect())
        .with_encoding(packing, BlockDescription::ScanLines, LineOrder::Increasing)
        .with_attributes(own)
        .with_shared_attributes(shared))
}

/// The samples of some rows, in native byte order: for each row, for each channel, all of its samples.
fn block_samples(channels: &[Channel<'_>], index: &BlockIndex) -> Vec<u8> {
    let first = index.pixel_position.y();
    let row_bytes: usize = channels.iter().map(|channel| channel.frame.depth().bytes()).sum();
    let mut data = Vec::with_capacity(index.pixel_size.area() * row_bytes);
    for from_top in first..first + index.pixel_size.height() {
        for Channel { frame, index, .. } in channels {
            let sample = frame.depth().bytes();
            let pixels = frame.row(from_top).chunks_exact(frame.pixel_bytes());
            let samples = pixels.filter_map(|pixel| pixel.get(index * sample..(index + 1) * sample));
            // In pieces of fixed length: copying a half or a float at a time is what takes the time here.
            match sample {
                2 => {
                    samples.filter_map(|bytes| bytes.first_chunk::<2>()).for_each(|bytes| data.extend_from_slice(bytes))
                }
                _ => {
                    samples.filter_map(|bytes| bytes.first_chunk::<4>()).for_each(|bytes| data.extend_from_slice(bytes))
                }
            }
        }
    }
    data
}
