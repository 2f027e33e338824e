//! What a place must keep to at one moment.

use super::{MemoryFigures, MemoryOptions, Place, ledger::Limit, options::share};

/// Free memory that admissions leave alone, as a part of the total: page tables, thread stacks, the host's next frame.
/// 128 MB of 4 GB, 2 GB of 64.
const LEFT_FREE: u64 = 32;

/// Soft budget as a percentage of the hard one, when it is not set.
const SOFT_PERCENT: u8 = 80;

/// Share of main memory that is the hard budget, when it is not set. See [`MemoryOptions::host_hard_bytes`].
const HOST_HARD_PERCENT: u8 = 50;

/// Budgets of a place, and how full it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub figures: Option<MemoryFigures>,
    pub soft: u64,
    pub hard: u64,
    pressure_percent: u8,
}

impl Limits {
    /// `set` is a hard budget set after the guard was made. Where nothing is set and nothing is known, nothing is
    /// enforced: what then goes wrong goes wrong in ONNX Runtime, and is caught there.
    pub fn new(options: &MemoryOptions, place: Place, figures: Option<MemoryFigures>, set: Option<u64>) -> Self {
        let (hard, soft, percent) = match place {
            Place::Host => (options.host_hard_bytes, options.host_soft_bytes, HOST_HARD_PERCENT),
            Place::Device(_) => (options.device_hard_bytes, None, options.pressure_percent),
        };
        let by_share = || figures.map_or(u64::MAX, |figures| share(figures.total, percent));
        let hard = set.or(hard).unwrap_or_else(by_share);
        let soft = soft.unwrap_or_else(|| share(hard, SOFT_PERCENT)).min(hard);
        Self { figures, soft, hard, pressure_percent: options.pressure_percent }
    }

    /// Admitted without a second thought: under the soft budget, and the place under its pressure threshold.
    pub fn comfortable(&self) -> Limit {
        let under_pressure = |figures: MemoryFigures| {
            let used = figures.total.saturating_sub(figures.available);
            share(figures.total, self.pressure_percent).saturating_sub(used)
        };
        Limit { budget: self.soft, free: self.figures.map(under_pressure) }
    }

    /// Never beyond this.
    pub fn utmost(&self) -> Limit {
        let left_free = |figures: MemoryFigures| figures.available.saturating_sub(figures.total / LEFT_FREE);
        Limit { budget: self.hard, free: self.figures.map(left_free) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(options: MemoryOptions, place: Place, total: u64, available: u64) -> Limits {
        Limits::new(&options, place, Some(MemoryFigures { total, available }), None)
    }

    #[test]
    fn budgets_that_are_not_set_are_shares_of_what_there_is() {
        const GB: u64 = 1 << 30;
        let host = limits(MemoryOptions::default(), Place::Host, 4 * GB, GB);
        assert_eq!(host.hard, 2 * GB);
        assert_eq!(host.soft / 1000, 2 * GB / 10 * 8 / 1000);
        assert_eq!(host.utmost().free, Some(GB - GB / 8));
        assert_eq!(host.comfortable().free.map(|free| free / 1000), Some((4 * GB / 10 * 8 - 3 * GB) / 1000));
        let device = limits(MemoryOptions::default(), Place::Device(0), 10 * GB, 9 * GB);
        assert_eq!(device.hard, 8 * GB);
    }

    #[test]
    fn what_is_set_counts_and_the_soft_budget_never_exceeds_the_hard_one() {
        let options = MemoryOptions {
            host_soft_bytes: Some(500),
            host_hard_bytes: Some(400),
            device_hard_bytes: Some(70),
            ..MemoryOptions::default()
        };
        let host = limits(options, Place::Host, 1000, 1000);
        assert_eq!((host.soft, host.hard), (400, 400));
        assert_eq!(limits(options, Place::Device(3), 1000, 1000).hard, 70);
        let set = Limits::new(&options, Place::Host, None, Some(900));
        assert_eq!((set.soft, set.hard), (500, 900));
    }

    #[test]
    fn a_place_that_is_not_known_has_no_limits_of_its_own() {
        let limits = Limits::new(&MemoryOptions::default(), Place::Device(7), None, None);
        assert_eq!((limits.hard, limits.utmost().free, limits.comfortable().free), (u64::MAX, None, None));
    }

    #[test]
    fn a_place_over_its_pressure_threshold_has_no_comfortable_room_but_some() {
        let limits = limits(MemoryOptions::default(), Place::Host, 1000, 100);
        assert_eq!((limits.comfortable().free, limits.utmost().free), (Some(0), Some(69)));
    }
}
