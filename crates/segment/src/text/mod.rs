//! Text prompts (SAM3's concepts): every instance of what a text names, or of what lies in exemplar boxes, and which of
//! them make the mask.

mod choose;
mod detector;
mod features;
mod tokens;

use std::sync::Arc;

use inference::{Abort, Key, KeyBuilder, ModelFile};
use raster::Plane;

pub use choose::Choose;

use detector::{Detector, Example};
use features::TextEncoder;

use crate::{
    error::SegmentError,
    exported::{ConceptFacts, Exported},
    model::Embedding,
    prompt,
    segmentation::{PreviousLogits, Segmentation},
};

/// What Meta's model is told where boxes alone say what is meant.
const BOXES_ALONE: &str = "visual";

/// What to look for, and what to take of what is found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextPrompt {
    /// A short noun phrase: "yellow school bus". May be empty where an exemplar says what is meant.
    pub text: String,
    /// Boxes round examples and counterexamples in this picture.
    pub exemplars: Vec<Exemplar>,
    /// Instances with scores above this count, 0.05..1; lower ones never do. `None` for the model's own threshold.
    pub threshold: Option<f32>,
    /// Which of them make the mask.
    pub choose: Choose,
}

/// A box round something like, or unlike, what is meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exemplar {
    /// Two opposite corners `[x1, y1, x2, y2]` in either order, in pixels of the model picture, y down.
    pub box_: [f32; 4],
    /// `true`: like this. `false`: unlike this.
    pub positive: bool,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// How sure the model is, 0..1: that the concept is in the picture, times that this is one.
    pub score: f32,
    /// Left, top, right, bottom as shares of the picture, 0..1 and at times a little outside.
    pub box_: [f32; 4],
    /// The mask as logits over the whole picture.
    pub logits: Plane<f32>,
}

/// The answer to a text prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// What was found above the threshold, the highest score first.
    pub instances: Vec<Instance>,
    /// Which of them make the mask: places in `instances`. Empty where nothing was found, or nothing at the place or
    /// under the point that was asked for.
    pub chosen: Vec<usize>,
    /// How sure the model is that the concept is in the picture at all, 0..1.
    pub presence: f32,
    /// The chosen ones together, to be used and refined like the answer to clicks; outside everywhere where none is
    /// chosen. `iou` is the highest score among them, `ignored` counts exemplars that were left out.
    pub mask: Segmentation,
    /// Whether the text was longer than the model's context, and only its beginning was used.
    pub cut: bool,
}

impl Exported {
    /// Whether it takes texts: SAM3 exported with its detector does.
    pub fn takes_texts(&self) -> bool {
        self.concepts().is_some()
    }

    /// What tells masks of text prompts from those of other models, as
    /// [`fingerprint`](crate::ImageSegmenter::fingerprint) does for clicks.
    ///
    /// # Errors
    /// [`SegmentError::PromptKind`] for a model without texts, [`SegmentError::Inference`].
    pub fn text_fingerprint(&self, abort: &dyn Abort) -> Result<Key, SegmentError> {
        Ok(self.concepts_of(abort)?.key)
    }

    /// Finds what a text (or exemplars) name in an encoded picture. Another threshold or choice for the same text and
    /// picture costs no run, the same text on another picture one of the detector alone.
    ///
    /// # Errors
    /// [`SegmentError::PromptKind`] for a model without texts; [`SegmentError::NoText`] when neither the text nor a
    /// positive exemplar says what is meant, [`SegmentError::PromptOutside`] when only exemplars did and none of them
    /// lies in the picture; [`SegmentError::OtherModel`] for an embedding of another model;
    /// [`SegmentError::Inference`].
    pub fn detect(
        &self,
        embedding: &Embedding,
        prompt: &TextPrompt,
        abort: &dyn Abort,
    ) -> Result<Detection, SegmentError> {
        let Concepts { facts, text_encoder, detector, key } = self.concepts_of(abort)?;
        let model = self.identity(abort)?;
        let trunk = embedding.feature.tensors().into_iter().next().filter(|_| embedding.model == model);
        let trunk = trunk.ok_or_else(|| SegmentError::other_model("the embedding", &embedding.model, &model))?;
        let (engine, side, size) = (self.engine().as_ref(), self.facts().logits_size(), self.facts().image_size);
        let Usable { text, examples, ignored } = prompt.usable(size)?;
        let encoder = TextEncoder { engine, file: text_encoder, model: key, context: facts.text_context };
        let text = encoder.features(&text, abort)?;
        let detector = Detector { engine, file: detector, queries: facts.queries, side, no_box: facts.no_box_label };
        let found = detector.find((embedding.key(), trunk.view()), &text, &examples, abort)?;

        let threshold = prompt.threshold.unwrap_or(facts.score_threshold);
        let instances: Vec<_> = found.instances.into_iter().filter(|instance| instance.score > threshold).collect();
        let chosen = choose::chosen(prompt.choose, &instances, size);
        let logits = choose::union(&instances, &chosen, side, self.facts().tracker.no_object_logit);
        let mask = Segmentation {
            previous: PreviousLogits { canvas: Arc::new(logits.clone()), model },
            logits,
            extent: (side as f32, side as f32),
            iou: chosen.first().map_or(0.0, |&best| instances[best].score),
            ignored,
        };
        Ok(Detection { instances, chosen, presence: found.presence, mask, cut: text.cut })
    }

    fn concepts(&self) -> Option<(&ConceptFacts, &ModelFile, &ModelFile)> {
        let graphs = self.graphs();
        Some((self.facts().concepts.as_ref()?, graphs.text_encoder.as_ref()?, graphs.detector.as_ref()?))
    }

    fn concepts_of(&self, abort: &dyn Abort) -> Result<Concepts<'_>, SegmentError> {
        let (facts, text_encoder, detector) = self.concepts().ok_or_else(|| SegmentError::PromptKind {
            model: self.name().to_owned(),
            what: "a text as the prompt",
            remedy: "use points or a box, or install SAM3 with its text graphs",
        })?;
        let with_trunk = self.identity_of("texts 1", &[&self.graphs().vision_encoder, detector], abort)?;
        // By content alone: to ask for its device would load it, and its features may well be on disk. They count as
        // equal even if for lack of memory it had to make them on another device than the rest.
        let hash = self.engine().model_hash(text_encoder, abort)?;
        let key = KeyBuilder::new("texts").bytes(&with_trunk.key.0.to_le_bytes()).bytes(&hash.0).finish();
        Ok(Concepts { facts, text_encoder, detector, key })
    }
}

/// The part of a model that serves texts.
struct Concepts<'a> {
    facts: &'a ConceptFacts,
    text_encoder: &'a ModelFile,
    detector: &'a ModelFile,
    key: Key,
}

/// A prompt reduced to what the model can use.
#[derive(Debug, PartialEq)]
struct Usable {
    text: String,
    examples: Vec<Example>,
    ignored: usize,
}

impl TextPrompt {
    /// Texts that mean nothing are refused; exemplars outside the picture (`size` pixels on a side) are left out.
    fn usable(&self, size: usize) -> Result<Usable, SegmentError> {
        let examples: Vec<_> = self.exemplars.iter().filter_map(|exemplar| exemplar.example(size)).collect();
        let ignored = self.exemplars.len() - examples.len();
        let mut text = tokens::clean(&self.text);
        if text.is_empty() {
            if !examples.iter().any(|example| example.positive) {
                let count = self.exemplars.iter().filter(|exemplar| exemplar.positive).count();
                let outside = SegmentError::PromptOutside { count, width: size, height: size };
                return Err(if count > 0 { outside } else { SegmentError::NoText });
            }
            BOXES_ALONE.clone_into(&mut text);
        }
        Ok(Usable { text, examples, ignored })
    }
}

impl Exemplar {
    /// As the detector takes it; `None` where nothing of it lies in the picture.
    fn example(&self, size: usize) -> Option<Example> {
        let side = size as f32;
        let [left, top, right, bottom] = prompt::clip(self.box_, side, side)?.map(|edge| edge / side);
        let box_ = [(left + right) / 2.0, (top + bottom) / 2.0, right - left, bottom - top];
        Some(Example { box_, positive: self.positive })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exemplar(box_: [f32; 4], positive: bool) -> Exemplar {
        Exemplar { box_, positive }
    }

    fn prompt(text: &str, exemplars: &[Exemplar]) -> TextPrompt {
        TextPrompt { text: text.to_owned(), exemplars: exemplars.to_vec(), ..TextPrompt::default() }
    }

    #[test]
    fn a_prompt_that_says_nothing_is_refused() {
        let unlike = exemplar([0.0, 0.0, 50.0, 50.0], false);
        for (text, exemplars) in [("", &[][..]), (" \t\n", &[]), ("\0\u{1}", &[]), ("", &[unlike])] {
            assert!(matches!(prompt(text, exemplars).usable(100), Err(SegmentError::NoText)), "{text:?}");
        }
        let outside = prompt("", &[exemplar([-9.0, -9.0, -1.0, -1.0], true), unlike]);
        assert!(matches!(outside.usable(100), Err(SegmentError::PromptOutside { count: 1, width: 100, height: 100 })));
    }

    #[test]
    fn exemplars_alone_go_with_the_text_that_the_model_knows_for_them() {
        let usable = prompt(" ", &[exemplar([24.0, 56.0, 8.0, 24.0], true)]).usable(64).unwrap();
        assert_eq!(usable.text, "visual");
        assert_eq!(usable.examples, [Example { box_: [0.25, 0.625, 0.25, 0.5], positive: true }]);
    }

    #[test]
    fn exemplars_are_clipped_and_those_outside_are_left_out_and_counted() {
        let exemplars = [
            exemplar([-50.0, 0.0, 50.0, 100.0], false),
            exemplar([f32::NAN, 0.0, 50.0, 100.0], true),
            exemplar([200.0, 0.0, 250.0, 100.0], true),
        ];
        let usable = prompt("Cat", &exemplars).usable(100).unwrap();
        assert_eq!((usable.text.as_str(), usable.ignored), ("cat", 2));
        assert_eq!(usable.examples, [Example { box_: [0.25, 0.5, 0.5, 1.0], positive: false }]);
    }
}
