//! Networks that find motion, run by ONNX Runtime. Each kind of file is known by its tensors, and what differs between
//! them is data ([`form::Form`]).
//!
//! Sources of the contracts: torchvision's `raft.py` (our own export, `resources/export`); `raft.py` of
//! `ibaiGorordo/ONNX-RAFT-Optical-Flow-Estimation` and of `opencv/opencv_zoo` (PINTO's export); `torch_to_onnx.py` and
//! `run.py` of `Kololu777/onnx-sea-raft` with `core/raft.py` of `princeton-vl/SEA-RAFT`; `export_onnx.py` of
//! `ibaiGorordo/NeuFlow_v2`.

mod budget;
mod choose;
mod contracts;
mod estimator;
mod form;
mod padding;
mod tensors;

pub use choose::{Choice, LAYOUTS, PassedOver, choose};
