//! A read-only view of a host's pixels.

use crate::decode;
use crate::layout::{LayoutError, PixelLayout};

/// A picture in somebody else's memory, row 0 at the top, whatever the depth, components, alignment and row order.
///
/// Reading outside the picture is not an error: pixels there are transparent black, all zero.
#[derive(Debug, Clone, Copy)]
pub struct PixelView<'a> {
    bytes: &'a [u8],
    layout: PixelLayout,
}

impl<'a> PixelView<'a> {
    /// The picture that lies in `bytes` as `layout` says.
    ///
    /// # Errors
    /// [`LayoutError`] when a row lies outside `bytes` or rows overlap.
    pub fn new(bytes: &'a [u8], layout: PixelLayout) -> Result<Self, LayoutError> {
        layout.check(bytes.len())?;
        Ok(Self { bytes, layout })
    }

    /// For a layout that was checked against these very bytes.
    pub(crate) fn of_checked(bytes: &'a [u8], layout: PixelLayout) -> Self {
        Self { bytes, layout }
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.layout.width
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.layout.height
    }

    /// Where the pixels lie.
    pub fn layout(&self) -> &PixelLayout {
        &self.layout
    }

    /// The part that starts in column `x` and row `y` and has at most `width` x `height` pixels. What would lie
    /// outside is cut off, so the part may be smaller than asked for, or empty.
    pub fn window(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        Self { bytes: self.bytes, layout: self.layout.window(x, y, width, height) }
    }

    /// The pixels of row `y` from column `x0` as RGBA, as many as `out` holds. Bytes and shorts become 0..1, floats
    /// stay as they are (NaN and infinities too). RGB gets alpha 1; a picture of alpha only gets black.
    pub fn read_rgba(&self, y: usize, x0: usize, out: &mut [[f32; 4]]) {
        let (inside, outside) = out.split_at_mut(self.readable(y, x0, out.len()));
        decode::rgba(self.pixels(y, x0, inside.len()), self.layout.depth, self.layout.components, inside);
        outside.fill([0.0; 4]);
    }

    /// The alpha of row `y` from column `x0`, as many as `out` holds, as in [`read_rgba`](Self::read_rgba): 1 for a
    /// picture without alpha.
    pub fn read_alpha(&self, y: usize, x0: usize, out: &mut [f32]) {
        let (inside, outside) = out.split_at_mut(self.readable(y, x0, out.len()));
        decode::alpha(self.pixels(y, x0, inside.len()), self.layout.depth, self.layout.components, inside);
        outside.fill(0.0);
    }

    /// The stored bytes of the pixels of row `y`, without padding: for comparing and hashing pictures.
    pub fn row(&self, y: usize) -> &'a [u8] {
        self.pixels(y, 0, self.readable(y, 0, self.width()))
    }

    /// How many of `count` pixels from column `x0` of row `y` lie inside.
    fn readable(&self, y: usize, x0: usize, count: usize) -> usize {
        if y < self.height() { count.min(self.width().saturating_sub(x0)) } else { 0 }
    }

    /// The bytes of pixels that lie inside.
    pub(crate) fn pixels(&self, y: usize, x0: usize, count: usize) -> &'a [u8] {
        if count == 0 { &[] } else { &self.bytes[self.layout.span(y, x0, count)] }
    }
}
