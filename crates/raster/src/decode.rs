//! Bytes of any depth and components to `f32`.

use crate::layout::{Components, Depth};
use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};

/// Pixels converted at a time: small enough to stay in the nearest cache, large enough to vectorise.
pub(crate) const BLOCK: usize = 64;

/// Reads the pixels in `bytes` as RGBA. RGB gets alpha 1, alpha gets black.
pub(crate) fn rgba(bytes: &[u8], depth: Depth, components: Components, out: &mut [[f32; 4]]) {
    match components {
        Components::Rgba => pixels::<4, _>(bytes, depth, out, |p| p),
        Components::Rgb => pixels::<3, _>(bytes, depth, out, |[r, g, b]| [r, g, b, 1.0]),
        Components::Alpha => pixels::<1, _>(bytes, depth, out, |[a]| [0.0, 0.0, 0.0, a]),
    }
}

/// Reads the alpha of the pixels in `bytes`. RGB is opaque.
pub(crate) fn alpha(bytes: &[u8], depth: Depth, components: Components, out: &mut [f32]) {
    match components {
        Components::Rgba => pixels::<4, _>(bytes, depth, out, |[_, _, _, a]| a),
        Components::Rgb => out.fill(1.0),
        Components::Alpha => pixels::<1, _>(bytes, depth, out, |[a]| a),
    }
}

fn pixels<const N: usize, T>(bytes: &[u8], depth: Depth, out: &mut [T], make: impl Fn([f32; N]) -> T) {
    let mut samples = [[0f32; N]; BLOCK];
    for (bytes, out) in bytes.chunks(BLOCK * N * depth.bytes()).zip(out.chunks_mut(BLOCK)) {
        let block = &mut samples[..out.len()];
        load(bytes, depth, block.as_flattened_mut());
        for (to, from) in out.iter_mut().zip(block.iter()) {
            *to = make(*from);
        }
    }
}

/// Reads samples of one depth; `to` holds at most `4 * BLOCK` of them.
fn load(bytes: &[u8], depth: Depth, to: &mut [f32]) {
    match depth {
        Depth::Byte => {
            for (to, &byte) in to.iter_mut().zip(bytes) {
                *to = f32::from(byte) / 255.0;
            }
        }
        Depth::Short => {
            for (to, &two) in to.iter_mut().zip(bytes.as_chunks::<2>().0) {
                *to = f32::from(u16::from_ne_bytes(two)) / 65535.0;
            }
        }
        Depth::Half => {
            // Through an aligned copy: the conversion instruction of the `half` crate wants a slice of halves.
            let mut bits = [0u16; 4 * BLOCK];
            let bits = &mut bits[..to.len()];
            for (to, &two) in bits.iter_mut().zip(bytes.as_chunks::<2>().0) {
                *to = u16::from_ne_bytes(two);
            }
            bits.reinterpret_cast::<f16>().convert_to_f32_slice(to);
        }
        Depth::Float => {
            for (to, &four) in to.iter_mut().zip(bytes.as_chunks::<4>().0) {
                *to = f32::from_ne_bytes(four);
            }
        }
    }
}
