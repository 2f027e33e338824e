//! The order in which devices are tried.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use super::{Device, NotADevice};

/// The devices in the order in which they are tried. The CPU is always the last: where nothing else works, it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceOrder {
    /// Ends with the CPU, names no device twice.
    devices: Vec<Device>,
    auto: bool,
}

/// What "auto" tries on this system. TensorRT is left to those who ask for it: it compiles a model for minutes before
/// the first frame, and rounds otherwise than CUDA.
const AUTO: &[Device] = if cfg!(windows) {
    &[Device::Cuda(0), Device::DirectMl(0), Device::WebGpu]
} else if cfg!(target_os = "macos") {
    &[Device::CoreMl, Device::WebGpu]
} else {
    &[Device::Cuda(0), Device::WebGpu]
};

impl DeviceOrder {
    /// What suits this system: the fastest that is there and proves itself.
    pub fn auto() -> Self {
        Self { auto: true, ..Self::of(AUTO) }
    }

    /// The CPU alone.
    pub fn cpu() -> Self {
        Self::of(&[])
    }

    /// These devices one after the other, and then the CPU. What follows the CPU would never be reached and is left
    /// out, like what is named twice.
    pub fn of(devices: &[Device]) -> Self {
        let mut order = Vec::with_capacity(devices.len() + 1);
        for &device in devices.iter().take_while(|&&device| device != Device::Cpu) {
            if !order.contains(&device) {
                order.push(device);
            }
        }
        order.push(Device::Cpu);
        Self { devices: order, auto: false }
    }

    /// The devices, the CPU last.
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// Whether the system chose them.
    pub fn is_auto(&self) -> bool {
        self.auto
    }
}

impl Default for DeviceOrder {
    fn default() -> Self {
        Self::auto()
    }
}

impl FromStr for DeviceOrder {
    type Err = NotADevice;

    /// Reads "auto", or devices separated by commas: "cuda:1, cpu".
    fn from_str(text: &str) -> Result<Self, NotADevice> {
        if text.trim().eq_ignore_ascii_case("auto") {
            return Ok(Self::auto());
        }
        let devices: Vec<Device> = text.split(',').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self::of(&devices))
    }
}

/// As the setting writes it.
impl fmt::Display for DeviceOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.auto {
            return f.write_str("auto");
        }
        let devices: Vec<String> = self.devices.iter().map(Device::setting).collect();
        f.write_str(&devices.join(", "))
    }
}

impl Serialize for DeviceOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_ends_with_the_cpu_and_names_nothing_twice() {
        use Device::*;
        for (text, devices) in [
            ("cpu", &[Cpu][..]),
            ("cuda", &[Cuda(0), Cpu]),
            ("cuda:1, cuda:0, cuda:1", &[Cuda(1), Cuda(0), Cpu]),
            ("tensorrt,cuda,cpu,webgpu", &[TensorRt(0), Cuda(0), Cpu]),
        ] {
            let order: DeviceOrder = text.parse().unwrap();
            assert_eq!(order.devices(), devices, "{text}");
            assert_eq!(order.to_string().parse(), Ok(order));
        }
        let auto: DeviceOrder = " Auto ".parse().unwrap();
        assert!(auto.is_auto() && auto.devices().last() == Some(&Cpu));
        assert_eq!(auto.to_string(), "auto");
        assert_eq!("cuda,,cpu".parse::<DeviceOrder>(), Err(NotADevice { text: String::new() }));
    }
}
