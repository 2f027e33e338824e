//! Pictures to what the other graphs take of them.

use inference::{Abort, Engine, Feature, Found, Input, Key, KeyBuilder};
use ndarray::{Array4, ArrayD, Axis};
use raster::Plane;

use super::{
    Exported,
    facts::Facts,
    run::{ANY, run},
};
use crate::{
    encodings::{Encoder, check_square, features},
    error::SegmentError,
    identity::Identity,
    model::Embedding,
};

/// What the click head takes of one picture: 4 h, 2 h and h cells on a side.
///
/// SAM3 makes it of the trunk at every use: the trunk is what is kept, since texts need it too.
#[derive(Debug, Clone)]
pub struct Encoded {
    pub(crate) high_res_0: ArrayD<f32>,
    pub(crate) high_res_1: ArrayD<f32>,
    /// As the encoder leaves it: without the no-memory embedding.
    pub(crate) image_embed: ArrayD<f32>,
    pub(crate) model: Identity,
}

impl Encoded {
    /// `high_res_0`, `high_res_1`, `image_embed`, by the names they have in the graphs.
    pub fn tensors(&self) -> [(&'static str, &ArrayD<f32>); 3] {
        [("high_res_0", &self.high_res_0), ("high_res_1", &self.high_res_1), ("image_embed", &self.image_embed)]
    }
}

impl Exported {
    /// Encodes a picture of [`Facts::image_size`] on either side, or finds it encoded.
    ///
    /// # Errors
    /// [`SegmentError::PictureSize`], [`SegmentError::Inference`].
    pub fn embed(&self, picture: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<Embedding, SegmentError> {
        check_square(picture, self.facts.image_size)?;
        let (model, encoder) = (self.identity(abort)?, self.encoder_identity(abort)?);
        let key = self.picture_key(&encoder, picture);
        Ok(embedding(self.encoding(key, picture, abort)?, key, &model, picture))
    }

    /// As [`Exported::embed`] for several pictures: those that are nowhere remembered go through the encoder together.
    ///
    /// # Errors
    /// As [`Exported::embed`].
    pub fn embed_batch(&self, pictures: &[Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Embedding>, SegmentError> {
        pictures.iter().try_for_each(|picture| check_square(picture, self.facts.image_size))?;
        let (model, encoder) = (self.identity(abort)?, self.encoder_identity(abort)?);
        let named: Vec<_> = pictures.iter().map(|picture| (self.picture_key(&encoder, picture), picture)).collect();
        let found = self.encodings(&named, abort)?;
        Ok(found.into_iter().zip(named).map(|(found, (key, picture))| embedding(found, key, &model, picture)).collect())
    }

    /// How many pictures [`Exported::embed_batch`] is best given at a time.
    ///
    /// # Errors
    /// [`SegmentError::Inference`].
    pub fn batch_size(&self, abort: &dyn Abort) -> Result<usize, SegmentError> {
        let bytes = 3 * self.facts.image_size * self.facts.image_size * size_of::<f32>();
        Ok(self.engine.batch_size(&self.graphs.vision_encoder, bytes as u64, abort)?)
    }

    /// What the click head takes of an embedding: for SAM3 one run of the neck, for SAM2.1 none.
    ///
    /// # Errors
    /// [`SegmentError::OtherModel`], [`SegmentError::Inference`].
    pub fn encoded(&self, embedding: &Embedding, abort: &dyn Abort) -> Result<Encoded, SegmentError> {
        let model = self.identity(abort)?;
        if embedding.model != model {
            return Err(SegmentError::other_model("the embedding", &embedding.model, &model));
        }
        let mut tensors = embedding.feature.tensors().into_iter();
        let [high_res_0, high_res_1, image_embed] =
            match (&self.graphs.tracker_neck, tensors.next(), tensors.next(), tensors.next()) {
                (Some(neck), Some(trunk), ..) => {
                    let inputs = [("trunk", Input::F32(trunk.view()))];
                    run(&self.engine, neck, &inputs, click_tensors(&click_shapes(&self.facts, 1)), abort)?
                }
                (None, Some(fine), Some(middle), Some(coarse)) => {
                    [fine, middle, coarse].map(|tensor| tensor.into_owned())
                }
                _ => return Err(SegmentError::other_model("the embedding", &embedding.model, &model)),
            };
        Ok(Encoded { high_res_0, high_res_1, image_embed, model })
    }

    /// The name of a picture's encoding: its pixels, the encoder, and the colours the encoder wants.
    fn picture_key(&self, encoder: &Identity, picture: &Plane<[u8; 3]>) -> Key {
        let colours = self.facts.mean.iter().chain(&self.facts.std);
        let key = KeyBuilder::new("exported picture 1").bytes(&encoder.key.0.to_le_bytes());
        let key = colours.fold(key, |key, value| key.bytes(&value.to_le_bytes()));
        key.number(picture.width() as u64).bytes(picture.as_bytes()).finish()
    }
}

impl Encoder for Exported {
    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn encode(&self, pictures: &[&Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Feature>, SegmentError> {
        let pixels = pixels(pictures, &self.facts).into_dyn();
        let inputs = [("pixel_values", Input::F32(pixels.view()))];
        let (encoder, count, h) = (&self.graphs.vision_encoder, pictures.len(), self.facts.grid);
        let outputs: Vec<ArrayD<f32>> = if self.graphs.tracker_neck.is_some() {
            run(&self.engine, encoder, &inputs, [("trunk", &[count, ANY, h, h])], abort)?.into()
        } else {
            run(&self.engine, encoder, &inputs, click_tensors(&click_shapes(&self.facts, count)), abort)?.into()
        };
        Ok(features(&self.engine, &outputs, count))
    }
}

/// Masks are named after their embedding: its name has to tell the decoder too, not the encoder alone.
fn embedding(found: Found<Feature>, key: Key, model: &Identity, picture: &Plane<[u8; 3]>) -> Embedding {
    let key = KeyBuilder::new("exported embedding 1").bytes(&key.0.to_le_bytes()).bytes(&model.key.0.to_le_bytes());
    Embedding::new(found, key.finish(), model, picture)
}

fn click_shapes(facts: &Facts, count: usize) -> [[usize; 4]; 3] {
    let (c, h) = (facts.channels, facts.grid);
    [[count, c / 8, 4 * h, 4 * h], [count, c / 4, 2 * h, 2 * h], [count, c, h, h]]
}

fn click_tensors([fine, middle, coarse]: &[[usize; 4]; 3]) -> [(&'static str, &[usize]); 3] {
    [("high_res_0", fine), ("high_res_1", middle), ("image_embed", coarse)]
}

/// `(v - mean) / deviation` of colours 0..1, as [n, 3, I, I].
fn pixels(pictures: &[&Plane<[u8; 3]>], facts: &Facts) -> Array4<f32> {
    let side = facts.image_size;
    let mut pixels = Array4::zeros((pictures.len(), 3, side, side));
    for (mut planes, picture) in pixels.outer_iter_mut().zip(pictures) {
        for (channel, mut plane) in planes.outer_iter_mut().enumerate() {
            let (mean, deviation) = (facts.mean[channel], facts.std[channel]);
            let steps: [f32; 256] = std::array::from_fn(|step| (step as f32 / 255.0 - mean) / deviation);
            for (value, pixel) in plane.iter_mut().zip(picture.data()) {
                *value = steps[usize::from(pixel[channel])];
            }
        }
    }
    pixels
}

/// An embedding with a value added to each channel.
pub(crate) fn with_channel_values(embed: &ArrayD<f32>, values: &[f32]) -> ArrayD<f32> {
    let mut sum = embed.clone();
    for (mut plane, value) in sum.axis_iter_mut(Axis(1)).zip(values) {
        plane += *value;
    }
    sum
}
