//! Brightness of display-referred pictures, which is what motion is searched in.

use raster::Plane;

/// Weights of red, green and blue: Rec. ITU-R BT.601, as OpenCV's conversion to grey has them.
const WEIGHTS: [f32; 3] = [0.299, 0.587, 0.114];

/// Brightness 0..255 of display-referred colours 0..1. What is not a number counts as 0.
pub fn luma(picture: &Plane<[f32; 3]>) -> Plane<f32> {
    picture.map(|colour| {
        colour.iter().zip(WEIGHTS).map(|(value, weight)| weight * value.clamp(0.0, 1.0).max(0.0)).sum::<f32>() * 255.0
    })
}

/// Brightness 0..255 of display-referred colours 0..255.
pub fn luma_of_bytes(picture: &Plane<[u8; 3]>) -> Plane<f32> {
    picture.map(|colour| colour.iter().zip(WEIGHTS).map(|(&value, weight)| weight * f32::from(value)).sum())
}
