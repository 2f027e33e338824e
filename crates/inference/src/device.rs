//! Where a session runs.

use std::fmt;

use serde::Serialize;

/// A device that sessions run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// The processor, through ONNX Runtime's own CPU kernels. Always there.
    #[default]
    Cpu,
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("CPU"),
        }
    }
}
