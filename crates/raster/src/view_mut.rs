//! A view of a host's pixels to write to.

use crate::encode;
use crate::layout::{Components, Depth, LayoutError, PixelLayout};
use crate::view::PixelView;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// A picture to write to in somebody else's memory, row 0 at the top, whatever the depth, components, alignment and
/// row order.
///
/// Writing outside the picture is not an error: pixels there are dropped. Bytes between rows are never touched.
#[derive(Debug)]
pub struct PixelViewMut<'a> {
    bytes: &'a mut [u8],
    layout: PixelLayout,
}

impl<'a> PixelViewMut<'a> {
    /// The picture that lies in `bytes` as `layout` says.
    ///
    /// # Errors
    /// [`LayoutError`] when a row lies outside `bytes` or rows overlap.
    pub fn new(bytes: &'a mut [u8], layout: PixelLayout) -> Result<Self, LayoutError> {
        layout.check(bytes.len())?;
        Ok(Self { bytes, layout })
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

    /// The same picture to read from.
    pub fn as_view(&self) -> PixelView<'_> {
        PixelView::of_checked(self.bytes, self.layout)
    }

    /// The part that starts in column `x` and row `y` and has at most `width` x `height` pixels, cut off as in
    /// [`PixelView::window`]; for a render window.
    pub fn window(&mut self, x: usize, y: usize, width: usize, height: usize) -> PixelViewMut<'_> {
        PixelViewMut { bytes: self.bytes, layout: self.layout.window(x, y, width, height) }
    }

    /// Writes RGBA pixels to row `y` from column `x0`. Integer depths clamp to 0..1, round to nearest and take NaN for
    /// 0; float depths take the values as they are. RGB drops the alpha, a picture of alpha only takes the alpha.
    pub fn write_rgba(&mut self, y: usize, x0: usize, pixels: &[[f32; 4]]) {
        if y >= self.height() || x0 >= self.width() {
            return;
        }
        let count = pixels.len().min(self.width() - x0);
        let bytes = &mut self.bytes[self.layout.span(y, x0, count)];
        encode::rgba(&pixels[..count], self.layout.depth, self.layout.components, bytes);
    }

    /// The rows as a rayon iterator, each to be written on its own, in the order of memory: from the bottom when the
    /// layout steps backwards. [`PixelRowMut::y`] tells which row it is.
    pub fn par_rows_mut(&mut self) -> impl IndexedParallelIterator<Item = PixelRowMut<'_>> {
        let layout = self.layout;
        let (used, step) = rows_in_memory(self.bytes, &layout);
        used.par_chunks_mut(step).enumerate().map(move |(index, bytes)| PixelRowMut {
            y: if layout.row_bytes < 0 { layout.height - 1 - index } else { index },
            bytes: &mut bytes[..layout.row_length()],
            depth: layout.depth,
            components: layout.components,
        })
    }
}

/// The bytes from the first row in memory to the last one, and the step between them, for chunks that begin with one
/// row each.
fn rows_in_memory<'b>(bytes: &'b mut [u8], layout: &PixelLayout) -> (&'b mut [u8], usize) {
    if layout.width == 0 || layout.height == 0 {
        return (&mut [], 1);
    }
    let top = layout.span(0, 0, layout.width);
    let bottom = layout.span(layout.height - 1, 0, layout.width);
    let used = &mut bytes[top.start.min(bottom.start)..top.end.max(bottom.end)];
    (used, layout.row_bytes.unsigned_abs().max(layout.row_length()))
}

/// One row of a [`PixelViewMut`].
#[derive(Debug)]
pub struct PixelRowMut<'a> {
    y: usize,
    bytes: &'a mut [u8],
    depth: Depth,
    components: Components,
}

impl PixelRowMut<'_> {
    /// Which row of the picture, 0 at the top.
    pub fn y(&self) -> usize {
        self.y
    }

    /// The type of the row's samples.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// The samples of the row's pixels.
    pub fn components(&self) -> Components {
        self.components
    }

    /// Copies stored RGBA or RGB pixels of the row's own depth ([`PixelView::row`]) from column 0 on, each with an alpha
    /// of its own in place of the one it has: as [`PixelViewMut::write_rgba`] of what [`PixelView::read_rgba`] gives, in
    /// a fraction of the time. Nothing for rows and pixels of other components.
    pub fn copy_with_alpha(&mut self, pixels: &[u8], components: Components, alpha: &[f32]) {
        if self.components != Components::Rgba || components == Components::Alpha {
            return;
        }
        let sample = self.depth.bytes();
        let count =
            (pixels.len() / (components.count() * sample)).min(alpha.len()).min(self.bytes.len() / (4 * sample));
        let bytes = &mut self.bytes[..4 * count * sample];
        match (components, sample) {
            (Components::Rgba, _) => bytes.copy_from_slice(&pixels[..4 * count * sample]),
            (_, 1) => encode::colours::<3, 4>(pixels, bytes),
            (_, 2) => encode::colours::<6, 8>(pixels, bytes),
            _ => encode::colours::<12, 16>(pixels, bytes),
        }
        encode::alpha_of_rgba(alpha, self.depth, bytes);
    }

    /// Writes RGBA pixels from column `x0`, as [`PixelViewMut::write_rgba`] does.
    pub fn write_rgba(&mut self, x0: usize, pixels: &[[f32; 4]]) {
        let pixel_bytes = self.components.count() * self.depth.bytes();
        let width = self.bytes.len() / pixel_bytes;
        let start = x0.min(width);
        let count = pixels.len().min(width - start);
        let bytes = &mut self.bytes[start * pixel_bytes..(start + count) * pixel_bytes];
        encode::rgba(&pixels[..count], self.depth, self.components, bytes);
    }
}
