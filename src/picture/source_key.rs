//! A name for what a picture holds.

use inference::{Key, KeyBuilder};
use openfx::PixelView;
use raster::SourceEncoding;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::placed::Placed;

/// Rows that are hashed as one piece of work.
const ROWS: usize = 16;

/// The name of a source picture as the matte depends on it: its pixels as they are stored, their layout, how their
/// colours are to be read. Where the picture lies and how its rows are padded does not matter. A host's own identifier
/// would be quicker and cannot be trusted: Nuke's says the same of every image.
pub fn source_key(source: &Placed<'_>, encoding: SourceEncoding) -> Key {
    let Placed { view, premultiplied, .. } = source;
    let layout = view.layout();
    let pieces: Vec<Key> =
        (0..view.height().div_ceil(ROWS)).into_par_iter().map(|piece| piece_key(view, piece * ROWS)).collect();
    let mut key = KeyBuilder::new("picture 1");
    for number in [layout.width, layout.height, layout.depth as usize, layout.components as usize] {
        key = key.number(number as u64);
    }
    key = key.number(u64::from(*premultiplied)).number(encoding as u64);
    for piece in pieces {
        key = key.bytes(&piece.0.to_le_bytes());
    }
    key.finish()
}

fn piece_key(view: &PixelView<'_>, first: usize) -> Key {
    let rows = first..(first + ROWS).min(view.height());
    rows.fold(KeyBuilder::new("rows"), |key, y| key.bytes(view.row(y))).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use openfx::{Components, Depth, RectI};
    use raster::PixelLayout;

    const SIZE: (usize, usize) = (5, 40);

    fn key(bytes: &[u8], layout: PixelLayout, premultiplied: bool, encoding: SourceEncoding, corner: i32) -> Key {
        let view = PixelView::new(bytes, layout).unwrap();
        let bounds = RectI { x1: corner, y1: corner, x2: corner + SIZE.0 as i32, y2: corner + SIZE.1 as i32 };
        source_key(&Placed { view, bounds, premultiplied }, encoding)
    }

    fn packed() -> PixelLayout {
        PixelLayout::packed(SIZE.0, SIZE.1, Depth::Byte, Components::Rgba)
    }

    fn pixels() -> Vec<u8> {
        (0..SIZE.0 * SIZE.1 * 4).map(|i| (i * 7 % 251) as u8).collect()
    }

    #[test]
    fn place_padding_and_row_order_in_memory_do_not_change_the_name() {
        let row = SIZE.0 * 4;
        let known = key(&pixels(), packed(), false, SourceEncoding::Display, 0);
        assert_eq!(key(&pixels(), packed(), false, SourceEncoding::Display, -7), known);
        let padded: Vec<u8> = pixels().chunks(row).flat_map(|pixels| [pixels, &[99; 12]].concat()).collect();
        let layout = PixelLayout { row_bytes: row as isize + 12, ..packed() };
        assert_eq!(key(&padded, layout, false, SourceEncoding::Display, 0), known);
        let flipped: Vec<u8> = pixels().chunks(row).rev().flatten().copied().collect();
        let layout = PixelLayout { row_bytes: -(row as isize), top_row: row * (SIZE.1 - 1), ..packed() };
        assert_eq!(key(&flipped, layout, false, SourceEncoding::Display, 0), known);
    }

    #[test]
    fn every_pixel_and_the_way_colours_are_read_change_the_name() {
        let known = key(&pixels(), packed(), false, SourceEncoding::Display, 0);
        for at in 0..pixels().len() {
            let mut other = pixels();
            other[at] ^= 1;
            assert_ne!(key(&other, packed(), false, SourceEncoding::Display, 0), known, "byte {at}");
        }
        assert_ne!(key(&pixels(), packed(), true, SourceEncoding::Display, 0), known);
        assert_ne!(key(&pixels(), packed(), false, SourceEncoding::Linear, 0), known);
        let turned = PixelLayout::packed(SIZE.1, SIZE.0, Depth::Byte, Components::Rgba);
        assert_ne!(key(&pixels(), turned, false, SourceEncoding::Display, 0), known);
    }
}
