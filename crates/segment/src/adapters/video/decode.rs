//! Prompts to a mask.

use std::sync::Arc;

use inference::{Abort, InferenceError, Input};
use ndarray::{ArrayD, ArrayViewD};
use raster::Plane;

use super::{VideoModel, contracts::ENCODER};
use crate::{
    error::SegmentError,
    exported::{ANY, array, run},
    identity::Identity,
    model::Embedding,
    prompt::{UsablePrompt, label},
    segmentation::{PreviousLogits, Segmentation},
};

/// What the encoder made of a picture.
pub(super) struct Seen<'a> {
    tensors: Vec<ndarray::CowArray<'a, f32, ndarray::IxDyn>>,
    /// Where among them is what.
    pub without_memory: usize,
    pub positions: usize,
    pub raw: usize,
}

impl Seen<'_> {
    pub fn tensor(&self, index: usize) -> ArrayViewD<'_, f32> {
        self.tensors[index].view()
    }
}

/// What the decoder made of a prompt.
pub(super) struct Decoded {
    pub logits: Plane<f32>,
    /// [1, 1, S, S], for the memory encoder.
    pub high_res_mask: ArrayD<f32>,
    /// Above 0: the object is there.
    pub score: f32,
    pub iou: f32,
    pub pointer: Arc<[f32]>,
}

impl Decoded {
    pub fn segmentation(self, model: Identity, ignored: usize) -> Segmentation {
        let extent = (self.logits.width() as f32, self.logits.height() as f32);
        let previous = PreviousLogits { canvas: Arc::new(self.logits.clone()), model };
        Segmentation { logits: self.logits, extent, iou: self.iou, ignored, previous }
    }
}

impl VideoModel {
    /// The tensors of an embedding.
    ///
    /// # Errors
    /// [`SegmentError::Inference`] for an embedding of another number of them, which no encoder of this contract makes.
    pub(super) fn seen<'a>(&self, embedding: &'a Embedding) -> Result<Seen<'a>, SegmentError> {
        let tensors = embedding.tensors();
        if tensors.len() != ENCODER.outputs.len() {
            let reason = format!("an embedding has {} tensors", tensors.len());
            let (file, model) = (self.pictures.encoder.path.clone(), ENCODER.name);
            return Err(InferenceError::Run { file, model, reason }.into());
        }
        // In the order of the contract's outputs.
        Ok(Seen { tensors, raw: 2, without_memory: 3, positions: 4 })
    }

    /// Decodes a prompt, or none at all, on one of the picture's own embeddings.
    pub(super) fn decode(
        &self,
        seen: &Seen<'_>,
        embed: usize,
        prompt: Option<&UsablePrompt>,
        abort: &dyn Abort,
    ) -> Result<Decoded, SegmentError> {
        self.decode_on(seen, seen.tensor(embed), prompt, abort)
    }

    /// As [`VideoModel::decode`], on an embedding [1, C, h, h].
    pub(super) fn decode_on(
        &self,
        seen: &Seen<'_>,
        embed: ArrayViewD<'_, f32>,
        prompt: Option<&UsablePrompt>,
        abort: &dyn Abort,
    ) -> Result<Decoded, SegmentError> {
        let (points, labels) = points(prompt);
        let count = labels.len();
        let points = array(&[1, 1, count, 2], points);
        let labels = array(&[1, 1, count], labels);
        let inputs = [
            ("feats0", Input::F32(seen.tensor(0))),
            ("feats1", Input::F32(seen.tensor(1))),
            ("feats2_cond", Input::F32(embed)),
            ("input_points", Input::F32(points.view())),
            ("input_labels", Input::I32(labels.view())),
        ];
        let (side, channels) = (self.sizes.image, self.sizes.channels);
        let outputs = [
            ("low_res_mask", &[1, 1, ANY, ANY][..]),
            ("high_res_mask", &[1, 1, side, side]),
            ("iou", &[1, 1]),
            ("object_score_logits", &[1, 1, 1]),
            ("object_pointer", &[1, 1, channels]),
        ];
        let [mask, high_res_mask, iou, score, pointer] = run(self.engine(), &self.decoder, &inputs, outputs, abort)?;
        let (height, width) = (mask.shape()[2], mask.shape()[3]);
        let logits = Plane::from_vec(width, height, mask.into_iter().collect()).map_err(|_| {
            let (file, model) = (self.decoder.path.clone(), self.decoder.contract.name);
            InferenceError::Run { file, model, reason: format!("it gave a mask of {width} x {height}") }
        })?;
        // The shapes were checked: there is one of each.
        let one = |array: ArrayD<f32>| array.into_iter().next().unwrap_or(f32::NEG_INFINITY);
        let pointer = pointer.into_iter().collect();
        Ok(Decoded { logits, high_res_mask, score: one(score), iou: one(iou), pointer })
    }
}

/// Coordinates and labels, a box as the first two points; where nothing is said, one point that is none.
fn points(prompt: Option<&UsablePrompt>) -> (Vec<f32>, Vec<i32>) {
    let said = prompt.into_iter().flat_map(|prompt| prompt.labelled_corners().chain(prompt.labelled_points()));
    let (mut coordinates, mut labels): (Vec<_>, Vec<_>) = said.map(|(at, label)| (at, label as i32)).unzip();
    if labels.is_empty() {
        coordinates.push([0.0; 2]);
        labels.push(label::NOT_A_POINT as i32);
    }
    (coordinates.concat(), labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::Point;

    #[test]
    fn a_box_goes_before_the_points_and_nothing_is_one_point_that_is_none() {
        let points_ = vec![Point { x: 1.0, y: 2.0, include: true }, Point { x: 3.0, y: 4.0, include: false }];
        let prompt = UsablePrompt { points: points_, box_: Some([5.0, 6.0, 7.0, 8.0]), ignored: 0 };
        assert_eq!(points(Some(&prompt)), (vec![5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0], vec![2, 3, 1, 0]));
        assert_eq!(points(None), (vec![0.0, 0.0], vec![-1]));
    }
}
