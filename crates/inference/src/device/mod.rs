//! Where a session runs: the devices, the order in which they are tried, and what became of the choice.

mod order;
mod placement;
mod proof;
mod provider;

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::memory::Place;

pub use order::DeviceOrder;
pub use placement::Placement;
pub(crate) use placement::{Experience, ModelKey};
pub(crate) use proof::{Proof, weigh};
pub(crate) use provider::{ProviderOptions, not_in_library};

/// A device that sessions run on, through one execution provider of ONNX Runtime. The number is the provider's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(clippy::manual_non_exhaustive)] // The hidden variant is for a test, not for later.
pub enum Device {
    /// The processor, through ONNX Runtime's own CPU kernels. Always there.
    #[default]
    Cpu,
    /// An NVIDIA card through CUDA and cuDNN.
    Cuda(u32),
    /// An NVIDIA card through TensorRT, which compiles a model for minutes before its first run.
    TensorRt(u32),
    /// Any DirectX 12 card of Windows.
    DirectMl(u32),
    /// Apple's graphics and neural processors.
    CoreMl,
    /// Any card through Vulkan, Metal or Direct3D 12.
    WebGpu,
    /// ONNX Runtime's provider of remote models, in every ordinary library: it accepts every session and runs none
    /// of its nodes. No setting chooses it; it proves that a silent fallback is seen.
    #[doc(hidden)]
    Azure,
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cuda(n) | Self::TensorRt(n) | Self::DirectMl(n) => write!(f, "{} {n}", self.kind()),
            Self::Cpu | Self::CoreMl | Self::WebGpu | Self::Azure => f.write_str(self.kind()),
        }
    }
}

impl Device {
    /// Where its models and their tensors lie. CoreML and WebGPU tell nothing of their memory: they count as main
    /// memory, which on the machines of the one and the small cards of the other is the truth.
    pub fn place(&self) -> Place {
        match self {
            Self::Cpu | Self::CoreMl | Self::WebGpu | Self::Azure => Place::Host,
            Self::Cuda(n) | Self::TensorRt(n) | Self::DirectMl(n) => Place::Device(*n),
        }
    }

    /// Whether what is made of a model for this device can be kept on disk: TensorRT and CoreML keep what they compile
    /// themselves, for the CPU the optimised graph is kept.
    pub(crate) fn keeps(&self) -> bool {
        matches!(self, Self::Cpu | Self::TensorRt(_) | Self::CoreMl)
    }

    /// The name without the number: "CUDA".
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Cuda(_) => "CUDA",
            Self::TensorRt(_) => "TensorRT",
            Self::DirectMl(_) => "DirectML",
            Self::CoreMl => "CoreML",
            Self::WebGpu => "WebGPU",
            Self::Azure => "Azure",
        }
    }

    /// The device as a setting writes it: "cpu", "cuda:1". [`FromStr`] reads it back.
    pub fn setting(&self) -> String {
        self.to_string().to_ascii_lowercase().replace(' ', ":")
    }
}

impl Serialize for Device {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.setting())
    }
}

/// The text names no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" is no device; expected cpu, cuda, cuda:1, tensorrt, directml, coreml or webgpu (with a number where there are several)"
)]
pub struct NotADevice {
    /// The text.
    pub text: String,
}

impl FromStr for Device {
    type Err = NotADevice;

    /// Reads "cuda" and "CUDA:1"; without a number it is the first device, 0.
    fn from_str(text: &str) -> Result<Self, NotADevice> {
        let refused = || NotADevice { text: text.trim().to_owned() };
        let lower = text.trim().to_ascii_lowercase();
        let (name, number) = match lower.split_once(':') {
            Some((name, number)) => (name.trim_end(), Some(number.trim().parse::<u8>().map_err(|_| refused())?)),
            None => (&*lower, None),
        };
        let n = u32::from(number.unwrap_or(0));
        match name {
            "cuda" => Ok(Self::Cuda(n)),
            "tensorrt" => Ok(Self::TensorRt(n)),
            "directml" => Ok(Self::DirectMl(n)),
            "cpu" if number.is_none() => Ok(Self::Cpu),
            "coreml" if number.is_none() => Ok(Self::CoreMl),
            "webgpu" if number.is_none() => Ok(Self::WebGpu),
            _ => Err(refused()),
        }
    }
}

/// What a device computes in where it has the choice (TensorRT, CoreML). The others compute in what the model file
/// holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floating point: the same result everywhere, near enough.
    #[default]
    F32,
    /// 16-bit floating point: half the memory and up to twice the speed, with rounding that can be seen.
    F16,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_survives_its_setting_and_nonsense_is_refused() {
        use Device::*;
        for device in [Cpu, Cuda(0), Cuda(3), TensorRt(1), DirectMl(0), CoreMl, WebGpu] {
            assert_eq!(device.setting().parse(), Ok(device));
        }
        assert_eq!(" CUDA ".parse(), Ok(Cuda(0)));
        assert_eq!("DirectML: 2".parse(), Ok(DirectMl(2)));
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:1:2", "cuda:256", "cpu:0", "coreml:1", "azure", "cuda 1"] {
            assert_eq!(text.parse::<Device>(), Err(NotADevice { text: text.to_owned() }), "{text}");
        }
    }
}
