//! Prompts and an embedding to a mask.

use std::sync::Arc;

use inference::{Abort, Engine, Feature, InferenceError, Input, ModelFile};
use ndarray::{Array1, Array2, Array3, Array4, ArrayD, ArrayViewD, IxDyn};
use raster::Plane;

use super::{CANVAS, EMBEDDING, LOGITS};
use crate::{
    error::SegmentError,
    identity::Identity,
    prompt::{UsablePrompt, label},
    segmentation::{PreviousLogits, Segmentation},
};

/// The decoder's graph also resizes the mask to the size of the frame. That output is not used, so it is asked for at
/// a size that costs nothing; the low-resolution logits do not depend on it.
const SMALLEST_FRAME: [f32; 2] = [8.0, 8.0];

/// The network's answer on its whole canvas.
pub(super) struct Decoded {
    logits: Plane<f32>,
    iou: f32,
}

/// Runs the decoder.
pub(super) fn decode(
    (engine, decoder): (&Engine, &ModelFile),
    feature: &Feature,
    prompt: &UsablePrompt,
    previous: Option<&PreviousLogits>,
    abort: &dyn Abort,
) -> Result<Decoded, SegmentError> {
    let unusable =
        |reason: String| InferenceError::Run { file: decoder.path.clone(), model: decoder.contract.name, reason };
    let embedding = feature
        .tensors()
        .into_iter()
        .next()
        .filter(|tensor| tensor.shape() == EMBEDDING)
        .ok_or_else(|| unusable(format!("the embedding is not of shape {EMBEDDING:?}")))?;
    let (points, labels) = points(prompt);
    let count = labels.len();
    let points = tensor(Array3::from_shape_vec((1, count, 2), points));
    let labels = tensor(Array2::from_shape_vec((1, count), labels));
    let (mask, has_mask) = mask_input(previous);
    let has_mask = Array1::from(vec![has_mask]).into_dyn();
    let frame = Array1::from(SMALLEST_FRAME.to_vec()).into_dyn();
    let inputs = [
        ("image_embeddings", embedding.view()),
        ("point_coords", points.view()),
        ("point_labels", labels.view()),
        ("mask_input", mask.view()),
        ("has_mask_input", has_mask.view()),
        ("orig_im_size", frame.view()),
    ]
    .map(|(name, array): (_, ArrayViewD<'_, f32>)| (name, Input::F32(array)));
    let mut outputs = engine.run(decoder, &inputs, &["iou_predictions", "low_res_masks"], abort)?.into_iter();
    match (outputs.next().and_then(|iou| iou.first().copied()), outputs.next().and_then(logits)) {
        (Some(iou), Some(logits)) => Ok(Decoded { logits, iou }),
        _ => Err(unusable(format!("it gave no mask of {LOGITS}x{LOGITS} samples")).into()),
    }
}

/// Coordinates and labels in the order of `SamPredictor` and the ONNX example: points, then the box as two points; in
/// the absence of a box a padding point.
fn points(prompt: &UsablePrompt) -> (Vec<f32>, Vec<f32>) {
    let padding = prompt.box_.is_none().then_some(([0.0, 0.0], label::NOT_A_POINT));
    let all = prompt.labelled_points().chain(prompt.labelled_corners()).chain(padding);
    let (coordinates, labels): (Vec<_>, Vec<_>) = all.map(|(at, label)| (at, label as f32)).unzip();
    (coordinates.concat(), labels)
}

fn mask_input(previous: Option<&PreviousLogits>) -> (ArrayD<f32>, f32) {
    let given = previous
        .and_then(|previous| Array4::from_shape_vec((1, 1, LOGITS, LOGITS), previous.canvas.data().to_vec()).ok());
    match given {
        Some(canvas) => (canvas.into_dyn(), 1.0),
        None => (ArrayD::zeros(IxDyn(&[1, 1, LOGITS, LOGITS])), 0.0),
    }
}

fn logits(output: ArrayD<f32>) -> Option<Plane<f32>> {
    if output.shape() != [1, 1, LOGITS, LOGITS] {
        return None;
    }
    // Laid out row after row, as ONNX Runtime gives it: no copy.
    Plane::from_vec(LOGITS, LOGITS, output.into_raw_vec_and_offset().0).ok()
}

/// An array of a shape that was made to fit its vector; an empty one cannot occur.
fn tensor<D: ndarray::Dimension>(array: Result<ndarray::Array<f32, D>, ndarray::ShapeError>) -> ArrayD<f32> {
    array.map(ndarray::Array::into_dyn).unwrap_or_default()
}

impl Decoded {
    /// The part of the canvas that the picture covers.
    pub(super) fn over_picture(self, width: usize, height: usize, ignored: usize, model: Identity) -> Segmentation {
        let per_sample = (CANVAS / LOGITS) as f32;
        let extent = (width as f32 / per_sample, height as f32 / per_sample);
        let (columns, rows) = (extent.0.ceil() as usize, extent.1.ceil() as usize);
        let mut logits = Plane::new(columns, rows, 0.0);
        for (target, source) in logits.rows_mut().zip(self.logits.rows()) {
            target.copy_from_slice(&source[..columns]);
        }
        let previous = PreviousLogits { canvas: Arc::new(self.logits), model };
        Segmentation { logits, extent, iou: self.iou, ignored, previous }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::Point;

    #[test]
    fn points_come_first_then_the_box_and_only_without_one_the_padding() {
        let mut prompt = UsablePrompt {
            points: vec![Point { x: 1.0, y: 2.0, include: true }, Point { x: 3.0, y: 4.0, include: false }],
            box_: None,
            ignored: 0,
        };
        assert_eq!(points(&prompt), (vec![1.0, 2.0, 3.0, 4.0, 0.0, 0.0], vec![1.0, 0.0, -1.0]));
        prompt.box_ = Some([5.0, 6.0, 7.0, 8.0]);
        let expected = (vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], vec![1.0, 0.0, 2.0, 3.0]);
        assert_eq!(points(&prompt), expected);
    }

    #[test]
    fn a_picture_that_ends_inside_a_sample_keeps_that_sample_and_says_so() {
        let logits = Plane::from_vec(LOGITS, LOGITS, (0..LOGITS * LOGITS).map(|i| i as f32).collect()).unwrap();
        let decoded = Decoded { logits, iou: 0.9 };
        let mask = decoded.over_picture(1024, 431, 2, Identity { name: Arc::from("m"), key: inference::Key(1) });
        assert_eq!((mask.logits.width(), mask.logits.height()), (256, 108));
        assert_eq!(mask.extent, (256.0, 107.75));
        assert_eq!(mask.logits.get(255, 107), Some(&(107.0 * 256.0 + 255.0)));
        assert_eq!((mask.iou, mask.ignored), (0.9, 2));
    }
}
