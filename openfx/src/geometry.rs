//! Rectangles in canonical coordinates and their way to pixels.

use raster::RectI;

/// A rectangle in canonical coordinates: square pixels at full size, y up, origin wherever the project puts it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
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
    /// Width, never negative.
    #[must_use]
    pub fn width(&self) -> f64 {
        (self.x2 - self.x1).max(0.0)
    }

    /// Height, never negative.
    #[must_use]
    pub fn height(&self) -> f64 {
        (self.y2 - self.y1).max(0.0)
    }

    /// True where there is no area, or where an edge is not a number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !(self.x2 > self.x1 && self.y2 > self.y1)
    }

    /// The smallest rectangle of whole pixels that covers this one.
    /// Pixel = canonical x render scale, x also divided by the pixel aspect ratio.
    #[must_use]
    pub fn to_pixels(&self, scale: [f64; 2], pixel_aspect: f64) -> RectI {
        let (sx, sy) = (scale[0] / pixel_aspect, scale[1]);
        RectI {
            x1: whole(self.x1 * sx, f64::floor),
            y1: whole(self.y1 * sy, f64::floor),
            x2: whole(self.x2 * sx, f64::ceil),
            y2: whole(self.y2 * sy, f64::ceil),
        }
    }

    /// The canonical rectangle of a rectangle of pixels; the inverse of [`RectD::to_pixels`] but for rounding.
    #[must_use]
    pub fn from_pixels(pixels: RectI, scale: [f64; 2], pixel_aspect: f64) -> Self {
        let (sx, sy) = (pixel_aspect / scale[0], 1.0 / scale[1]);
        Self {
            x1: f64::from(pixels.x1) * sx,
            y1: f64::from(pixels.y1) * sy,
            x2: f64::from(pixels.x2) * sx,
            y2: f64::from(pixels.y2) * sy,
        }
    }
}

impl From<[f64; 4]> for RectD {
    fn from([x1, y1, x2, y2]: [f64; 4]) -> Self {
        Self { x1, y1, x2, y2 }
    }
}

impl From<RectD> for [f64; 4] {
    fn from(r: RectD) -> Self {
        [r.x1, r.y1, r.x2, r.y2]
    }
}

/// Rounds by `round` after pulling values within a millionth of a pixel onto it, so that 959.9999999 is 960.
/// Infinite regions (hosts use them for generators) saturate.
fn whole(value: f64, round: fn(f64) -> f64) -> i32 {
    let nearest = value.round();
    let rounded = if (value - nearest).abs() < 1e-6 { nearest } else { round(value) };
    rounded as i32
}
