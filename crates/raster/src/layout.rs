//! How a host's pixels lie in memory, and the check that they lie inside the slice one was given.

use std::ops::Range;

/// The type of one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Depth {
    /// `u8`, 255 is white.
    Byte,
    /// `u16`, 65535 is white.
    Short,
    /// IEEE half float, 1.0 is white.
    Half,
    /// `f32`, 1.0 is white.
    Float,
}

impl Depth {
    /// Bytes of one sample.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Byte => 1,
            Self::Short | Self::Half => 2,
            Self::Float => 4,
        }
    }
}

/// The samples of one pixel, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Components {
    /// Red, green, blue, alpha.
    Rgba,
    /// Red, green, blue; the alpha counts as 1.
    Rgb,
    /// Alpha only; red, green and blue count as 0.
    Alpha,
}

impl Components {
    /// Samples of one pixel.
    pub const fn count(self) -> usize {
        match self {
            Self::Rgba => 4,
            Self::Rgb => 3,
            Self::Alpha => 1,
        }
    }
}

/// Where the pixels of a picture lie in a byte slice. Samples need no alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelLayout {
    /// Pixels in a row.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
    /// The type of one sample.
    pub depth: Depth,
    /// The samples of one pixel.
    pub components: Components,
    /// Bytes from one picture row to the next **lower** one. Negative when the host stores the bottom row first.
    pub row_bytes: isize,
    /// Byte offset, in the slice, of the first pixel of the **top** row.
    pub top_row: usize,
}

/// Why a layout does not fit its slice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A row reaches outside the slice.
    #[error("row {row} of {height} needs bytes {start}..{end}, but the picture's memory holds {length} bytes")]
    OutOfBounds {
        /// The offending row, 0 at the top.
        row: usize,
        /// Rows of the picture.
        height: usize,
        /// Offset of the row's first byte (may be negative).
        start: i128,
        /// Offset one past the row's last byte.
        end: i128,
        /// Length of the slice.
        length: usize,
    },
    /// The step from row to row is smaller than a row, so rows would overlap.
    #[error("rows of {row_length} bytes do not fit a step of {row_bytes} bytes from row to row")]
    Overlap {
        /// The step given.
        row_bytes: isize,
        /// Bytes of pixels in one row.
        row_length: usize,
    },
    /// A row is longer than the address space.
    #[error("a row of {width} pixels is too long")]
    TooWide {
        /// Pixels in a row.
        width: usize,
    },
}

impl PixelLayout {
    /// The layout of rows that follow each other without padding, the top row first.
    pub fn packed(width: usize, height: usize, depth: Depth, components: Components) -> Self {
        let row_bytes = width.saturating_mul(components.count() * depth.bytes());
        Self {
            width,
            height,
            depth,
            components,
            row_bytes: isize::try_from(row_bytes).unwrap_or(isize::MAX),
            top_row: 0,
        }
    }

    /// Bytes of one pixel.
    pub const fn pixel_bytes(&self) -> usize {
        self.components.count() * self.depth.bytes()
    }

    /// Bytes of the pixels of one row, without padding.
    pub const fn row_length(&self) -> usize {
        self.width.saturating_mul(self.pixel_bytes())
    }

    /// Checks that every row lies inside a slice of `length` bytes and that rows do not overlap.
    pub(crate) fn check(&self, length: usize) -> Result<(), LayoutError> {
        if self.width == 0 || self.height == 0 {
            return Ok(());
        }
        let row_length =
            self.width.checked_mul(self.pixel_bytes()).ok_or(LayoutError::TooWide { width: self.width })?;
        if self.height > 1 && self.row_bytes.unsigned_abs() < row_length {
            return Err(LayoutError::Overlap { row_bytes: self.row_bytes, row_length });
        }
        // Rows lie between the first and the last one in memory, so those two decide.
        for row in [0, self.height - 1] {
            let start = self.top_row as i128 + row as i128 * self.row_bytes as i128;
            let end = start + row_length as i128;
            if start < 0 || end > length as i128 {
                return Err(LayoutError::OutOfBounds { row, height: self.height, start, end, length });
            }
        }
        Ok(())
    }

    /// Bytes of `count` pixels from column `x0` of row `y`. Only for a checked layout and pixels inside it.
    pub(crate) fn span(&self, y: usize, x0: usize, count: usize) -> Range<usize> {
        let step = y * self.row_bytes.unsigned_abs();
        let row = if self.row_bytes < 0 { self.top_row - step } else { self.top_row + step };
        let start = row + x0 * self.pixel_bytes();
        start..start + count * self.pixel_bytes()
    }

    /// The layout of the part of this picture that starts in column `x`, row `y` and has at most `width` x `height`
    /// pixels; what lies outside is cut off.
    pub(crate) fn window(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        let width = width.min(self.width.saturating_sub(x));
        let height = height.min(self.height.saturating_sub(y));
        if width == 0 || height == 0 {
            return Self { width, height, ..*self };
        }
        Self { width, height, top_row: self.span(y, x, 0).start, ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(row_bytes: isize, top_row: usize) -> PixelLayout {
        PixelLayout { row_bytes, top_row, ..PixelLayout::packed(3, 4, Depth::Byte, Components::Rgba) }
    }

    #[test]
    fn rows_inside_the_slice_are_accepted_in_both_directions() {
        assert_eq!(layout(16, 0).check(16 * 3 + 12), Ok(()));
        assert_eq!(layout(-16, 48).check(16 * 3 + 12), Ok(()));
    }

    #[test]
    fn rows_outside_the_slice_are_refused_with_the_numbers() {
        assert_eq!(
            layout(16, 0).check(59),
            Err(LayoutError::OutOfBounds { row: 3, height: 4, start: 48, end: 60, length: 59 })
        );
        assert_eq!(
            layout(-16, 47).check(100),
            Err(LayoutError::OutOfBounds { row: 3, height: 4, start: -1, end: 11, length: 100 })
        );
        assert!(matches!(layout(isize::MIN, usize::MAX).check(100), Err(LayoutError::OutOfBounds { .. })));
    }

    #[test]
    fn overlapping_rows_and_endless_rows_are_refused() {
        assert!(matches!(layout(8, 0).check(1000), Err(LayoutError::Overlap { row_bytes: 8, row_length: 12 })));
        let wide = PixelLayout::packed(usize::MAX / 2, 1, Depth::Float, Components::Rgba);
        assert!(matches!(wide.check(1000), Err(LayoutError::TooWide { .. })));
    }

    #[test]
    fn a_picture_without_pixels_fits_anything() {
        assert_eq!(PixelLayout::packed(0, 4, Depth::Float, Components::Rgba).check(0), Ok(()));
        assert_eq!(PixelLayout::packed(4, 0, Depth::Float, Components::Rgba).check(0), Ok(()));
    }
}
