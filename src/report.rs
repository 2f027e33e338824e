//! What the library tells of itself to the `sam3roto` command, as JSON: `doctor` and `counters`.

use inference::{CacheStatistics, CountersSnapshot, EngineReport};
use serde::Serialize;

use crate::engine::{decoded, engine, mattes};
use crate::stages::{self, StageTotal};

/// The state of the engine and of the plugin's own caches.
#[derive(Serialize)]
struct Doctor {
    version: &'static str,
    #[serde(flatten)]
    engine: EngineReport,
    decoded: CacheStatistics,
    mattes: CacheStatistics,
}

/// What ran so far: the engine's counters, and the plugin's own steps.
#[derive(Serialize)]
struct Counters {
    #[serde(flatten)]
    engine: CountersSnapshot,
    plugin_stages: [StageTotal; 3],
}

/// The report on a topic; `None` for an unknown one.
pub fn report(topic: &str) -> Option<String> {
    match topic {
        "doctor" => serde_json::to_string(&Doctor {
            version: env!("CARGO_PKG_VERSION"),
            engine: engine().report(),
            decoded: decoded().statistics(),
            mattes: mattes().statistics(),
        }),
        "counters" => serde_json::to_string(&Counters { engine: engine().counters(), plugin_stages: stages::totals() }),
        _ => return None,
    }
    .inspect_err(|error| log::error!("the report on {topic} cannot be written: {error}"))
    .ok()
}
