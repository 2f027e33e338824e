//! Text prompts (SAM3's concepts): every instance of what a text names, or of what lies in exemplar boxes, and which of
//! them make the mask.

mod choose;
mod concepts;
mod detector;
mod features;
mod tokens;

use inference::{Abort, Key};
use raster::Plane;

pub use choose::Choose;
pub(crate) use concepts::Concepts;
pub(crate) use detector::{DetectorForm, TextMask};

use crate::{
    error::SegmentError,
    model::{Embedding, ImageSegmenter},
    segmentation::Segmentation,
};

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

/// A model that finds what texts name: [`ImageSegmenter::texts`].
pub trait TextSegmenter: Send + Sync {
    /// What tells masks of text prompts from those of other models, as [`ImageSegmenter::fingerprint`] does for clicks.
    ///
    /// # Errors
    /// [`SegmentError::PromptKind`] for a model without texts, [`SegmentError::Inference`].
    fn text_fingerprint(&self, abort: &dyn Abort) -> Result<Key, SegmentError>;

    /// Finds what a text (or exemplars) name in a picture that this model encoded. Another threshold or choice for the
    /// same text and picture costs no run, the same text on another picture one of the detector alone.
    ///
    /// # Errors
    /// [`SegmentError::PromptKind`] for a model without texts; [`SegmentError::NoText`] when neither the text nor a
    /// positive exemplar says what is meant, [`SegmentError::PromptOutside`] when only exemplars did and none of them
    /// lies in the picture; [`SegmentError::OtherModel`] for an embedding of another model;
    /// [`SegmentError::Inference`].
    fn detect(&self, embedding: &Embedding, prompt: &TextPrompt, abort: &dyn Abort) -> Result<Detection, SegmentError>;
}

/// The texts of a model.
///
/// # Errors
/// [`SegmentError::PromptKind`] for a model that has none, with what to do.
pub fn of(model: &dyn ImageSegmenter) -> Result<&dyn TextSegmenter, SegmentError> {
    model.texts().ok_or_else(|| SegmentError::no_texts(model.name()))
}
