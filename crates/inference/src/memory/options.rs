//! What the guard keeps to.

/// Budgets of a [`super::MemoryGuard`]. `None` is a share of what the machine has, see each field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryOptions {
    /// Percentage of a place's memory in use (by everybody) from which caches give memory back. Also the share of a
    /// device that may be used when `device_hard_bytes` is not set. 80: the host application and the system keep a fifth
    /// for their own peaks.
    pub pressure_percent: u8,
    /// Host bytes from which caches give memory back, default 80 % of the hard budget: caches shrink before work has
    /// to be refused.
    pub host_soft_bytes: Option<u64>,
    /// Most host bytes ever, default half of what the machine (or its container) has: a compositor takes the other
    /// half for itself, and on a machine of 4 GB the small models still fit into 2.
    pub host_hard_bytes: Option<u64>,
    /// Most bytes ever on each device, default `pressure_percent` of the device.
    pub device_hard_bytes: Option<u64>,
}

impl Default for MemoryOptions {
    fn default() -> Self {
        Self { pressure_percent: 80, host_soft_bytes: None, host_hard_bytes: None, device_hard_bytes: None }
    }
}

/// `percent` of `bytes`, without overflow.
pub(super) fn share(bytes: u64, percent: u8) -> u64 {
    bytes / 100 * u64::from(percent) + bytes % 100 * u64::from(percent) / 100
}
