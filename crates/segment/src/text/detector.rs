//! An encoded picture, a text and exemplar boxes to every instance of the concept.

use inference::{Abort, Engine, Feature, Input, Key, KeyBuilder, ModelFile};
use ndarray::{Array1, Array2, Array3, ArrayD, ArrayViewD, Axis, CowArray, IxDyn};
use raster::Plane;

use super::{Instance, features::TextFeatures};
use crate::{error::SegmentError, exported::run};

/// Instances with scores up to this are never looked at again, so that a changed threshold or choice costs no run: of
/// the 200 candidates of a picture a handful is left.
const FLOOR: f32 = 0.05;

/// Labels of an exemplar box.
const LIKE_THIS: i64 = 1;
const UNLIKE_THIS: i64 = 0;

/// What differs between the families' detectors: how they are told what.
#[derive(Debug)]
pub(crate) struct DetectorForm {
    /// The inputs that take the tensors of an embedding, in their order.
    pub picture: &'static [&'static str],
    /// How `text_mask` is told which tokens are text.
    pub text_mask: TextMask,
    /// The input for the labels of `input_boxes`.
    pub box_labels: &'static str,
}

/// The values of a text mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextMask {
    /// 1 for a token, 0 for padding.
    Wholes,
    /// True for a token, false for padding.
    Truths,
}

/// The detector of a model.
pub(super) struct Detector<'a> {
    pub engine: &'a Engine,
    pub file: &'a ModelFile,
    pub form: &'static DetectorForm,
    /// Candidates of a picture.
    pub queries: usize,
    /// Samples on a side of a mask.
    pub side: usize,
    /// Label of a box that is none.
    pub no_box: i64,
}

/// An exemplar as the detector takes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Example {
    /// Centre x, centre y, width, height in 0..1.
    pub box_: [f32; 4],
    pub positive: bool,
}

/// What the detector found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Whether the concept is in the picture at all, 0..1.
    pub presence: f32,
    /// Highest score first.
    pub instances: Vec<Instance>,
}

impl Detector<'_> {
    /// Every instance with a score above the floor, remembered or out of a run. `key` is the name of the picture's
    /// encoding; that of the text tells the model.
    pub fn find(
        &self,
        (key, picture): (Key, &[ArrayViewD<'_, f32>]),
        text: &TextFeatures,
        examples: &[Example],
        abort: &dyn Abort,
    ) -> Result<Found, SegmentError> {
        let mut name = KeyBuilder::new("instances 1").bytes(&key.0.to_le_bytes()).bytes(&text.key.0.to_le_bytes());
        for example in examples {
            name = example.box_.iter().fold(name, |name, value| name.bytes(&value.to_le_bytes()));
            name = name.number(u64::from(example.positive));
        }
        let compute = || self.run(picture, text, examples, abort);
        // In memory only: mattes, not masks of single instances, are what a finished shot is made of.
        let found = self.engine.features().get_or_compute(name.finish(), abort, compute)?;
        // It is what `packed` made.
        Ok(unpacked(&found).unwrap_or_default())
    }

    fn run(
        &self,
        picture: &[ArrayViewD<'_, f32>],
        text: &TextFeatures,
        examples: &[Example],
        abort: &dyn Abort,
    ) -> Result<Feature, SegmentError> {
        let (boxes, labels) = self.boxes(examples);
        let truths = text.mask.mapv(|token| token != 0);
        let mask = match self.form.text_mask {
            TextMask::Wholes => Input::I64(text.mask.view()),
            TextMask::Truths => Input::Bool(truths.view()),
        };
        let mut inputs: Vec<(&str, Input<'_>)> =
            self.form.picture.iter().zip(picture).map(|(name, tensor)| (*name, Input::F32(tensor.view()))).collect();
        inputs.extend([
            ("text_features", Input::F32(text.features.view())),
            ("text_mask", mask),
            ("input_boxes", Input::F32(boxes.view())),
            (self.form.box_labels, Input::I64(labels.view())),
        ]);
        let outputs: [(_, &[usize]); 4] = [
            ("pred_masks", &[1, self.queries, self.side, self.side]),
            ("pred_boxes", &[1, self.queries, 4]),
            ("pred_logits", &[1, self.queries]),
            ("presence_logits", &[1, 1]),
        ];
        Ok(packed(run(self.engine, self.file, &inputs, outputs, abort)?))
    }

    /// Without an exemplar one box that is none: the original always runs its geometry encoder, and without this box
    /// every score would be another (CONTRACT.md, "The dummy box").
    fn boxes(&self, examples: &[Example]) -> (ArrayD<f32>, ArrayD<i64>) {
        if examples.is_empty() {
            return (ArrayD::zeros(IxDyn(&[1, 1, 4])), ArrayD::from_elem(IxDyn(&[1, 1]), self.no_box));
        }
        let label = |example: &Example| if example.positive { LIKE_THIS } else { UNLIKE_THIS };
        let boxes = Array3::from_shape_fn((1, examples.len(), 4), |(_, at, side)| examples[at].box_[side]);
        let labels = Array2::from_shape_fn((1, examples.len()), |(_, at)| label(&examples[at]));
        (boxes.into_dyn(), labels.into_dyn())
    }
}

/// Presence [1], then of the instances above the floor, highest score first: scores [n], boxes [n, 4], masks
/// [n, side, side]. In single precision: a score rounded to half would be off by up to 2e-4.
fn packed([masks, boxes, logits, presence]: [ArrayD<f32>; 4]) -> Feature {
    let presence = presence.first().copied().map_or(0.0, sigmoid);
    let scores: Vec<f32> = logits.iter().map(|&logit| sigmoid(logit) * presence).collect();
    let mut kept: Vec<usize> = (0..scores.len()).filter(|&at| scores[at] > FLOOR).collect();
    // Equal scores stay in the order of the candidates.
    kept.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let of_kept = |array: &ArrayD<f32>| array.index_axis(Axis(0), 0).select(Axis(0), &kept);
    let presence = Array1::from(vec![presence]).into_dyn();
    let scores = kept.iter().map(|&at| scores[at]).collect::<Array1<_>>().into_dyn();
    Feature::new(vec![presence, scores, of_kept(&boxes), of_kept(&masks)])
}

fn unpacked(feature: &Feature) -> Option<Found> {
    let tensors = feature.tensors();
    let [presence, scores, boxes, masks] = tensors.as_slice() else { return None };
    let rows = |array: &CowArray<'_, f32, IxDyn>, at| array.index_axis(Axis(0), at).iter().copied().collect::<Vec<_>>();
    let instance = |(at, &score): (usize, &f32)| {
        let (height, width) = (*masks.shape().get(1)?, *masks.shape().get(2)?);
        let box_ = rows(boxes, at).try_into().ok()?;
        Some(Instance { score, box_, logits: Plane::from_vec(width, height, rows(masks, at)).ok()? })
    };
    let instances = scores.iter().enumerate().map(instance).collect::<Option<_>>()?;
    Some(Found { presence: *presence.first()?, instances })
}

fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(shape: &[usize], value: impl Fn(usize) -> f32) -> ArrayD<f32> {
        let count = shape.iter().product();
        ArrayD::from_shape_vec(shape.to_vec(), (0..count).map(value).collect()).unwrap()
    }

    /// Four candidates with these logits on masks of 2x2 samples.
    fn found(logits: [f32; 4], presence: f32) -> Found {
        let arrays = [
            array(&[1, 4, 2, 2], |i| i as f32),
            array(&[1, 4, 4], |i| -(i as f32)),
            array(&[1, 4], |i| logits[i]),
            array(&[1, 1], |_| presence),
        ];
        unpacked(&packed(arrays)).unwrap()
    }

    #[test]
    fn instances_come_by_score_each_with_its_own_box_and_mask() {
        let found = found([0.0, 3.0, 0.0, -9.0], 100.0);
        let scores: Vec<_> = found.instances.iter().map(|instance| instance.score).collect();
        assert_eq!(scores, [sigmoid(3.0), 0.5, 0.5]);
        assert_eq!(found.presence, 1.0);
        assert_eq!(found.instances[0].logits.data(), [4.0, 5.0, 6.0, 7.0]);
        assert_eq!(found.instances[0].box_, [-4.0, -5.0, -6.0, -7.0]);
        assert_eq!((found.instances[1].logits.data()[0], found.instances[2].logits.data()[0]), (0.0, 8.0));
    }

    #[test]
    fn a_concept_that_is_not_there_and_numbers_that_are_none_give_no_instance() {
        assert!(found([5.0; 4], -20.0).instances.is_empty());
        assert_eq!(found([f32::NAN, 1.0, f32::NEG_INFINITY, f32::NAN], 9.0).instances.len(), 1);
        assert!(found([5.0; 4], f32::NAN).instances.is_empty());
    }
}
