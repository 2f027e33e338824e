//! Writing OpenEXR.

use super::commit::{WriteFailure, WriteSeek};
use super::exr_in::mirrored;
use super::{ExrCompression, Picture, Provenance};
use crate::host::{Components, Depth, Frame};
use exr::compression::Compression;
use exr::image::write::WritableImage;
use exr::image::{AnyChannel, AnyChannels, Blocks, Encoding, FlatSamples, Image, Layer};
use exr::math::Vec2;
use exr::meta::attribute::{AttributeValue, IntegerBounds, LineOrder, Text};
use exr::meta::header::LayerAttributes;
use half::f16;

/// Writes a half or float picture, scan lines in increasing order.
pub(super) fn write(
    out: &mut dyn WriteSeek,
    picture: &Picture,
    compression: ExrCompression,
    provenance: &Provenance,
) -> Result<(), WriteFailure> {
    let frame = &picture.frame;
    let outside = || WriteFailure::Encode("its position leaves the range of pixels".to_owned());
    let rows_down = mirrored(&frame.bounds(), &picture.display).ok_or_else(outside)?;
    let mut attributes = LayerAttributes { layer_position: Vec2(rows_down.x1, rows_down.y1), ..Default::default() };
    attributes.software_name = Text::new_or_none(&provenance.software);
    // One custom attribute in each of the two maps: their order in the file would change from run to run.
    if let Some(effect) = Text::new_or_none(&provenance.effect) {
        attributes.other.insert(Text::from("sam3roto.effect"), AttributeValue::Text(effect));
    }
    let encoding = Encoding {
        compression: match compression {
            ExrCompression::None => Compression::Uncompressed,
            ExrCompression::Rle => Compression::RLE,
            ExrCompression::Zips => Compression::ZIP1,
            ExrCompression::Zip => Compression::ZIP16,
            ExrCompression::Piz => Compression::PIZ,
        },
        blocks: Blocks::ScanLines,
        line_order: LineOrder::Increasing,
    };
    let names: &[(&str, usize)] = match (frame.components(), picture.grey) {
        (Components::Rgba, _) => &[("A", 3), ("B", 2), ("G", 1), ("R", 0)],
        (Components::Rgb, false) => &[("B", 2), ("G", 1), ("R", 0)],
        (Components::Rgb, true) => &[("Y", 0)],
        (Components::Alpha, _) => &[("A", 0)],
    };
    let channels = names.iter().map(|(name, channel)| AnyChannel::new(*name, plane(frame, *channel))).collect();
    let size = (frame.width(), frame.height());
    let mut image = Image::from_layer(Layer::new(size, attributes, encoding, AnyChannels::sort(channels)));
    image.attributes.display_window = IntegerBounds::new(
        (picture.display.x1, picture.display.y1),
        (picture.display.width(), picture.display.height()),
    );
    image.attributes.pixel_aspect = frame.pixel_aspect() as f32;
    image.attributes.other.insert(Text::from("sam3roto.frame"), AttributeValue::I32(provenance.frame));
    Ok(image.write().to_buffered(out)?)
}

/// One channel of a half or float frame.
fn plane(frame: &Frame, channel: usize) -> FlatSamples {
    let (size, count) = (frame.depth().bytes(), frame.components().channels());
    let samples = frame.data().chunks_exact(size).skip(channel).step_by(count);
    match frame.depth() {
        Depth::Float => {
            FlatSamples::F32(samples.filter_map(|sample| sample.try_into().ok()).map(f32::from_ne_bytes).collect())
        }
        _ => FlatSamples::F16(samples.filter_map(|sample| sample.try_into().ok()).map(f16::from_ne_bytes).collect()),
    }
}
