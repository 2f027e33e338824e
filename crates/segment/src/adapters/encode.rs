//! Pictures to the embeddings of an export.

use std::sync::Arc;

use inference::{Abort, Engine, Feature, FoundModel, InferenceError, Input, Key, KeyBuilder, ModelFile, Placement};
use ndarray::Array4;
use raster::Plane;

use super::form::Pictures;
use crate::{
    encodings::{Encoder, check_square, features},
    error::SegmentError,
    identity::{Identity, identity},
    model::Embedding,
};

/// The encoder of an installed export.
pub(super) struct PictureModel {
    pub engine: Arc<Engine>,
    pub form: Pictures,
    /// The name as installed.
    pub name: String,
    /// Name and folder, for messages.
    place: Arc<str>,
    pub encoder: ModelFile,
}

impl PictureModel {
    /// The encoder of a folder; `None` when its file is not listed.
    pub fn new(engine: &Arc<Engine>, found: &FoundModel, form: Pictures) -> Option<Self> {
        Some(Self {
            engine: Arc::clone(engine),
            form,
            name: found.name.clone(),
            place: format!("{} in {}", found.name, found.folder.display()).into(),
            encoder: found.model_file("encoder", form.encoder)?,
        })
    }

    /// What this encoder and the files that follow it make together.
    pub fn identity(&self, kind: &str, rest: &[&ModelFile], abort: &dyn Abort) -> Result<Identity, SegmentError> {
        let files: Vec<_> = [&self.encoder].into_iter().chain(rest.iter().copied()).collect();
        Ok(identity(&self.engine, kind, &self.place, &files, abort)?)
    }

    pub fn placement(&self, abort: &dyn Abort) -> Result<Placement, SegmentError> {
        Ok(self.engine.placement(&self.encoder, abort)?)
    }

    pub fn batch_size(&self, abort: &dyn Abort) -> Result<usize, SegmentError> {
        let bytes = 3 * self.form.side * self.form.side * size_of::<f32>();
        Ok(self.engine.batch_size(&self.encoder, bytes as u64, abort)?)
    }

    /// The size of picture for a frame of any size. The frame is stretched: width and height scale independently.
    pub fn input_size(&self) -> (usize, usize) {
        (self.form.side, self.form.side)
    }

    /// The embedding of a picture, for a model of this identity. One of another size than the encoder's is refused.
    pub fn embed(
        &self,
        model: &Identity,
        picture: &Plane<[u8; 3]>,
        abort: &dyn Abort,
    ) -> Result<Embedding, SegmentError> {
        check_square(picture, self.form.side)?;
        let key = key(model.key, picture);
        Ok(Embedding::new(self.encoding(key, picture, abort)?, key, model, picture))
    }

    /// As [`PictureModel::embed`], for several pictures.
    pub fn embed_batch(
        &self,
        model: &Identity,
        pictures: &[Plane<[u8; 3]>],
        abort: &dyn Abort,
    ) -> Result<Vec<Embedding>, SegmentError> {
        pictures.iter().try_for_each(|picture| check_square(picture, self.form.side))?;
        let named: Vec<_> = pictures.iter().map(|picture| (key(model.key, picture), picture)).collect();
        let found = self.encodings(&named, abort)?;
        let embedding = |(found, (key, picture))| Embedding::new(found, key, model, picture);
        Ok(found.into_iter().zip(named).map(embedding).collect())
    }
}

impl Encoder for PictureModel {
    fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The embeddings of each picture come in the order of the contract's outputs.
    fn encode(&self, pictures: &[&Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Feature>, SegmentError> {
        let values = pixel_values(&self.form, pictures).into_dyn();
        let contract = self.form.encoder;
        let name = contract.inputs.first().map_or("", |input| input.name);
        let outputs: Vec<&str> = contract.outputs.iter().map(|output| output.name).collect();
        let arrays = self.engine.run(&self.encoder, &[(name, Input::F32(values.view()))], &outputs, abort)?;
        if let Some(wrong) = arrays.iter().find(|array| array.shape().first() != Some(&pictures.len())) {
            let reason = format!("it gave an embedding {:?} for {} pictures", wrong.shape(), pictures.len());
            let (file, model) = (self.encoder.path.clone(), contract.name);
            return Err(InferenceError::Run { file, model, reason }.into());
        }
        Ok(features(&self.engine, &arrays, pictures.len()))
    }
}

/// The name of a picture's embeddings: its pixels and the model.
fn key(model: Key, picture: &Plane<[u8; 3]>) -> Key {
    KeyBuilder::new("adapter embedding 1").bytes(&model.0.to_le_bytes()).bytes(picture.as_bytes()).finish()
}

fn pixel_values(form: &Pictures, pictures: &[&Plane<[u8; 3]>]) -> Array4<f32> {
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
        let sam2 = pixel_values(&FORMS[1].pictures, &[&picture]);
        assert!((sam2[[0, 0, 7, 3]] - (1.0 - 0.485) / 0.229).abs() < 1e-5);
        assert!((sam2[[0, 2, 0, 0]] - (128.0 / 255.0 - 0.406) / 0.225).abs() < 1e-5);
        let sam3 = pixel_values(&FORMS[0].pictures, &[&Plane::new(1008, 1008, [0u8, 255, 51])]);
        assert_eq!((sam3[[0, 0, 5, 5]], sam3[[0, 1, 5, 5]]), (-1.0, 1.0));
        assert!((sam3[[0, 2, 1007, 1007]] + 0.6).abs() < 1e-6);
    }
}
