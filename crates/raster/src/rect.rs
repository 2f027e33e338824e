//! Half-open integer rectangles, as OFX gives bounds and render windows.

/// A half-open rectangle of pixels: columns `x1..x2`, rows `y1..y2`. In OFX pixel coordinates y grows upwards; the
/// arithmetic here holds whichever way y grows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RectI {
    /// First column.
    pub x1: i32,
    /// First row.
    pub y1: i32,
    /// One past the last column.
    pub x2: i32,
    /// One past the last row.
    pub y2: i32,
}

impl RectI {
    /// The rectangle of columns `x1..x2` and rows `y1..y2`.
    pub const fn new(x1: i32, y1: i32, x2: i32, y2: i32) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// Number of columns; 0 when the rectangle is inverted.
    pub fn width(&self) -> usize {
        extent(self.x1, self.x2)
    }

    /// Number of rows; 0 when the rectangle is inverted.
    pub fn height(&self) -> usize {
        extent(self.y1, self.y2)
    }

    /// Whether no pixel lies inside.
    pub fn is_empty(&self) -> bool {
        self.x2 <= self.x1 || self.y2 <= self.y1
    }

    /// The pixels of both; all zero when they share none.
    pub fn intersect(&self, other: &Self) -> Self {
        let both = Self {
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
            x2: self.x2.min(other.x2),
            y2: self.y2.min(other.y2),
        };
        if both.is_empty() { Self::default() } else { both }
    }

    /// Whether the pixel in column `x` of row `y` lies inside.
    pub fn contains(&self, x: i32, y: i32) -> bool {
        (self.x1..self.x2).contains(&x) && (self.y1..self.y2).contains(&y)
    }
}

fn extent(from: i32, to: i32) -> usize {
    usize::try_from(i64::from(to) - i64::from(from)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverted_and_extreme_rectangles_have_sane_extents() {
        assert_eq!(RectI::new(5, 5, 2, 9).width(), 0);
        assert!(RectI::new(5, 5, 2, 9).is_empty());
        assert_eq!(RectI::new(i32::MIN, 0, i32::MAX, 1).width(), u32::MAX as usize);
    }

    #[test]
    fn the_intersection_holds_exactly_the_common_pixels() {
        let a = RectI::new(-4, -4, 6, 3);
        let b = RectI::new(0, -9, 20, 2);
        assert_eq!(a.intersect(&b), RectI::new(0, -4, 6, 2));
        assert_eq!(a.intersect(&RectI::new(6, 0, 9, 9)), RectI::default());
        assert!(a.contains(-4, 2) && !a.contains(6, 0));
    }
}
