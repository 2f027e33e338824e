//! A host's image by host coordinates.

use std::ops::Range;

use openfx::{Clip, Image, PixelView, Premultiplication, RectI, Result};

use super::matte_channel::MatteChannel;

/// A host's image with its place: host coordinates (y up) in, pixels out, transparent black where it has none.
#[derive(Clone, Copy)]
pub struct Placed<'a> {
    /// The pixels, row 0 at the top.
    pub view: PixelView<'a>,
    /// Where they are in the host's pixel coordinates.
    pub bounds: RectI,
    /// Whether colours are multiplied by alpha.
    pub premultiplied: bool,
}

impl<'a> Placed<'a> {
    /// An image as it is.
    ///
    /// # Errors
    /// [`Error::BadImage`] for an image that cannot be viewed.
    pub fn of(image: &'a Image<'_>) -> Result<Self> {
        Ok(Self {
            view: image.view()?,
            bounds: image.bounds(),
            premultiplied: image.premultiplication() == Premultiplication::Premultiplied,
        })
    }

    /// An image of a clip at `time`, without the padding that hosts give it. `scale` is that of the action: images of
    /// Resolve and Fusion carry another.
    ///
    /// # Errors
    /// As [`Placed::of`].
    pub fn whole(clip: Clip<'_>, image: &'a Image<'_>, time: f64, scale: [f64; 2]) -> Result<Self> {
        let placed = Self::of(image)?;
        Ok(match clip.region_of_definition(time) {
            Ok(region) if !region.is_empty() => placed.within(region.to_pixels(scale, image.pixel_aspect())),
            _ => placed,
        })
    }

    /// The part of it that lies in `region`; the whole where the two do not meet.
    ///
    /// Hosts hand out images larger than the region of definition (padding, overscan, Natron's cached ones). What a model
    /// sees, and so the matte, must not depend on that.
    pub fn within(self, region: RectI) -> Self {
        let bounds = self.bounds.intersect(&region);
        if bounds.is_empty() {
            return self;
        }
        let column = (bounds.x1 - self.bounds.x1) as usize;
        let row = (self.bounds.y2 - bounds.y2) as usize;
        Self { view: self.view.window(column, row, bounds.width(), bounds.height()), bounds, ..self }
    }

    /// The pixels of host row `y` from host column `x1`.
    pub fn read(&self, y: i32, x1: i32, out: &mut [[f32; 4]]) {
        match self.overlap(y, x1, out.len()) {
            Some((row, column, inside)) => {
                out[..inside.start].fill([0.0; 4]);
                out[inside.end..].fill([0.0; 4]);
                self.view.read_rgba(row, column, &mut out[inside]);
            }
            None => out.fill([0.0; 4]),
        }
    }

    /// What a matte image says of row `y`: its alpha, or its luminance where it has only colour.
    pub fn read_matte(&self, y: i32, x1: i32, pixels: &mut [[f32; 4]], out: &mut [f32]) {
        self.read_channel(MatteChannel::Alpha, y, x1, pixels, out);
    }

    /// As [`Placed::read_matte`], of a channel.
    pub fn read_channel(&self, channel: MatteChannel, y: i32, x1: i32, pixels: &mut [[f32; 4]], out: &mut [f32]) {
        self.read(y, x1, pixels);
        let channel = channel.of(self.view.layout().components);
        for (out, &pixel) in out.iter_mut().zip(pixels.iter()) {
            *out = channel.take(pixel);
        }
    }

    /// View row, view column and the part of `count` pixels from host column `x1` of host row `y` that lies inside.
    pub fn overlap(&self, y: i32, x1: i32, count: usize) -> Option<(usize, usize, Range<usize>)> {
        let row = usize::try_from(i64::from(self.bounds.y2) - 1 - i64::from(y)).ok()?;
        let left = i64::from(x1) - i64::from(self.bounds.x1);
        let start = usize::try_from((-left).max(0)).ok()?.min(count);
        let column = usize::try_from(left.max(0)).ok()?;
        let inside = count.saturating_sub(start).min(self.view.width().saturating_sub(column));
        (row < self.view.height() && inside > 0).then_some((row, column, start..start + inside))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openfx::{Components, Depth};
    use raster::PixelLayout;

    #[test]
    fn a_padded_image_is_cut_to_its_region() {
        let bytes: Vec<u8> = (0..6 * 4).flat_map(|value| [value * 10; 4]).collect();
        let view = PixelView::new(&bytes, PixelLayout::packed(6, 4, Depth::Byte, Components::Rgba)).unwrap();
        let placed = Placed { view, bounds: RectI { x1: -1, y1: -2, x2: 5, y2: 2 }, premultiplied: false };
        let cut = placed.within(RectI { x1: 0, y1: -1, x2: 4, y2: 1 });
        assert_eq!((cut.view.width(), cut.view.height()), (4, 2));
        let read = |placed: &Placed<'_>, y, x| {
            let mut out = [[0.0; 4]];
            placed.read(y, x, &mut out);
            out
        };
        for (y, x) in [(-1, 0), (0, 3), (-1, 3)] {
            assert_eq!(read(&cut, y, x), read(&placed, y, x));
        }
        assert_eq!(read(&cut, 1, 0), [[0.0; 4]], "the padding is gone");
        let elsewhere = placed.within(RectI { x1: 100, y1: 100, x2: 200, y2: 200 });
        assert_eq!(elsewhere.bounds, placed.bounds, "a region that does not meet the image is not believed");
    }

    #[test]
    fn an_image_reads_as_transparent_black_outside_its_bounds() {
        let bytes = [255u8; 2 * 2 * 4];
        let view = PixelView::new(&bytes, PixelLayout::packed(2, 2, Depth::Byte, Components::Rgba)).unwrap();
        let placed = Placed { view, bounds: RectI { x1: 10, y1: -1, x2: 12, y2: 1 }, premultiplied: false };
        let read = |y, x1| {
            let mut out = [[7.0; 4]; 4];
            placed.read(y, x1, &mut out);
            out.map(|pixel| pixel[0])
        };
        assert_eq!(read(0, 9), [0.0, 1.0, 1.0, 0.0]);
        assert_eq!(read(-1, 11), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(read(1, 10), [0.0; 4], "above");
        assert_eq!(read(-2, 10), [0.0; 4], "below");
        assert_eq!(read(0, i32::MIN), [0.0; 4]);
        assert_eq!(read(0, i32::MAX), [0.0; 4]);
    }
}
