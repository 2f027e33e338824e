//! A panel taken out of the host: every value and keyframe as a job of the `sam3roto` command, which gives the same
//! frames without the host. For all effects.
//!
//! [`parameters`]: the rows that ask for it. [`curve`]: animation in a form that needs no host. [`export`]: the file.

mod curve;
mod export;
pub mod parameters;

pub use export::export;
pub use parameters::EXPORT_JOB;
