//! `f32` to bytes of any depth and components.

use crate::decode::BLOCK;
use crate::layout::{Components, Depth};
use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};

/// Writes RGBA pixels into `bytes`. RGB drops the alpha, alpha drops the colour.
pub(crate) fn rgba(from: &[[f32; 4]], depth: Depth, components: Components, bytes: &mut [u8]) {
    match components {
        Components::Rgba => pixels::<4, _>(from, depth, bytes, |p| *p),
        Components::Rgb => pixels::<3, _>(from, depth, bytes, |&[r, g, b, _]| [r, g, b]),
        Components::Alpha => pixels::<1, _>(from, depth, bytes, |&[_, _, _, a]| [a]),
    }
}

/// Copies the colours of pixels of `RGB` bytes into pixels of `RGBA` bytes, whose alpha stays.
pub(crate) fn colours<const RGB: usize, const RGBA: usize>(from: &[u8], to: &mut [u8]) {
    for (to, from) in to.as_chunks_mut::<RGBA>().0.iter_mut().zip(from.as_chunks::<RGB>().0) {
        to[..RGB].copy_from_slice(from);
    }
}

/// Writes the alpha of RGBA pixels in `bytes`.
pub(crate) fn alpha_of_rgba(from: &[f32], depth: Depth, bytes: &mut [u8]) {
    match depth {
        Depth::Byte => {
            for (pixel, &alpha) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(from) {
                pixel[3] = integer(alpha, 255.0) as u8;
            }
        }
        Depth::Short => {
            for (pixel, &alpha) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(from) {
                pixel[6..].copy_from_slice(&(integer(alpha, 65535.0) as u16).to_ne_bytes());
            }
        }
        Depth::Half => {
            for (pixel, &alpha) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(from) {
                pixel[6..].copy_from_slice(&f16::from_f32(alpha).to_ne_bytes());
            }
        }
        Depth::Float => {
            for (pixel, &alpha) in bytes.as_chunks_mut::<16>().0.iter_mut().zip(from) {
                pixel[12..].copy_from_slice(&alpha.to_ne_bytes());
            }
        }
    }
}

fn pixels<const N: usize, T>(from: &[T], depth: Depth, bytes: &mut [u8], split: impl Fn(&T) -> [f32; N]) {
    let mut samples = [[0f32; N]; BLOCK];
    for (from, bytes) in from.chunks(BLOCK).zip(bytes.chunks_mut(BLOCK * N * depth.bytes())) {
        let block = &mut samples[..from.len()];
        for (to, from) in block.iter_mut().zip(from) {
            *to = split(from);
        }
        store(block.as_flattened(), depth, bytes);
    }
}

/// Writes samples of one depth; `from` holds at most `4 * BLOCK` of them.
fn store(from: &[f32], depth: Depth, bytes: &mut [u8]) {
    match depth {
        Depth::Byte => {
            for (to, &value) in bytes.iter_mut().zip(from) {
                *to = integer(value, 255.0) as u8;
            }
        }
        Depth::Short => {
            for (to, &value) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(from) {
                *to = (integer(value, 65535.0) as u16).to_ne_bytes();
            }
        }
        Depth::Half => {
            let mut bits = [0u16; 4 * BLOCK];
            let bits = &mut bits[..from.len()];
            bits.reinterpret_cast_mut::<f16>().convert_from_f32_slice(from);
            for (to, &value) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(bits.iter()) {
                *to = value.to_ne_bytes();
            }
        }
        Depth::Float => {
            for (to, &value) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(from) {
                *to = value.to_ne_bytes();
            }
        }
    }
}

/// `value` of 0..1 to the nearest of 0..=`white`; NaN becomes 0, as casts of NaN do.
fn integer(value: f32, white: f32) -> i32 {
    (value.clamp(0.0, 1.0) * white + 0.5) as i32
}
