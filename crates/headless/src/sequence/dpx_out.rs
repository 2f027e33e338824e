//! Writing DPX (SMPTE ST 268, version 2.0), big endian.

use super::commit::{WriteFailure, WriteSeek};
use super::still_out::{samples, single_channel, size};
use super::{Bits, Picture, Provenance};
use crate::host::Components;

/// Length of the generic and industry headers together.
const HEADERS: usize = 2048;
/// Length of the name in front of our own words.
const OUR_NAME: usize = 32;
/// Pixels begin at a multiple of this, as many readers like them.
const ALIGNMENT: usize = 4096;
/// What a field that says nothing holds.
const UNDEFINED: u32 = 0xffff_ffff;
/// Descriptors of image elements (table 1).
const LUMINANCE: u8 = 6;
const RGB: u8 = 50;
const RGBA: u8 = 51;

/// Writes 16 bit samples, or their upper ten bits, three in a word from the top, for red, green and blue. What the values mean, log or
/// linear, is not told: they are the source's.
pub(super) fn write(
    out: &mut dyn WriteSeek,
    picture: &Picture,
    bits: Bits,
    provenance: &Provenance,
) -> Result<(), WriteFailure> {
    let mut words = format!("{}\0", provenance.text()).into_bytes();
    let begin = (HEADERS + OUR_NAME + words.len()).next_multiple_of(ALIGNMENT);
    words.resize(begin - HEADERS - OUR_NAME, 0);
    let samples = samples(picture);
    let samples = samples.as_chunks::<2>().0.iter().map(|two| u16::from_ne_bytes(*two));
    let pixels: Vec<u8> = match bits {
        Bits::Ten => ten_bits(&samples.collect::<Vec<_>>()),
        _ => samples.flat_map(u16::to_be_bytes).collect(),
    };
    let mut header = Header(vec![0; HEADERS]);
    header.generic(begin, begin + pixels.len(), OUR_NAME + words.len(), provenance);
    header.image(picture, bits, begin)?;
    header.orientation(picture, provenance)?;
    header.film(provenance.frame);
    let mut name = b"sam3roto".to_vec();
    name.resize(OUR_NAME, 0);
    [header.0, name, words, pixels].iter().try_for_each(|part| out.write_all(part)).map_err(WriteFailure::Io)
}

/// Three samples in each 32 bits, the first one on top, two bits of padding at the bottom ("filled, method A").
fn ten_bits(samples: &[u16]) -> Vec<u8> {
    // Rounded, so that white is white.
    let ten = |sample: u16| (u32::from(sample) * 1023 + 32767) / 65535;
    let word = |[r, g, b]: &[u16; 3]| (ten(*r) << 22 | ten(*g) << 12 | ten(*b) << 2).to_be_bytes();
    samples.as_chunks().0.iter().flat_map(word).collect()
}

/// The header, filled at the offsets of the standard.
struct Header(Vec<u8>);

impl Header {
    fn put(&mut self, offset: usize, bytes: &[u8]) {
        if let Some(place) = self.0.get_mut(offset..offset + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    fn number(&mut self, offset: usize, value: usize) {
        self.put(offset, &u32::try_from(value).unwrap_or(UNDEFINED).to_be_bytes());
    }

    /// Words of at most `room` bytes with the zero that ends them.
    fn words(&mut self, offset: usize, room: usize, text: &str) {
        let end = text.floor_char_boundary(room.saturating_sub(1));
        self.put(offset, text.get(..end).unwrap_or_default().as_bytes());
    }

    /// Fields 1 to 15.
    fn generic(&mut self, begin: usize, length: usize, own: usize, provenance: &Provenance) {
        self.put(0, b"SDPX");
        self.number(4, begin);
        self.put(8, b"V2.0");
        self.number(16, length);
        // A file of its own, not a copy of another.
        self.number(20, 1);
        self.number(24, 1664);
        self.number(28, 384);
        self.number(32, own);
        self.words(160, 100, &provenance.software);
        self.words(260, 200, &provenance.effect);
        self.put(660, &UNDEFINED.to_be_bytes());
    }

    /// Fields 16 to 29: one element, left to right and top to bottom.
    fn image(&mut self, picture: &Picture, bits: Bits, begin: usize) -> Result<(), WriteFailure> {
        let (width, height) = size(picture)?;
        self.put(770, &1_u16.to_be_bytes());
        self.put(772, &width.to_be_bytes());
        self.put(776, &height.to_be_bytes());
        self.put(784, &UNDEFINED.to_be_bytes());
        self.put(792, &UNDEFINED.to_be_bytes());
        let (highest, depth, packing) = if bits == Bits::Ten { (1023, 10, 1_u16) } else { (65535, 16, 0) };
        self.number(788, highest);
        self.put(796, &1_f32.to_be_bytes());
        let descriptor = match (single_channel(picture), picture.frame.components()) {
            (true, _) => LUMINANCE,
            (false, Components::Rgba) => RGBA,
            (false, _) => RGB,
        };
        // Transfer and colorimetric: 0, user defined.
        self.put(800, &[descriptor, 0, 0, depth]);
        self.put(804, &packing.to_be_bytes());
        self.number(808, begin);
        Ok(())
    }

    /// Fields 30 to 40.
    fn orientation(&mut self, picture: &Picture, provenance: &Provenance) -> Result<(), WriteFailure> {
        let (width, height) = size(picture)?;
        self.put(1424, &width.to_be_bytes());
        self.put(1428, &height.to_be_bytes());
        self.words(1432, 100, &provenance.source);
        // The shape of a pixel as a fraction.
        let aspect = (picture.frame.pixel_aspect() * 1000.0).round() as usize;
        self.number(1628, if aspect == 1000 { 1 } else { aspect });
        self.number(1632, if aspect == 1000 { 1 } else { 1000 });
        Ok(())
    }

    /// The frame's number in the sequence, of the film header.
    fn film(&mut self, frame: i32) {
        self.put(1712, &frame.to_be_bytes());
        for offset in [1716, 1720, 1724, 1728] {
            self.put(offset, &UNDEFINED.to_be_bytes());
        }
    }
}
