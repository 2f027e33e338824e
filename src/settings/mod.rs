//! What a facility or a compositor can set: one file, the environment, the command line.
//!
//! * [`table`]: every setting once, with its name, variable, range and meaning. Reading, the documentation and the
//!   doctor all come from it.
//! * [`kind`]: what a value may be, and how it is read. [`file`]: `settings.toml`.
//! * [`sources`]: where values are looked for and which wins. [`places`]: the user's folders on each system.
//! * [`error`]: refusals. A wrong value is never replaced by a default in silence.

pub mod error;
mod file;
mod kind;
mod near;
pub mod places;
pub mod sources;
pub mod table;

// Not on Windows, where the page would name other folders.
#[cfg(all(test, not(windows)))]
#[allow(clippy::unwrap_used, reason = "a test ends where something is missing")]
mod document;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use inference::{DeviceOrder, Precision};
use parking_lot::Mutex;
use serde::Serialize;

use self::error::{Place, Problem, SettingsError};
use self::kind::Raw;
use self::sources::Sources;
use self::table::{Row, TABLE};

/// Settings count in powers of ten, as disks and file managers do.
pub const MEGABYTE: u64 = 1_000_000;

/// The value of every setting.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Another ONNX Runtime library.
    pub library: Option<PathBuf>,
    /// Model folders searched before all others.
    pub models: Vec<PathBuf>,
    /// Threads of one network run.
    pub threads: Option<u64>,
    /// The devices in the order in which they are tried.
    pub devices: DeviceOrder,
    /// What devices compute in that have the choice.
    pub precision: Precision,
    /// Most frames of one run.
    pub batch: Option<u64>,
    /// Most megabytes of encoded pictures in memory.
    pub features_mb: u64,
    /// Most encoded pictures in memory.
    pub features_entries: Option<u64>,
    /// Whether encoded pictures are kept in 16 bits.
    pub features_in_half: bool,
    /// The folder of results on disk.
    pub cache_folder: Option<PathBuf>,
    /// Most megabytes in that folder.
    pub disk_mb: u64,
    /// The folder of the user's own presets.
    pub presets_folder: Option<PathBuf>,
    /// Share of the memory in use from which caches shrink.
    pub pressure_percent: u64,
    /// Megabytes of main memory from which caches shrink.
    pub host_soft_mb: Option<u64>,
    /// Most megabytes of main memory.
    pub host_hard_mb: Option<u64>,
    /// Most megabytes of each device.
    pub device_mb: Option<u64>,
    /// What is logged to standard error.
    pub log_level: String,
    /// What is logged to the file; "off" for no file.
    pub log_file: String,
    /// The folder of the log file.
    pub log_folder: Option<PathBuf>,
    /// Size of one log file in megabytes.
    pub log_megabytes: u64,
    /// Log files kept, the current one included.
    pub log_files: u64,
    /// Where each row of the table got its value.
    places: Vec<Place>,
    /// The settings file, whether or not it is there.
    file: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            library: None,
            models: Vec::new(),
            threads: None,
            devices: DeviceOrder::auto(),
            precision: Precision::F32,
            batch: None,
            // MobileSAM's encoded picture takes 2 MB: this keeps a shot of ten seconds.
            features_mb: 512,
            features_entries: None,
            features_in_half: true,
            cache_folder: None,
            // The encoded pictures and mattes of some 8,000 frames.
            disk_mb: 20_000,
            presets_folder: None,
            pressure_percent: 80,
            host_soft_mb: None,
            host_hard_mb: None,
            device_mb: None,
            log_level: "warn".to_owned(),
            log_file: "info".to_owned(),
            log_folder: None,
            log_megabytes: 2,
            log_files: 3,
            places: vec![Place::Default; TABLE.len()],
            file: None,
        }
    }
}

/// A setting with its value and where that came from, for the doctor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingReport {
    /// Section and key.
    pub setting: &'static str,
    /// The value in words.
    pub value: String,
    /// Who said so.
    pub from: String,
}

impl Settings {
    /// Every setting in the order of the table.
    pub fn report(&self) -> Vec<SettingReport> {
        let told = |(row, place): (&Row, &Place)| SettingReport {
            setting: row.key,
            value: row.kind.text(self),
            from: match place {
                Place::File { line, .. } => format!("settings file, line {line}"),
                other => other.to_string(),
            },
        };
        TABLE.iter().zip(&self.places).map(told).collect()
    }

    /// Takes a value as it is written at `place`.
    fn take(&mut self, key: &str, raw: Raw<'_>, place: Place) -> Result<(), Problem> {
        let Some((index, row)) = TABLE.iter().enumerate().find(|(_, row)| row.key == key) else {
            return Err(Problem::unknown(key, place));
        };
        if row.kind.store(raw, self).is_err() {
            let (key, found, allowed) = (row.key, raw.found(), row.kind.allowed());
            return Err(Problem::Value { place, key: key.to_owned(), found, allowed });
        }
        if let Some(from) = self.places.get_mut(index) {
            *from = place;
        }
        Ok(())
    }

    /// What no value says by itself.
    fn check(&self) -> Result<(), Problem> {
        let (Some(soft), Some(hard)) = (self.host_soft_mb, self.host_hard_mb) else { return Ok(()) };
        if soft <= hard {
            return Ok(());
        }
        const KEY: &str = "memory.host_soft_mb";
        let place = TABLE.iter().zip(&self.places).find(|(row, _)| row.key == KEY).map(|(_, place)| place.clone());
        Err(Problem::Value {
            place: place.unwrap_or(Place::Default),
            key: KEY.to_owned(),
            found: soft.to_string(),
            allowed: format!("at most memory.host_hard_mb, which is {hard}"),
        })
    }

    /// The file these settings may be written in, whether or not it is there.
    pub fn file(&self) -> Option<&PathBuf> {
        self.file.as_ref()
    }
}

/// Values given on the command line, before anything was read: they win over file and environment.
static COMMAND: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());
static SETTINGS: OnceLock<Arc<Settings>> = OnceLock::new();

/// The settings of the process. Once they are good they stay; while they are refused they are read again at every
/// call, so that a corrected file works without a restart of the host.
///
/// # Errors
/// [`SettingsError`] with everything that is wrong.
pub fn current() -> Result<Arc<Settings>, SettingsError> {
    if let Some(settings) = SETTINGS.get() {
        return Ok(Arc::clone(settings));
    }
    let command = COMMAND.lock().clone();
    let settings = Arc::new(Sources::of_process(&command).read()?);
    Ok(Arc::clone(SETTINGS.get_or_init(|| settings)))
}

/// Takes a value from the command line, in the words that a variable of the environment would hold.
///
/// # Errors
/// In words, when settings were read already: too late to change them.
pub fn give(key: &str, text: &str) -> Result<(), String> {
    let mut command = COMMAND.lock();
    if SETTINGS.get().is_some() {
        return Err(format!("{key} came after the settings had been read"));
    }
    command.retain(|(known, _)| known != key);
    command.push((key.to_owned(), text.to_owned()));
    Ok(())
}
