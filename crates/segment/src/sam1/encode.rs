//! A picture to its embedding.

use inference::{Abort, Engine, Feature, InferenceError, Input, Key, KeyBuilder, ModelFile};
use ndarray::Array4;
use raster::Plane;

use super::CANVAS;
use crate::{encodings, error::SegmentError};

/// Mean and deviation of the training pictures per channel, in 8-bit steps (`Sam.pixel_mean`, `Sam.pixel_std`).
const MEAN: [f32; 3] = [123.675, 116.28, 103.53];
const DEVIATION: [f32; 3] = [58.395, 57.12, 57.375];

/// The name of a picture's embedding: its pixels, its size and the model.
pub(super) fn key(model: Key, picture: &Plane<[u8; 3]>) -> Key {
    KeyBuilder::new("sam1 embedding 2")
        .bytes(&model.0.to_le_bytes())
        .number(picture.width() as u64)
        .number(picture.height() as u64)
        .bytes(picture.as_bytes())
        .finish()
}

/// Runs the encoder on one picture or several, which together make one batch.
pub(super) fn encode(
    engine: &Engine,
    encoder: &ModelFile,
    pictures: &[&Plane<[u8; 3]>],
    abort: &dyn Abort,
) -> Result<Vec<Feature>, SegmentError> {
    let canvases = canvases(pictures).into_dyn();
    let outputs = engine.run(encoder, &[("input", Input::F32(canvases.view()))], &["output"], abort)?;
    if outputs.first().is_none_or(|output| output.shape().first() != Some(&pictures.len())) {
        let reason = format!("it gave no embedding for each of {} pictures", pictures.len());
        return Err(InferenceError::Run { file: encoder.path.clone(), model: encoder.contract.name, reason }.into());
    }
    Ok(encodings::features(engine, &outputs, pictures.len()))
}

/// The pictures, normalised, each in the top left corner of the network's canvas [.., 3, 1024, 1024]; the rest is 0
/// *after* normalising, as in `Sam.preprocess`.
fn canvases(pictures: &[&Plane<[u8; 3]>]) -> Array4<f32> {
    let mut canvases = Array4::zeros((pictures.len(), 3, CANVAS, CANVAS));
    for (mut canvas, picture) in canvases.outer_iter_mut().zip(pictures) {
        for (channel, mut plane) in canvas.outer_iter_mut().enumerate() {
            let steps: [f32; 256] = std::array::from_fn(|step| (step as f32 - MEAN[channel]) / DEVIATION[channel]);
            for (mut target, source) in plane.outer_iter_mut().zip(picture.rows()) {
                for (value, pixel) in target.iter_mut().zip(source) {
                    *value = steps[usize::from(pixel[channel])];
                }
            }
        }
    }
    canvases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canvas_holds_the_normalised_picture_top_left_and_zero_elsewhere() {
        let mut picture = Plane::new(CANVAS, 2, [0u8, 0, 0]);
        picture.row_mut(1)[3] = [255, 116, 10];
        let blank = Plane::new(CANVAS, CANVAS, [0u8, 0, 0]);
        let canvas = canvases(&[&picture, &blank]);
        assert_eq!(canvas[[1, 0, 900, 0]], -123.675 / 58.395);
        assert_eq!(canvas[[0, 0, 0, 0]], -123.675 / 58.395);
        assert_eq!(canvas[[0, 0, 1, 3]], (255.0 - 123.675) / 58.395);
        assert_eq!(canvas[[0, 2, 1, 3]], (10.0 - 103.53) / 57.375);
        assert_eq!(canvas[[0, 1, 2, 3]], 0.0);
    }

    #[test]
    fn pictures_of_the_same_bytes_and_another_shape_have_other_keys() {
        let model = Key(7);
        let wide = Plane::new(4, 2, [1u8, 2, 3]);
        let tall = Plane::new(2, 4, [1u8, 2, 3]);
        assert_ne!(key(model, &wide), key(model, &tall));
        assert_ne!(key(model, &wide), key(Key(8), &wide));
        assert_eq!(key(model, &wide), key(model, &wide.clone()));
    }
}
