//! Text encoder and detector together: a prompt to what is found and the mask of what is chosen. The same for every
//! family; what differs is in [`DetectorForm`].

use std::sync::Arc;

use inference::{Abort, Engine, InferenceError, Key, KeyBuilder, ModelFile};
use ndarray::ArrayViewD;

use super::{
    Detection, DetectorForm, Exemplar, TextPrompt, choose,
    detector::{Detector, Example},
    features::TextEncoder,
    tokens,
};
use crate::{
    error::SegmentError,
    identity::Identity,
    model::Embedding,
    prompt,
    segmentation::{PreviousLogits, Segmentation},
};

/// What Meta's model is told where boxes alone say what is meant.
const BOXES_ALONE: &str = "visual";

/// The part of a model that serves texts.
pub(crate) struct Concepts<'a> {
    pub engine: &'a Engine,
    pub text_encoder: &'a ModelFile,
    pub detector: &'a ModelFile,
    pub form: &'static DetectorForm,
    /// Pixels on a side of the model picture.
    pub picture: usize,
    /// Samples on a side of a mask.
    pub side: usize,
    /// Tokens of a text.
    pub context: usize,
    /// Candidates of a picture; `exported::ANY` where the graph does not say.
    pub queries: usize,
    /// Label of a box that is none.
    pub no_box: i64,
    /// Scores above this count, where nobody says otherwise.
    pub threshold: f32,
    /// The logits of a mask of nothing.
    pub outside: f32,
}

impl Concepts<'_> {
    /// The name of what the text encoder and the detector make, given the identity of what encodes pictures and of the
    /// detector.
    ///
    /// The text encoder counts by content alone: to ask for its device would load it, and its features may well be on
    /// disk. They count as equal even if for lack of memory it had to make them on another device than the rest.
    pub fn key(&self, pictures_and_detector: &Identity, abort: &dyn Abort) -> Result<Key, InferenceError> {
        let hash = self.engine.model_hash(self.text_encoder, abort)?;
        let key = KeyBuilder::new("texts").bytes(&pictures_and_detector.key.0.to_le_bytes());
        Ok(key.bytes(&hash.0).finish())
    }

    /// [`TextSegmenter::detect`](super::TextSegmenter::detect) of a model whose masks are of `model`; `key` as
    /// [`Concepts::key`] gives it.
    pub fn detect(
        &self,
        embedding: &Embedding,
        (model, key): (Identity, Key),
        prompt: &TextPrompt,
        abort: &dyn Abort,
    ) -> Result<Detection, SegmentError> {
        if embedding.model != model {
            return Err(SegmentError::other_model("the embedding", &embedding.model, &model));
        }
        let Usable { text, examples, ignored } = prompt.usable(self.picture)?;
        let encoder = TextEncoder { engine: self.engine, file: self.text_encoder, model: key, context: self.context };
        let text = encoder.features(&text, abort)?;
        let detector = Detector {
            engine: self.engine,
            file: self.detector,
            form: self.form,
            queries: self.queries,
            side: self.side,
            no_box: self.no_box,
        };
        let tensors = embedding.feature.tensors();
        let picture: Vec<ArrayViewD<'_, f32>> = tensors.iter().map(|tensor| tensor.view()).collect();
        let found = detector.find((embedding.key(), &picture), &text, &examples, abort)?;

        let threshold = prompt.threshold.unwrap_or(self.threshold);
        let instances: Vec<_> = found.instances.into_iter().filter(|instance| instance.score > threshold).collect();
        let chosen = choose::chosen(prompt.choose, &instances, self.picture);
        let logits = choose::union(&instances, &chosen, self.side, self.outside);
        let mask = Segmentation {
            previous: PreviousLogits { canvas: Arc::new(logits.clone()), model },
            logits,
            extent: (self.side as f32, self.side as f32),
            iou: chosen.first().map_or(0.0, |&best| instances[best].score),
            ignored,
        };
        Ok(Detection { instances, chosen, presence: found.presence, mask, cut: text.cut })
    }
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
