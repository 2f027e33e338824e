//! The graphs of a model by role, each with the contract that CONTRACT.md states. Sizes by name come from the facts.

use inference::{Contract, Dim, Element, FoundModel, ModelFile, Role, Sizes, Stage, TensorSpec};

use super::facts::{Facts, Family};

/// The graphs of one model.
#[derive(Debug, Clone)]
pub struct Graphs {
    /// A picture to a trunk (SAM3) or to the click head's three tensors (SAM2.1).
    pub vision_encoder: ModelFile,
    /// SAM3: a trunk to the click head's three tensors.
    pub tracker_neck: Option<ModelFile>,
    /// Prompts to masks.
    pub prompt_mask_decoder: ModelFile,
    /// A mask to a prompt.
    pub mask_prompt: ModelFile,
    /// A mask to a memory.
    pub memory_encoder: ModelFile,
    /// Memories and pointers into an embedding.
    pub memory_attention: ModelFile,
    /// SAM3 with text: tokens to features.
    pub text_encoder: Option<ModelFile>,
    /// SAM3 with text: features and boxes to instances.
    pub detector: Option<ModelFile>,
}

/// The roles of SAM2.1, with their usual file names.
pub(crate) const SAM2_ROLES: &[Role] = &[
    Role::needed("vision_encoder", "vision_encoder.onnx", &CLICK_ENCODER),
    Role::needed("prompt_mask_decoder", "prompt_mask_decoder.onnx", &PROMPT_MASK_DECODER),
    Role::needed("mask_prompt", "mask_prompt.onnx", &MASK_PROMPT),
    Role::needed("memory_encoder", "memory_encoder.onnx", &MEMORY_ENCODER),
    Role::needed("memory_attention", "memory_attention.onnx", &MEMORY_ATTENTION),
];
/// The roles of SAM3: those for text are there with a text encoder.
pub(crate) const SAM3_ROLES: &[Role] = &[
    Role::needed("vision_encoder", "vision_encoder.onnx", &TRUNK_ENCODER),
    Role::needed("tracker_neck", "tracker_neck.onnx", &TRACKER_NECK),
    Role::needed("prompt_mask_decoder", "prompt_mask_decoder.onnx", &PROMPT_MASK_DECODER),
    Role::needed("mask_prompt", "mask_prompt.onnx", &MASK_PROMPT),
    Role::needed("memory_encoder", "memory_encoder.onnx", &MEMORY_ENCODER),
    Role::needed("memory_attention", "memory_attention.onnx", &MEMORY_ATTENTION),
    Role::optional("text_encoder", "text_encoder.onnx", &TEXT_ENCODER),
    Role::optional("detector", "detector.onnx", &DETECTOR),
];

impl Graphs {
    /// The graphs of an installed model.
    ///
    /// # Errors
    /// The first role that the manifest names no file for.
    pub(super) fn of(found: &FoundModel, facts: &Facts) -> Result<Self, MissingRole> {
        let sizes = sizes(facts);
        let optional = |role: &str, contract: &'static Contract| graph(found, role, contract, &sizes);
        let needed = |role: &'static str, contract| optional(role, contract).ok_or(MissingRole(role));
        let is_sam3 = facts.family == Family::Sam3;
        let for_text =
            |role: &'static str, contract| facts.concepts.as_ref().map(|_| needed(role, contract)).transpose();
        Ok(Self {
            vision_encoder: needed("vision_encoder", if is_sam3 { &TRUNK_ENCODER } else { &CLICK_ENCODER })?,
            tracker_neck: is_sam3.then(|| needed("tracker_neck", &TRACKER_NECK)).transpose()?,
            prompt_mask_decoder: needed("prompt_mask_decoder", &PROMPT_MASK_DECODER)?,
            mask_prompt: needed("mask_prompt", &MASK_PROMPT)?,
            memory_encoder: needed("memory_encoder", &MEMORY_ENCODER)?,
            memory_attention: needed("memory_attention", &MEMORY_ATTENTION)?,
            text_encoder: for_text("text_encoder", &TEXT_ENCODER)?,
            detector: for_text("detector", &DETECTOR)?,
        })
    }

    /// Those that turn pictures and prompts into masks.
    pub fn for_pictures(&self) -> Vec<&ModelFile> {
        let neck = self.tracker_neck.as_ref();
        [&self.vision_encoder].into_iter().chain(neck).chain([&self.prompt_mask_decoder, &self.mask_prompt]).collect()
    }

    /// Those that a tracker runs besides.
    pub fn for_tracking(&self) -> [&ModelFile; 2] {
        [&self.memory_encoder, &self.memory_attention]
    }
}

/// A role that the manifest names no file for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("model.toml names no file for \"{0}\"; export or install the model again")]
pub struct MissingRole(&'static str);

fn graph(found: &FoundModel, role: &str, contract: &'static Contract, sizes: &Sizes) -> Option<ModelFile> {
    let data = found.file(&format!("{role}.data")).map(inference::FoundFile::data_file);
    Some(ModelFile { sizes: sizes.clone(), data, ..found.file(role)?.model_file(contract) })
}

/// The words of CONTRACT.md.
fn sizes(facts: &Facts) -> Sizes {
    let (c, h) = (facts.channels as i64, facts.grid as i64);
    let text = facts.concepts.as_ref().map(|concepts| (concepts.text_context as i64, concepts.queries as i64));
    let (context, queries) = text.unwrap_or_default();
    Sizes::new(&[
        ("I", facts.image_size as i64),
        ("C", c),
        ("C/4", c / 4),
        ("C/8", c / 8),
        ("M", facts.memory_channels as i64),
        ("h", h),
        ("2h", 2 * h),
        ("4h", 4 * h),
        ("context", context),
        ("Q", queries),
    ])
}

/// An axis of any length.
const N: Dim = Dim::Any;
const ONE: Dim = Dim::Is(1);
const TWO: Dim = Dim::Is(2);
const THREE: Dim = Dim::Is(3);
const FOUR: Dim = Dim::Is(4);
const I: Dim = Dim::Named("I");
const C: Dim = Dim::Named("C");
const M: Dim = Dim::Named("M");
const H: Dim = Dim::Named("h");
const H4: Dim = Dim::Named("4h");
const CONTEXT: Dim = Dim::Named("context");
const Q: Dim = Dim::Named("Q");

const fn f32s(name: &'static str, shape: &'static [Dim]) -> TensorSpec {
    TensorSpec { name, element: Element::F32, shape }
}

const fn i64s(name: &'static str, shape: &'static [Dim]) -> TensorSpec {
    TensorSpec { name, element: Element::I64, shape }
}

const PIXELS: TensorSpec = f32s("pixel_values", &[N, THREE, I, I]);
const TRUNK: TensorSpec = f32s("trunk", &[N, N, H, H]);
const HIGH_RES_0: TensorSpec = f32s("high_res_0", &[N, Dim::Named("C/8"), H4, H4]);
const HIGH_RES_1: TensorSpec = f32s("high_res_1", &[N, Dim::Named("C/4"), Dim::Named("2h"), Dim::Named("2h")]);
const IMAGE_EMBED: TensorSpec = f32s("image_embed", &[N, C, H, H]);
const MASK_INPUT: TensorSpec = f32s("mask_input", &[N, ONE, H4, H4]);
const OBJ_SCORE: TensorSpec = f32s("obj_score", &[N, ONE]);

static CLICK_ENCODER: Contract = Contract {
    name: "SAM2.1 vision encoder",
    stage: Stage::Encode,
    inputs: &[PIXELS],
    outputs: &[HIGH_RES_0, HIGH_RES_1, IMAGE_EMBED],
};

static TRUNK_ENCODER: Contract =
    Contract { name: "SAM3 vision encoder", stage: Stage::Encode, inputs: &[PIXELS], outputs: &[TRUNK] };

static TRACKER_NECK: Contract = Contract {
    name: "SAM3 tracker neck",
    stage: Stage::Track,
    inputs: &[TRUNK],
    outputs: &[HIGH_RES_0, HIGH_RES_1, IMAGE_EMBED],
};

static PROMPT_MASK_DECODER: Contract = Contract {
    name: "SAM prompt and mask decoder",
    stage: Stage::Decode,
    inputs: &[
        IMAGE_EMBED,
        HIGH_RES_0,
        HIGH_RES_1,
        f32s("point_coords", &[N, N, TWO]),
        i64s("point_labels", &[N, N]),
        MASK_INPUT,
        f32s("has_mask", &[N]),
    ],
    outputs: &[f32s("masks", &[N, FOUR, H4, H4]), f32s("iou", &[N, FOUR]), f32s("obj_ptr", &[N, FOUR, C]), OBJ_SCORE],
};

static MASK_PROMPT: Contract = Contract {
    name: "SAM mask prompt",
    stage: Stage::Track,
    inputs: &[f32s("mask", &[N, ONE, I, I])],
    outputs: &[MASK_INPUT, f32s("low_res_logits", &[N, ONE, H4, H4])],
};

static MEMORY_ENCODER: Contract = Contract {
    name: "SAM memory encoder",
    stage: Stage::Track,
    inputs: &[IMAGE_EMBED, f32s("mask_logits", &[N, ONE, N, N]), f32s("binarize", &[N]), OBJ_SCORE],
    outputs: &[f32s("mem", &[N, M, H, H])],
};

static MEMORY_ATTENTION: Contract = Contract {
    name: "SAM memory attention",
    stage: Stage::Track,
    inputs: &[
        IMAGE_EMBED,
        f32s("mem", &[N, N, M, H, H]),
        i64s("mem_tpos", &[N, N]),
        f32s("obj_ptr", &[N, N, C]),
        f32s("ptr_tdiff", &[N, N]),
    ],
    outputs: &[f32s("cond_embed", &[N, C, H, H])],
};

static TEXT_ENCODER: Contract = Contract {
    name: "SAM3 text encoder",
    stage: Stage::Text,
    inputs: &[i64s("input_ids", &[N, CONTEXT]), i64s("attention_mask", &[N, CONTEXT])],
    outputs: &[f32s("text_features", &[N, CONTEXT, C])],
};

static DETECTOR: Contract = Contract {
    name: "SAM3 detector",
    stage: Stage::Decode,
    inputs: &[
        TRUNK,
        f32s("text_features", &[N, CONTEXT, C]),
        i64s("text_mask", &[N, CONTEXT]),
        f32s("input_boxes", &[N, N, FOUR]),
        i64s("input_box_labels", &[N, N]),
    ],
    outputs: &[
        f32s("pred_masks", &[N, Q, H4, H4]),
        f32s("pred_boxes", &[N, Q, FOUR]),
        f32s("pred_logits", &[N, Q]),
        f32s("presence_logits", &[N, ONE]),
        f32s("semantic_seg", &[N, ONE, H4, H4]),
    ],
};
