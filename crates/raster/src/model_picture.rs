//! The picture a model sees: display-referred, 8 bits, resized without aliasing.

use crate::display::display_rgbx;
use crate::plane::Plane;
use crate::resample::{Taps, to_byte};
use crate::transfer::SourceEncoding;
use crate::view::PixelView;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Output rows made by one task. Neighbouring bands convert a few source rows twice; longer bands waste less of that,
/// shorter ones spread better.
const BAND: usize = 32;

/// `source` as a picture for a model: exactly `width` x `height` pixels, display-referred RGB of 8 bits.
///
/// Colours go through the same conversion as [`display_row`](crate::display_row); `premultiplied` colours are divided by
/// their alpha, which is otherwise ignored. The resize is Pillow's `Image.resize(.., BILINEAR)`, which the models were
/// trained behind, to the bit: 8-bit colours, the antialiased triangle filter in fixed point, first along the rows, rounded
/// to 8 bits, then along the columns. Masks of uncertain objects follow even single steps of 8 bits, and the same colours
/// in any depth give the same picture.
/// The same picture for any number of threads and any layout of the same pixels. Black for an empty source.
pub fn model_picture(
    source: &PixelView,
    encoding: SourceEncoding,
    premultiplied: bool,
    width: usize,
    height: usize,
) -> Plane<[u8; 3]> {
    let mut picture = Plane::new(width, height, [0u8; 3]);
    if picture.is_empty() || source.width() == 0 || source.height() == 0 {
        return picture;
    }
    let across = Taps::triangle(source.width(), width);
    let down = Taps::triangle(source.height(), height);
    picture.data_mut().par_chunks_mut(width * BAND).enumerate().for_each(|(band, rows)| {
        let mut window = RowWindow::new(source, encoding, premultiplied, &across, width, down.longest);
        let mut sum = vec![[0i32; 3]; width];
        for (index, row) in rows.chunks_exact_mut(width).enumerate() {
            let (tap, weights) = down.get(band * BAND + index);
            sum.fill([0; 3]);
            for (source_row, &weight) in (tap.first..).zip(weights) {
                add(&mut sum, window.row(source_row), weight);
            }
            for (to, sum) in row.iter_mut().zip(&sum) {
                *to = sum.map(to_byte);
            }
        }
    });
    picture
}

/// The last few source rows in display colours and at the picture's width, so that each is made once although several
/// output rows use it.
struct RowWindow<'a> {
    source: &'a PixelView<'a>,
    encoding: SourceEncoding,
    premultiplied: bool,
    across: &'a Taps,
    width: usize,
    /// Which source row each slot holds.
    held: Vec<usize>,
    /// The slots' pixels.
    pixels: Vec<[u8; 3]>,
    /// A source row at its full width, and the same in 8 bits.
    full: Vec<[f32; 4]>,
    bytes: Vec<[u8; 3]>,
}

impl<'a> RowWindow<'a> {
    fn new(
        source: &'a PixelView<'a>,
        encoding: SourceEncoding,
        premultiplied: bool,
        across: &'a Taps,
        width: usize,
        rows: usize,
    ) -> Self {
        let rows = rows.max(1);
        let pixels = vec![[0; 3]; rows * width];
        let full = vec![[0f32; 4]; source.width()];
        let bytes = vec![[0; 3]; source.width()];
        Self { source, encoding, premultiplied, across, width, held: vec![usize::MAX; rows], pixels, full, bytes }
    }

    fn row(&mut self, y: usize) -> &[[u8; 3]] {
        let slot = y % self.held.len();
        let pixels = &mut self.pixels[slot * self.width..(slot + 1) * self.width];
        if self.held[slot] != y {
            display_rgbx(self.source, self.encoding, self.premultiplied, y, 0, &mut self.full);
            for (byte, colour) in self.bytes.iter_mut().zip(&self.full) {
                let [r, g, b, _] = colour.map(|value| (value * 255.0 + 0.5) as u8);
                *byte = [r, g, b];
            }
            squeeze(&self.bytes, self.across, pixels);
            self.held[slot] = y;
        }
        pixels
    }
}

fn add(sum: &mut [[i32; 3]], row: &[[u8; 3]], weight: i32) {
    for (sum, value) in sum.as_flattened_mut().iter_mut().zip(row.as_flattened()) {
        *sum += weight * i32::from(*value);
    }
}

/// Resizes one row.
fn squeeze(from: &[[u8; 3]], across: &Taps, to: &mut [[u8; 3]]) {
    for (to, (tap, weights)) in to.iter_mut().zip(across.iter()) {
        let mut sum = [0i32; 3];
        for (pixel, &weight) in from[tap.first..tap.first + tap.count].iter().zip(weights) {
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += weight * i32::from(*value);
            }
        }
        *to = sum.map(to_byte);
    }
}
