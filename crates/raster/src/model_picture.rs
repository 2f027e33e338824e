//! The picture a model sees: display-referred, 8 bits, resized without aliasing.

use crate::display::display_rgbx;
use crate::plane::Plane;
use crate::resample::Taps;
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
/// their alpha, which is otherwise ignored. The resize is the antialiased triangle filter, up or down, in each direction
/// on its own: for 8-bit display-referred sources within one step of Pillow's `Image.resize(.., BILINEAR)`.
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
        let mut window = RowWindow::new(source, encoding, premultiplied, down.longest);
        let mut sum = vec![[0f32; 4]; source.width()];
        for (index, row) in rows.chunks_exact_mut(width).enumerate() {
            let (tap, weights) = down.get(band * BAND + index);
            sum.fill([0.0; 4]);
            for (source_row, &weight) in (tap.first..).zip(weights) {
                add(&mut sum, window.row(source_row), weight);
            }
            squeeze(&sum, &across, row);
        }
    });
    picture
}

/// The last few source rows in display colours, so that each is converted once although several output rows use it.
struct RowWindow<'a> {
    source: &'a PixelView<'a>,
    encoding: SourceEncoding,
    premultiplied: bool,
    /// Which source row each slot holds.
    held: Vec<usize>,
    pixels: Vec<[f32; 4]>,
}

impl<'a> RowWindow<'a> {
    fn new(source: &'a PixelView<'a>, encoding: SourceEncoding, premultiplied: bool, rows: usize) -> Self {
        let rows = rows.max(1);
        let pixels = vec![[0f32; 4]; rows * source.width()];
        Self { source, encoding, premultiplied, held: vec![usize::MAX; rows], pixels }
    }

    fn row(&mut self, y: usize) -> &[[f32; 4]] {
        let slot = y % self.held.len();
        let width = self.source.width();
        let pixels = &mut self.pixels[slot * width..(slot + 1) * width];
        if self.held[slot] != y {
            display_rgbx(self.source, self.encoding, self.premultiplied, y, 0, pixels);
            self.held[slot] = y;
        }
        pixels
    }
}

fn add(sum: &mut [[f32; 4]], row: &[[f32; 4]], weight: f32) {
    for (sum, value) in sum.as_flattened_mut().iter_mut().zip(row.as_flattened()) {
        *sum += weight * value;
    }
}

/// Resizes one row and rounds it to bytes.
fn squeeze(from: &[[f32; 4]], across: &Taps, to: &mut [[u8; 3]]) {
    for (to, (tap, weights)) in to.iter_mut().zip(across.iter()) {
        let mut sum = [0f32; 4];
        for (pixel, &weight) in from[tap.first..tap.first + tap.count].iter().zip(weights) {
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += weight * value;
            }
        }
        let [r, g, b, _] = sum.map(|value| (value * 255.0 + 0.5) as u8);
        *to = [r, g, b];
    }
}
