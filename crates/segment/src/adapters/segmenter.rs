//! One segmenter for all exports that take clicks.

use std::sync::Arc;

use inference::{Abort, Engine, FoundModel, Key, ModelFile, Placement};
use raster::Plane;

use super::{
    decode,
    encode::PictureModel,
    form::{Form, Prompts},
};
use crate::{
    error::SegmentError,
    identity::Identity,
    model::{Embedding, ImageSegmenter},
    prompt::Prompt,
    segmentation::{PreviousLogits, Segmentation},
};

/// An installed export.
pub(super) struct ClickModel {
    pictures: PictureModel,
    form: &'static Form,
    decoder: ModelFile,
}

impl ClickModel {
    /// A model from its folder; `None` when a file is not listed.
    pub fn new(engine: &Arc<Engine>, found: &FoundModel, form: &'static Form) -> Option<Self> {
        let decoder = found.model_file("decoder", form.decoder)?;
        Some(Self { pictures: PictureModel::new(engine, found, form.pictures)?, form, decoder })
    }

    fn identity(&self, abort: &dyn Abort) -> Result<Identity, SegmentError> {
        self.pictures.identity(&format!("{} 1", self.form.family), &[&self.decoder], abort)
    }

    /// What these exports cannot use is refused, never left out: the mask would be another than the one asked for.
    fn check_prompt(&self, prompt: &Prompt) -> Result<(), SegmentError> {
        let refused = |what, remedy| Err(SegmentError::PromptKind { model: self.name().to_owned(), what, remedy });
        if prompt.mask.is_some() {
            return refused("a mask as the prompt", "use points or a box, or a model of the project's own export");
        }
        if prompt.previous.is_some() && self.form.prompts == Prompts::Apart {
            return refused("an earlier result to refine", "give all points at once, or use another model");
        }
        Ok(())
    }
}

impl ImageSegmenter for ClickModel {
    fn name(&self) -> &str {
        &self.pictures.name
    }

    fn family(&self) -> &'static str {
        self.form.family
    }

    fn files(&self) -> Vec<ModelFile> {
        vec![self.pictures.encoder.clone(), self.decoder.clone()]
    }

    fn fingerprint(&self, abort: &dyn Abort) -> Result<Key, SegmentError> {
        Ok(self.identity(abort)?.key)
    }

    fn placement(&self, abort: &dyn Abort) -> Result<Placement, SegmentError> {
        self.pictures.placement(abort)
    }

    fn input_size(&self, _: usize, _: usize) -> (usize, usize) {
        self.pictures.input_size()
    }

    fn embed(&self, picture: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<Embedding, SegmentError> {
        self.pictures.embed(&self.identity(abort)?, picture, abort)
    }

    fn batch_size(&self, abort: &dyn Abort) -> Result<usize, SegmentError> {
        self.pictures.batch_size(abort)
    }

    fn embed_batch(&self, pictures: &[Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Embedding>, SegmentError> {
        self.pictures.embed_batch(&self.identity(abort)?, pictures, abort)
    }

    fn segment(&self, embedding: &Embedding, prompt: &Prompt, abort: &dyn Abort) -> Result<Segmentation, SegmentError> {
        self.check_prompt(prompt)?;
        let model = self.identity(abort)?;
        embedding.check_model(prompt, &model)?;
        let (width, height) = embedding.picture_size();
        let usable = prompt.usable(width, height)?;
        let network = (self.pictures.engine.as_ref(), self.form, &self.decoder);
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
