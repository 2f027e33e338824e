//! The tensors of each family's file.

use inference::{Ability, Contract, Dim, Element, Layout, Role, Stage, TensorSpec};

const fn tensor(name: &'static str, shape: &'static [Dim]) -> TensorSpec {
    TensorSpec { name, element: Element::F32, shape }
}

const fn layout(family: &'static str, roles: &'static [Role], usual_licence: Option<&'static str>) -> Layout {
    Layout { family, roles, abilities: &[(Ability::Matting, &[])], usual_licence, needs_manifest: false, not_run: None }
}

/// The role of the one file of each family.
pub(super) const ROLE: &str = "matting";

/// An RGB picture.
const PICTURE: &[Dim] = &[Dim::Any, Dim::Is(3), Dim::Any, Dim::Any];
/// An RGB picture with its trimap.
const WITH_TRIMAP: &[Dim] = &[Dim::Any, Dim::Is(4), Dim::Any, Dim::Any];
const ALPHA: &[Dim] = &[Dim::Any, Dim::Is(1), Dim::Any, Dim::Any];
/// A state's channels and size are the network's own business: it begins with one zero.
const STATE: &[Dim] = &[Dim::Any, Dim::Any, Dim::Any, Dim::Any];

pub(super) static VITMATTE: Contract = Contract {
    name: "ViTMatte",
    stage: Stage::Matting,
    inputs: &[tensor("pixel_values", WITH_TRIMAP)],
    outputs: &[tensor("alphas", ALPHA)],
};

/// ViTMatte as transformers' users export it, and as `resources/export` does.
pub(super) const VITMATTE_LAYOUT: Layout =
    layout("vitmatte", const { &[Role::needed(ROLE, "model.onnx", &VITMATTE)] }, Some("Apache-2.0"));

pub(super) static RVM: Contract = Contract {
    name: "RVM",
    stage: Stage::Matting,
    inputs: &[
        tensor("src", PICTURE),
        tensor("r1i", STATE),
        tensor("r2i", STATE),
        tensor("r3i", STATE),
        tensor("r4i", STATE),
        tensor("downsample_ratio", &[Dim::Is(1)]),
    ],
    outputs: &[
        tensor("pha", ALPHA),
        tensor("r1o", STATE),
        tensor("r2o", STATE),
        tensor("r3o", STATE),
        tensor("r4o", STATE),
    ],
};

/// Robust Video Matting's own files.
pub(super) const RVM_LAYOUT: Layout =
    layout("rvm", const { &[Role::needed(ROLE, "rvm_mobilenetv3_fp32.onnx", &RVM)] }, Some("GPL-3.0"));

pub(super) static MODNET: Contract = Contract {
    name: "MODNet",
    stage: Stage::Matting,
    inputs: &[tensor("input", PICTURE)],
    outputs: &[tensor("output", ALPHA)],
};

/// MODNet's own files.
pub(super) const MODNET_LAYOUT: Layout =
    layout("modnet", const { &[Role::needed(ROLE, "modnet.onnx", &MODNET)] }, Some("Apache-2.0"));
