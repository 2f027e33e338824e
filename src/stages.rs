//! How long the plugin's own work on a frame takes, beside the engine's figures.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde::Serialize;

/// The plugin's own steps of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The host's pixels to the name under which their matte is remembered.
    SourceKey,
    /// The host's pixels to the picture the model sees.
    ModelPicture,
    /// Logits to a matte that follows the picture, at the picture's size.
    Matte,
    /// The matte put together with the source and written.
    Paint,
    /// A matte refined by its neighbours, their motion being there.
    Refine,
}

/// How many there are.
pub const STAGES: usize = 5;
/// Names in the order of [`Stage`].
const NAMES: [&str; STAGES] = ["source_key", "model_picture", "matte", "paint", "refine"];

static COUNTS: [AtomicU64; STAGES] = [const { AtomicU64::new(0) }; STAGES];
static NANOSECONDS: [AtomicU64; STAGES] = [const { AtomicU64::new(0) }; STAGES];

/// Runs and times one step.
pub fn measure<T>(stage: Stage, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    let index = stage as usize;
    COUNTS[index].fetch_add(1, Ordering::Relaxed);
    NANOSECONDS[index].fetch_add(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    result
}

/// Number and total duration of one step since the library was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StageTotal {
    /// The step.
    pub name: &'static str,
    /// Runs.
    pub count: u64,
    /// Milliseconds of all runs.
    pub total_ms: f64,
}

/// All steps so far.
pub fn totals() -> [StageTotal; STAGES] {
    std::array::from_fn(|index| StageTotal {
        name: NAMES[index],
        count: COUNTS[index].load(Ordering::Relaxed),
        total_ms: NANOSECONDS[index].load(Ordering::Relaxed) as f64 / 1e6,
    })
}
