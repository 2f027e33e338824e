//! Pictures to the three embeddings of an export.

use inference::{Abort, Engine, Feature, InferenceError, Input, Key, KeyBuilder, ModelFile};
use ndarray::Array4;
use raster::Plane;

use super::Form;
use crate::{encodings, error::SegmentError};

/// The name of a picture's embeddings: its pixels and the encoder.
pub(super) fn key(model: Key, picture: &Plane<[u8; 3]>) -> Key {
    KeyBuilder::new("adapter embedding 1").bytes(&model.0.to_le_bytes()).bytes(picture.as_bytes()).finish()
}

/// Runs the encoder on one picture or several. The embeddings of each come in the order of the contract's outputs.
pub(super) fn encode(
    engine: &Engine,
    form: &Form,
    encoder: &ModelFile,
    pictures: &[&Plane<[u8; 3]>],
    abort: &dyn Abort,
) -> Result<Vec<Feature>, SegmentError> {
    let values = pixel_values(form, pictures).into_dyn();
    let name = form.encoder.inputs.first().map_or("", |input| input.name);
    let outputs: Vec<&str> = form.encoder.outputs.iter().map(|output| output.name).collect();
    let arrays = engine.run(encoder, &[(name, Input::F32(values.view()))], &outputs, abort)?;
    if let Some(wrong) = arrays.iter().find(|array| array.shape().first() != Some(&pictures.len())) {
        let reason = format!("it gave an embedding {:?} for {} pictures", wrong.shape(), pictures.len());
        let (file, model) = (encoder.path.clone(), encoder.contract.name);
        return Err(InferenceError::Run { file, model, reason }.into());
    }
    Ok(encodings::features(engine, &arrays, pictures.len()))
}

fn pixel_values(form: &Form, pictures: &[&Plane<[u8; 3]>]) -> Array4<f32> {
    let mut values = Array4::zeros((pictures.len(), 3, form.side, form.side));
    for (mut value, picture) in values.outer_iter_mut().zip(pictures) {
        for (channel, mut plane) in value.outer_iter_mut().enumerate() {
            let (mean, deviation) = (form.mean[channel], form.deviation[channel]);
            let steps: [f32; 256] = std::array::from_fn(|step| (step as f32 - mean) / deviation);
            for (mut target, source) in plane.outer_iter_mut().zip(picture.rows()) {
                for (value, pixel) in target.iter_mut().zip(source) {
                    *value = steps[usize::from(pixel[channel])];
                }
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::form::FORMS;

    #[test]
    fn sam3_goes_from_minus_one_to_one_and_sam2_by_imagenet() {
        let mut picture = Plane::new(1024, 1024, [0u8, 255, 128]);
        picture.row_mut(7)[3] = [255, 0, 0];
        let sam2 = pixel_values(&FORMS[1], &[&picture]);
        assert!((sam2[[0, 0, 7, 3]] - (1.0 - 0.485) / 0.229).abs() < 1e-5);
        assert!((sam2[[0, 2, 0, 0]] - (128.0 / 255.0 - 0.406) / 0.225).abs() < 1e-5);
        let sam3 = pixel_values(&FORMS[0], &[&Plane::new(1008, 1008, [0u8, 255, 51])]);
        assert_eq!((sam3[[0, 0, 5, 5]], sam3[[0, 1, 5, 5]]), (-1.0, 1.0));
        assert!((sam3[[0, 2, 1007, 1007]] + 0.6).abs() < 1e-6);
    }
}
