//! Prompts and embeddings to a mask.

use inference::{Abort, Engine, Feature, InferenceError, Input, ModelFile};
use ndarray::ArrayD;
use raster::Plane;

use super::{Form, form::Prompts};
use crate::{
    error::SegmentError,
    exported::{ANY, array, run},
    prompt::UsablePrompt,
};

/// A frame that costs nothing to resize masks to, where a graph insists.
const SMALLEST_FRAME: [i64; 2] = [8, 8];

/// Earlier logits are clamped to this before they are a prompt (`SAM2VideoPredictor`).
const CLAMP: f32 = 32.0;

/// How token 0 is told to be unstable, and up to how many points a prompt is ambiguous: SAM2's configuration
/// (`dynamic_multimask_stability_*`, `multimask_max_pt_num`).
const STABILITY_DELTA: f32 = 0.05;
const STABILITY: f32 = 0.98;
const AMBIGUOUS_POINTS: usize = 1;

/// The network's answer.
pub(super) struct Decoded {
    pub logits: Plane<f32>,
    pub iou: f32,
}

/// Runs the decoder.
pub(super) fn decode(
    (engine, form, decoder): (&Engine, &Form, &ModelFile),
    feature: &Feature,
    prompt: &UsablePrompt,
    previous: Option<&Plane<f32>>,
    abort: &dyn Abort,
) -> Result<Decoded, SegmentError> {
    let embeddings = feature.tensors();
    let named = form.pictures.encoder.outputs.iter().zip(&embeddings);
    let mut inputs: Vec<(&str, Input<'_>)> =
        named.map(|(spec, tensor)| (spec.name, Input::F32(tensor.view()))).collect();
    let (masks, ious) = match form.prompts {
        Prompts::Apart => {
            let (points, labels) = points(prompt, false);
            let count = labels.len();
            let points = array(&[1, 1, count, 2], points);
            let labels = array(&[1, 1, count], labels);
            let boxes = prompt.box_.map(Vec::from).unwrap_or_default();
            let boxes = array(&[1, boxes.len() / 4, 4], boxes);
            inputs.extend([
                ("input_points", Input::F32(points.view())),
                ("input_labels", Input::I64(labels.view())),
                ("input_boxes", Input::F32(boxes.view())),
            ]);
            let outputs = [("pred_masks", &[1, 1, ANY, form.logits, form.logits][..]), ("iou_scores", &[1, 1, ANY])];
            let [masks, ious] = run(engine, decoder, &inputs, outputs, abort)?;
            (masks, ious)
        }
        Prompts::Together { masks, frame_size } => {
            let (points, labels) = points(prompt, true);
            let count = labels.len();
            let points = array(&[1, count, 2], points);
            let labels = array(&[1, count], labels.into_iter().map(|label| label as f32).collect());
            let (mask, has_mask) = mask_input(form.logits, previous);
            let frame = array(&[2], SMALLEST_FRAME.to_vec());
            inputs.extend([
                ("point_coords", Input::F32(points.view())),
                ("point_labels", Input::F32(labels.view())),
                ("mask_input", Input::F32(mask.view())),
                ("has_mask_input", Input::F32(has_mask.view())),
            ]);
            inputs.extend(frame_size.then(|| ("orig_im_size", Input::I64(frame.view()))));
            let outputs = [(masks, &[1, ANY, form.logits, form.logits][..]), ("iou_predictions", &[1, ANY])];
            let [masks, ious] = run(engine, decoder, &inputs, outputs, abort)?;
            (masks, ious)
        }
    };
    let given = prompt.points.len() + 2 * usize::from(prompt.box_.is_some());
    answer(form.logits, &masks, &ious, given).ok_or_else(|| {
        let (file, model) = (decoder.path.clone(), decoder.contract.name);
        let reason = format!("it gave masks {:?} and estimates {:?}", masks.shape(), ious.shape());
        InferenceError::Run { file, model, reason }.into()
    })
}

/// Coordinates and labels; with the box as two points before the others where it goes with them.
fn points(prompt: &UsablePrompt, with_box: bool) -> (Vec<f32>, Vec<i64>) {
    let corners = prompt.labelled_corners().filter(|_| with_box);
    let (coordinates, labels): (Vec<_>, Vec<_>) = corners.chain(prompt.labelled_points()).unzip();
    (coordinates.concat(), labels)
}

fn mask_input(side: usize, previous: Option<&Plane<f32>>) -> (ArrayD<f32>, ArrayD<f32>) {
    let shape = [1, 1, side, side];
    let mask = previous.map(|logits| logits.data().iter().map(|logit| logit.clamp(-CLAMP, CLAMP)).collect());
    let has_mask = array(&[1], vec![f32::from(u8::from(mask.is_some()))]);
    (mask.map_or_else(|| ArrayD::zeros(shape.to_vec()), |mask| array(&shape, mask)), has_mask)
}

/// The mask that counts. Of three guesses the one with the largest estimate. Where token 0 comes before them, as the
/// original chooses: guesses for up to one point, else token 0 while it is stable.
fn answer(side: usize, masks: &ArrayD<f32>, ious: &ArrayD<f32>, points: usize) -> Option<Decoded> {
    let (masks, ious) = (masks.as_standard_layout(), ious.as_standard_layout());
    let (masks, ious) = (masks.as_slice()?, ious.as_slice()?);
    let mask = |token: usize| masks.get(token * side * side..(token + 1) * side * side);
    let guesses = if ious.len() == 4 { 1..4 } else { 0..ious.len() };
    // The first of equals.
    let best = guesses
        .rev()
        .max_by(|&a, &b| ious.get(a).zip(ious.get(b)).map_or(std::cmp::Ordering::Equal, |(a, b)| a.total_cmp(b)))?;
    let token = match ious.len() {
        4 if points > AMBIGUOUS_POINTS && is_stable(mask(0)?) => 0,
        _ => best,
    };
    Some(Decoded { logits: Plane::from_vec(side, side, mask(token)?.to_vec()).ok()?, iou: *ious.get(token)? })
}

fn is_stable(mask: &[f32]) -> bool {
    let above = |threshold: f32| mask.iter().filter(|&&logit| logit > threshold).count();
    let (inner, outer) = (above(STABILITY_DELTA), above(-STABILITY_DELTA));
    outer == 0 || inner as f32 / outer as f32 >= STABILITY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::Point;

    fn prompt() -> UsablePrompt {
        let points = vec![Point { x: 1.0, y: 2.0, include: true }, Point { x: 3.0, y: 4.0, include: false }];
        UsablePrompt { points, box_: Some([5.0, 6.0, 7.0, 8.0]), ignored: 0 }
    }

    #[test]
    fn a_box_goes_before_the_points_or_apart() {
        assert_eq!(points(&prompt(), true), (vec![5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0], vec![2, 3, 1, 0]));
        assert_eq!(points(&prompt(), false), (vec![1.0, 2.0, 3.0, 4.0], vec![1, 0]));
    }

    /// Tokens of 2x2 samples, each full of its number plus 1, but token 0 of `first`.
    fn chosen(ious: &[f32], first: [f32; 4], points: usize) -> (f32, f32) {
        let masks = first.into_iter().chain((4..4 * ious.len()).map(|i| (i / 4 + 1) as f32)).collect();
        let (masks, ious) = (array(&[1, ious.len(), 2, 2], masks), array(&[1, ious.len()], ious.to_vec()));
        let decoded = answer(2, &masks, &ious, points).unwrap();
        (decoded.logits.data()[3], decoded.iou)
    }

    #[test]
    fn of_three_guesses_the_best_counts_and_the_first_of_equals() {
        assert_eq!(chosen(&[0.2, 0.9, 0.5], [1.0; 4], 5), (2.0, 0.9));
        assert_eq!(chosen(&[0.2, 0.7, 0.7], [1.0; 4], 1), (2.0, 0.7));
    }

    #[test]
    fn of_four_tokens_the_first_counts_for_a_clear_prompt_while_it_is_stable() {
        let ious = [0.95, 0.2, 0.9, 0.5];
        assert_eq!(chosen(&ious, [1.0; 4], 1), (3.0, 0.9));
        assert_eq!(chosen(&ious, [1.0; 4], 2), (1.0, 0.95));
        assert_eq!(chosen(&ious, [1.0, 1.0, 0.01, 1.0], 2), (3.0, 0.9));
        assert_eq!(chosen(&ious, [-3.0; 4], 2), (-3.0, 0.95), "empty is stable");
    }

    #[test]
    fn an_answer_of_no_masks_is_none() {
        assert!(answer(2, &array(&[1, 0, 2, 2], vec![]), &array(&[1, 0], vec![]), 1).is_none());
        assert!(answer(2, &array(&[1, 1, 2, 2], vec![0.0; 4]), &array(&[1, 3], vec![0.0; 3]), 1).is_some());
        assert!(answer(2, &array(&[1, 1, 2, 2], vec![0.0; 4]), &array(&[1, 2], vec![0.0, 1.0]), 1).is_none());
    }
}
