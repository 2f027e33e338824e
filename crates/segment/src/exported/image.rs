//! The project's graphs as a segmenter of single pictures. A mask here is the one that a tracker makes of the same
//! prompt on a frame it has not seen.

use std::sync::Arc;

use inference::{Abort, Key, ModelFile, Placement};
use ndarray::ArrayD;
use raster::Plane;

use super::{
    Clicks, Exported, Prompted, array,
    encode::{Encoded, with_channel_values},
};
use crate::{
    error::SegmentError,
    identity::Identity,
    model::{Embedding, ImageSegmenter},
    prompt::Prompt,
    segmentation::{PreviousLogits, Segmentation},
    text::TextSegmenter,
};

impl ImageSegmenter for Arc<Exported> {
    fn name(&self) -> &str {
        Exported::name(self)
    }

    fn family(&self) -> &'static str {
        self.facts.family.name()
    }

    fn files(&self) -> Vec<ModelFile> {
        self.graphs.for_pictures().into_iter().cloned().collect()
    }

    fn fingerprint(&self, abort: &dyn Abort) -> Result<Key, SegmentError> {
        Ok(self.identity(abort)?.key)
    }

    fn placement(&self, abort: &dyn Abort) -> Result<Placement, SegmentError> {
        Ok(self.engine.placement(&self.graphs.vision_encoder, abort)?)
    }

    /// The frame is stretched: width and height scale independently.
    fn input_size(&self, _: usize, _: usize) -> (usize, usize) {
        (self.facts.image_size, self.facts.image_size)
    }

    fn embed(&self, picture: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<Embedding, SegmentError> {
        Exported::embed(self, picture, abort)
    }

    fn batch_size(&self, abort: &dyn Abort) -> Result<usize, SegmentError> {
        Exported::batch_size(self, abort)
    }

    fn embed_batch(&self, pictures: &[Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Embedding>, SegmentError> {
        Exported::embed_batch(self, pictures, abort)
    }

    fn segment(&self, embedding: &Embedding, prompt: &Prompt, abort: &dyn Abort) -> Result<Segmentation, SegmentError> {
        let model = self.identity(abort)?;
        let previous = self.previous(prompt, &model)?;
        let (width, height) = embedding.picture_size();
        let usable = prompt.usable(width, height)?;
        let encoded = self.encoded(embedding, abort)?;
        let clicks = Clicks::of(&usable);
        let mask_input = match (previous, &prompt.mask) {
            (Some(previous), _) => Some(previous),
            (None, Some(mask)) => Some(self.mask_prompt(&self.mask_array(mask)?, abort)?.mask_input),
            (None, None) => None,
        };
        let embed = self.without_memory(&encoded);
        let prompted = Prompted { embed: &embed, clicks: &clicks, mask_input: mask_input.as_ref() };
        let tokens = self.decode(&encoded, &prompted, abort)?.swap_remove(0);
        let token = tokens.choose(&clicks, &self.facts.tracker).mask;
        let logits = self.logits_plane(tokens.kept_logits(token, &self.facts.tracker));
        let extent = (logits.width() as f32, logits.height() as f32);
        Ok(Segmentation {
            previous: PreviousLogits { canvas: Arc::new(logits.clone()), model },
            logits,
            extent,
            iou: tokens.iou[token],
            ignored: usable.ignored + clicks.left_out,
        })
    }

    fn texts(&self) -> Option<&dyn TextSegmenter> {
        self.takes_texts().then_some(self.as_ref())
    }

    fn exported(&self) -> Option<Arc<Exported>> {
        Some(Arc::clone(self))
    }
}

impl Exported {
    /// The embedding of a picture before any memory, [1, C, h, h].
    pub(crate) fn without_memory(&self, encoded: &Encoded) -> ArrayD<f32> {
        with_channel_values(&encoded.image_embed, &self.facts.no_memory_embedding)
    }

    /// Earlier logits as the decoder takes them.
    pub(crate) fn refined(&self, logits: &[f32]) -> ArrayD<f32> {
        let (side, most) = (self.facts.logits_size(), self.facts.tracker.refine_clamp);
        array(&[1, 1, side, side], logits.iter().map(|logit| logit.clamp(-most, most)).collect())
    }

    /// A mask over the model's picture as [1, 1, I, I]: 1 where it is at least a half.
    pub(crate) fn mask_array(&self, mask: &Plane<f32>) -> Result<ArrayD<f32>, SegmentError> {
        let (width, height, side) = (mask.width(), mask.height(), self.facts.image_size);
        if (width, height) != (side, side) {
            let expected = format!("a mask as the prompt has to be of that size: {side}x{side}");
            return Err(SegmentError::PictureSize { width, height, expected });
        }
        let inside = |value: &f32| if *value >= 0.5 { 1.0 } else { 0.0 };
        Ok(array(&[1, 1, side, side], mask.data().iter().map(inside).collect()))
    }

    pub(crate) fn logits_plane(&self, logits: Vec<f32>) -> Plane<f32> {
        let side = self.facts.logits_size();
        // The decoder's shapes were checked.
        Plane::from_vec(side, side, logits)
            .unwrap_or_else(|_| Plane::new(side, side, self.facts.tracker.no_object_logit))
    }

    fn previous(&self, prompt: &Prompt, model: &Identity) -> Result<Option<ArrayD<f32>>, SegmentError> {
        let Some(previous) = &prompt.previous else { return Ok(None) };
        let side = self.facts.logits_size();
        let canvas = &previous.canvas;
        if previous.model != *model || (canvas.width(), canvas.height()) != (side, side) {
            return Err(SegmentError::other_model("the previous logits", &previous.model, model));
        }
        Ok(Some(self.refined(canvas.data())))
    }
}
