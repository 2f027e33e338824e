//! The tensors of the five graphs. Sizes by name are those that [`super::sizes::BankSizes`] reads off the graphs
//! themselves: public exports have pictures of 1024 and of 512 pixels.

use inference::{Ability, Beside, Contract, Dim, Element, Layout, Role, Stage, TensorSpec};

use super::super::contracts::{N, SAM2_LICENCE, f32s};

const ONE: Dim = Dim::Is(1);
const S: Dim = Dim::Named("S");
const C: Dim = Dim::Named("C");
const M: Dim = Dim::Named("M");
const H: Dim = Dim::Named("h");
const H4: Dim = Dim::Named("4h");
const CELLS: Dim = Dim::Named("h x h");
const ROWS: Dim = Dim::Named("rows");

const FEATS0: TensorSpec = f32s("feats0", &[N, Dim::Named("C/8"), H4, H4]);
const FEATS1: TensorSpec = f32s("feats1", &[N, Dim::Named("C/4"), Dim::Named("2h"), Dim::Named("2h")]);
const FEATS2: TensorSpec = f32s("feats2", &[N, C, H, H]);
const HIGH_RES_MASK: TensorSpec = f32s("high_res_mask", &[N, ONE, S, S]);

pub(super) static ENCODER: Contract = Contract {
    name: "SAM2.1 video vision encoder",
    stage: Stage::Encode,
    inputs: &[f32s("pixel_values", &[N, Dim::Is(3), S, S])],
    outputs: &[FEATS0, FEATS1, FEATS2, f32s("feats2_no_mem", &[N, C, H, H]), f32s("vision_pos_embed", &[N, C, H, H])],
};

pub(super) static DECODER: Contract = Contract {
    name: "SAM2.1 video mask decoder",
    stage: Stage::Decode,
    inputs: &[
        FEATS0,
        FEATS1,
        f32s("feats2_cond", &[N, C, H, H]),
        f32s("input_points", &[N, N, N, Dim::Is(2)]),
        TensorSpec { name: "input_labels", element: Element::I32, shape: &[N, N, N] },
    ],
    outputs: &[
        f32s("low_res_mask", &[N, ONE, N, N]),
        HIGH_RES_MASK,
        f32s("iou", &[N, ONE]),
        f32s("object_score_logits", &[N, ONE, ONE]),
        f32s("object_pointer", &[N, ONE, C]),
    ],
};

pub(super) static MEMORY_ENCODER: Contract = Contract {
    name: "SAM2.1 video memory encoder",
    stage: Stage::Track,
    inputs: &[FEATS2, HIGH_RES_MASK, f32s("object_score_logits", &[N, ONE]), f32s("binarize", &[])],
    outputs: &[f32s("memory_tokens", &[CELLS, N, M]), f32s("memory_pos", &[CELLS, N, M])],
};

pub(super) static MEMORY_ATTENTION: Contract = Contract {
    name: "SAM2.1 video memory attention",
    stage: Stage::Track,
    inputs: &[
        f32s("current_vision_features", &[CELLS, N, C]),
        f32s("current_vision_position_embeddings", &[CELLS, N, C]),
        f32s("memory", &[ROWS, N, M]),
        f32s("memory_pos", &[ROWS, N, M]),
    ],
    outputs: &[f32s("conditioned_feats", &[N, C, H, H])],
};

pub(super) static POINTER_POSITIONS: Contract = Contract {
    name: "SAM2.1 video pointer positions",
    stage: Stage::Track,
    inputs: &[f32s("normalized_diffs", &[N])],
    outputs: &[f32s("pointer_pos", &[N, M])],
};

/// The file with what the host has to know.
pub(super) const CONSTANTS: Beside = Beside { role: "constants", file: "constants.json" };

/// `square-zero-labs/sam2.1-tiny-video-onnx` and what `diffusionstudio`'s exporter makes.
pub(crate) const SAM2_VIDEO: Layout = Layout {
    family: "sam2-video-fixed-bank",
    roles: &[
        Role::needed("encoder", "vision_encoder.onnx", &ENCODER),
        Role::needed("decoder", "mask_decoder.onnx", &DECODER),
        Role::needed("memory_encoder", "memory_encoder.onnx", &MEMORY_ENCODER),
        Role::needed("memory_attention", "memory_attention.onnx", &MEMORY_ATTENTION).with(CONSTANTS),
        Role::needed("pointer_tpos", "pointer_tpos.onnx", &POINTER_POSITIONS),
    ],
    abilities: &[(Ability::Points, &[]), (Ability::Box, &[]), (Ability::Video, &[])],
    usual_licence: SAM2_LICENCE,
    needs_manifest: false,
    not_run: None,
};
