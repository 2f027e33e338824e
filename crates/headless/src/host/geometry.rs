//! Rectangles in the two OFX coordinate systems.

use serde::{Deserialize, Serialize};

/// A rectangle of whole pixels, y up, half open: x1 <= x < x2, y1 <= y < y2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub struct RectI {
    /// Left edge.
    pub x1: i32,
    /// Bottom edge.
    pub y1: i32,
    /// Right edge, outside.
    pub x2: i32,
    /// Top edge, outside.
    pub y2: i32,
}

impl RectI {
    /// A rectangle from its edges: left, bottom, right, top.
    pub const fn new(x1: i32, y1: i32, x2: i32, y2: i32) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// Width in pixels; 0 for an inverted rectangle.
    pub fn width(&self) -> usize {
        usize::try_from(i64::from(self.x2) - i64::from(self.x1)).unwrap_or(0)
    }

    /// Height in pixels; 0 for an inverted rectangle.
    pub fn height(&self) -> usize {
        usize::try_from(i64::from(self.y2) - i64::from(self.y1)).unwrap_or(0)
    }

    /// Whether it holds no pixel.
    pub fn is_empty(&self) -> bool {
        self.width() == 0 || self.height() == 0
    }

    /// What both rectangles cover; empty where they do not meet.
    pub fn intersect(&self, other: &Self) -> Self {
        Self::new(self.x1.max(other.x1), self.y1.max(other.y1), self.x2.min(other.x2), self.y2.min(other.y2))
    }

    /// Whether every pixel of `other` lies in this rectangle.
    pub fn contains(&self, other: &Self) -> bool {
        other.is_empty() || (self.x1 <= other.x1 && self.y1 <= other.y1 && self.x2 >= other.x2 && self.y2 >= other.y2)
    }

    /// Grown by `margin` pixels on every side, saturating.
    pub fn grown(&self, margin: i32) -> Self {
        Self::new(
            self.x1.saturating_sub(margin),
            self.y1.saturating_sub(margin),
            self.x2.saturating_add(margin),
            self.y2.saturating_add(margin),
        )
    }
}

/// A rectangle in canonical coordinates: full scale, square pixels, y up.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct RectD {
    /// Left edge.
    pub x1: f64,
    /// Bottom edge.
    pub y1: f64,
    /// Right edge.
    pub x2: f64,
    /// Top edge.
    pub y2: f64,
}

impl RectD {
    /// A rectangle from its edges: left, bottom, right, top.
    pub const fn new(x1: f64, y1: f64, x2: f64, y2: f64) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// The smallest rectangle around both; an empty one adds nothing.
    pub fn union(&self, other: &Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => *other,
            (_, true) => *self,
            _ => Self::new(self.x1.min(other.x1), self.y1.min(other.y1), self.x2.max(other.x2), self.y2.max(other.y2)),
        }
    }

    /// Whether it covers no area; true for NaN edges.
    pub fn is_empty(&self) -> bool {
        !(self.x2 > self.x1 && self.y2 > self.y1)
    }

    /// The pixels that it touches at a render scale and pixel aspect ratio (an aspect that is not positive counts as 1).
    /// Edges are rounded outwards, but by no more than 1e-6 of a pixel of noise; infinite edges saturate, NaN gives 0.
    pub fn to_pixels(&self, scale: (f64, f64), pixel_aspect: f64) -> RectI {
        let aspect = if pixel_aspect > 0.0 { pixel_aspect } else { 1.0 };
        let (sx, sy) = (scale.0 / aspect, scale.1);
        RectI::new(
            (self.x1 * sx + NOISE).floor() as i32,
            (self.y1 * sy + NOISE).floor() as i32,
            (self.x2 * sx - NOISE).ceil() as i32,
            (self.y2 * sy - NOISE).ceil() as i32,
        )
    }

    /// The canonical area of a rectangle of pixels.
    pub fn from_pixels(rect: &RectI, scale: (f64, f64), pixel_aspect: f64) -> Self {
        let aspect = if pixel_aspect > 0.0 { pixel_aspect } else { 1.0 };
        let (sx, sy) = (aspect / scale.0, 1.0 / scale.1);
        Self::new(f64::from(rect.x1) * sx, f64::from(rect.y1) * sy, f64::from(rect.x2) * sx, f64::from(rect.y2) * sy)
    }
}

/// Rounding noise that does not make a new pixel.
const NOISE: f64 = 1e-6;
