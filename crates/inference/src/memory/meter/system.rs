//! The figures of the machine we run on.

use std::{
    collections::HashMap,
    fmt,
    time::{Duration, Instant},
};

use sysinfo::{MemoryRefreshKind, Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use super::{MemoryFigures, MemoryMeter, nvidia::NvidiaMeter};
use crate::sync::Mutex;

/// Figures younger than this are given again: reading them costs some tens of microseconds in main memory and up to
/// milliseconds on a device, and nothing here decides within a tenth of a second.
const REMEMBERED: Duration = Duration::from_millis(100);

/// Main memory from the system, honouring the limits of a container (Linux control groups); devices from NVIDIA's
/// management library where it is installed. Other devices are not known.
pub struct SystemMeter {
    host: Mutex<HostMeter>,
    devices: Mutex<DeviceMeter>,
}

impl SystemMeter {
    /// Reads nothing yet.
    pub fn new() -> Self {
        let host = HostMeter { system: System::new().ok(), this: sysinfo::get_current_pid().ok(), last: None };
        Self { host: Mutex::new(host), devices: Mutex::new(DeviceMeter::default()) }
    }
}

impl Default for SystemMeter {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryMeter for SystemMeter {
    fn host(&self) -> Option<MemoryFigures> {
        self.host.lock().read().figures
    }

    fn device(&self, number: u32) -> Option<MemoryFigures> {
        self.devices.lock().read(number)
    }

    fn process_resident(&self) -> Option<u64> {
        self.host.lock().read().resident
    }

    fn forget(&self) {
        self.host.lock().last = None;
        self.devices.lock().last.clear();
    }
}

impl fmt::Debug for SystemMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemMeter").finish_non_exhaustive()
    }
}

struct HostMeter {
    system: Option<System>,
    this: Option<Pid>,
    last: Option<(Instant, HostFigures)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct HostFigures {
    figures: Option<MemoryFigures>,
    resident: Option<u64>,
}

impl HostMeter {
    fn read(&mut self) -> HostFigures {
        if let Some((when, figures)) = self.last
            && when.elapsed() < REMEMBERED
        {
            return figures;
        }
        let figures = self.system.as_mut().map(|system| read_host(system, self.this)).unwrap_or_default();
        self.last = Some((Instant::now(), figures));
        figures
    }
}

fn read_host(system: &mut System, this: Option<Pid>) -> HostFigures {
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    if let Some(this) = this {
        let memory = ProcessRefreshKind::nothing().with_memory().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[this]), true, memory);
    }
    let process = this.and_then(|this| system.process(this));
    let machine = MemoryFigures { total: system.total_memory(), available: system.available_memory() };
    let container = process.and_then(|process| process.cgroup_limits()).or_else(|| system.cgroup_limits());
    let limit = container.map(|limits| (limits.total_memory, limits.rss));
    HostFigures {
        figures: (machine.total > 0).then(|| within_container(machine, limit)),
        resident: process.map(|process| process.memory()).filter(|bytes| *bytes > 0),
    }
}

/// The smaller of machine and container. What the container's processes hold themselves is taken as used; its page
/// cache is not, since the kernel drops that before it refuses memory: counting it would find every machine full that
/// has just read an image sequence.
fn within_container(machine: MemoryFigures, limit: Option<(u64, u64)>) -> MemoryFigures {
    match limit {
        Some((total, held)) if total > 0 && total < machine.total => {
            MemoryFigures { total, available: total.saturating_sub(held).min(machine.available) }
        }
        _ => machine,
    }
}

#[derive(Default)]
struct DeviceMeter {
    nvidia: NvidiaMeter,
    last: HashMap<u32, (Instant, Option<MemoryFigures>)>,
}

impl DeviceMeter {
    fn read(&mut self, number: u32) -> Option<MemoryFigures> {
        if let Some((when, figures)) = self.last.get(&number)
            && when.elapsed() < REMEMBERED
        {
            return *figures;
        }
        let figures = self.nvidia.read(number);
        self.last.insert(number, (Instant::now(), figures));
        figures
    }
}

#[cfg(test)]
#[cfg(not(feature = "interleave"))]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_of_machine_and_container_counts() {
        let machine = MemoryFigures { total: 64 << 30, available: 40 << 30 };
        let figures = |limit| within_container(machine, limit);
        assert_eq!(figures(None), machine);
        assert_eq!(figures(Some((128 << 30, 1 << 30))), machine, "a limit above the machine is none");
        assert_eq!(figures(Some((0, 0))), machine);
        let small = MemoryFigures { total: 4 << 30, available: 3 << 30 };
        assert_eq!(figures(Some((4 << 30, 1 << 30))), small);
        let full = MemoryFigures { total: 4 << 30, available: 0 };
        assert_eq!(figures(Some((4 << 30, 5 << 30))), full);
        let busy = MemoryFigures { total: 50 << 30, available: 40 << 30 };
        assert_eq!(figures(Some((50 << 30, 1 << 30))), busy, "others on the machine took the rest");
    }

    #[test]
    fn this_machine_is_read_and_no_missing_device_is_an_error() {
        let meter = SystemMeter::new();
        let host = meter.host().expect("a system that tests run on is known");
        assert!(host.total > 0 && host.available <= host.total, "{host:?}");
        let before = meter.process_resident().expect("known where the host is");
        let block = vec![1u8; 64 << 20];
        meter.forget();
        let after = meter.process_resident().expect("known where the host is");
        assert!(after >= before + (48 << 20), "{before} then {after}, with {} bytes more", block.len());
        assert_eq!(meter.device(4000), None);
    }
}
