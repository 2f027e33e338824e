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

#[cfg(test)]
mod tests {
    use super::*;

    const PAL: RectD = RectD { x1: 0.0, y1: 0.0, x2: 768.0, y2: 576.0 };
    const PAL_ASPECT: f64 = 768.0 / 720.0;

    #[test]
    fn canonical_units_become_pixels_by_scale_and_pixel_aspect() {
        assert_eq!(PAL.to_pixels([1.0, 1.0], PAL_ASPECT), RectI { x1: 0, y1: 0, x2: 720, y2: 576 });
        assert_eq!(PAL.to_pixels([0.5, 0.5], PAL_ASPECT), RectI { x1: 0, y1: 0, x2: 360, y2: 288 });
        let odd = RectD { x1: -0.5, y1: 1.2, x2: 3.000_000_01, y2: 4.1 };
        assert_eq!(odd.to_pixels([1.0, 1.0], 1.0), RectI { x1: -1, y1: 1, x2: 3, y2: 5 });
    }

    #[test]
    fn pixels_go_back_to_where_they_came_from() {
        let pixels = RectI { x1: -12, y1: 7, x2: 360, y2: 288 };
        let canonical = RectD::from_pixels(pixels, [0.5, 0.25], PAL_ASPECT);
        assert_eq!(canonical.to_pixels([0.5, 0.25], PAL_ASPECT), pixels);
    }

    #[test]
    fn endless_regions_saturate_and_impossible_ones_are_empty() {
        let endless = RectD { x1: f64::NEG_INFINITY, y1: f64::MIN, x2: f64::INFINITY, y2: f64::MAX };
        let pixels = endless.to_pixels([1.0, 1.0], 1.0);
        assert_eq!(pixels, RectI { x1: i32::MIN, y1: i32::MIN, x2: i32::MAX, y2: i32::MAX });
        assert!(RectD { x2: f64::NAN, ..PAL }.is_empty());
        assert!(RectD { x2: -1.0, ..PAL }.is_empty() && RectD { x2: -1.0, ..PAL }.width() == 0.0);
    }
}
