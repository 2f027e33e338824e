//! A text to its features, once per text and model.

use inference::{Abort, Engine, Feature, InferenceError, Input, Key, KeyBuilder, ModelFile};
use ndarray::{Array1, Array2, ArrayD, CowArray, IxDyn};

use super::tokens::{self, Tokens};
use crate::{
    error::SegmentError,
    exported::{ANY, run},
};

/// The text encoder of a model, and what it is fed.
pub(super) struct TextEncoder<'a> {
    pub engine: &'a Engine,
    pub file: &'a ModelFile,
    /// The model it belongs to, for the names of what it makes.
    pub model: Key,
    /// Tokens that it takes.
    pub context: usize,
}

/// A text as the detector takes it.
pub(super) struct TextFeatures {
    /// What it was made of, hashed.
    pub key: Key,
    /// [1, context, channels].
    pub features: ArrayD<f32>,
    /// [1, context]: 1 for a token, 0 for padding.
    pub mask: ArrayD<i64>,
    /// Whether the text had more tokens than the context.
    pub cut: bool,
}

impl TextEncoder<'_> {
    /// The features of a [clean](tokens::clean) text: remembered, or on disk, or out of a run. Nothing but a run needs
    /// the encoder's session or the tokenizer, so that the memory guard may drop the one (over a gigabyte) and the
    /// other is not kept at all.
    pub fn features(&self, text: &str, abort: &dyn Abort) -> Result<TextFeatures, SegmentError> {
        let key = KeyBuilder::new("text features 1").bytes(&self.model.0.to_le_bytes()).number(self.context as u64);
        let key = key.bytes(text.as_bytes()).finish();
        let compute = || self.run(&tokens::tokens(text, self.context), abort);
        let found = self.engine.features().fetch_stored(key, self.engine.disk(), abort, compute)?.value;
        let mut tensors = found.tensors().into_iter().map(CowArray::into_owned);
        let (Some(features), Some(told)) = (tensors.next(), tensors.next()) else {
            let (file, model, reason) =
                (self.file.path.clone(), self.file.contract.name, "it gave no features".to_owned());
            return Err(InferenceError::Run { file, model, reason }.into());
        };
        let count = told.first().map_or(0, |&count| count as usize);
        let cut = told.last().is_some_and(|&cut| cut == 1.0);
        Ok(TextFeatures { key, features, mask: self.mask(count), cut })
    }

    /// Two arrays: the features, and (number of tokens, 1 if the text was cut).
    fn run(&self, tokens: &Tokens, abort: &dyn Abort) -> Result<Feature, SegmentError> {
        let mut ids = Array2::<i64>::zeros((1, self.context));
        ids.iter_mut().zip(&tokens.ids).for_each(|(id, token)| *id = *token);
        let (ids, mask) = (ids.into_dyn(), self.mask(tokens.ids.len()));
        let inputs = [("input_ids", Input::I64(ids.view())), ("attention_mask", Input::I64(mask.view()))];
        let outputs = [("text_features", &[1, self.context, ANY][..])];
        let [features] = run(self.engine, self.file, &inputs, outputs, abort)?;
        let told = Array1::from(vec![tokens.ids.len() as f32, f32::from(u8::from(tokens.cut))]);
        Ok(Feature::new(vec![features, told.into_dyn()]))
    }

    fn mask(&self, tokens: usize) -> ArrayD<i64> {
        ArrayD::from_shape_fn(IxDyn(&[1, self.context]), |at| i64::from(at[1] < tokens))
    }
}
