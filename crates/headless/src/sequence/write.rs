//! Writing a picture to a file.

use super::commit::write_whole;
use super::pixels::{converted, cropped, straight};
use super::{
    Bits, Compression, Format, Layer, Picture, Provenance, SequenceError, dpx_out, exr_out, still_out, tiff_out,
};
use crate::host::{Components, Depth};
use std::path::Path;

/// How pictures are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteSettings {
    /// How samples are stored; none for the smallest way that the format has and that loses nothing.
    pub depth: Option<Bits>,
    /// Channels; none for those of the picture. Alpha alone is written as one channel: `A` in EXR, grey in the others.
    pub channels: Option<Components>,
    /// How files are packed; none for what is usual for the format.
    pub compression: Option<Compression>,
}

/// Writes a picture; the ending of the name tells the format. The folder is made; the file appears whole or not at all; a file of this
/// name is replaced.
///
/// Values are written as they are, without any colour transform; alpha too, except in PNG, which is straight by definition: there the
/// colours of a premultiplied picture are divided by alpha. EXR keeps both windows; the other formats hold the display window, black
/// where there are no pixels.
///
/// # Errors
/// When the name's ending is not known or that of a movie, the format cannot hold what is asked for, or the file cannot be written.
pub fn write_picture(
    path: &Path,
    picture: &Picture,
    settings: &WriteSettings,
    provenance: &Provenance,
) -> Result<(), SequenceError> {
    write_layers(path, picture, &[], settings, provenance)
}

/// As [`write_picture`], with layers beside the picture: EXR alone. They are cut to the picture's data window.
///
/// # Errors
/// As [`write_picture`].
pub fn write_layers(
    path: &Path,
    picture: &Picture,
    layers: &[Layer],
    settings: &WriteSettings,
    provenance: &Provenance,
) -> Result<(), SequenceError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let format = Format::of_name(name).filter(|format| *format != Format::Movie);
    let format = format.ok_or_else(|| SequenceError::UnknownOutput { name: name.to_owned() })?;
    format.check(settings, !layers.is_empty())?;
    let bits = format.stored(settings, picture.frame.depth());
    let picture = prepared(picture, format, bits, settings.channels)?;
    if picture.frame.bounds().is_empty() {
        return Err(SequenceError::Write { path: path.to_owned(), problem: "the picture has no pixels".to_owned() });
    }
    let layers: Vec<Layer> =
        layers.iter().map(|layer| layer.placed(picture.frame.bounds())).collect::<Result<_, SequenceError>>()?;
    let compression = format.compression(settings);
    write_whole(path, |out| match format {
        Format::Exr => exr_out::write(out, &picture, &layers, compression, provenance),
        Format::Png => still_out::write_png(out, &picture, provenance),
        Format::Jpeg => still_out::write_jpeg(out, &picture, provenance),
        Format::Tiff => tiff_out::write(out, &picture, compression, provenance),
        Format::Dpx | Format::Movie => dpx_out::write(out, &picture, bits, provenance),
    })
}

/// The picture in the pixels that the format takes.
pub(super) fn prepared(
    picture: &Picture,
    format: Format,
    bits: Bits,
    channels: Option<Components>,
) -> Result<Picture, SequenceError> {
    let mut frame = picture.frame.clone();
    if format != Format::Exr {
        frame = cropped(&frame, picture.display)?;
    }
    if matches!(format, Format::Png | Format::Movie) {
        frame = straight(&frame)?;
    }
    let mut components = channels.unwrap_or(frame.components());
    let no_alpha = format == Format::Jpeg || (format == Format::Dpx && bits == Bits::Ten);
    if no_alpha && components == Components::Rgba {
        components = Components::Rgb;
    }
    let depth: Depth = bits.depth();
    let frame = converted(&frame, depth, components)?;
    Ok(Picture { frame, display: picture.display, grey: picture.grey && components == Components::Rgb })
}
