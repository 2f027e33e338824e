//! The pixels of the frame that is rendered, and other images brought onto them.

use openfx::{Components, Depth, PixelView, RectI};
use raster::{PixelLayout, Plane, SourceEncoding, model_picture};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

use super::matte_channel::MatteChannel;
use super::placed::Placed;

/// Where the frame's pixels lie. Canonical coordinates are common ground with images of other pixel aspects; with those of
/// the same the host's pixel coordinates are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// The pixels, in the host's coordinates (y up).
    pub bounds: RectI,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
}

impl Grid {
    /// Its size in square pixels: what pictures for finding motion are made of.
    pub fn square_size(&self) -> (usize, usize) {
        let width = (self.bounds.width() as f64 * self.pixel_aspect).round().max(1.0);
        (width as usize, self.bounds.height())
    }

    /// The matte of an image at the frame's pixels, row 0 at the top, as it is stored. Transparent where there is none.
    pub fn matte(&self, image: &Placed<'_>, pixel_aspect: f64, channel: MatteChannel) -> Plane<f32> {
        let (width, top) = (self.bounds.width(), self.bounds.y2 - 1);
        let ratio = self.pixel_aspect / pixel_aspect;
        let squeezed = (ratio - 1.0).abs() > 1e-6;
        let (first, columns) = if squeezed { self.span(ratio) } else { (self.bounds.x1, width) };
        let mut plane = Plane::new(width, self.bounds.height(), 0f32);
        let buffers = || (vec![[0f32; 4]; columns], vec![0f32; columns]);
        plane.par_rows_mut().enumerate().for_each_init(buffers, |(pixels, values), (y, out)| {
            let out_of = if squeezed { &mut *values } else { &mut *out };
            image.read_channel(channel, top - y as i32, first, pixels, out_of);
            if squeezed {
                for (x, out) in out.iter_mut().enumerate() {
                    // Of the middle of the pixel, in columns from `first` on, their middles at whole numbers.
                    let place = (f64::from(self.bounds.x1) + x as f64 + 0.5) * ratio - 0.5 - f64::from(first);
                    *out = linear(values, place);
                }
            }
        });
        plane
    }

    /// The picture of an image at the frame's pixels, made smaller for finding motion.
    pub fn picture(
        &self,
        image: &Placed<'_>,
        encoding: SourceEncoding,
        (width, height): (usize, usize),
    ) -> Plane<[u8; 3]> {
        if image.bounds == self.bounds {
            return model_picture(&image.view, encoding, image.premultiplied, width, height);
        }
        let (columns, rows) = (self.bounds.width(), self.bounds.height());
        let mut pixels = Plane::new(columns, rows, [0f32; 4]);
        pixels
            .par_rows_mut()
            .enumerate()
            .for_each(|(y, row)| image.read(self.bounds.y2 - 1 - y as i32, self.bounds.x1, row));
        let layout = PixelLayout::packed(columns, rows, Depth::Float, Components::Rgba);
        match PixelView::new(pixels.as_bytes(), layout) {
            Ok(view) => model_picture(&view, encoding, image.premultiplied, width, height),
            Err(_) => Plane::new(width, height, [0; 3]),
        }
    }

    /// The first of another image's columns that the frame covers, and how many, with one more on each side. Its columns
    /// are `ratio` of ours.
    fn span(&self, ratio: f64) -> (i32, usize) {
        let at = |x: i32| (f64::from(x) * ratio).clamp(-1e9, 1e9);
        let (first, last) = (at(self.bounds.x1).floor() as i32 - 1, at(self.bounds.x2).ceil() as i32 + 1);
        (first, usize::try_from(last - first).unwrap_or(1).max(1))
    }
}

fn linear(values: &[f32], place: f64) -> f32 {
    let last = values.len() - 1;
    let place = place.clamp(0.0, last as f64);
    let (first, part) = (place as usize, place.fract() as f32);
    let second = (first + 1).min(last);
    // A value that is no number stays where it is.
    if part == 0.0 { values[first] } else { values[first] + part * (values[second] - values[first]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x1: i32, y1: i32, x2: i32, y2: i32) -> RectI {
        RectI { x1, y1, x2, y2 }
    }

    /// An image of alpha alone that is 1 from column `from` on.
    fn alpha(bounds: RectI, from: i32) -> Vec<u8> {
        let row = (bounds.x1..bounds.x2).map(|x| if x >= from { 255 } else { 0 });
        (0..bounds.height()).flat_map(|_| row.clone()).collect()
    }

    fn on_grid(grid: Grid, bounds: RectI, pixel_aspect: f64, from: i32) -> Plane<f32> {
        let bytes = alpha(bounds, from);
        let layout = PixelLayout::packed(bounds.width(), bounds.height(), Depth::Byte, Components::Alpha);
        let view = PixelView::new(&bytes, layout).unwrap();
        grid.matte(&Placed { view, bounds, premultiplied: false }, pixel_aspect, MatteChannel::Alpha)
    }

    #[test]
    fn a_matte_of_another_place_and_size_lies_where_it_is() {
        let grid = Grid { bounds: rect(-10, 0, 30, 8), pixel_aspect: 1.0 };
        let matte = on_grid(grid, rect(0, 2, 20, 6), 1.0, 5);
        let inside = |x: usize, y: usize| (15..30).contains(&x) && (2..6).contains(&y);
        for (i, &value) in matte.data().iter().enumerate() {
            assert_eq!(value > 0.5, inside(i % 40, i / 40), "at {}, {}", i % 40, i / 40);
        }
    }

    #[test]
    fn a_matte_of_another_pixel_aspect_covers_the_same_part_of_the_picture() {
        // The frame's pixels are twice as wide as they are high, the matte's are square: twice as many columns.
        let grid = Grid { bounds: rect(0, 0, 20, 4), pixel_aspect: 2.0 };
        let matte = on_grid(grid, rect(0, 0, 40, 4), 1.0, 16);
        assert!(matte.row(1)[..8].iter().all(|&value| value == 0.0), "{:?}", matte.row(1));
        assert!(matte.row(1)[8..].iter().all(|&value| value == 1.0), "{:?}", matte.row(1));
        assert_eq!(grid.square_size(), (40, 4));
    }

    #[test]
    fn a_picture_of_another_place_is_black_where_it_has_nothing() {
        let grid = Grid { bounds: rect(0, 0, 8, 4), pixel_aspect: 1.0 };
        let bytes = [255u8; 4 * 4 * 4];
        let view = PixelView::new(&bytes, PixelLayout::packed(4, 4, Depth::Byte, Components::Rgba)).unwrap();
        let image = Placed { view, bounds: rect(0, 0, 4, 4), premultiplied: false };
        let picture = grid.picture(&image, SourceEncoding::Display, (8, 4));
        assert_eq!(picture.row(2)[..4], [[255; 3]; 4]);
        assert_eq!(picture.row(2)[4..], [[0; 3]; 4]);
    }
}
