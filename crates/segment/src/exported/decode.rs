//! One run of the prompt and mask decoder, and which of its four masks counts: CONTRACT.md, steps 3 and 4.

use inference::{Abort, Input};
use ndarray::{ArrayD, Axis};

use super::{
    Encoded, Exported,
    facts::TrackerFacts,
    run::{array, run},
};
use crate::{
    error::SegmentError,
    prompt::{UsablePrompt, label},
};

/// Points of a prompt at most, corners of a box counted (`max_point_num_in_prompt_enc` of Meta's predictor): of more,
/// the first half and the last half.
const MOST_POINTS: usize = 16;

/// Masks of one run of the decoder: one for an unambiguous prompt, three guesses.
const TOKENS: usize = 4;

/// Points and a box as the decoder takes them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Clicks {
    coordinates: Vec<f32>,
    labels: Vec<i64>,
    /// Points given, a box counted as two.
    count: usize,
    /// Points beyond [`MOST_POINTS`], which were left out.
    pub left_out: usize,
}

impl Clicks {
    /// No prompt: one token that is not a point.
    pub fn none() -> Self {
        Self { coordinates: vec![0.0, 0.0], labels: vec![label::NOT_A_POINT], count: 0, left_out: 0 }
    }

    /// The box's corners, then the points.
    pub fn of(prompt: &UsablePrompt) -> Self {
        let mut all: Vec<_> = prompt.labelled_corners().chain(prompt.labelled_points()).collect();
        let left_out = all.len().saturating_sub(MOST_POINTS);
        if left_out > 0 {
            all.drain(MOST_POINTS / 2..MOST_POINTS / 2 + left_out);
        }
        if all.is_empty() {
            return Self::none();
        }
        let (coordinates, labels): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        Self { coordinates: coordinates.concat(), count: labels.len(), labels, left_out }
    }
}

/// What a run of the decoder is given besides the picture.
pub(crate) struct Prompted<'a> {
    /// [B, C, h, h] in the place of `image_embed`.
    pub embed: &'a ArrayD<f32>,
    /// The same for all B.
    pub clicks: &'a Clicks,
    /// [B, 1, 4h, 4h].
    pub mask_input: Option<&'a ArrayD<f32>>,
}

/// The decoder's answer for one object.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    /// [4, 4h, 4h], as the graph gives them: without regard to `score`.
    masks: ArrayD<f32>,
    /// Predicted IoU of each mask.
    pub iou: [f32; TOKENS],
    /// [4, C].
    pointers: ArrayD<f32>,
    /// Above 0: the object is there.
    pub score: f32,
}

/// Which of the four tokens count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    pub mask: usize,
    pub pointer: usize,
}

impl Exported {
    /// Runs the decoder on B objects of one picture.
    pub(crate) fn decode(
        &self,
        encoded: &Encoded,
        prompted: &Prompted<'_>,
        abort: &dyn Abort,
    ) -> Result<Vec<Tokens>, SegmentError> {
        let objects = prompted.embed.shape().first().copied().unwrap_or_default();
        let (side, channels, points) = (self.facts.logits_size(), self.facts.channels, prompted.clicks.labels.len());
        let coordinates = array(&[objects, points, 2], prompted.clicks.coordinates.repeat(objects));
        let labels = array(&[objects, points], prompted.clicks.labels.repeat(objects));
        let has_mask = array(&[objects], vec![f32::from(u8::from(prompted.mask_input.is_some())); objects]);
        let nothing;
        let mask = match prompted.mask_input {
            Some(mask) => mask,
            None => {
                nothing = ArrayD::zeros(vec![objects, 1, side, side]);
                &nothing
            }
        };
        let inputs = [
            ("image_embed", Input::F32(prompted.embed.view())),
            ("high_res_0", Input::F32(encoded.high_res_0.view())),
            ("high_res_1", Input::F32(encoded.high_res_1.view())),
            ("point_coords", Input::F32(coordinates.view())),
            ("point_labels", Input::I64(labels.view())),
            ("mask_input", Input::F32(mask.view())),
            ("has_mask", Input::F32(has_mask.view())),
        ];
        let outputs = [
            ("masks", &[objects, TOKENS, side, side][..]),
            ("iou", &[objects, TOKENS]),
            ("obj_ptr", &[objects, TOKENS, channels]),
            ("obj_score", &[objects, 1]),
        ];
        let [masks, iou, pointers, score] =
            run(&self.engine, &self.graphs.prompt_mask_decoder, &inputs, outputs, abort)?;
        let one = |array: &ArrayD<f32>, index: usize| array.index_axis(Axis(0), index).to_owned();
        let tokens = |index: usize| Tokens {
            masks: one(&masks, index),
            iou: std::array::from_fn(|token| iou[[index, token]]),
            pointers: one(&pointers, index),
            score: score[[index, 0]],
        };
        Ok((0..objects).map(tokens).collect())
    }
}

impl Tokens {
    /// Whether the network takes the object to be in the picture.
    pub fn is_present(&self) -> bool {
        self.score > 0.0
    }

    /// The guess with the largest predicted IoU, the first of equals.
    pub fn best_guess(&self) -> usize {
        (2..TOKENS).fold(1, |best, token| if self.iou[token] > self.iou[best] { token } else { best })
    }

    /// The tokens that count after a prompt of these clicks.
    pub fn choose(&self, clicks: &Clicks, facts: &TrackerFacts) -> Choice {
        let (least, most) = facts.multimask_points;
        if (least..=most).contains(&clicks.count) {
            let best = self.best_guess();
            return Choice { mask: best, pointer: best };
        }
        // The pointer stays that of token 0 even where the mask does not.
        Choice { mask: if self.is_stable(facts) { 0 } else { self.best_guess() }, pointer: 0 }
    }

    /// Whether token 0 hardly changes with its threshold.
    fn is_stable(&self, facts: &TrackerFacts) -> bool {
        let mask = self.masks.index_axis(Axis(0), 0);
        let above = |threshold: f32| mask.iter().filter(|&&logit| logit > threshold).count();
        let (inner, outer) = (above(facts.stability_delta), above(-facts.stability_delta));
        outer == 0 || inner as f32 / outer as f32 >= facts.stability_threshold
    }

    /// The logits to keep: those of the token, or nothing at all where the object is not there.
    pub fn kept_logits(&self, token: usize, facts: &TrackerFacts) -> Vec<f32> {
        let mask = self.masks.index_axis(Axis(0), token);
        if self.is_present() { mask.iter().copied().collect() } else { vec![facts.no_object_logit; mask.len()] }
    }

    /// The pointer of a token; already that of no object where the object is not there.
    pub fn pointer(&self, token: usize) -> Vec<f32> {
        self.pointers.index_axis(Axis(0), token).iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::Point;

    fn facts() -> TrackerFacts {
        TrackerFacts::official(None)
    }

    /// Token 0 holds `values`; token t is full of t; the pointer of t is t.
    fn tokens(values: &[f32], iou: [f32; 4], score: f32) -> Tokens {
        let masks = values.iter().copied().chain((1..4).flat_map(|token| vec![token as f32; values.len()])).collect();
        Tokens {
            masks: array(&[4, 1, values.len()], masks),
            iou,
            pointers: array(&[4, 1], vec![0.0, 1.0, 2.0, 3.0]),
            score,
        }
    }

    fn prompt(points: usize, box_: bool) -> UsablePrompt {
        let points = (0..points).map(|i| Point { x: i as f32, y: 0.5, include: i % 2 == 0 }).collect();
        UsablePrompt { points, box_: box_.then_some([1.0, 2.0, 3.0, 4.0]), ignored: 0 }
    }

    #[test]
    fn a_box_is_two_points_before_the_others() {
        let clicks = Clicks::of(&prompt(2, true));
        assert_eq!(clicks.coordinates, [1.0, 2.0, 3.0, 4.0, 0.0, 0.5, 1.0, 0.5]);
        assert_eq!((clicks.labels, clicks.count, clicks.left_out), (vec![2, 3, 1, 0], 4, 0));
        assert_eq!(Clicks::of(&prompt(0, false)), Clicks::none());
    }

    #[test]
    fn of_more_than_sixteen_points_the_first_and_the_last_eight_count() {
        let clicks = Clicks::of(&prompt(20, false));
        let xs: Vec<_> = clicks.coordinates.iter().step_by(2).copied().collect();
        let expected: Vec<_> = (0..8).chain(12..20).map(|x| x as f32).collect();
        assert_eq!((xs, clicks.count, clicks.left_out), (expected, 16, 4));
        assert_eq!(Clicks::of(&prompt(16, false)).left_out, 0);
    }

    #[test]
    fn one_click_or_none_takes_the_best_guess_and_its_pointer_the_first_of_equals() {
        let tokens = tokens(&[1.0], [0.9, 0.3, 0.5, 0.5], 1.0);
        for clicks in [Clicks::none(), Clicks::of(&prompt(1, false))] {
            assert_eq!(tokens.choose(&clicks, &facts()), Choice { mask: 2, pointer: 2 });
        }
    }

    #[test]
    fn an_unambiguous_prompt_takes_token_0_while_it_is_stable() {
        let clicks = Clicks::of(&prompt(0, true));
        let iou = [0.1, 0.3, 0.2, 0.1];
        let hundred = |unstable: usize| {
            let mut values = vec![5.0; 100];
            values[..unstable].fill(0.01);
            tokens(&values, iou, 1.0)
        };
        assert_eq!(hundred(2).choose(&clicks, &facts()), Choice { mask: 0, pointer: 0 });
        assert_eq!(hundred(3).choose(&clicks, &facts()), Choice { mask: 1, pointer: 0 });
        let empty = tokens(&[-3.0, -0.06], iou, 1.0);
        assert_eq!(empty.choose(&clicks, &facts()).mask, 0, "no pixel at all is stable");
    }

    #[test]
    fn an_object_that_is_not_there_leaves_no_logits() {
        let there = tokens(&[4.0], [0.0; 4], 0.1);
        let gone = tokens(&[4.0], [0.0; 4], 0.0);
        assert_eq!((there.kept_logits(0, &facts()), gone.kept_logits(0, &facts())), (vec![4.0], vec![-1024.0]));
        assert_eq!(gone.pointer(3), [3.0]);
    }
}
