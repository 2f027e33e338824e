//! SAM3 as usls exports it (its second version): texts and exemplar boxes, and no clicks.

use std::sync::Arc;

use inference::{Abort, Engine, FoundModel, Key, ModelFile, Placement};
use raster::Plane;

use super::{
    contracts::{CONCEPTS_DECODER, CONCEPTS_ENCODER, CONCEPTS_TEXT, SAM3_CONCEPTS},
    encode::PictureModel,
    form::{Pictures, sam3},
};
use crate::{
    error::SegmentError,
    exported::ANY,
    identity::Identity,
    model::{Embedding, ImageSegmenter},
    prompt::Prompt,
    segmentation::Segmentation,
    text::{Concepts, Detection, DetectorForm, TextMask, TextPrompt, TextSegmenter},
};

static PICTURES: Pictures = sam3(&CONCEPTS_ENCODER);

static FORM: DetectorForm = DetectorForm {
    picture: &["fpn_feat_0", "fpn_feat_1", "fpn_feat_2", "fpn_pos_2"],
    text_mask: TextMask::Truths,
    box_labels: "input_boxes_labels",
};

/// Samples on a side of a mask.
const SIDE: usize = 288;
/// Tokens of a text.
const CONTEXT: usize = 32;
/// Label of a box that is none.
const NO_BOX: i64 = -10;
/// Scores above this count (`conf_threshold` of usls' `inference_v2.py`, which is that of `transformers`).
const THRESHOLD: f32 = 0.3;
/// The logits of a mask of nothing, as in SAM2 and SAM3 (`NO_OBJ_SCORE`).
const OUTSIDE: f32 = -1024.0;

/// An installed export.
pub(super) struct ConceptModel {
    pictures: PictureModel,
    text_encoder: ModelFile,
    detector: ModelFile,
}

impl ConceptModel {
    /// A model from its folder; `None` for another family, or when a file is not listed.
    pub fn new(engine: &Arc<Engine>, found: &FoundModel) -> Option<Self> {
        if found.family.as_deref() != Some(SAM3_CONCEPTS.family) {
            return None;
        }
        Some(Self {
            pictures: PictureModel::new(engine, found, PICTURES)?,
            text_encoder: found.model_file("text_encoder", &CONCEPTS_TEXT)?,
            detector: found.model_file("detector", &CONCEPTS_DECODER)?,
        })
    }

    fn identity(&self, abort: &dyn Abort) -> Result<Identity, SegmentError> {
        self.pictures.identity(&format!("{} 1", SAM3_CONCEPTS.family), &[&self.detector], abort)
    }

    fn concepts(&self) -> Concepts<'_> {
        Concepts {
            engine: &self.pictures.engine,
            text_encoder: &self.text_encoder,
            detector: &self.detector,
            form: &FORM,
            picture: PICTURES.side,
            side: SIDE,
            context: CONTEXT,
            queries: ANY,
            no_box: NO_BOX,
            threshold: THRESHOLD,
            outside: OUTSIDE,
        }
    }
}

impl ImageSegmenter for ConceptModel {
    fn name(&self) -> &str {
        &self.pictures.name
    }

    fn family(&self) -> &'static str {
        SAM3_CONCEPTS.family
    }

    fn files(&self) -> Vec<ModelFile> {
        vec![self.pictures.encoder.clone(), self.detector.clone()]
    }

    fn fingerprint(&self, abort: &dyn Abort) -> Result<Key, SegmentError> {
        self.text_fingerprint(abort)
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

    /// Refused: these files have no click head. A box would be an example of what to find everywhere, which is another
    /// question than a box round one object.
    fn segment(&self, embedding: &Embedding, prompt: &Prompt, _: &dyn Abort) -> Result<Segmentation, SegmentError> {
        let (width, height) = embedding.picture_size();
        prompt.usable(width, height)?;
        Err(SegmentError::PromptKind {
            model: self.name().to_owned(),
            what: "points, a box round the object or a mask",
            remedy: "describe the object by a text, or use SAM3's tracker or SAM2.1 for clicks",
        })
    }

    fn texts(&self) -> Option<&dyn TextSegmenter> {
        Some(self)
    }
}

impl TextSegmenter for ConceptModel {
    fn text_fingerprint(&self, abort: &dyn Abort) -> Result<Key, SegmentError> {
        Ok(self.concepts().key(&self.identity(abort)?, abort)?)
    }

    fn detect(&self, embedding: &Embedding, prompt: &TextPrompt, abort: &dyn Abort) -> Result<Detection, SegmentError> {
        let (concepts, model) = (self.concepts(), self.identity(abort)?);
        let key = concepts.key(&model, abort)?;
        concepts.detect(embedding, (model, key), prompt, abort)
    }
}
