//! The tracker's two steps, as the exports' own host takes them: a prompt, and a frame on the way.

use std::sync::Arc;

use inference::{Abort, Input};
use ndarray::{ArrayD, ArrayViewD};
use raster::Plane;

use super::{
    NO_MASKS, NO_REFINING, VideoModel,
    bank::{Bank, Kept},
    decode::{Decoded, Seen},
    sizes::POINTERS,
};
use crate::{
    error::SegmentError,
    exported::{ANY, array, run},
    model::Embedding,
    prompt::usable,
    segmentation::Segmentation,
    shot_tracker::{ShotState, ShotTracker},
    tracker::FramePrompt,
};

/// A tracked frame is remembered where the object is there and the predicted IoU is as large as this, and reported as
/// empty where that is smaller than the other (`RELIABLE_IOU` and `PLAUSIBLE_IOU` of the host).
const RELIABLE_IOU: f32 = 0.25;
const PLAUSIBLE_IOU: f32 = 0.15;

/// Logits of a frame without the object (`NO_OBJ_SCORE` of SAM 2).
const NO_OBJECT: f32 = -1024.0;

/// The one object of a tracker, for messages.
const OBJECT: u32 = 1;

/// Follows one object.
pub(super) struct FixedBankTracker<'a> {
    pub model: &'a VideoModel,
    pub bank: Bank,
}

impl ShotTracker for FixedBankTracker<'_> {
    /// The first prompt is what the object is tracked from. The bank has one place for a prompted frame: a later prompt
    /// gives the mask of its own frame and changes no other.
    fn prompt(
        &mut self,
        frame: usize,
        picture: &Embedding,
        prompt: &FramePrompt,
        abort: &dyn Abort,
    ) -> Result<Segmentation, SegmentError> {
        if prompt.mask.is_some() {
            return Err(self.model.refused("a mask as the prompt", NO_MASKS));
        }
        if prompt.refine {
            return Err(self.model.refused("a refinement of a tracked mask", NO_REFINING));
        }
        let model = self.check(picture, abort)?;
        let (width, height) = picture.picture_size();
        let usable = usable(&prompt.points, prompt.box_, false, width, height)?;
        let seen = self.model.seen(picture)?;
        let decoded = self.model.decode(&seen, seen.without_memory, Some(&usable), abort)?;
        if self.bank.prompted.as_ref().is_none_or(|kept| kept.frame == frame) {
            let (kept, positions) = self.model.remember(&seen, &decoded, frame, true, abort)?;
            self.bank.prompted = Some(kept);
            self.bank.positions = positions;
        }
        Ok(decoded.segmentation(model, usable.ignored))
    }

    fn step(&mut self, frame: usize, picture: &Embedding, abort: &dyn Abort) -> Result<Segmentation, SegmentError> {
        let model = self.check(picture, abort)?;
        let seen = self.model.seen(picture)?;
        let attended = self.model.attend(&seen, &self.bank, frame, abort)?;
        let attended = attended.ok_or(SegmentError::NotTracked { object: OBJECT, frame })?;
        let mut decoded = self.model.decode_on(&seen, attended.view(), None, abort)?;
        if decoded.score > 0.0 && decoded.iou >= RELIABLE_IOU {
            let (kept, _) = self.model.remember(&seen, &decoded, frame, false, abort)?;
            self.bank.push(kept, self.model.sizes.memories);
        }
        // A NaN is no estimate either.
        if decoded.iou < PLAUSIBLE_IOU || decoded.iou.is_nan() {
            decoded.logits = Plane::new(decoded.logits.width(), decoded.logits.height(), NO_OBJECT);
        }
        Ok(decoded.segmentation(model, 0))
    }

    fn state(&self) -> ShotState {
        ShotState::new(self.bank.clone())
    }
}

impl FixedBankTracker<'_> {
    /// The identity of the model, of which the picture's embedding has to be.
    fn check(&self, picture: &Embedding, abort: &dyn Abort) -> Result<crate::identity::Identity, SegmentError> {
        let model = self.model.identity(abort)?;
        match picture.model == model {
            true => Ok(model),
            false => Err(SegmentError::other_model("the embedding", &picture.model, &model)),
        }
    }
}

impl VideoModel {
    /// What a frame leaves behind, and the positions that all memories share.
    fn remember(
        &self,
        seen: &Seen<'_>,
        decoded: &Decoded,
        frame: usize,
        prompted: bool,
        abort: &dyn Abort,
    ) -> Result<(Kept, Arc<[f32]>), SegmentError> {
        let score = array(&[1, 1], vec![decoded.score]);
        let binarize = array(&[], vec![f32::from(u8::from(prompted))]);
        let inputs = [
            ("feats2", Input::F32(seen.tensor(seen.raw))),
            ("high_res_mask", Input::F32(decoded.high_res_mask.view())),
            ("object_score_logits", Input::F32(score.view())),
            ("binarize", Input::F32(binarize.view())),
        ];
        let shape = [self.sizes.cells(), 1, self.sizes.width];
        let outputs = [("memory_tokens", &shape[..]), ("memory_pos", &shape)];
        let [memory, positions] = run(self.engine(), &self.memory_encoder, &inputs, outputs, abort)?;
        let memory = Some(memory.into_iter().collect());
        Ok((Kept { frame, memory, pointer: Arc::clone(&decoded.pointer) }, positions.into_iter().collect()))
    }

    /// The embedding of a picture after the bank; `None` where that is empty.
    fn attend(
        &self,
        seen: &Seen<'_>,
        bank: &Bank,
        frame: usize,
        abort: &dyn Abort,
    ) -> Result<Option<ArrayD<f32>>, SegmentError> {
        let time = &self.constants.time;
        let Some((slots, pointers)) = bank.slots(self.sizes.memories, time.len()).zip(bank.pointers()) else {
            return Ok(None);
        };
        let ages = self.ages(&pointers, frame, abort)?;
        let (width, rows) = (self.sizes.width, self.sizes.rows());
        let mut memory = Vec::with_capacity(rows * width);
        let mut positions = Vec::with_capacity(rows * width);
        for slot in &slots {
            memory.extend_from_slice(slot.memory);
            let row = time.get(slot.row).map_or(&[][..], Vec::as_slice);
            positions.extend(bank.positions.iter().zip(row.iter().cycle()).map(|(place, time)| place + time));
        }
        for (kept, age) in pointers.iter().zip(ages.chunks_exact(width)) {
            memory.extend_from_slice(&kept.pointer);
            (0..self.sizes.channels / width).for_each(|_| positions.extend_from_slice(age));
        }
        let (memory, positions) = (array(&[rows, 1, width], memory), array(&[rows, 1, width], positions));
        let (image, places) = (self.tokens(seen.tensor(seen.raw)), self.tokens(seen.tensor(seen.positions)));
        let inputs = [
            ("current_vision_features", Input::F32(image.view())),
            ("current_vision_position_embeddings", Input::F32(places.view())),
            ("memory", Input::F32(memory.view())),
            ("memory_pos", Input::F32(positions.view())),
        ];
        let (c, h) = (self.sizes.channels, self.sizes.grid);
        let outputs = [("conditioned_feats", &[1, c, h, h][..])];
        let [attended] = run(self.engine(), &self.memory_attention, &inputs, outputs, abort)?;
        Ok(Some(attended))
    }

    /// How old pointers are: M values for each. Distances are shares of the largest that a full bank has; the host divides
    /// by less in shots that are shorter than that, where a shot that is trimmed would change its masks.
    fn ages(&self, pointers: &[&Kept], frame: usize, abort: &dyn Abort) -> Result<Vec<f32>, SegmentError> {
        let most = (POINTERS - 1) as f32;
        let distances = pointers.iter().map(|kept| kept.frame.abs_diff(frame) as f32 / most).collect();
        let distances = array(&[POINTERS], distances);
        let inputs = [("normalized_diffs", Input::F32(distances.view()))];
        let outputs = [("pointer_pos", &[ANY, self.sizes.width][..])];
        let [ages] = run(self.engine(), &self.pointer_positions, &inputs, outputs, abort)?;
        Ok(ages.into_iter().collect())
    }

    /// [1, C, h, h] as h h tokens [h h, 1, C].
    fn tokens(&self, image: ArrayViewD<'_, f32>) -> ArrayD<f32> {
        let (cells, channels) = (self.sizes.cells(), self.sizes.channels);
        let image = image.as_standard_layout();
        let values = image.as_slice().unwrap_or_default();
        let token = |cell: usize| values.iter().skip(cell).step_by(cells);
        array(&[cells, 1, channels], (0..cells).flat_map(token).copied().collect())
    }
}
