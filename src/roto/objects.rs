//! Several objects in one node: the mask of each, which of them come out, and how they become one.

use std::sync::Arc;

use inference::{Abort, DiskStore, Key, KeyBuilder};
use raster::Plane;
use segment::{Embedding, ImageSegmenter, Point, Prompt, SegmentError, Segmentation};

use super::keys::decoded_key;
use super::model_prompts::{ModelPrompts, ObjectPrompt};
use super::text::TextFound;
use crate::engine::Shared;

/// How many objects a node has.
pub const OBJECTS: usize = 4;

/// What the logits of all objects but the surest are lowered to where objects do not overlap
/// (`_apply_non_overlapping_constraints` of SAM2 and SAM3): a probability of 0.00005.
const NOT_HERE: f32 = -10.0;

/// Which objects come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Selection {
    /// The one that comes out alone; `None` for all of them together.
    alone: Option<usize>,
    /// Every place of the picture belongs to one object at most.
    exclusive: bool,
}

impl Selection {
    /// What the panel says: 0 for all of them, or the number of the object.
    pub fn from_parameters(out: usize, exclusive: bool) -> Self {
        Self { alone: out.checked_sub(1).filter(|&object| object < OBJECTS), exclusive }
    }

    /// Whether the object is part of the matte.
    pub fn shows(&self, object: usize) -> bool {
        self.alone.is_none_or(|alone| alone == object)
    }

    /// Whether the matte depends on the object.
    pub fn needs(&self, object: usize) -> bool {
        self.shows(object) || self.exclusive
    }

    /// The object that comes out alone and loses what others have a better claim to. Not so where all come out
    /// together: the surest of each place is among them.
    pub fn shared_by(&self) -> Option<usize> {
        self.alone.filter(|_| self.exclusive)
    }

    /// The object that comes out alone.
    pub fn alone(&self) -> Option<usize> {
        self.alone
    }
}

/// What the model thinks of what it made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opinion {
    /// Its own estimate of the intersection over union with the true mask, about 0..1; the lowest of several objects.
    pub iou: f32,
    /// What came of the text.
    pub text: Option<TextFound>,
}

/// The mask of one object on one frame.
#[derive(Debug, Clone)]
pub struct ObjectMask {
    /// The logits.
    pub mask: Arc<Segmentation>,
    /// What came of the text that says what the object is.
    pub text: Option<TextFound>,
}

/// A picture that was encoded, and who answers questions about it.
pub struct EncodedFrame<'a> {
    /// The caches.
    pub shared: &'a Shared,
    /// The model.
    pub segmenter: &'a dyn ImageSegmenter,
    /// What tells its masks from those of others, its texts included.
    pub model: Key,
    /// The picture.
    pub embedding: &'a Embedding,
    /// Where masks are kept on disk.
    pub disk: Option<&'a DiskStore>,
    /// Whether the host gives up.
    pub abort: &'a dyn Abort,
}

impl EncodedFrame<'_> {
    /// The masks of the objects, in their order.
    ///
    /// # Errors
    /// As [`EncodedFrame::mask_of`].
    pub fn masks(&self, prompts: &ModelPrompts) -> Result<Vec<(usize, ObjectMask)>, SegmentError> {
        prompts.each().map(|(object, prompt)| Ok((object, self.mask_of(prompt)?))).collect()
    }

    /// The mask of one object by what is said of it on this frame. What the text finds and what the Matte clip shows
    /// goes into the decoder as an earlier result that the points and the box refine.
    ///
    /// Masks are remembered, because moving a slider of the matte changes nothing for the network.
    ///
    /// # Errors
    /// [`SegmentError`]: aborted, a kind of prompt that the model cannot use, a damaged file, a failed run.
    pub fn mask_of(&self, prompt: &ObjectPrompt) -> Result<ObjectMask, SegmentError> {
        let Some(text) = &prompt.text else {
            return Ok(ObjectMask { mask: self.refined(prompt, None)?, text: None });
        };
        let detection = segment::text::of(self.segmenter)?.detect(self.embedding, &text.prompt(), self.abort)?;
        let found = TextFound::of(&detection);
        let nothing = detection.chosen.is_empty();
        // Where nothing was found there is nothing to refine: the points speak for themselves, if they can.
        let mask = if nothing && prompt.points_out() {
            self.refined(prompt, None)?
        } else if nothing || !prompt.has_clicks() {
            Arc::new(detection.mask)
        } else {
            self.refined(prompt, Some(&detection.mask))?
        };
        Ok(ObjectMask { mask, text: Some(found) })
    }

    fn refined(
        &self,
        prompt: &ObjectPrompt,
        earlier: Option<&Segmentation>,
    ) -> Result<Arc<Segmentation>, SegmentError> {
        let key = decoded_key(self.model, self.embedding.key(), prompt);
        let found = self.shared.masks.fetch_stored(key, self.disk, self.abort, || {
            let prompt = Prompt {
                points: prompt.points.iter().map(|&([x, y], include)| Point { x, y, include }).collect(),
                box_: prompt.bounding_box,
                previous: earlier.map(Segmentation::previous),
                mask: prompt.mask.as_ref().map(|mask| Arc::clone(&mask.plane)),
            };
            self.segmenter.segment(self.embedding, &prompt, self.abort)
        })?;
        Ok(found.value)
    }
}

/// What tells the masks of these prompts from those of other models: also by the graphs for texts, where one is asked.
///
/// # Errors
/// [`SegmentError::PromptKind`] for a text on a model without texts, [`SegmentError::Inference`].
pub fn model_key(
    segmenter: &dyn ImageSegmenter,
    prompts: &ModelPrompts,
    abort: &dyn Abort,
) -> Result<Key, SegmentError> {
    let model = segmenter.fingerprint(abort)?;
    if !prompts.have_text() {
        return Ok(model);
    }
    let texts = segment::text::of(segmenter)?.text_fingerprint(abort)?;
    let key = KeyBuilder::new("model with texts").bytes(&model.0.to_le_bytes());
    Ok(key.bytes(&texts.0.to_le_bytes()).finish())
}

/// What comes out, as logits that cover the picture exactly, and what the model thinks of it; `None` where the
/// selection shows none of the objects.
pub fn combine(masks: &[(usize, ObjectMask)], selection: Selection) -> Option<(Plane<f32>, Opinion)> {
    let logits = joined(masks.iter().map(|(object, mask)| (*object, covering(mask))), selection)?;
    let shown = masks.iter().filter(|(object, _)| selection.shows(*object));
    let iou = shown.map(|(_, mask)| mask.mask.iou).fold(f32::INFINITY, f32::min);
    let text = masks.iter().find_map(|(_, mask)| mask.text);
    Some((logits, Opinion { iou, text }))
}

/// Several objects are one where any of them is: the surest logit of each place. An object alone gives up the places
/// that others are surer of, where objects do not overlap.
fn joined(logits: impl Iterator<Item = (usize, Plane<f32>)>, selection: Selection) -> Option<Plane<f32>> {
    let (shown, others): (Vec<_>, Vec<_>) = logits.partition(|(object, _)| selection.shows(*object));
    let mut shown = shown.into_iter().map(|(_, logits)| logits);
    let mut result = shown.next()?;
    shown.for_each(|other| each_with(&mut result, &other, f32::max));
    if let Some(alone) = selection.shared_by() {
        let own = result.clone();
        for (object, other) in others {
            // Of equals the first keeps the place, as `argmax` has it.
            let first = object < alone;
            let lost = |own: f32, other: f32| own < other || (first && own == other);
            for ((row, own), other) in result.rows_mut().zip(own.rows()).zip(other.rows()) {
                for ((value, own), other) in row.iter_mut().zip(own).zip(other) {
                    *value = if lost(*own, *other) { value.min(NOT_HERE) } else { *value };
                }
            }
        }
    }
    Some(result)
}

/// An object's logits over exactly the picture.
fn covering(mask: &ObjectMask) -> Plane<f32> {
    let logits = &mask.mask.logits;
    mask.mask.resampled(logits.width(), logits.height())
}

/// Both are of one size: they come from one model on one picture.
fn each_with(plane: &mut Plane<f32>, other: &Plane<f32>, join: impl Fn(f32, f32) -> f32) {
    for (row, other) in plane.rows_mut().zip(other.rows()) {
        row.iter_mut().zip(other).for_each(|(value, other)| *value = join(*value, *other));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[f32]) -> Plane<f32> {
        Plane::from_vec(values.len(), 1, values.to_vec()).unwrap()
    }

    fn three() -> impl Iterator<Item = (usize, Plane<f32>)> {
        [row(&[5.0, -1.0, 2.0, -20.0]), row(&[3.0, 4.0, 2.0, -30.0]), row(&[1.0, 9.0, -9.0, -40.0])]
            .into_iter()
            .enumerate()
    }

    fn out(selection: Selection) -> Option<Vec<f32>> {
        joined(three(), selection).map(|plane| plane.data().to_vec())
    }

    #[test]
    fn all_combined_is_the_surest_of_each_place_whether_they_share_or_not() {
        for exclusive in [false, true] {
            let selection = Selection::from_parameters(0, exclusive);
            assert_eq!(out(selection), Some(vec![5.0, 9.0, 2.0, -20.0]));
        }
    }

    #[test]
    fn one_alone_is_itself_and_needs_no_other() {
        let selection = Selection::from_parameters(2, false);
        assert_eq!(out(selection), Some(vec![3.0, 4.0, 2.0, -30.0]));
        assert!(!selection.needs(0) && selection.needs(1));
    }

    #[test]
    fn where_objects_do_not_overlap_each_place_stays_with_the_surest_and_of_equals_with_the_first() {
        let alone = |object| out(Selection::from_parameters(object, true)).unwrap();
        assert_eq!(alone(1), [5.0, -10.0, 2.0, -20.0]);
        assert_eq!(alone(2), [-10.0, -10.0, -10.0, -30.0]);
        assert_eq!(alone(3), [-10.0, 9.0, -10.0, -40.0]);
        assert!(Selection::from_parameters(1, true).needs(2));
    }

    #[test]
    fn an_object_without_prompts_does_not_come_out() {
        assert_eq!(out(Selection::from_parameters(4, true)), None);
        assert_eq!(Selection::from_parameters(99, false), Selection::default(), "an index out of range: all of them");
    }
}
