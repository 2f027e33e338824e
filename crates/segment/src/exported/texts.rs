//! The texts of the project's own SAM3.

use inference::{Abort, Key};

use super::{Exported, Family};
use crate::{
    error::SegmentError,
    model::Embedding,
    text::{Concepts, Detection, DetectorForm, TextMask, TextPrompt, TextSegmenter},
};

static FORM: DetectorForm =
    DetectorForm { picture: &["trunk"], text_mask: TextMask::Wholes, box_labels: "input_box_labels" };

impl Exported {
    /// Whether it takes texts: SAM3 exported with its detector does.
    pub fn takes_texts(&self) -> bool {
        self.concepts().is_some()
    }

    fn concepts(&self) -> Option<Concepts<'_>> {
        let facts = &self.facts;
        // Only SAM3 has the trunk that a detector takes.
        let concepts = facts.concepts.as_ref().filter(|_| facts.family == Family::Sam3)?;
        Some(Concepts {
            engine: &self.engine,
            text_encoder: self.graphs.text_encoder.as_ref()?,
            detector: self.graphs.detector.as_ref()?,
            form: &FORM,
            picture: facts.image_size,
            side: facts.logits_size(),
            context: concepts.text_context,
            queries: concepts.queries,
            no_box: concepts.no_box_label,
            threshold: concepts.score_threshold,
            outside: facts.tracker.no_object_logit,
        })
    }

    fn concepts_and_key(&self, abort: &dyn Abort) -> Result<(Concepts<'_>, Key), SegmentError> {
        let concepts = self.concepts().ok_or_else(|| SegmentError::no_texts(&self.name))?;
        let graphs = [&self.graphs.vision_encoder, concepts.detector];
        let key = concepts.key(&self.identity_of("texts 1", &graphs, abort)?, abort)?;
        Ok((concepts, key))
    }
}

impl TextSegmenter for Exported {
    fn text_fingerprint(&self, abort: &dyn Abort) -> Result<Key, SegmentError> {
        Ok(self.concepts_and_key(abort)?.1)
    }

    fn detect(&self, embedding: &Embedding, prompt: &TextPrompt, abort: &dyn Abort) -> Result<Detection, SegmentError> {
        let (concepts, key) = self.concepts_and_key(abort)?;
        concepts.detect(embedding, (self.identity(abort)?, key), prompt, abort)
    }
}
