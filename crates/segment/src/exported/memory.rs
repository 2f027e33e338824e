//! Masks and memories in and out of the graphs: mask prompts, the memory encoder, memory attention.

use inference::{Abort, Input};
use ndarray::{ArrayD, ArrayViewD};

use super::{Encoded, Exported, run::run};
use crate::error::SegmentError;

/// A mask as a prompt.
pub(crate) struct MaskPrompt {
    /// For the decoder.
    pub mask_input: ArrayD<f32>,
    /// The mask itself, as logits to keep.
    pub logits: ArrayD<f32>,
}

/// What frames remember, for B objects of equally many memories T and pointers P.
pub(crate) struct Memories {
    /// [B, T, M, h, h].
    pub mem: ArrayD<f32>,
    /// [B, T]: 0 for a conditioning frame, otherwise frames back.
    pub mem_tpos: ArrayD<i64>,
    /// [B, P, C].
    pub obj_ptr: ArrayD<f32>,
    /// [B, P]: distance as a share of the largest.
    pub ptr_tdiff: ArrayD<f32>,
}

impl Exported {
    /// A mask [1, 1, I, I], 1 inside and 0 outside, as a prompt.
    pub(crate) fn mask_prompt(&self, mask: &ArrayD<f32>, abort: &dyn Abort) -> Result<MaskPrompt, SegmentError> {
        let shape = [1, 1, self.facts.logits_size(), self.facts.logits_size()];
        let inputs = [("mask", Input::F32(mask.view()))];
        let outputs = [("mask_input", &shape[..]), ("low_res_logits", &shape)];
        let [mask_input, logits] = run(&self.engine, &self.graphs.mask_prompt, &inputs, outputs, abort)?;
        Ok(MaskPrompt { mask_input, logits })
    }

    /// The memories [B, M, h, h] of masks [B, 1, any, any] on a picture. `prompted`: whether the frame had a prompt;
    /// `scores`: of the decoder.
    pub(crate) fn encode_memory(
        &self,
        encoded: &Encoded,
        masks: ArrayViewD<'_, f32>,
        prompted: bool,
        scores: &[f32],
        abort: &dyn Abort,
    ) -> Result<ArrayD<f32>, SegmentError> {
        let (objects, h) = (scores.len(), self.facts.grid);
        let binarize = super::array(&[objects], vec![f32::from(u8::from(prompted)); objects]);
        let scores = super::array(&[objects, 1], scores.to_vec());
        let inputs = [
            ("image_embed", Input::F32(encoded.image_embed.view())),
            ("mask_logits", Input::F32(masks)),
            ("binarize", Input::F32(binarize.view())),
            ("obj_score", Input::F32(scores.view())),
        ];
        let outputs = [("mem", &[objects, self.facts.memory_channels, h, h][..])];
        let [memories] = run(&self.engine, &self.graphs.memory_encoder, &inputs, outputs, abort)?;
        Ok(memories)
    }

    /// The picture as the objects' memories make it: [B, C, h, h], in the place of `image_embed`.
    pub(crate) fn attend(
        &self,
        encoded: &Encoded,
        memories: &Memories,
        abort: &dyn Abort,
    ) -> Result<ArrayD<f32>, SegmentError> {
        let objects = memories.mem.shape().first().copied().unwrap_or_default();
        let inputs = [
            ("image_embed", Input::F32(encoded.image_embed.view())),
            ("mem", Input::F32(memories.mem.view())),
            ("mem_tpos", Input::I64(memories.mem_tpos.view())),
            ("obj_ptr", Input::F32(memories.obj_ptr.view())),
            ("ptr_tdiff", Input::F32(memories.ptr_tdiff.view())),
        ];
        let outputs = [("cond_embed", &[objects, self.facts.channels, self.facts.grid, self.facts.grid][..])];
        let [embed] = run(&self.engine, &self.graphs.memory_attention, &inputs, outputs, abort)?;
        Ok(embed)
    }
}
