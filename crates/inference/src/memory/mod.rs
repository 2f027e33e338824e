//! The memory guard: one ledger for host memory and every device, admission before allocating, cleanup under pressure.
//!
//! The ledger counts in bytes. A row is an [`Owner`] in a [`Place`]; what stands in it comes from a [`Reservation`]
//! (what was admitted), from ONNX Runtime's allocator (what was really taken on threads inside a [`Scope`]), and from
//! the caches ([`Reclaim`]). A reservation counts with the larger of what it reserved and what was measured for it, so
//! that nothing counts twice while memory is being taken.

mod guard;
mod history;
mod ledger;
mod limits;
mod meter;
mod options;
mod owner;
mod reclaim;
mod refused;
mod report;
mod reservation;

pub use guard::MemoryGuard;
pub use history::{HistoryPoint, LeakSuspicion};
pub use meter::{MemoryFigures, MemoryMeter, SystemMeter};
pub use options::MemoryOptions;
pub use owner::{Owner, OwnerKind, Place};
pub use reclaim::{Cleanup, Reclaim};
use refused::Megabytes;
pub use refused::MemoryRefused;
pub use report::{CleanupCounts, CleanupReport, LedgerRow, MemoryReport, PlaceReport};
pub(crate) use reservation::{Account, current_account};
pub use reservation::{Reservation, Scope};
