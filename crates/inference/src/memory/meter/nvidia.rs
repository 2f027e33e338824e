//! Memory of NVIDIA devices, through their management library (NVML), loaded when first asked for.

use std::env;

use nvml_wrapper::Nvml;

use super::MemoryFigures;

/// Not there on most machines; then every device is unknown, and that is found out once.
#[derive(Default)]
pub(super) enum NvidiaMeter {
    #[default]
    Unasked,
    Absent,
    Present(Box<Nvml>),
}

impl NvidiaMeter {
    pub(super) fn read(&mut self, number: u32) -> Option<MemoryFigures> {
        if let Self::Unasked = self {
            *self = match Nvml::init() {
                Ok(nvml) => Self::Present(Box::new(nvml)),
                Err(error) => {
                    log::debug!("no figures of NVIDIA devices: {error}");
                    Self::Absent
                }
            };
        }
        let Self::Present(nvml) = self else { return None };
        let device = match physical(number, env::var("CUDA_VISIBLE_DEVICES").ok().as_deref())? {
            Physical::Index(index) => nvml.device_by_index(index),
            Physical::Uuid(uuid) => nvml.device_by_uuid(uuid),
        };
        let memory = device.and_then(|device| device.memory_info()).ok()?;
        Some(MemoryFigures { total: memory.total, available: memory.free })
    }
}

/// A device as NVML knows it.
#[derive(Debug, PartialEq, Eq)]
enum Physical {
    Index(u32),
    Uuid(String),
}

/// CUDA counts the devices that `CUDA_VISIBLE_DEVICES` lists, NVML counts all. The list ends at the first entry that
/// is not a device (CUDA programming guide, environment variables). Parts of devices (MIG) are not known.
fn physical(number: u32, visible: Option<&str>) -> Option<Physical> {
    let Some(visible) = visible else { return Some(Physical::Index(number)) };
    let mut listed = visible.split(',').map_while(|entry| {
        let entry = entry.trim();
        match entry.parse() {
            Ok(index) => Some(Physical::Index(index)),
            Err(_) if entry.starts_with("GPU-") => Some(Physical::Uuid(entry.to_owned())),
            Err(_) => None,
        }
    });
    listed.nth(usize::try_from(number).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_counted_as_cuda_counts_them() {
        let index = |index| Some(Physical::Index(index));
        assert_eq!(physical(3, None), index(3));
        assert_eq!(physical(0, Some("2, 0")), index(2));
        assert_eq!(physical(1, Some("2, 0")), index(0));
        assert_eq!(physical(2, Some("2, 0")), None);
        assert_eq!(physical(1, Some("0,-1,2")), None, "the list ends at what is no device");
        assert_eq!(physical(2, Some("0,-1,2")), None);
        assert_eq!(physical(0, Some("")), None, "none is visible");
        assert_eq!(physical(0, Some("GPU-8932f937")), Some(Physical::Uuid("GPU-8932f937".to_owned())));
        assert_eq!(physical(0, Some("MIG-GPU-8932f937/1/2")), None);
    }
}
