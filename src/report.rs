//! What the library tells of itself to the `sam3roto` command, as JSON: `doctor` and `counters`.

use std::path::PathBuf;

use inference::{CacheStatistics, CountersSnapshot, EngineReport};
use serde::Serialize;

use crate::engine::{decoded, engine, mattes};
use crate::logging::{self, LogState};
use crate::settings::{self, SettingReport};
use crate::stages::{self, StageTotal};

/// The state of the settings, of the engine and of the plugin's own caches.
#[derive(Serialize)]
struct Doctor {
    version: &'static str,
    settings: SettingsState,
    log: LogState,
    #[serde(flatten)]
    engine: Option<EngineReport>,
    decoded: CacheStatistics,
    mattes: CacheStatistics,
}

/// Every setting and where it comes from, or what is wrong with them.
#[derive(Serialize)]
struct SettingsState {
    file: Option<PathBuf>,
    values: Vec<SettingReport>,
    problems: Vec<String>,
}

/// What ran so far: the engine's counters, and the plugin's own steps.
#[derive(Serialize)]
struct Counters {
    #[serde(flatten)]
    engine: Option<CountersSnapshot>,
    plugin_stages: [StageTotal; 3],
}

/// The report on a topic; `None` for an unknown one.
pub fn report(topic: &str) -> Option<String> {
    let engine = engine().ok();
    match topic {
        "doctor" => serde_json::to_string(&Doctor {
            version: env!("CARGO_PKG_VERSION"),
            settings: settings_state(),
            log: logging::state(),
            engine: engine.map(|engine| engine.report()),
            decoded: decoded().statistics(),
            mattes: mattes().statistics(),
        }),
        "counters" => serde_json::to_string(&Counters {
            engine: engine.map(|engine| engine.counters()),
            plugin_stages: stages::totals(),
        }),
        _ => return None,
    }
    .inspect_err(|error| log::error!("the report on {topic} cannot be written: {error}"))
    .ok()
}

fn settings_state() -> SettingsState {
    match settings::current() {
        Ok(settings) => {
            SettingsState { file: settings.file().cloned(), values: settings.report(), problems: Vec::new() }
        }
        Err(error) => SettingsState {
            file: None,
            values: Vec::new(),
            problems: error.problems().iter().map(|problem| format!("settings: {problem}")).collect(),
        },
    }
}
