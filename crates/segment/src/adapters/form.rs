//! What differs between the exports: data.

use inference::Contract;

use super::contracts::{
    RECTLABEL_DECODER, RECTLABEL_ENCODER, SAM2_RECTLABEL, SAM2_SAMEXPORTER, SAM2_TRANSFORMERS, SAM3_TRACKER,
    SAMEXPORTER_DECODER, SAMEXPORTER_ENCODER, TRACKER_DECODER, TRACKER_ENCODER, TRANSFORMERS_DECODER,
    TRANSFORMERS_ENCODER,
};

/// How a kind of export takes pictures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pictures {
    pub encoder: &'static Contract,
    /// Pixels on a side of the picture, to which the frame is stretched.
    pub side: usize,
    /// Mean and deviation of a pixel's channels, in steps of 8 bits.
    pub mean: [f32; 3],
    pub deviation: [f32; 3],
}

/// One kind of export that takes clicks.
#[derive(Debug)]
pub(super) struct Form {
    pub family: &'static str,
    pub pictures: Pictures,
    pub decoder: &'static Contract,
    /// Samples on a side of the logits.
    pub logits: usize,
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

/// SAM3's.
pub(super) const fn sam3(encoder: &'static Contract) -> Pictures {
    Pictures { encoder, side: 1008, mean: HALF, deviation: HALF }
}

/// All kinds that take clicks.
pub(super) static FORMS: [Form; 4] = [
    Form {
        family: SAM3_TRACKER.family,
        pictures: sam3(&TRACKER_ENCODER),
        decoder: &TRACKER_DECODER,
        logits: 288,
        prompts: Prompts::Apart,
    },
    sam2(SAM2_RECTLABEL.family, &RECTLABEL_ENCODER, &RECTLABEL_DECODER, RECTLABEL_PROMPTS),
    sam2(SAM2_TRANSFORMERS.family, &TRANSFORMERS_ENCODER, &TRANSFORMERS_DECODER, Prompts::Apart),
    sam2(SAM2_SAMEXPORTER.family, &SAMEXPORTER_ENCODER, &SAMEXPORTER_DECODER, SAMEXPORTER_PROMPTS),
];

const RECTLABEL_PROMPTS: Prompts = Prompts::Together { masks: "low_res_masks", frame_size: true };
const SAMEXPORTER_PROMPTS: Prompts = Prompts::Together { masks: "masks", frame_size: false };

const fn sam2(family: &'static str, encoder: &'static Contract, decoder: &'static Contract, prompts: Prompts) -> Form {
    let pictures = Pictures { encoder, side: 1024, mean: IMAGENET_MEAN, deviation: IMAGENET_DEVIATION };
    Form { family, pictures, decoder, logits: 256, prompts }
}
