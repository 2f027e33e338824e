//! The tensors of each family's file.

use inference::{Ability, Contract, Dim, Element, Layout, Role, Stage, TensorSpec};

/// A batch of RGB pictures.
const PICTURES: &[Dim] = &[Dim::Any, Dim::Is(3), Dim::Any, Dim::Any];
/// A batch of fields: horizontal, then vertical.
const VECTORS: &[Dim] = &[Dim::Any, Dim::Is(2), Dim::Any, Dim::Any];
/// SEA-RAFT's mixture: two weights, two scales.
const MIXTURE: &[Dim] = &[Dim::Any, Dim::Is(4), Dim::Any, Dim::Any];

const fn tensor(name: &'static str, shape: &'static [Dim]) -> TensorSpec {
    TensorSpec { name, element: Element::F32, shape }
}

/// The role of the one file of each family.
pub(super) const ROLE: &str = "flow";

const fn layout(family: &'static str, roles: &'static [Role], usual_licence: Option<&'static str>) -> Layout {
    Layout { family, roles, abilities: &[(Ability::Motion, &[])], usual_licence, needs_manifest: false, not_run: None }
}

pub(super) static RAFT: Contract = Contract {
    name: "RAFT",
    stage: Stage::Flow,
    inputs: &[tensor("image1", PICTURES), tensor("image2", PICTURES)],
    outputs: &[tensor("flow", VECTORS)],
};

/// torchvision's RAFT as `resources/export` makes it. The names are those that everybody gives these tensors, whatever
/// range the pictures are in: that is in the manifest.
pub(super) const RAFT_LAYOUT: Layout =
    Layout { needs_manifest: true, ..layout("raft", const { &[Role::needed(ROLE, "raft.onnx", &RAFT)] }, None) };

/// The output is the second one, under a number for a name that differs from file to file.
pub(super) static PINTO: Contract = Contract {
    name: "RAFT (PINTO's export)",
    stage: Stage::Flow,
    inputs: &[tensor("0", PICTURES), tensor("1", PICTURES)],
    outputs: &[],
};

/// The original RAFT as `PINTO_model_zoo` (252_RAFT) made it; `opencv_zoo` has one of these files.
pub(super) const PINTO_LAYOUT: Layout = layout(
    "raft-pinto",
    const { &[Role::needed(ROLE, "raft_things_iter20_480x640.onnx", &PINTO)] },
    Some("BSD-3-Clause"),
);

pub(super) static SEA_RAFT: Contract = Contract {
    name: "SEA-RAFT",
    stage: Stage::Flow,
    inputs: &[tensor("image1", PICTURES), tensor("image2", PICTURES)],
    outputs: &[tensor("flow_final", VECTORS), tensor("info_final", MIXTURE)],
};

/// What `Kololu777/onnx-sea-raft` makes of SEA-RAFT.
pub(super) const SEA_RAFT_LAYOUT: Layout =
    layout("sea-raft", const { &[Role::needed(ROLE, "raft.onnx", &SEA_RAFT)] }, None);

pub(super) static SEA_RAFT_SHORT: Contract = Contract {
    name: "SEA-RAFT (flow, info)",
    stage: Stage::Flow,
    inputs: &[tensor("image1", PICTURES), tensor("image2", PICTURES)],
    outputs: &[tensor("flow", VECTORS), tensor("info", MIXTURE)],
};

/// SEA-RAFT with its outputs named as SEA-RAFT's own code names them.
pub(super) const SEA_RAFT_SHORT_LAYOUT: Layout =
    layout("sea-raft-info", const { &[Role::needed(ROLE, "sea_raft.onnx", &SEA_RAFT_SHORT)] }, None);

pub(super) static NEUFLOW: Contract = Contract {
    name: "NeuFlow v2",
    stage: Stage::Flow,
    inputs: &[tensor("input1", PICTURES), tensor("input2", PICTURES)],
    outputs: &[tensor("output", VECTORS)],
};

/// What `export_onnx.py` of `ibaiGorordo/NeuFlow_v2` makes.
pub(super) const NEUFLOW_LAYOUT: Layout =
    layout("neuflow2", const { &[Role::needed(ROLE, "neuflow_mixed.onnx", &NEUFLOW)] }, Some("Apache-2.0"));
