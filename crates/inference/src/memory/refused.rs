//! Why memory was not given, in words.

use std::fmt;

use super::{Owner, Place};

/// Memory was asked for that is not there, even after everything that can be freed was freed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryRefused {
    /// Who asked; `None` for a question without a reservation.
    pub owner: Option<Owner>,
    /// Where.
    pub place: Place,
    /// Bytes asked for.
    pub asked: u64,
    /// Bytes of the whole ledger there.
    pub in_ledger: u64,
    /// Most bytes the ledger may reach there.
    pub hard_budget: u64,
    /// Bytes that the place had free, where it is known.
    pub available: Option<u64>,
    /// Bytes that were freed while trying.
    pub freed: u64,
}

impl std::error::Error for MemoryRefused {}

impl fmt::Display for MemoryRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let budget_left = self.hard_budget.saturating_sub(self.in_ledger);
        write!(f, "{} of {} ", Megabytes(self.asked), self.place)?;
        match &self.owner {
            Some(owner) => write!(f, "for the {owner} are not there: ")?,
            None => f.write_str("are not there: ")?,
        }
        write!(f, "{} of the budget of {} are in use", Megabytes(self.in_ledger), Megabytes(self.hard_budget))?;
        if let Some(available) = self.available {
            write!(f, ", {} are free on the machine", Megabytes(available))?;
        }
        if self.freed > 0 {
            write!(f, ", {} were freed while trying", Megabytes(self.freed))?;
        }
        f.write_str(if self.asked > budget_left {
            "; raise the memory budget, or use a smaller model or working size"
        } else {
            "; close other applications or lower the host's own cache, or use a smaller model or working size"
        })
    }
}

/// Bytes as people read them.
pub(crate) struct Megabytes(pub u64);

impl fmt::Display for Megabytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            u64::MAX => f.write_str("unlimited MB"),
            bytes if bytes < 10 << 20 => write!(f, "{:.1} MB", bytes as f64 / f64::from(1 << 20)),
            bytes => write!(f, "{} MB", bytes >> 20),
        }
    }
}
