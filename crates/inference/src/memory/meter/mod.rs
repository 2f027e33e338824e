//! What the machine says about its memory.

mod nvidia;
mod system;

use serde::Serialize;

pub use system::SystemMeter;

use super::Place;

/// The memory of a place, as the system sees it: all processes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MemoryFigures {
    /// Bytes there are.
    pub total: u64,
    /// Bytes that could be had now without swapping.
    pub available: u64,
}

/// Reads memory figures. `None` means "not known", which is never an error: what is not known is not enforced.
pub trait MemoryMeter: Send + Sync {
    /// Main memory, or the limit of the container where that is smaller.
    fn host(&self) -> Option<MemoryFigures>;

    /// The memory of device `number`.
    fn device(&self, number: u32) -> Option<MemoryFigures>;

    /// Bytes of main memory that this process occupies.
    fn process_resident(&self) -> Option<u64>;

    /// Called when memory was freed: figures remembered from before are no longer true.
    fn forget(&self) {}
}

impl dyn MemoryMeter {
    pub(super) fn at(&self, place: Place) -> Option<MemoryFigures> {
        match place {
            Place::Host => self.host(),
            Place::Device(number) => self.device(number),
        }
    }
}
