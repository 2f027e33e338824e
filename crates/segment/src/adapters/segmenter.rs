//! One segmenter for all of these exports.

use std::sync::Arc;

use inference::{Abort, Engine, Feature, FoundModel, Key, ModelFile, Placement};
use raster::Plane;

use super::{Form, decode, encode, form::Prompts};
use crate::{
    encodings::{Encoder, check_square},
    error::SegmentError,
    identity::{Identity, identity},
    model::{Embedding, ImageSegmenter},
    prompt::Prompt,
    segmentation::{PreviousLogits, Segmentation},
};

/// An installed export.
pub(super) struct ClickModel {
    engine: Arc<Engine>,
    form: &'static Form,
    name: String,
    /// Name and folder, for messages.
    place: Arc<str>,
    encoder: ModelFile,
    decoder: ModelFile,
}

impl ClickModel {
    /// A model from its folder; `None` when a file is not listed.
    pub fn new(engine: &Arc<Engine>, found: &FoundModel, form: &'static Form) -> Option<Self> {
        Some(Self {
            engine: Arc::clone(engine),
            form,
            name: found.name.clone(),
            place: format!("{} in {}", found.name, found.folder.display()).into(),
            encoder: found.model_file("encoder", form.encoder)?,
            decoder: found.model_file("decoder", form.decoder)?,
        })
    }

    fn identity(&self, abort: &dyn Abort) -> Result<Identity, SegmentError> {
        let kind = format!("{} 1", self.form.family);
        Ok(identity(&self.engine, &kind, &self.place, &[&self.encoder, &self.decoder], abort)?)
    }

    /// What these exports cannot use is refused, never left out: the mask would be another than the one asked for.
    fn check_prompt(&self, prompt: &Prompt) -> Result<(), SegmentError> {
        let refused = |what, remedy| Err(SegmentError::PromptKind { model: self.name.clone(), what, remedy });
        if prompt.mask.is_some() {
            return refused("a mask as the prompt", "use points or a box, or a model of the project's own export");
        }
        if prompt.previous.is_some() && self.form.prompts == Prompts::Apart {
            return refused("an earlier result to refine", "give all points at once, or use another model");
        }
        Ok(())
    }
}

impl Encoder for ClickModel {
    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn encode(&self, pictures: &[&Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Feature>, SegmentError> {
        encode::encode(&self.engine, self.form, &self.encoder, pictures, abort)
    }
}

impl ImageSegmenter for ClickModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn family(&self) -> &'static str {
        self.form.family
    }

    fn files(&self) -> Vec<ModelFile> {
        vec![self.encoder.clone(), self.decoder.clone()]
    }

    fn fingerprint(&self, abort: &dyn Abort) -> Result<Key, SegmentError> {
        Ok(self.identity(abort)?.key)
    }

    fn placement(&self, abort: &dyn Abort) -> Result<Placement, SegmentError> {
        Ok(self.engine.placement(&self.encoder, abort)?)
    }

    /// The frame is stretched: width and height scale independently.
    fn input_size(&self, _: usize, _: usize) -> (usize, usize) {
        (self.form.side, self.form.side)
    }

    fn embed(&self, picture: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<Embedding, SegmentError> {
        check_square(picture, self.form.side)?;
        let model = self.identity(abort)?;
        let key = encode::key(model.key, picture);
        Ok(Embedding::new(self.encoding(key, picture, abort)?, key, &model, picture))
    }

    fn batch_size(&self, abort: &dyn Abort) -> Result<usize, SegmentError> {
        let bytes = 3 * self.form.side * self.form.side * size_of::<f32>();
        Ok(self.engine.batch_size(&self.encoder, bytes as u64, abort)?)
    }

    fn embed_batch(&self, pictures: &[Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Embedding>, SegmentError> {
        pictures.iter().try_for_each(|picture| check_square(picture, self.form.side))?;
        let model = self.identity(abort)?;
        let named: Vec<_> = pictures.iter().map(|picture| (encode::key(model.key, picture), picture)).collect();
        let found = self.encodings(&named, abort)?;
        let embedding = |(found, (key, picture))| Embedding::new(found, key, &model, picture);
        Ok(found.into_iter().zip(named).map(embedding).collect())
    }

    fn segment(&self, embedding: &Embedding, prompt: &Prompt, abort: &dyn Abort) -> Result<Segmentation, SegmentError> {
        self.check_prompt(prompt)?;
        let model = self.identity(abort)?;
        embedding.check_model(prompt, &model)?;
        let (width, height) = embedding.picture_size();
        let usable = prompt.usable(width, height)?;
        let network = (self.engine.as_ref(), self.form, &self.decoder);
        let previous = prompt.previous.as_ref().map(|previous| previous.canvas.as_ref());
        let decoded = decode::decode(network, &embedding.feature, &usable, previous, abort)?;
        let side = self.form.logits as f32;
        Ok(Segmentation {
            previous: PreviousLogits { canvas: Arc::new(decoded.logits.clone()), model },
            logits: decoded.logits,
            extent: (side, side),
            iou: decoded.iou,
            ignored: usable.ignored,
        })
    }
}
