//! The tensors of each family's files.

use inference::{Ability, Contract, Dim, Element, Layout, Role, Stage, TensorSpec};

pub(super) const N: Dim = Dim::Any;

pub(super) const fn f32s(name: &'static str, shape: &'static [Dim]) -> TensorSpec {
    TensorSpec { name, element: Element::F32, shape }
}

const fn i64s(name: &'static str, shape: &'static [Dim]) -> TensorSpec {
    TensorSpec { name, element: Element::I64, shape }
}

/// Sizes as arrays of constants, for the shapes below.
macro_rules! shape {
    ($($size:tt),*) => { &[$(shape!(@ $size)),*] };
    (@ N) => { N };
    (@ $size:literal) => { Dim::Is($size) };
}

const CLICKS: &[(Ability, &[&str])] = &[(Ability::Points, &[]), (Ability::Box, &[])];
/// What the checkpoints of SAM2.1 come under.
pub(super) const SAM2_LICENCE: Option<&str> = Some("Apache-2.0");
/// What the checkpoints of SAM3 and everything made of them come under.
const SAM3_LICENCE: Option<&str> = Some("SAM License");

pub(crate) static TRACKER_ENCODER: Contract = Contract {
    name: "SAM3 tracker vision encoder",
    stage: Stage::Encode,
    inputs: &[f32s("pixel_values", shape![N, 3, 1008, 1008])],
    outputs: &[
        f32s("image_embeddings.0", shape![N, 32, 288, 288]),
        f32s("image_embeddings.1", shape![N, 64, 144, 144]),
        f32s("image_embeddings.2", shape![N, 256, 72, 72]),
    ],
};

pub(crate) static TRACKER_DECODER: Contract = Contract {
    name: "SAM3 tracker prompt encoder and mask decoder",
    stage: Stage::Decode,
    inputs: &[
        f32s("input_points", shape![N, N, N, 2]),
        i64s("input_labels", shape![N, N, N]),
        f32s("input_boxes", shape![N, N, 4]),
        f32s("image_embeddings.0", shape![N, 32, 288, 288]),
        f32s("image_embeddings.1", shape![N, 64, 144, 144]),
        f32s("image_embeddings.2", shape![N, 256, 72, 72]),
    ],
    outputs: &[
        f32s("iou_scores", shape![N, N, N]),
        f32s("pred_masks", shape![N, N, N, 288, 288]),
        f32s("object_score_logits", shape![N, N, 1]),
    ],
};

/// `onnx-community/sam3-tracker-ONNX`, and the same files as usls names them.
pub(crate) const SAM3_TRACKER: Layout = Layout {
    family: "sam3-tracker",
    roles: &[
        Role::needed("encoder", "vision_encoder.onnx", &TRACKER_ENCODER),
        Role::needed("decoder", "prompt_encoder_mask_decoder.onnx", &TRACKER_DECODER),
    ],
    abilities: CLICKS,
    usual_licence: SAM3_LICENCE,
    needs_manifest: false,
    not_run: None,
};

pub(crate) static TRANSFORMERS_ENCODER: Contract = Contract {
    name: "SAM2.1 vision encoder",
    stage: Stage::Encode,
    inputs: &[f32s("pixel_values", shape![N, 3, 1024, 1024])],
    outputs: &[
        f32s("image_embeddings.0", shape![N, 32, 256, 256]),
        f32s("image_embeddings.1", shape![N, 64, 128, 128]),
        f32s("image_embeddings.2", shape![N, 256, 64, 64]),
    ],
};

pub(crate) static TRANSFORMERS_DECODER: Contract = Contract {
    name: "SAM2.1 prompt encoder and mask decoder",
    stage: Stage::Decode,
    inputs: &[
        f32s("input_points", shape![N, N, N, 2]),
        i64s("input_labels", shape![N, N, N]),
        f32s("input_boxes", shape![N, N, 4]),
        f32s("image_embeddings.0", shape![N, 32, 256, 256]),
        f32s("image_embeddings.1", shape![N, 64, 128, 128]),
        f32s("image_embeddings.2", shape![N, 256, 64, 64]),
    ],
    outputs: &[
        f32s("iou_scores", shape![N, N, N]),
        f32s("pred_masks", shape![N, N, N, 256, 256]),
        f32s("object_score_logits", shape![N, N, 1]),
    ],
};

/// `onnx-community/sam2.1-hiera-*-ONNX`.
pub(crate) const SAM2_TRANSFORMERS: Layout = Layout {
    family: "sam2-transformers",
    roles: &[
        Role::needed("encoder", "vision_encoder.onnx", &TRANSFORMERS_ENCODER),
        Role::needed("decoder", "prompt_encoder_mask_decoder.onnx", &TRANSFORMERS_DECODER),
    ],
    abilities: CLICKS,
    usual_licence: SAM2_LICENCE,
    needs_manifest: false,
    not_run: None,
};

pub(crate) static RECTLABEL_ENCODER: Contract = Contract {
    name: "SAM2.1 image encoder (RectLabel)",
    stage: Stage::Encode,
    inputs: &[f32s("input", shape![N, 3, 1024, 1024])],
    outputs: &[
        f32s("image_embeddings", shape![N, 256, 64, 64]),
        f32s("high_res_features1", shape![N, 32, 256, 256]),
        f32s("high_res_features2", shape![N, 64, 128, 128]),
    ],
};

pub(crate) static RECTLABEL_DECODER: Contract = Contract {
    name: "SAM2.1 mask decoder (RectLabel)",
    stage: Stage::Decode,
    inputs: &[
        f32s("image_embeddings", shape![N, 256, 64, 64]),
        f32s("high_res_features1", shape![N, 32, 256, 256]),
        f32s("high_res_features2", shape![N, 64, 128, 128]),
        f32s("point_coords", shape![N, N, 2]),
        f32s("point_labels", shape![N, N]),
        f32s("mask_input", shape![N, 1, 256, 256]),
        f32s("has_mask_input", shape![N]),
        i64s("orig_im_size", shape![2]),
    ],
    outputs: &[f32s("iou_predictions", shape![N, N]), f32s("low_res_masks", shape![N, N, N, N])],
};

/// RectLabel's exports `sam2.1_{tiny,small,base_plus,large}`, which osam uses too.
pub(crate) const SAM2_RECTLABEL: Layout = Layout {
    family: "sam2-rectlabel",
    roles: &[
        Role::needed("encoder", "sam2.1_preprocess.onnx", &RECTLABEL_ENCODER),
        Role::needed("decoder", "sam2.1.onnx", &RECTLABEL_DECODER),
    ],
    abilities: CLICKS,
    usual_licence: SAM2_LICENCE,
    needs_manifest: false,
    not_run: None,
};

pub(crate) static SAMEXPORTER_ENCODER: Contract = Contract {
    name: "SAM2.1 image encoder (samexporter)",
    stage: Stage::Encode,
    inputs: &[f32s("image", shape![N, 3, 1024, 1024])],
    outputs: &[
        f32s("high_res_feats_0", shape![N, 32, 256, 256]),
        f32s("high_res_feats_1", shape![N, 64, 128, 128]),
        f32s("image_embed", shape![N, 256, 64, 64]),
    ],
};

pub(crate) static SAMEXPORTER_DECODER: Contract = Contract {
    name: "SAM2.1 mask decoder (samexporter)",
    stage: Stage::Decode,
    inputs: &[
        f32s("image_embed", shape![N, 256, 64, 64]),
        f32s("high_res_feats_0", shape![N, 32, 256, 256]),
        f32s("high_res_feats_1", shape![N, 64, 128, 128]),
        f32s("point_coords", shape![N, N, 2]),
        f32s("point_labels", shape![N, N]),
        f32s("mask_input", shape![N, 1, 256, 256]),
        f32s("has_mask_input", shape![N]),
    ],
    outputs: &[f32s("iou_predictions", shape![N, N]), f32s("masks", shape![N, N, N, N])],
};

/// What `vietanhdev/samexporter` makes of SAM2 and SAM2.1.
pub(crate) const SAM2_SAMEXPORTER: Layout = Layout {
    family: "sam2-samexporter",
    roles: &[
        Role::needed("encoder", "sam2.encoder.onnx", &SAMEXPORTER_ENCODER),
        Role::needed("decoder", "sam2.decoder.onnx", &SAMEXPORTER_DECODER),
    ],
    abilities: CLICKS,
    usual_licence: SAM2_LICENCE,
    needs_manifest: false,
    not_run: None,
};

pub(crate) static CONCEPTS_ENCODER: Contract = Contract {
    name: "SAM3 vision encoder (usls)",
    stage: Stage::Encode,
    inputs: &[f32s("images", shape![N, 3, 1008, 1008])],
    outputs: &[
        f32s("fpn_feat_0", shape![N, 256, 288, 288]),
        f32s("fpn_feat_1", shape![N, 256, 144, 144]),
        f32s("fpn_feat_2", shape![N, 256, 72, 72]),
        f32s("fpn_pos_2", shape![N, 256, 72, 72]),
    ],
};

pub(crate) static CONCEPTS_TEXT: Contract = Contract {
    name: "SAM3 text encoder (usls)",
    stage: Stage::Text,
    inputs: &[i64s("input_ids", shape![N, 32]), i64s("attention_mask", shape![N, 32])],
    outputs: &[f32s("text_features", shape![N, 32, 256])],
};

pub(crate) static CONCEPTS_DECODER: Contract = Contract {
    name: "SAM3 concept decoder (usls)",
    stage: Stage::Decode,
    inputs: &[
        f32s("fpn_feat_0", shape![N, 256, 288, 288]),
        f32s("fpn_feat_1", shape![N, 256, 144, 144]),
        f32s("fpn_feat_2", shape![N, 256, 72, 72]),
        f32s("fpn_pos_2", shape![N, 256, 72, 72]),
        f32s("text_features", shape![N, 32, 256]),
        TensorSpec { name: "text_mask", element: Element::Bool, shape: shape![N, 32] },
        f32s("input_boxes", shape![N, N, 4]),
        i64s("input_boxes_labels", shape![N, N]),
    ],
    outputs: &[
        f32s("pred_masks", shape![N, N, N, N]),
        f32s("pred_boxes", shape![N, N, 4]),
        f32s("pred_logits", shape![N, N]),
        f32s("presence_logits", shape![N, 1]),
    ],
};

/// What usls makes of SAM3 (its second version, of three files): texts and boxes.
pub(crate) const SAM3_CONCEPTS: Layout = Layout {
    family: "sam3-usls",
    roles: &[
        Role::needed("encoder", "vision-encoder.onnx", &CONCEPTS_ENCODER),
        Role::needed("text_encoder", "text-encoder.onnx", &CONCEPTS_TEXT),
        Role::needed("detector", "decoder.onnx", &CONCEPTS_DECODER),
    ],
    abilities: &[(Ability::Text, &[])],
    usual_licence: SAM3_LICENCE,
    needs_manifest: false,
    not_run: None,
};

static AILIA_DECODER: Contract = Contract {
    name: "SAM2 mask decoder (ailia)",
    stage: Stage::Decode,
    inputs: &[
        f32s("image_embeddings", shape![N, 256, 64, 64]),
        f32s("image_pe", shape![N, 256, 64, 64]),
        f32s("sparse_prompt_embeddings", shape![N, N, 256]),
        f32s("dense_prompt_embeddings", shape![N, 256, 64, 64]),
        f32s("high_res_features1", shape![N, 32, 256, 256]),
        f32s("high_res_features2", shape![N, 64, 128, 128]),
    ],
    outputs: &[],
};

static AILIA_ATTENTION: Contract = Contract {
    name: "SAM2 memory attention (ailia)",
    stage: Stage::Track,
    inputs: &[
        f32s("curr", shape![N, N, 256]),
        f32s("memory_1", shape![N, N, 64]),
        f32s("memory_2", shape![N, N, 64]),
        f32s("curr_pos", shape![N, N, 256]),
        f32s("memory_pos_1", shape![N, N, 64]),
        f32s("memory_pos_2", shape![N, N, 64]),
    ],
    outputs: &[],
};

/// What `axinc-ai/segment-anything-2` makes of SAM2 and SAM2.1: known by its mask decoder and its memory attention. Its
/// callers take `no_mem_embed`, `maskmem_tpos_enc`, `no_obj_ptr` and `no_obj_embed_spatial` from the checkpoint, for
/// the graphs do not hold them; without these values even a first frame is another than the network's.
pub(crate) const SAM2_AILIA: Layout = Layout {
    family: "sam2-ailia",
    roles: &[
        Role::needed("mask_decoder", "mask_decoder.onnx", &AILIA_DECODER),
        Role::needed("memory_attention", "memory_attention.onnx", &AILIA_ATTENTION),
    ],
    abilities: &[],
    usual_licence: SAM2_LICENCE,
    needs_manifest: false,
    not_run: Some(
        "it is ailia's SAM2 video export, whose files lack values that the network has learned (for frames without memory, without the object, and for how old a memory is); export the checkpoint with resources/export for tracking, or use an image export for single frames",
    ),
};

static CPP_DECODER: Contract = Contract {
    name: "SAM2 video decoder (sam2-onnx-cpp)",
    stage: Stage::Decode,
    inputs: &[
        f32s("point_coords", shape![N, N, 2]),
        f32s("point_labels", shape![N, N]),
        f32s("image_embed", shape![N, 256, 64, 64]),
        f32s("high_res_feats_0", shape![N, 32, 256, 256]),
        f32s("high_res_feats_1", shape![N, 64, 128, 128]),
    ],
    outputs: &[f32s("mask_for_mem", shape![N, N, N, N]), f32s("pred_mask", shape![N, N, N, N])],
};

static CPP_ATTENTION: Contract = Contract {
    name: "SAM2 memory attention (sam2-onnx-cpp)",
    stage: Stage::Track,
    inputs: &[
        f32s("current_vision_feat", shape![N, 256, 64, 64]),
        f32s("current_vision_pos_embed", shape![N, N, 256]),
        f32s("memory_0", shape![N, 256]),
        f32s("memory_1", shape![N, 64, 64, 64]),
        f32s("memory_pos_embed", shape![N, 1, 64]),
    ],
    outputs: &[f32s("fused_feat", shape![N, 256, 64, 64])],
};

/// What `pagarcia/sam2-onnx-cpp` makes of SAM2.1: known by its decoder and its memory attention. What it lacks is told in `resources/export/CONTRACT.md` as well.
pub(crate) const SAM2_CPP: Layout = Layout {
    family: "sam2-onnx-cpp",
    roles: &[
        Role::needed("image_decoder", "image_decoder.onnx", &CPP_DECODER),
        Role::needed("memory_attention", "memory_attention.onnx", &CPP_ATTENTION),
    ],
    abilities: &[],
    usual_licence: SAM2_LICENCE,
    needs_manifest: false,
    not_run: Some(
        "it is the SAM2.1 video export of sam2-onnx-cpp, whose files lack the score of the object being there (every memory is encoded as that of an object that is gone) and the projection that tells how old a pointer is; export the checkpoint with resources/export for tracking, or use an image export for single frames",
    ),
};
