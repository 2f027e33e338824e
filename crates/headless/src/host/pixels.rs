//! Image memory as plugins see it: rows up or down, padded, and guarded.
//!
//! Everything that the plugin must not touch is painted with a pattern before, and looked at after: guard zones before and behind the
//! rows, the padding of every row, and in an output image all pixels outside the render window. The window itself starts as the
//! pattern too, so pixels that were never written show.

use super::frame::byte_size;
use super::{Components, Depth, Frame, FrameError, RectI};
use std::alloc;
use std::ptr::NonNull;
use std::sync::LazyLock;

/// How an image lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) bounds: RectI,
    pub(super) depth: Depth,
    pub(super) components: Components,
    /// Bytes behind each row.
    pub(super) padding: usize,
    /// Whether the top row comes first in memory.
    pub(super) negative: bool,
}

impl Layout {
    /// Bytes of one pixel.
    pub(super) fn pixel_bytes(&self) -> usize {
        self.depth.bytes() * self.components.channels()
    }

    /// Bytes from one row to the next in memory.
    fn stride(&self) -> usize {
        self.bounds.width() * self.pixel_bytes() + self.padding
    }

    /// Bytes from one row to the next HIGHER one, as OFX counts them.
    pub(super) fn row_bytes(&self) -> i32 {
        let stride = i32::try_from(self.stride()).unwrap_or(i32::MAX);
        if self.negative { -stride } else { stride }
    }

    /// The place in memory of the row at height `y`.
    fn row_index(&self, y: i32) -> usize {
        let up = i64::from(y) - i64::from(self.bounds.y1);
        let down = i64::from(self.bounds.y2) - 1 - i64::from(y);
        usize::try_from(if self.negative { down } else { up }).unwrap_or(0)
    }
}

/// Alignment of the first byte in memory; rows follow as the padding has it.
const ALIGNMENT: usize = 64;

/// The least size of a guard zone in bytes; at least one row is guarded too, so that a row too far is seen.
const GUARD: usize = 256;

/// A length without common factors with rows or pixels, so that the pattern never repeats in step with them.
const TILE: usize = 4099;

/// The pattern: pseudo-random bytes (splitmix64), none of them 0 or 255, so that no black, white or opaque pixel equals it.
static PATTERN: LazyLock<[u8; TILE]> = LazyLock::new(|| {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    std::array::from_fn(|_| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u8::try_from(1 + (mixed >> 33) % 254).unwrap_or(1)
    })
});

/// Memory of one image.
#[derive(Debug)]
pub(super) struct Pixels {
    memory: NonNull<u8>,
    allocation: alloc::Layout,
    guard: usize,
    layout: Layout,
}

// SAFETY: the memory is owned, and is read or written here only through methods whose callers see to it that no one else does.
unsafe impl Send for Pixels {}
// SAFETY: as above; a plugin writes through the pointer only between fetching and releasing the image.
unsafe impl Sync for Pixels {}

impl Drop for Pixels {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this very layout, and freed only here.
        unsafe { alloc::dealloc(self.memory.as_ptr(), self.allocation) };
    }
}

/// Damage to what must not be touched.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) bytes: usize,
    pub(super) place: String,
}

/// Pixels that were never written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Untouched {
    pub(super) pixels: usize,
    pub(super) x: i32,
    pub(super) y: i32,
}

impl Pixels {
    /// Memory for an image, all of it painted with the pattern.
    ///
    /// # Errors
    /// When the image is too large, or there is not enough memory.
    pub(super) fn new(layout: Layout) -> Result<Self, FrameError> {
        byte_size(&layout.bounds, layout.depth, layout.components)?;
        let (width, height) = (layout.bounds.width(), layout.bounds.height());
        let guard = layout.stride().max(GUARD).next_multiple_of(ALIGNMENT);
        let size = layout
            .stride()
            .checked_mul(height)
            .and_then(|rows| rows.checked_add(2 * guard))
            .filter(|_| i32::try_from(layout.stride()).is_ok())
            .ok_or(FrameError::TooLarge { width, height })?;
        let allocation =
            alloc::Layout::from_size_align(size, ALIGNMENT).map_err(|_| FrameError::TooLarge { width, height })?;
        // SAFETY: the size is not zero, there are always two guards.
        let memory = NonNull::new(unsafe { alloc::alloc(allocation) }).ok_or(FrameError::Memory { bytes: size })?;
        for start in (0..size).step_by(TILE) {
            let count = TILE.min(size - start);
            // SAFETY: start + count <= size, and the pattern has TILE >= count bytes; the two never overlap.
            unsafe { std::ptr::copy_nonoverlapping(PATTERN.as_ptr(), memory.as_ptr().add(start), count) };
        }
        Ok(Self { memory, allocation, guard, layout })
    }

    /// Memory for an input image: the frame where it has pixels, zero elsewhere in the bounds.
    ///
    /// # Errors
    /// As [`Pixels::new`].
    pub(super) fn of_frame(layout: Layout, frame: &Frame) -> Result<Self, FrameError> {
        let mut pixels = Self::new(layout)?;
        for y in layout.bounds.y1..layout.bounds.y2 {
            let range = pixels.row_range(y);
            if let Some(row) = pixels.bytes_mut().get_mut(range) {
                row_of_frame(&layout, frame, y, row);
            }
        }
        Ok(pixels)
    }

    /// How it lies in memory.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The bottom-left pixel, as the data property has it.
    pub(super) fn origin(&self) -> *mut u8 {
        let offset = self.guard + self.layout.row_index(self.layout.bounds.y1) * self.layout.stride();
        self.memory.as_ptr().wrapping_add(offset)
    }

    /// All bytes. To be called only while no plugin uses the image.
    fn bytes(&self) -> &[u8] {
        // SAFETY: the allocation has this size and was initialised as a whole in `new`; plugins are done with it (see above).
        unsafe { std::slice::from_raw_parts(self.memory.as_ptr(), self.allocation.size()) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`, and `self` is borrowed exclusively, so no plugin has seen the memory yet.
        unsafe { std::slice::from_raw_parts_mut(self.memory.as_ptr(), self.allocation.size()) }
    }

    /// The pixel bytes of the row at height `y`, without its padding.
    fn row_range(&self, y: i32) -> std::ops::Range<usize> {
        let start = self.guard + self.layout.row_index(y) * self.layout.stride();
        start..start + self.layout.bounds.width() * self.layout.pixel_bytes()
    }

    /// The bytes of the pixels of `window` in the row at height `y`.
    fn span(&self, window: &RectI, y: i32) -> std::ops::Range<usize> {
        let row = self.row_range(y);
        let from = usize::try_from(i64::from(window.x1) - i64::from(self.layout.bounds.x1)).unwrap_or(0);
        let start = row.start + from * self.layout.pixel_bytes();
        start..start + window.width() * self.layout.pixel_bytes()
    }

    /// The pixels of a window inside the bounds: top row first, tightly packed.
    pub(super) fn read(&self, window: &RectI) -> Vec<u8> {
        let mut out = Vec::with_capacity(window.width() * window.height() * self.layout.pixel_bytes());
        for y in (window.y1..window.y2).rev() {
            out.extend_from_slice(self.bytes().get(self.span(window, y)).unwrap_or_default());
        }
        out
    }

    /// Bytes outside the window that are no longer the pattern.
    pub(super) fn damage_outside(&self, window: &RectI) -> Option<Damage> {
        let mut spans: Vec<_> = (window.y1..window.y2).map(|y| self.span(window, y)).collect();
        spans.sort_by_key(|span| span.start);
        let mut damage: Option<(usize, usize)> = None;
        let mut start = 0;
        let end = self.allocation.size();
        for span in spans.into_iter().chain(std::iter::once(end..end)) {
            if let Some((bytes, first)) = self.differs(start..span.start) {
                damage = Some(damage.map_or((bytes, first), |(sum, first)| (sum + bytes, first)));
            }
            start = span.end;
        }
        damage.map(|(bytes, first)| Damage { bytes, place: self.place(first) })
    }

    /// How many bytes of a range differ from the pattern, and the first that does.
    fn differs(&self, range: std::ops::Range<usize>) -> Option<(usize, usize)> {
        let bytes = self.bytes().get(range.clone())?;
        let mut found: Option<(usize, usize)> = None;
        let mut start = range.start;
        let mut rest = bytes;
        while !rest.is_empty() {
            let tile = PATTERN.get(start % TILE..).unwrap_or_default();
            let (chunk, after) = rest.split_at(tile.len().min(rest.len()));
            let tile = tile.get(..chunk.len()).unwrap_or_default();
            if chunk != tile {
                let wrong = chunk.iter().zip(tile).filter(|(found, painted)| found != painted).count();
                let first = chunk.iter().zip(tile).position(|(found, painted)| found != painted).unwrap_or(0);
                found = Some(found.map_or((wrong, start + first), |(sum, first)| (sum + wrong, first)));
            }
            start += chunk.len();
            rest = after;
        }
        found
    }

    /// Where a byte lies, in words.
    fn place(&self, offset: usize) -> String {
        let stride = self.layout.stride();
        let bounds = &self.layout.bounds;
        let Some(inside) = offset.checked_sub(self.guard) else {
            return format!("{} bytes before the image", self.guard - offset);
        };
        let (row, column) = (inside / stride.max(1), inside % stride.max(1));
        if row >= bounds.height() {
            return format!("{} bytes behind the image", inside - stride * bounds.height());
        }
        let up = i64::try_from(row).unwrap_or(0);
        let y = if self.layout.negative { i64::from(bounds.y2) - 1 - up } else { i64::from(bounds.y1) + up };
        let x = column / self.layout.pixel_bytes();
        if x >= bounds.width() {
            return format!("in the padding of row {y}");
        }
        format!("at pixel ({}, {y})", i64::from(bounds.x1) + i64::try_from(x).unwrap_or(0))
    }

    /// Pixels of the window that still show the pattern. Where a pixel is so small that it may equal the pattern by chance, only
    /// more than a twentieth of the window counts.
    pub(super) fn untouched(&self, window: &RectI) -> Option<Untouched> {
        let size = self.layout.pixel_bytes();
        let mut found: Option<Untouched> = None;
        for y in window.y1..window.y2 {
            let span = self.span(window, y);
            let row = self.bytes().get(span.clone()).unwrap_or_default();
            for ((index, pixel), x) in row.chunks_exact(size).enumerate().zip(window.x1..) {
                let offset = (span.start + index * size) % TILE;
                let (head, wrapped) = (PATTERN.get(offset..).unwrap_or_default(), PATTERN.iter());
                if pixel.iter().zip(head.iter().chain(wrapped)).all(|(found, painted)| found == painted) {
                    found.get_or_insert(Untouched { pixels: 0, x, y }).pixels += 1;
                }
            }
        }
        let enough = if size < 4 { window.width() * window.height() / 20 } else { 0 };
        found.filter(|untouched| untouched.pixels > enough)
    }

    /// Whether an input image is still what was put in, with its surroundings.
    pub(super) fn holds(&self, frame: &Frame) -> bool {
        let mut expected = vec![0; self.layout.bounds.width() * self.layout.pixel_bytes()];
        let rows = (self.layout.bounds.y1..self.layout.bounds.y2).all(|y| {
            row_of_frame(&self.layout, frame, y, &mut expected);
            self.bytes().get(self.row_range(y)) == Some(&expected[..])
        });
        rows && self.damage_outside(&self.layout.bounds).is_none()
    }
}

/// Writes the row of a frame at height `y` into a row of an image; zero where the frame has no pixels.
fn row_of_frame(layout: &Layout, frame: &Frame, y: i32, out: &mut [u8]) {
    out.fill(0);
    let common = layout.bounds.intersect(&frame.bounds());
    if common.is_empty() || y < common.y1 || y >= common.y2 {
        return;
    }
    let size = layout.pixel_bytes();
    let distance = |from: i32, to: i32| usize::try_from(i64::from(to) - i64::from(from)).unwrap_or(0);
    let source = frame.row(distance(y, frame.bounds().y2 - 1));
    let (to, from) = (distance(layout.bounds.x1, common.x1) * size, distance(frame.bounds().x1, common.x1) * size);
    let count = common.width() * size;
    if let (Some(out), Some(source)) = (out.get_mut(to..to + count), source.get(from..from + count)) {
        out.copy_from_slice(source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(negative: bool, padding: usize) -> Layout {
        let bounds = RectI::new(-3, 5, 4, 9);
        Layout { bounds, depth: Depth::Byte, components: Components::Rgba, padding, negative }
    }

    /// Writes through the raw origin and row bytes, as a plugin does.
    fn poke(pixels: &Pixels, x: i32, y: i32, value: u8) {
        let layout = pixels.layout();
        let rows = isize::try_from(y - layout.bounds.y1).unwrap() * isize::try_from(layout.row_bytes()).unwrap();
        let offset = rows + isize::try_from(x - layout.bounds.x1).unwrap() * 4;
        // SAFETY: the tests poke at most one pixel outside the bounds, which the guards cover.
        unsafe { pixels.origin().offset(offset).write_bytes(value, 4) };
    }

    #[test]
    fn a_frame_goes_in_and_comes_out_either_way_up() {
        for negative in [false, true] {
            let bounds = layout(negative, 12).bounds;
            let data: Vec<u8> = (0..7 * 4 * 4).map(|index| u8::try_from(index).unwrap()).collect();
            let frame = Frame::new(bounds, Depth::Byte, Components::Rgba, data.clone()).unwrap();
            let pixels = Pixels::of_frame(layout(negative, 12), &frame).unwrap();
            assert_eq!(pixels.read(&bounds), data);
            assert!(pixels.holds(&frame));
            // SAFETY: the origin is the first pixel of the bottom row.
            assert_eq!(unsafe { *pixels.origin() }, data[3 * 7 * 4]);
            poke(&pixels, 0, 6, 200);
            assert!(!pixels.holds(&frame));
        }
    }

    #[test]
    fn only_the_window_may_change() {
        for negative in [false, true] {
            let pixels = Pixels::new(layout(negative, 8)).unwrap();
            let window = RectI::new(-1, 6, 3, 8);
            assert_eq!(pixels.untouched(&window), Some(Untouched { pixels: 8, x: -1, y: 6 }));
            for y in 6..8 {
                for x in -1..3 {
                    poke(&pixels, x, y, 0);
                }
            }
            assert_eq!(pixels.untouched(&window), None);
            assert_eq!(pixels.damage_outside(&window), None);
            poke(&pixels, 3, 7, 0);
            assert_eq!(pixels.damage_outside(&window), Some(Damage { bytes: 4, place: "at pixel (3, 7)".to_owned() }));
        }
    }

    #[test]
    fn padding_and_guards_are_watched() {
        let pixels = Pixels::new(layout(false, 8)).unwrap();
        poke(&pixels, 4, 5, 0);
        let damage = pixels.damage_outside(&pixels.layout().bounds).unwrap();
        assert_eq!(damage, Damage { bytes: 4, place: "in the padding of row 5".to_owned() });
        let pixels = Pixels::new(layout(false, 8)).unwrap();
        poke(&pixels, -3, 9, 0);
        let damage = pixels.damage_outside(&pixels.layout().bounds).unwrap();
        assert_eq!(damage, Damage { bytes: 4, place: "0 bytes behind the image".to_owned() });
    }

    #[test]
    fn margins_around_a_frame_are_black() {
        let frame = Frame::new(RectI::new(0, 6, 1, 7), Depth::Byte, Components::Rgba, vec![9; 4]).unwrap();
        let pixels = Pixels::of_frame(layout(false, 0), &frame).unwrap();
        assert_eq!(pixels.read(&RectI::new(-1, 6, 2, 7)), [0, 0, 0, 0, 9, 9, 9, 9, 0, 0, 0, 0]);
    }
}
