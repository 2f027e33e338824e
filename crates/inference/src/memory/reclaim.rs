//! What can give memory back.

use std::fmt;

use serde::Serialize;

use super::Place;

/// How much is given up for memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cleanup {
    /// Caches halve themselves, sessions that nobody has used for long go.
    Soft,
    /// Caches empty themselves, every session that is not in use goes.
    Hard,
}

impl fmt::Display for Cleanup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Soft => "soft",
            Self::Hard => "hard",
        })
    }
}

/// Something that holds memory it can do without, registered with [`super::MemoryGuard::register`]. Called from any
/// thread, with no lock of the guard held.
pub trait Reclaim: Send + Sync {
    /// Its name in the ledger: "features".
    fn name(&self) -> &str;

    /// Where its bytes lie.
    fn place(&self) -> Place;

    /// Bytes that [`Cleanup::Hard`] would free now.
    fn bytes(&self) -> u64;

    /// Whether these bytes stand in the ledger already, through [`super::Reservation`]s held by its values (idle
    /// sessions). They are then not counted a second time.
    fn reserved(&self) -> bool {
        false
    }

    /// Gives memory up; returns the bytes freed.
    fn reclaim(&self, strength: Cleanup) -> u64;
}
