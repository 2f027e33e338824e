//! Writing a picture to a file.

use super::commit::write_whole;
use super::pixels::{converted, cropped, straight};
use super::{ExrCompression, Format, Picture, SequenceError, exr_out, still_out, tiff_out};
use crate::host::{Components, Depth};
use std::path::Path;

/// How pictures are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteSettings {
    /// Sample type; none for the smallest that the format has and that loses nothing.
    pub depth: Option<Depth>,
    /// Channels; none for those of the picture. Alpha alone is written as one channel: `A` in EXR, grey in the others.
    pub channels: Option<Components>,
    /// How EXR files are packed.
    pub compression: ExrCompression,
}

/// Where a picture comes from: written into EXR, PNG and TIFF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Name and version of the program.
    pub software: String,
    /// Identifier of the effect.
    pub effect: String,
    /// Frame number.
    pub frame: i32,
}

/// Writes a picture; the ending of the name tells the format. The folder is made; the file appears whole or not at all; a file of this
/// name is replaced.
///
/// Values are written as they are, without any colour transform; alpha too, except in PNG, which is straight by definition: there the
/// colours of a premultiplied picture are divided by alpha. EXR keeps both windows; the other formats hold the display window, black
/// where there are no pixels.
///
/// # Errors
/// When the name's ending is not known, the format cannot hold the depth, or the file cannot be written.
pub fn write_picture(
    path: &Path,
    picture: &Picture,
    settings: &WriteSettings,
    provenance: &Provenance,
) -> Result<(), SequenceError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let format = Format::of_name(name).ok_or_else(|| SequenceError::UnknownOutput { name: name.to_owned() })?;
    let depth = format.depth(settings.depth, picture.frame.depth())?;
    let picture = prepared(picture, format, depth, settings.channels)?;
    if picture.frame.bounds().is_empty() {
        return Err(SequenceError::Write { path: path.to_owned(), problem: "the picture has no pixels".to_owned() });
    }
    write_whole(path, |out| match format {
        Format::Exr => exr_out::write(out, &picture, settings.compression, provenance),
        Format::Png => still_out::write_png(out, &picture, provenance),
        Format::Jpeg => still_out::write_jpeg(out, &picture),
        Format::Tiff => tiff_out::write(out, &picture, provenance),
    })
}

/// The picture in the pixels that the format takes.
fn prepared(
    picture: &Picture,
    format: Format,
    depth: Depth,
    channels: Option<Components>,
) -> Result<Picture, SequenceError> {
    let mut frame = picture.frame.clone();
    if format != Format::Exr {
        frame = cropped(&frame, picture.display)?;
    }
    if format == Format::Png {
        frame = straight(&frame)?;
    }
    let mut components = channels.unwrap_or(frame.components());
    if format == Format::Jpeg && components == Components::Rgba {
        components = Components::Rgb;
    }
    let frame = converted(&frame, depth, components)?;
    Ok(Picture { frame, display: picture.display, grey: picture.grey && components == Components::Rgb })
}
