//! The picture formats: how they are told apart and what they can hold.

use super::error::depth_name;
use super::{Picture, SequenceError, exr_in, still_in, tiff_in};
use crate::host::Depth;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

/// A picture format that is read and written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// OpenEXR: half and float, windows, premultiplied.
    Exr,
    /// PNG: 8 and 16 bit, straight alpha.
    Png,
    /// JPEG: 8 bit, no alpha.
    Jpeg,
    /// TIFF: 8 and 16 bit and float, straight or premultiplied alpha.
    Tiff,
}

/// How the pixels of an EXR file are packed; all of these are lossless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExrCompression {
    /// Not at all.
    None,
    /// Run lengths: fast, good for flat mattes.
    Rle,
    /// Deflate, row by row: for files that compositors read in parts.
    Zips,
    /// Deflate, sixteen rows at a time.
    #[default]
    Zip,
    /// Wavelets: best for grainy pictures.
    Piz,
}

impl Format {
    /// The format that a file name's ending stands for; none for others.
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "exr" => Some(Self::Exr),
            "png" => Some(Self::Png),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            "tif" | "tiff" => Some(Self::Tiff),
            _ => None,
        }
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

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exr => "EXR",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Tiff => "TIFF",
        }
    }

    /// The depths that it holds.
    pub fn depths(self) -> &'static [Depth] {
        match self {
            Self::Exr => &[Depth::Half, Depth::Float],
            Self::Png => &[Depth::Byte, Depth::Short],
            Self::Jpeg => &[Depth::Byte],
            Self::Tiff => &[Depth::Byte, Depth::Short, Depth::Float],
        }
    }

    /// The depth to write: the one asked for, else the smallest that loses nothing of `rendered`, as far as the format goes.
    ///
    /// # Errors
    /// [`SequenceError::Depth`] when the format cannot hold the depth asked for.
    pub fn depth(self, asked: Option<Depth>, rendered: Depth) -> Result<Depth, SequenceError> {
        match asked {
            Some(depth) if self.depths().contains(&depth) => Ok(depth),
            Some(depth) => Err(SequenceError::Depth {
                format: self.name(),
                asked: depth_name(depth),
                allowed: self.depths().iter().map(|depth| depth_name(*depth)).collect::<Vec<_>>().join(", "),
            }),
            // 8 bit values survive half exactly (11 bits of precision), 16 bit ones do not.
            None => Ok(match (self, rendered) {
                (Self::Exr, Depth::Byte | Depth::Half) => Depth::Half,
                (Self::Exr, Depth::Short | Depth::Float) => Depth::Float,
                (Self::Jpeg, _) | (Self::Png | Self::Tiff, Depth::Byte) => Depth::Byte,
                (Self::Png, _) | (Self::Tiff, Depth::Short) => Depth::Short,
                (Self::Tiff, Depth::Half | Depth::Float) => Depth::Float,
            }),
        }
    }
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
        None => Err(SequenceError::UnknownFormat { path: path.to_owned() }),
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
