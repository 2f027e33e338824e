//! Reading and writing PNG.

use crate::error::Error;
use canvas::Canvas;
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Transformations};
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

/// A picture with 16 bits a channel: red, green, blue and, apart from them, alpha. Rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<[u16; 4]>,
}

/// Width and height of a file's picture.
pub fn size(path: &Path) -> Result<(u32, u32), Error> {
    let file = File::open(path).map_err(Error::file("read", path))?;
    let reader = Decoder::new(BufReader::new(file)).read_info().map_err(|error| unreadable(path, &error))?;
    Ok(reader.info().size())
}

/// Reads a file of any PNG kind.
pub fn read(path: &Path) -> Result<Picture, Error> {
    let file = File::open(path).map_err(Error::file("read", path))?;
    let mut decoder = Decoder::new(BufReader::new(file));
    decoder.set_transformations(Transformations::EXPAND | Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(|error| unreadable(path, &error))?;
    let mut bytes = vec![0; reader.output_buffer_size().unwrap_or_default()];
    let info = reader.next_frame(&mut bytes).map_err(|error| unreadable(path, &error))?;
    bytes.truncate(info.buffer_size());
    let samples: Vec<u16> = match info.bit_depth {
        BitDepth::Sixteen => bytes.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect(),
        _ => bytes.iter().map(|byte| u16::from(*byte) * 257).collect(),
    };
    let pixels = match info.color_type {
        ColorType::GrayscaleAlpha => {
            samples.as_chunks().0.iter().map(|&[grey, alpha]| [grey, grey, grey, alpha]).collect()
        }
        _ => samples.as_chunks().0.to_vec(),
    };
    Ok(Picture { width: info.width as usize, height: info.height as usize, pixels })
}

/// Writes a colour picture of 8 bits a channel.
pub fn write(canvas: &Canvas, path: &Path) -> Result<(), Error> {
    encode((canvas.width, canvas.height), ColorType::Rgb, canvas.pixels.as_flattened(), Compression::Fast, path)
}

/// Writes a colour picture of 8 bits a channel as small as it gets.
pub fn write_small(canvas: &Canvas, path: &Path) -> Result<(), Error> {
    encode((canvas.width, canvas.height), ColorType::Rgb, canvas.pixels.as_flattened(), Compression::High, path)
}

/// Writes a grey picture of 8 bits.
pub fn write_grey(width: usize, height: usize, samples: &[u8], path: &Path) -> Result<(), Error> {
    encode((width, height), ColorType::Grayscale, samples, Compression::Fast, path)
}

fn encode(
    (width, height): (usize, usize),
    colour: ColorType,
    bytes: &[u8],
    compression: Compression,
    path: &Path,
) -> Result<(), Error> {
    let file = File::create(path).map_err(Error::file("write", path))?;
    // PNG's own limit is 2^31 - 1; a picture beyond it fails below, by its header.
    let mut encoder = Encoder::new(BufWriter::new(file), width as u32, height as u32);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(compression);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(bytes)?;
        writer.finish()
    });
    written.map_err(|error| Error::Invalid { path: path.to_owned(), problem: format!("it cannot be written: {error}") })
}

fn unreadable(path: &Path, error: &png::DecodingError) -> Error {
    Error::Invalid { path: path.to_owned(), problem: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.png");
        let canvas = Canvas { width: 2, height: 1, pixels: vec![[255, 0, 7], [1, 2, 3]] };
        write(&canvas, &path).unwrap();
        assert_eq!(size(&path).unwrap(), (2, 1));
        assert_eq!(read(&path).unwrap().pixels, [[65535, 0, 7 * 257, 65535], [257, 514, 771, 65535]]);
        write_grey(2, 1, &[0, 128], &path).unwrap();
        assert_eq!(read(&path).unwrap().pixels, [[0, 0, 0, 65535], [128 * 257, 128 * 257, 128 * 257, 65535]]);
    }

    #[test]
    fn a_file_that_is_no_png_is_named() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.png");
        std::fs::write(&path, b"no picture").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("a.png"));
    }
}
