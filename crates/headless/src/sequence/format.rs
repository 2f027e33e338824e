//! The formats of files: how they are told apart and what they can hold.

use super::{Picture, SequenceError, WriteSettings, exr_in, still_in, tiff_in};
use crate::host::{Components, Depth};
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

/// A format that is written here; all but DPX and the movie are read here, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// OpenEXR: half and float, windows, layers, premultiplied.
    Exr,
    /// PNG: 8 and 16 bit, straight alpha.
    Png,
    /// JPEG: 8 bit, no alpha.
    Jpeg,
    /// TIFF: 8 and 16 bit and float, straight or premultiplied alpha.
    Tiff,
    /// DPX: 10 bit without alpha, 16 bit.
    Dpx,
    /// QuickTime movie in ProRes 4444, straight alpha, through ffmpeg: one file for all frames.
    Movie,
}

/// How a sample is stored in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bits {
    /// 8 bit whole numbers.
    Eight,
    /// 10 bit whole numbers.
    Ten,
    /// 16 bit whole numbers.
    Sixteen,
    /// 16 bit floats.
    Half,
    /// 32 bit floats.
    Float,
}

impl Bits {
    /// Its name, as the command line takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eight => "8",
            Self::Ten => "10",
            Self::Sixteen => "16",
            Self::Half => "half",
            Self::Float => "float",
        }
    }

    /// The samples that a picture has before they are stored.
    pub fn depth(self) -> Depth {
        match self {
            Self::Eight => Depth::Byte,
            Self::Ten | Self::Sixteen => Depth::Short,
            Self::Half => Depth::Half,
            Self::Float => Depth::Float,
        }
    }
}

/// How the pixels of a file are packed; all of these lose nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// EXR: run lengths, fast, good for flat mattes.
    Rle,
    /// EXR: deflate, row by row, for files that compositors read in parts.
    Zips,
    /// EXR: deflate, sixteen rows at a time. TIFF: deflate.
    Zip,
    /// EXR: wavelets, best for grainy pictures.
    Piz,
    /// TIFF: what the oldest readers know.
    Lzw,
}

impl Compression {
    /// Its name, as the command line takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Rle => "rle",
            Self::Zips => "zips",
            Self::Zip => "zip",
            Self::Piz => "piz",
            Self::Lzw => "lzw",
        }
    }
}

/// What a format can hold.
struct Row {
    format: Format,
    name: &'static str,
    /// Of file names, in small letters.
    endings: &'static [&'static str],
    bits: &'static [Bits],
    /// The first is taken where none is asked for; none where there is no choice.
    compressions: &'static [Compression],
    /// Whether it holds named layers.
    layers: bool,
}

/// Every format with what it can hold; refused is what does not stand here.
const FORMATS: [Row; 6] = [
    Row {
        format: Format::Exr,
        name: "EXR",
        endings: &["exr"],
        bits: &[Bits::Half, Bits::Float],
        compressions: &[Compression::Zip, Compression::None, Compression::Rle, Compression::Zips, Compression::Piz],
        layers: true,
    },
    Row {
        format: Format::Png,
        name: "PNG",
        endings: &["png"],
        bits: &[Bits::Eight, Bits::Sixteen],
        compressions: &[],
        layers: false,
    },
    Row {
        format: Format::Jpeg,
        name: "JPEG",
        endings: &["jpg", "jpeg"],
        bits: &[Bits::Eight],
        compressions: &[],
        layers: false,
    },
    Row {
        format: Format::Tiff,
        name: "TIFF",
        endings: &["tif", "tiff"],
        bits: &[Bits::Eight, Bits::Sixteen, Bits::Float],
        compressions: &[Compression::Zip, Compression::None, Compression::Lzw],
        layers: false,
    },
    Row {
        format: Format::Dpx,
        name: "DPX",
        endings: &["dpx"],
        bits: &[Bits::Ten, Bits::Sixteen],
        compressions: &[],
        layers: false,
    },
    Row {
        format: Format::Movie,
        name: "ProRes 4444 movie",
        endings: &["mov"],
        bits: &[Bits::Ten],
        compressions: &[],
        layers: false,
    },
];

impl Format {
    /// The format that a file name's ending stands for; none for others.
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
        FORMATS.iter().find(|row| row.endings.contains(&ending.as_str())).map(|row| row.format)
    }

    /// The format that a file's first bytes tell.
    fn of_content(start: [u8; 4]) -> Option<Self> {
        match start {
            [0x76, 0x2f, 0x31, 0x01] => Some(Self::Exr),
            [0x89, b'P', b'N', b'G'] => Some(Self::Png),
            [0xff, 0xd8, 0xff, _] => Some(Self::Jpeg),
            // 42 is plain TIFF, 43 BigTIFF, in either byte order.
            [b'I', b'I', 42 | 43, 0] | [b'M', b'M', 0, 42 | 43] => Some(Self::Tiff),
            _ => None,
        }
    }

    fn row(self) -> &'static Row {
        // Each format has a row; a missing one would read as EXR in the test below.
        FORMATS.iter().find(|row| row.format == self).unwrap_or(&FORMATS[0])
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// How its samples can be stored.
    pub fn bits(self) -> &'static [Bits] {
        self.row().bits
    }

    /// Refuses what the format cannot hold of what is asked for, well before anything is rendered. `layers` says whether there are
    /// layers beside the picture.
    ///
    /// # Errors
    /// [`SequenceError::Depth`], [`SequenceError::Compression`], [`SequenceError::Layers`], [`SequenceError::TenBits`].
    pub fn check(self, settings: &WriteSettings, layers: bool) -> Result<(), SequenceError> {
        let row = self.row();
        if let Some(asked) = settings.depth.filter(|asked| !row.bits.contains(asked)) {
            let allowed = listed(row.bits.iter().map(|bits| bits.name()));
            return Err(SequenceError::Depth { format: row.name, asked: asked.name(), allowed });
        }
        if let Some(asked) = settings.compression.filter(|asked| !row.compressions.contains(asked)) {
            let allowed = listed(row.compressions.iter().map(|compression| compression.name()));
            return Err(SequenceError::Compression { format: row.name, asked: asked.name(), allowed });
        }
        if layers && !row.layers {
            return Err(SequenceError::Layers { format: row.name });
        }
        let with_alpha = settings.channels.is_some_and(|channels| channels != Components::Rgb);
        if self == Self::Dpx && settings.depth == Some(Bits::Ten) && with_alpha {
            return Err(SequenceError::TenBits);
        }
        Ok(())
    }

    /// How samples are stored: as asked for, else in the smallest way that loses nothing of `rendered`, as far as the format goes.
    pub(super) fn stored(self, settings: &WriteSettings, rendered: Depth) -> Bits {
        // 8 bit values survive half exactly (11 bits of precision), 16 bit ones do not.
        settings.depth.unwrap_or(match (self, rendered) {
            (Self::Exr, Depth::Byte | Depth::Half) => Bits::Half,
            (Self::Exr, Depth::Short | Depth::Float) => Bits::Float,
            (Self::Jpeg, _) | (Self::Png | Self::Tiff, Depth::Byte) => Bits::Eight,
            (Self::Png | Self::Dpx, _) | (Self::Tiff, Depth::Short) => Bits::Sixteen,
            (Self::Tiff, Depth::Half | Depth::Float) => Bits::Float,
            (Self::Movie, _) => Bits::Ten,
        })
    }

    /// How its pixels are packed where none is asked for.
    pub(super) fn compression(self, settings: &WriteSettings) -> Compression {
        settings.compression.or(self.row().compressions.first().copied()).unwrap_or(Compression::None)
    }
}

/// "half, float", or "no choice of them".
fn listed(names: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { "no choice of them".to_owned() } else { names.join(", ") }
}

/// Reads a picture file in its own depth; the format is told by its content. EXR is premultiplied, PNG is straight, JPEG is turned
/// upright as its camera said, TIFF says itself how its alpha is meant.
///
/// # Errors
/// When the file is missing, damaged, cut short, too large or of a kind that is not known.
pub fn read_picture(path: &Path) -> Result<Picture, SequenceError> {
    let read = |source| SequenceError::read(path, source);
    let mut file = File::open(path).map_err(read)?;
    let mut start = [0; 4];
    file.read_exact(&mut start).map_err(read)?;
    file.rewind().map_err(read)?;
    let file = BufReader::with_capacity(1 << 18, file);
    match Format::of_content(start) {
        Some(Format::Exr) => exr_in::read(path, file),
        Some(Format::Png) => still_in::read_png(path, file),
        Some(Format::Jpeg) => still_in::read_jpeg(path, file),
        Some(Format::Tiff) => tiff_in::read(path, file),
        Some(Format::Dpx | Format::Movie) | None => Err(SequenceError::UnknownFormat { path: path.to_owned() }),
    }
}

/// A zeroed buffer, or an error where memory does not suffice.
pub(super) fn buffer(path: &Path, width: usize, height: usize, pixel_bytes: usize) -> Result<Vec<u8>, SequenceError> {
    let too_large = || SequenceError::TooLarge { path: path.to_owned(), width, height };
    let size = width.checked_mul(height).and_then(|count| count.checked_mul(pixel_bytes)).ok_or_else(too_large)?;
    // Asked first, because a plain allocation that fails ends the process.
    Vec::<u8>::new().try_reserve_exact(size).map_err(|_| too_large())?;
    // Zeroed by the system as it is touched: a damaged header that claims a vast picture costs no memory.
    Ok(vec![0; size])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_row_and_every_ending_one_format() {
        for format in [Format::Exr, Format::Png, Format::Jpeg, Format::Tiff, Format::Dpx, Format::Movie] {
            assert_eq!(format.row().format, format);
            let name = format!("a.{}", format.row().endings[0].to_uppercase());
            assert_eq!(Format::of_name(&name), Some(format), "{name}");
            assert!(format.row().bits.contains(&format.stored(&WriteSettings::default(), Depth::Float)));
        }
    }
}
