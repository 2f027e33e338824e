//! Rows of a source as they look on a display.

use crate::decode::BLOCK;
use crate::layout::{Components, Depth};
use crate::transfer::{self, SourceEncoding};
use crate::view::PixelView;

/// The colours of row `y` from column `x0` as they look on a display, each 0..1, as many as `out` holds.
///
/// The same conversion that [`model_picture`](crate::model_picture) makes before it resizes: `premultiplied` colours are
/// divided by their alpha first (where it is above 0), then go through the curve of `encoding`; NaN, infinities and
/// negatives become 0, 1 and 0. Columns and rows outside the source are black.
pub fn display_row(
    source: &PixelView,
    encoding: SourceEncoding,
    premultiplied: bool,
    y: usize,
    x0: usize,
    out: &mut [[f32; 3]],
) {
    let mut block = [[0f32; 4]; BLOCK];
    for (index, out) in out.chunks_mut(BLOCK).enumerate() {
        let block = &mut block[..out.len()];
        display_rgbx(source, encoding, premultiplied, y, x0.saturating_add(index * BLOCK), block);
        for (out, &[r, g, b, _]) in out.iter_mut().zip(block.iter()) {
            *out = [r, g, b];
        }
    }
}

/// As [`display_row`] in pixels of four numbers, the last of which means nothing.
pub(crate) fn display_rgbx(
    source: &PixelView,
    encoding: SourceEncoding,
    premultiplied: bool,
    y: usize,
    x0: usize,
    out: &mut [[f32; 4]],
) {
    let layout = source.layout();
    if layout.depth == Depth::Byte && !premultiplied && y < layout.height {
        let inside = out.len().min(layout.width.saturating_sub(x0));
        out[inside..].fill([0.0; 4]);
        return bytes(source.pixels(y, x0, inside), layout.components, encoding, &mut out[..inside]);
    }
    for (index, block) in out.chunks_mut(BLOCK).enumerate() {
        source.read_rgba(y, x0.saturating_add(index * BLOCK), block);
        if premultiplied {
            unpremultiply(block);
        }
        transfer::to_display(encoding, block);
    }
}

/// Bytes need no arithmetic, only one look into a table per sample.
fn bytes(pixels: &[u8], components: Components, encoding: SourceEncoding, out: &mut [[f32; 4]]) {
    let table = transfer::byte_table(encoding);
    let show = |byte: u8| table[usize::from(byte)];
    match components {
        Components::Rgba => {
            for (out, &[r, g, b, _]) in out.iter_mut().zip(pixels.as_chunks::<4>().0) {
                *out = [show(r), show(g), show(b), 0.0];
            }
        }
        Components::Rgb => {
            for (out, &[r, g, b]) in out.iter_mut().zip(pixels.as_chunks::<3>().0) {
                *out = [show(r), show(g), show(b), 0.0];
            }
        }
        Components::Alpha => out.fill([show(0); 4]),
    }
}

/// Divides colours by their alpha; where the alpha is not above 0 there is nothing to divide by and the colour stays.
fn unpremultiply(pixels: &mut [[f32; 4]]) {
    for pixel in pixels {
        let alpha = pixel[3];
        let divisor = if alpha > 0.0 { alpha } else { 1.0 };
        *pixel = pixel.map(|value| value / divisor);
    }
}
