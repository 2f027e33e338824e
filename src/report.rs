//! What the library tells the `sam3roto` command, as JSON. A topic is a word, with further words in lines of their own:
//!
//! * `doctor`, `counters`: the state of everything (with the same for people under `text`), and what ran so far.
//! * `cache-stats`, `cache-verify`, `cache-clear`, each with the folder or without: results on disk.
//! * `models-list`; `models-check` and `models-plan` with a folder; `models-install` with a folder and one of its files.
//! * `models-fetch-plan` with a checksum (or `-`) and all lines of a manifest; `models-fetched` with a file, its checksum
//!   (or `-`) and the manifest; `models-fetch-done` with the manifest.
//! * `set` with a setting and its value: as an option of the command, before anything reads the settings.

mod disk;
mod models;
mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;

use inference::{CacheStatistics, CountersSnapshot, EngineReport};
use serde::Serialize;

use crate::engine::shared;
use crate::logging::{self, LogState};
use crate::settings::{self, SettingReport};
use crate::stages::{self, STAGES, StageTotal};

/// The state of the settings, of the engine and of the plugin's own caches.
#[derive(Serialize)]
struct Doctor {
    version: &'static str,
    #[serde(flatten)]
    engine: Option<EngineReport>,
    pictures: Option<CacheStatistics>,
    masks: Option<CacheStatistics>,
    mattes: Option<CacheStatistics>,
    flow_pictures: Option<CacheStatistics>,
    motions: Option<CacheStatistics>,
    log: LogState,
    settings: SettingsState,
}

/// The same twice.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    doctor: Doctor,
    text: String,
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
    plugin_stages: [StageTotal; STAGES],
    /// The most that was in the ledger at one moment, by place, in megabytes.
    memory: BTreeMap<String, u64>,
}

/// What came of `set`.
#[derive(Serialize)]
struct Taken {
    problem: Option<String>,
}

/// The report on a topic; `None` for an unknown one.
pub fn report(topic_text: &str) -> Option<String> {
    let mut words = topic_text.lines();
    let (topic, first, second) = (words.next()?, words.next(), words.next());
    // A manifest has lines of its own.
    let from_line = |line: usize| topic_text.splitn(line + 1, '\n').nth(line).unwrap_or_default();
    match topic {
        "doctor" => {
            let doctor = doctor();
            serde_json::to_string(&Told { text: text::text_of(&doctor), doctor })
        }
        "counters" => serde_json::to_string(&Counters {
            engine: shared().ok().map(|shared| shared.engine.counters()),
            plugin_stages: stages::totals(),
            memory: peaks(),
        }),
        "cache-stats" => serde_json::to_string(&disk::stats(first)),
        "cache-verify" => serde_json::to_string(&disk::verify(first)),
        "cache-clear" => serde_json::to_string(&disk::clear(first)),
        "models-list" => serde_json::to_string(&models::list()),
        "models-check" => serde_json::to_string(&models::check(first)),
        "models-plan" => serde_json::to_string(&models::plan(first)),
        "models-install" => serde_json::to_string(&models::install(first, second)),
        "models-fetch-plan" => serde_json::to_string(&models::fetch_plan(first, from_line(2))),
        "models-fetched" => serde_json::to_string(&models::fetched(first, second, from_line(3))),
        "models-fetch-done" => serde_json::to_string(&models::fetch_done(from_line(1))),
        "set" => serde_json::to_string(&Taken { problem: settings::give(first?, second?).err() }),
        _ => return None,
    }
    .inspect_err(|error| log::error!("the report on {topic} cannot be written: {error}"))
    .ok()
}

fn doctor() -> Doctor {
    let shared = shared().ok();
    Doctor {
        version: env!("CARGO_PKG_VERSION"),
        engine: shared.map(|shared| shared.engine.report()),
        pictures: shared.map(|shared| shared.pictures.statistics()),
        masks: shared.map(|shared| shared.masks.statistics()),
        mattes: shared.map(|shared| shared.mattes.statistics()),
        flow_pictures: shared.map(|shared| shared.flow_pictures.statistics()),
        motions: shared.map(|shared| shared.motions.statistics()),
        log: logging::state(),
        settings: settings_state(),
    }
}

fn peaks() -> BTreeMap<String, u64> {
    let places = shared().map(|shared| shared.engine.guard().report().places).unwrap_or_default();
    places.iter().map(|place| (format!("{} peak MB", place.place), place.peak_bytes.div_ceil(1_000_000))).collect()
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
