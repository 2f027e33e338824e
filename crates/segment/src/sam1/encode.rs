//! A picture to its embedding.

use inference::{Abort, ContentHash, Engine, Feature, Input, Key, KeyBuilder, ModelFile};
use ndarray::{Array4, Axis};
use raster::Plane;

use super::CANVAS;
use crate::error::SegmentError;

/// Mean and deviation of the training pictures per channel, in 8-bit steps (`Sam.pixel_mean`, `Sam.pixel_std`).
const MEAN: [f32; 3] = [123.675, 116.28, 103.53];
const DEVIATION: [f32; 3] = [58.395, 57.12, 57.375];

/// The name of a picture's embedding: its pixels, its size and the encoder.
pub(super) fn key(encoder: ContentHash, picture: &Plane<[u8; 3]>) -> Key {
    KeyBuilder::new("sam1 embedding 1")
        .bytes(&encoder.0)
        .number(picture.width() as u64)
        .number(picture.height() as u64)
        .bytes(picture.as_bytes())
        .finish()
}

/// Runs the encoder.
pub(super) fn encode(
    engine: &Engine,
    encoder: &ModelFile,
    picture: &Plane<[u8; 3]>,
    abort: &dyn Abort,
) -> Result<Feature, SegmentError> {
    let canvas = canvas(picture).into_dyn();
    let outputs = engine.run(encoder, &[("input", Input::F32(canvas.view()))], &["output"], abort)?;
    Ok(Feature::new(outputs))
}

/// The picture, normalised, in the top left corner of the network's canvas [1, 3, 1024, 1024]; the rest is 0 *after*
/// normalising, as in `Sam.preprocess`.
fn canvas(picture: &Plane<[u8; 3]>) -> Array4<f32> {
    let mut canvas = Array4::zeros((1, 3, CANVAS, CANVAS));
    let mut batch = canvas.index_axis_mut(Axis(0), 0);
    for (channel, mut plane) in batch.outer_iter_mut().enumerate() {
        let steps: [f32; 256] = std::array::from_fn(|step| (step as f32 - MEAN[channel]) / DEVIATION[channel]);
        for (mut target, source) in plane.outer_iter_mut().zip(picture.rows()) {
            for (value, pixel) in target.iter_mut().zip(source) {
                *value = steps[usize::from(pixel[channel])];
            }
        }
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canvas_holds_the_normalised_picture_top_left_and_zero_elsewhere() {
        let mut picture = Plane::new(CANVAS, 2, [0u8, 0, 0]);
        picture.row_mut(1)[3] = [255, 116, 10];
        let canvas = canvas(&picture);
        assert_eq!(canvas[[0, 0, 0, 0]], -123.675 / 58.395);
        assert_eq!(canvas[[0, 0, 1, 3]], (255.0 - 123.675) / 58.395);
        assert_eq!(canvas[[0, 2, 1, 3]], (10.0 - 103.53) / 57.375);
        assert_eq!(canvas[[0, 1, 2, 3]], 0.0);
    }

    #[test]
    fn pictures_of_the_same_bytes_and_another_shape_have_other_keys() {
        let hash = ContentHash([7; 32]);
        let wide = Plane::new(4, 2, [1u8, 2, 3]);
        let tall = Plane::new(2, 4, [1u8, 2, 3]);
        assert_ne!(key(hash, &wide), key(hash, &tall));
        assert_ne!(key(hash, &wide), key(ContentHash([8; 32]), &wide));
        assert_eq!(key(hash, &wide), key(hash, &wide.clone()));
    }
}
