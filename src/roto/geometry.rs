//! From a host's canonical coordinates to the pixels a model sees, and back.

use raster::RectI;

/// Where one source image lies in canonical space, and how large the model picture made from it is.
///
/// OFX canonical coordinates: x right, y up, square pixels at full resolution.
/// Image pixels: `canonical * render_scale`, x also divided by the pixel aspect ratio.
/// Model pixels: x right, y DOWN, (0, 0) is the top-left corner of the top-left pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameGeometry {
    bounds: RectI,
    scale: [f64; 2],
    pixel_aspect: f64,
    model_size: [usize; 2],
}

impl FrameGeometry {
    /// `bounds` are the image's in pixels (y up) and not empty; `scale` is the render scale of the action's arguments
    /// (not the image's own: Resolve and Fusion put other figures there); a pixel aspect of 0 counts as 1 (Fusion).
    pub fn new(bounds: RectI, scale: [f64; 2], pixel_aspect: f64, model_size: [usize; 2]) -> Self {
        let positive = |v: f64| if v.is_finite() && v > 0.0 { v } else { 1.0 };
        Self { bounds, scale: scale.map(positive), pixel_aspect: positive(pixel_aspect), model_size }
    }

    /// Canonical position to model pixels.
    pub fn to_model(&self, canonical: [f64; 2]) -> [f32; 2] {
        let column = canonical[0] * self.scale[0] / self.pixel_aspect - f64::from(self.bounds.x1);
        let row = f64::from(self.bounds.y2) - canonical[1] * self.scale[1];
        let [kx, ky] = self.model_per_pixel();
        [(column * kx) as f32, (row * ky) as f32]
    }

    /// Model pixels to a canonical position: the inverse of [`Self::to_model`].
    pub fn to_canonical(&self, model: [f32; 2]) -> [f64; 2] {
        let [kx, ky] = self.model_per_pixel();
        let column = f64::from(model[0]) / kx + f64::from(self.bounds.x1);
        let row = f64::from(self.bounds.y2) - f64::from(model[1]) / ky;
        [column * self.pixel_aspect / self.scale[0], row / self.scale[1]]
    }

    /// Whether a position in model pixels lies on the picture, its border included.
    pub fn contains(&self, model: [f32; 2]) -> bool {
        let [w, h] = self.model_size.map(|n| n as f32);
        (0.0..=w).contains(&model[0]) && (0.0..=h).contains(&model[1])
    }

    /// The image's width and height in pixels.
    pub fn pixels(&self) -> [usize; 2] {
        [self.bounds.width(), self.bounds.height()]
    }

    /// Width of a pixel over its height.
    pub fn pixel_aspect(&self) -> f64 {
        self.pixel_aspect
    }

    /// The model picture's size, width and height in pixels.
    pub fn model_size(&self) -> [usize; 2] {
        self.model_size
    }

    fn model_per_pixel(&self) -> [f64; 2] {
        let width = f64::from((self.bounds.x2 - self.bounds.x1).max(1));
        let height = f64::from((self.bounds.y2 - self.bounds.y1).max(1));
        [self.model_size[0] as f64 / width, self.model_size[1] as f64 / height]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rect(x1: i32, y1: i32, x2: i32, y2: i32) -> RectI {
        RectI { x1, y1, x2, y2 }
    }

    #[test]
    fn top_left_of_the_frame_is_the_models_origin() {
        let g = FrameGeometry::new(rect(0, 0, 1920, 1080), [1.0, 1.0], 1.0, [1024, 576]);
        assert_eq!(g.to_model([0.0, 1080.0]), [0.0, 0.0]);
        assert_eq!(g.to_model([1920.0, 0.0]), [1024.0, 576.0]);
    }

    #[test]
    fn a_proxy_maps_the_same_canonical_point_to_the_same_model_pixel() {
        let full = FrameGeometry::new(rect(0, 0, 1920, 1080), [1.0, 1.0], 1.0, [1024, 576]);
        let half = FrameGeometry::new(rect(0, 0, 960, 540), [0.5, 0.5], 1.0, [1024, 576]);
        assert_eq!(full.to_model([700.0, 300.0]), half.to_model([700.0, 300.0]));
    }

    #[test]
    fn anamorphic_pixels_squeeze_x_only() {
        let g = FrameGeometry::new(rect(0, 0, 720, 576), [1.0, 1.0], 2.0, [1024, 819]);
        let [x, y] = g.to_model([720.0, 288.0]);
        assert!((x - 512.0).abs() < 1e-3 && (y - 409.5).abs() < 1e-3);
    }

    #[test]
    fn an_origin_elsewhere_shifts_both_axes() {
        let g = FrameGeometry::new(rect(-100, 50, 900, 550), [1.0, 1.0], 1.0, [1000, 500]);
        assert_eq!(g.to_model([-100.0, 550.0]), [0.0, 0.0]);
        assert!(g.contains(g.to_model([0.0, 100.0])));
        assert!(!g.contains(g.to_model([0.0, 20.0])));
    }

    #[test]
    fn an_aspect_of_zero_counts_as_square() {
        let g = FrameGeometry::new(rect(0, 0, 100, 100), [1.0, 1.0], 0.0, [100, 100]);
        assert_eq!(g.to_model([25.0, 75.0]), [25.0, 25.0]);
    }

    proptest! {
        #[test]
        fn canonical_and_model_pixels_round_trip(
            x in -3000.0..3000.0f64, y in -3000.0..3000.0f64,
            x1 in -500..500i32, y1 in -500..500i32, w in 1..4000i32, h in 1..4000i32,
            scale in 0.1..1.0f64, aspect in 0.5..2.0f64,
        ) {
            let g = FrameGeometry::new(rect(x1, y1, x1 + w, y1 + h), [scale, scale], aspect, [1024, 576]);
            let back = g.to_canonical(g.to_model([x, y]));
            let tolerance = 1e-2 * f64::from(w.max(h)).max(1000.0) / 1000.0 / scale;
            prop_assert!((back[0] - x).abs() < tolerance.max(x.abs() * 1e-5) * 2.0, "{back:?} against {x}, {y}");
            prop_assert!((back[1] - y).abs() < tolerance.max(y.abs() * 1e-5) * 2.0, "{back:?} against {x}, {y}");
        }
    }
}
