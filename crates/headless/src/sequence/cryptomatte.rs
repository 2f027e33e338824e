//! Cryptomatte, version 1.2: ID mattes that compositors pick objects from.
//!
//! J. Friedman and A. Jones, "Fully automatic ID mattes with support for motion blur and transparency", SIGGRAPH 2015, and the
//! "Cryptomatte Specification" 1.2 of Psyop. Each pixel holds pairs of an object's id and its coverage, the largest coverage first; the
//! id is the hash of the object's name, kept in the bits of a float.

use super::{Layer, SequenceError};
use crate::host::{Components, Depth, Frame};
use half::f16;
use serde_json::{Map, Value};

/// The name of the whole, as renderers call the one for objects.
const NAME: &str = "crypto_object";
/// Pairs of id and coverage in the four channels of a layer.
const PAIRS: usize = 2;

/// The layers `crypto_object00`, `crypto_object01` and so on for the mattes of named objects: as many as hold every object, so that
/// each is whole where all overlap. Coverage is the matte, within 0 and 1.
///
/// # Errors
/// When a frame is too large to be addressed, or the mattes are not of one size.
pub fn cryptomatte(mattes: &[Layer]) -> Result<Vec<Layer>, SequenceError> {
    let Some(first) = mattes.first() else { return Ok(Vec::new()) };
    let bounds = first.frame.bounds();
    let placed: Vec<Layer> = mattes.iter().map(|layer| layer.placed(bounds)).collect::<Result<_, _>>()?;
    let ids: Vec<f32> = mattes.iter().map(|layer| id(&layer.name)).collect();
    let levels = mattes.len().div_ceil(PAIRS);
    let pixels = first.frame.width() * first.frame.height();
    let mut data = vec![Vec::with_capacity(pixels * 16); levels];
    let mut pairs = Vec::with_capacity(mattes.len());
    for pixel in 0..pixels {
        pairs.clear();
        let covers = placed.iter().zip(&ids).map(|(layer, id)| (*id, coverage(&layer.frame, pixel)));
        pairs.extend(covers.filter(|(_, coverage)| *coverage > 0.0));
        // Equal ones stay in the order of the objects.
        pairs.sort_by(|a, b| b.1.total_cmp(&a.1));
        pairs.resize(levels * PAIRS, (0.0, 0.0));
        for (bytes, pair) in data.iter_mut().zip(pairs.chunks_exact(PAIRS)) {
            bytes.extend(pair.iter().flat_map(|(id, coverage)| [*id, *coverage]).flat_map(f32::to_ne_bytes));
        }
    }
    let frames = data.into_iter().map(|data| Frame::new(bounds, Depth::Float, Components::Rgba, data));
    let layers = frames.enumerate().map(|(level, frame)| {
        Ok(Layer {
            name: format!("{NAME}{level:02}"),
            channels: &["red", "green", "blue", "alpha"],
            frame: frame?,
            words: if level == 0 { words(mattes) } else { Vec::new() },
        })
    });
    layers.collect()
}

/// What the file's header says of them.
fn words(mattes: &[Layer]) -> Vec<(String, String)> {
    let names =
        mattes.iter().map(|layer| (layer.name.clone(), Value::from(format!("{:08x}", id(&layer.name).to_bits()))));
    let manifest = Value::Object(names.collect::<Map<_, _>>()).to_string();
    let key: String = format!("{:08x}", murmur3(NAME.as_bytes())).chars().take(7).collect();
    [("name", NAME), ("hash", "MurmurHash3_32"), ("conversion", "uint32_to_float32"), ("manifest", &manifest)]
        .map(|(what, text)| (format!("cryptomatte/{key}/{what}"), text.to_owned()))
        .to_vec()
}

/// A sample of a frame of alpha, half or float, within 0 and 1; 0 for what is no number.
fn coverage(frame: &Frame, pixel: usize) -> f32 {
    let sample = frame.depth().bytes();
    let value = match frame.data().get(pixel * sample..(pixel + 1) * sample) {
        Some(&[a, b]) => f16::from_ne_bytes([a, b]).to_f32(),
        Some(&[a, b, c, d]) => f32::from_ne_bytes([a, b, c, d]),
        _ => 0.0,
    };
    if value > 0.0 { value.min(1.0) } else { 0.0 }
}

/// The id of a name: its hash as the bits of a float, with an exponent that is neither 0 nor 255, so that it is a plain number.
fn id(name: &str) -> f32 {
    let hash = murmur3(name.as_bytes());
    let exponent = ((hash >> 23) & 255).clamp(1, 254);
    f32::from_bits((hash & 0x807f_ffff) | (exponent << 23))
}

/// A. Appleby's MurmurHash3_x86_32, seed 0.
fn murmur3(bytes: &[u8]) -> u32 {
    let scrambled = |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let (blocks, rest) = bytes.as_chunks::<4>();
    let mut hash = 0_u32;
    for block in blocks {
        hash ^= scrambled(u32::from_le_bytes(*block));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let tail = rest.iter().rev().fold(0_u32, |tail, byte| (tail << 8) | u32::from(*byte));
    hash ^= scrambled(tail);
    hash ^= bytes.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::RectI;

    #[test]
    fn the_hash_is_murmur3() {
        // Published vectors for seed 0.
        let known = [
            ("", 0),
            ("a", 0x3c25_69b2),
            ("test", 0xba6b_d213),
            ("Hello, world!", 0xc036_3e43),
            ("The quick brown fox jumps over the lazy dog", 0x2e4f_f723),
        ];
        for (name, hash) in known {
            assert_eq!(murmur3(name.as_bytes()), hash, "{name:?}");
        }
    }

    #[test]
    fn an_id_is_never_infinite_or_no_number() {
        for number in 0..20_000 {
            let id = id(&format!("object{number}"));
            assert!(id.is_normal(), "{number}");
        }
        assert_eq!(id("").to_bits(), 1 << 23, "exponent 0 becomes 1");
    }

    #[test]
    fn the_largest_coverage_comes_first_and_nothing_is_lost() {
        let matte = |name: &str, values: [f32; 3]| Layer {
            name: name.to_owned(),
            channels: &["A"],
            frame: Frame::new(
                RectI::new(0, 0, 3, 1),
                Depth::Float,
                Components::Alpha,
                values.iter().flat_map(|value| value.to_ne_bytes()).collect(),
            )
            .unwrap(),
            words: Vec::new(),
        };
        let mattes =
            [matte("rabbit", [0.25, 0.0, f32::NAN]), matte("tree", [0.5, 0.0, 2.0]), matte("sky", [0.5, 0.0, -1.0])];
        let layers = cryptomatte(&mattes).unwrap();
        assert_eq!(
            layers.iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>(),
            ["crypto_object00", "crypto_object01"]
        );
        let pixel = |level: usize, at: usize| -> Vec<f32> {
            let bytes = &layers[level].frame.data()[at * 16..(at + 1) * 16];
            bytes.as_chunks().0.iter().map(|four| f32::from_ne_bytes(*four)).collect()
        };
        assert_eq!(pixel(0, 0), [id("tree"), 0.5, id("sky"), 0.5]);
        assert_eq!(pixel(1, 0), [id("rabbit"), 0.25, 0.0, 0.0]);
        assert_eq!(pixel(0, 1), [0.0; 4]);
        assert_eq!(pixel(0, 2), [id("tree"), 1.0, 0.0, 0.0]);
        let (name, text) = &layers[0].words[3];
        assert!(name.starts_with("cryptomatte/") && name.ends_with("/manifest"));
        let manifest: Value = serde_json::from_str(text).unwrap();
        assert_eq!(manifest["rabbit"], format!("{:08x}", id("rabbit").to_bits()));
    }
}
