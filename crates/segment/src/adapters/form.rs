//! What differs between the exports that take clicks: data.

use inference::Contract;

use super::contracts::{
    RECTLABEL_DECODER, RECTLABEL_ENCODER, SAM2_RECTLABEL, SAM2_SAMEXPORTER, SAM2_TRANSFORMERS, SAM3_TRACKER,
    SAMEXPORTER_DECODER, SAMEXPORTER_ENCODER, TRACKER_DECODER, TRACKER_ENCODER, TRANSFORMERS_DECODER,
    TRANSFORMERS_ENCODER,
};

/// One kind of export.
#[derive(Debug)]
pub(super) struct Form {
    pub family: &'static str,
    pub encoder: &'static Contract,
    pub decoder: &'static Contract,
    /// Pixels on a side of the picture, to which the frame is stretched.
    pub side: usize,
    /// Samples on a side of the logits.
    pub logits: usize,
    /// Mean and deviation of a pixel's channels, in steps of 8 bits.
    pub mean: [f32; 3],
    pub deviation: [f32; 3],
    pub prompts: Prompts,
}

/// How a decoder takes its prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prompts {
    /// transformers: points [1, 1, N, 2], labels i64, boxes [1, O, 4] apart; either list may be empty. No mask.
    Apart,
    /// Points [1, N, 2] and labels in f32, a box as the first two of them (labels 2 and 3), earlier logits.
    Together {
        /// The output with the logits.
        masks: &'static str,
        /// Whether it wants to know the frame's size, for an output that is not used.
        frame_size: bool,
    },
}

/// SAM3: 0..1 to -1..1.
const HALF: [f32; 3] = [127.5; 3];
/// SAM2.1: ImageNet's mean and deviation, (0.485, 0.456, 0.406) and (0.229, 0.224, 0.225), times 255.
const IMAGENET_MEAN: [f32; 3] = [123.675, 116.28, 103.53];
const IMAGENET_DEVIATION: [f32; 3] = [58.395, 57.12, 57.375];

/// All kinds.
pub(super) static FORMS: [Form; 4] = [
    Form {
        family: SAM3_TRACKER.family,
        encoder: &TRACKER_ENCODER,
        decoder: &TRACKER_DECODER,
        side: 1008,
        logits: 288,
        mean: HALF,
        deviation: HALF,
        prompts: Prompts::Apart,
    },
    sam2(SAM2_RECTLABEL.family, &RECTLABEL_ENCODER, &RECTLABEL_DECODER, RECTLABEL_PROMPTS),
    sam2(SAM2_TRANSFORMERS.family, &TRANSFORMERS_ENCODER, &TRANSFORMERS_DECODER, Prompts::Apart),
    sam2(SAM2_SAMEXPORTER.family, &SAMEXPORTER_ENCODER, &SAMEXPORTER_DECODER, SAMEXPORTER_PROMPTS),
];

const RECTLABEL_PROMPTS: Prompts = Prompts::Together { masks: "low_res_masks", frame_size: true };
const SAMEXPORTER_PROMPTS: Prompts = Prompts::Together { masks: "masks", frame_size: false };

const fn sam2(family: &'static str, encoder: &'static Contract, decoder: &'static Contract, prompts: Prompts) -> Form {
    let (mean, deviation) = (IMAGENET_MEAN, IMAGENET_DEVIATION);
    Form { family, encoder, decoder, side: 1024, logits: 256, mean, deviation, prompts }
}
