//! Where a model runs, and why not elsewhere.

use serde::Serialize;

use super::Device;

/// Where a model runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placement {
    /// The device.
    pub device: Device,
    /// Why the devices before it in the order are not used, one sentence each: "CUDA 0: this ONNX Runtime has no CUDA
    /// provider".
    pub fallbacks: Vec<String>,
}
