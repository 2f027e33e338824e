//! PAM pictures, as they come through ffmpeg's pipe: raw samples, each picture with its own size in front.

use super::picture::{FileLayout, Picture};
use crate::host::{Depth, FrameError};
use std::io::{BufRead, Read};

/// Longest header line that makes sense.
const LONGEST_LINE: u64 = 256;
/// Largest width or height that makes sense.
const LARGEST_SIDE: usize = 1 << 16;

/// Why a picture could not be taken from the stream.
#[derive(Debug)]
pub(super) enum PamError {
    /// The stream ended before it.
    Ended,
    /// The stream ended or failed inside it.
    Broken,
    /// It is not PAM, or not one of ours.
    Garbled(String),
}

impl PamError {
    fn size(error: FrameError) -> Self {
        Self::Garbled(error.to_string())
    }
}

/// Reads the next picture: RGB or RGBA (straight), 8 or 16 bit.
pub(super) fn read(stream: &mut impl BufRead) -> Result<Picture, PamError> {
    let header = Header::read(stream)?;
    let (depth, sample) = match header.largest {
        255 => (Depth::Byte, 1),
        65535 => (Depth::Short, 2),
        other => return Err(PamError::Garbled(format!("largest sample {other}"))),
    };
    let layout = match header.channels {
        3 => FileLayout::Rgb,
        4 => FileLayout::RgbaStraight,
        other => return Err(PamError::Garbled(format!("{other} channels"))),
    };
    let length = header.width * header.height * header.channels * sample;
    let mut data = Vec::new();
    stream.take(length as u64).read_to_end(&mut data).map_err(|_| PamError::Broken)?;
    if data.len() < length {
        return Err(PamError::Broken);
    }
    if sample == 2 {
        // PAM is big endian.
        for two in data.as_chunks_mut::<2>().0 {
            *two = u16::from_be_bytes(*two).to_ne_bytes();
        }
    }
    Picture::from_file((header.width, header.height), depth, layout, data).map_err(PamError::size)
}

#[derive(Default)]
struct Header {
    width: usize,
    height: usize,
    channels: usize,
    largest: usize,
}

impl Header {
    fn read(stream: &mut impl BufRead) -> Result<Self, PamError> {
        match line(stream)?.as_deref() {
            None => return Err(PamError::Ended),
            Some("P7") => {}
            Some(other) => return Err(PamError::Garbled(format!("it begins with {other:?}"))),
        }
        let mut header = Self::default();
        while let Some(line) = line(stream)? {
            let (key, value) = line.split_once(' ').unwrap_or((&line, ""));
            let number = || value.trim().parse::<usize>().map_err(|_| PamError::Garbled(line.clone()));
            match key {
                "WIDTH" => header.width = number()?,
                "HEIGHT" => header.height = number()?,
                "DEPTH" => header.channels = number()?,
                "MAXVAL" => header.largest = number()?,
                "ENDHDR" => return header.checked(),
                _ => {}
            }
        }
        Err(PamError::Broken)
    }

    fn checked(self) -> Result<Self, PamError> {
        let sides = 1..=LARGEST_SIDE;
        if sides.contains(&self.width) && sides.contains(&self.height) {
            return Ok(self);
        }
        Err(PamError::Garbled(format!("{}x{} pixels", self.width, self.height)))
    }
}

/// The next line without its end; none at the end of the stream.
fn line(stream: &mut impl BufRead) -> Result<Option<String>, PamError> {
    let mut bytes = Vec::new();
    stream.take(LONGEST_LINE).read_until(b'\n', &mut bytes).map_err(|_| PamError::Broken)?;
    match bytes.pop() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Some(_) => Err(PamError::Garbled("a line without an end".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_either_depth_follow_each_other() {
        let mut bytes = b"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n".to_vec();
        bytes.extend([1, 2, 3, 4, 5, 6]);
        bytes.extend(b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 65535\nTUPLTYPE RGB_ALPHA\nENDHDR\n");
        bytes.extend([0x12, 0x34, 0, 1, 0, 2, 0xff, 0xff]);
        let mut stream = bytes.as_slice();
        assert_eq!(read(&mut stream).unwrap().frame.data(), [1, 2, 3, 4, 5, 6]);
        let second = read(&mut stream).unwrap();
        let expected: Vec<u8> = [0x1234_u16, 1, 2, 0xffff].iter().flat_map(|value| value.to_ne_bytes()).collect();
        assert_eq!(second.frame.data(), expected);
        assert!(matches!(read(&mut stream), Err(PamError::Ended)));
    }

    #[test]
    fn a_cut_picture_and_foreign_bytes_are_told_apart() {
        let cut = b"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nENDHDR\n\x01\x02";
        assert!(matches!(read(&mut cut.as_slice()), Err(PamError::Broken)));
        assert!(matches!(read(&mut b"GIF89a\n".as_slice()), Err(PamError::Garbled(_))));
        let huge = b"P7\nWIDTH 99999999\nHEIGHT 99999999\nDEPTH 3\nMAXVAL 255\nENDHDR\n";
        assert!(matches!(read(&mut huge.as_slice()), Err(PamError::Garbled(_))));
    }
}
