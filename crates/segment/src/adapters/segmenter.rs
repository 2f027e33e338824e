//! One segmenter for all of these exports.

use std::{collections::HashMap, sync::Arc};

use inference::{Abort, Engine, Feature, Found, FoundModel, Key, ModelFile, Placement};
use raster::Plane;

use super::{Form, decode, encode, form::Prompts};
use crate::{
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

    fn check_size(&self, picture: &Plane<[u8; 3]>) -> Result<(), SegmentError> {
        let (width, height, side) = (picture.width(), picture.height(), self.form.side);
        if (width, height) != (side, side) {
            let expected = format!("this model takes pictures of {side}x{side}");
            return Err(SegmentError::PictureSize { width, height, expected });
        }
        Ok(())
    }

    fn encode(&self, pictures: &[&Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Feature>, SegmentError> {
        encode::encode(&self.engine, self.form, &self.encoder, pictures, abort)
    }

    /// The embedding out of memory, from disk, or from `encode`.
    fn remembered(
        &self,
        model: &Identity,
        key: Key,
        abort: &dyn Abort,
        encode: impl FnOnce() -> Result<Feature, SegmentError>,
    ) -> Result<Embedding, SegmentError> {
        let Found { value, origin } = self.engine.features().fetch_stored(key, self.engine.disk(), abort, encode)?;
        let picture = (self.form.side, self.form.side);
        Ok(Embedding { feature: value, key, origin, model: model.clone(), picture })
    }

    fn encode_one(&self, picture: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<Feature, SegmentError> {
        // One picture, one embedding: `encode` has seen to it.
        Ok(self.encode(&[picture], abort)?.pop().unwrap_or_else(|| Feature::new(Vec::new())))
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
        self.check_size(picture)?;
        let model = self.identity(abort)?;
        self.remembered(&model, encode::key(model.key, picture), abort, || self.encode_one(picture, abort))
    }

    fn batch_size(&self, abort: &dyn Abort) -> Result<usize, SegmentError> {
        let bytes = 3 * self.form.side * self.form.side * size_of::<f32>();
        Ok(self.engine.batch_size(&self.encoder, bytes as u64, abort)?)
    }

    fn embed_batch(&self, pictures: &[Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Embedding>, SegmentError> {
        pictures.iter().try_for_each(|picture| self.check_size(picture))?;
        let model = self.identity(abort)?;
        let keys: Vec<Key> = pictures.iter().map(|picture| encode::key(model.key, picture)).collect();
        let (features, disk) = (self.engine.features(), self.engine.disk());
        let is_new = |key: &Key| !features.holds(key) && !disk.is_some_and(|disk| disk.holds::<Feature>(*key));
        let (new_keys, new): (Vec<_>, Vec<_>) = keys.iter().zip(pictures).filter(|(key, _)| is_new(key)).unzip();
        let encoded = if new.is_empty() { Vec::new() } else { self.encode(&new, abort)? };
        let mut encoded: HashMap<&Key, Feature> = new_keys.into_iter().zip(encoded).collect();
        keys.iter()
            .zip(pictures)
            .map(|(key, picture)| {
                // Through the cache all the same: what it dropped meanwhile is encoded again.
                self.remembered(&model, *key, abort, || match encoded.remove(key) {
                    Some(feature) => Ok(feature),
                    None => self.encode_one(picture, abort),
                })
            })
            .collect()
    }

    fn segment(&self, embedding: &Embedding, prompt: &Prompt, abort: &dyn Abort) -> Result<Segmentation, SegmentError> {
        self.check_prompt(prompt)?;
        let model = self.identity(abort)?;
        let previous = prompt.previous.as_ref().map(|previous| ("the previous logits", &previous.model));
        for (what, other) in [("the embedding", &embedding.model)].into_iter().chain(previous) {
            if *other != model {
                let (found, model) = (other.name.to_string(), model.name.to_string());
                return Err(SegmentError::OtherModel { what, found, model });
            }
        }
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
