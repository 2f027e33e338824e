//! The library's log: to the host's standard error, where a terminal or a render log shows it, and to a file that stays
//! when the host is gone.

mod rotating;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use env_logger::{Builder, Target};
use log::{LevelFilter, Log, Metadata, Record};
use parking_lot::{Mutex, RwLock};
use serde::Serialize;

use self::rotating::{RotatingFile, Trouble};
use crate::settings::{self, Settings, places};

/// The log file's name in its folder.
const FILE_NAME: &str = "sam3roto.log";

static LOGGER: Logger = Logger { outlets: RwLock::new(None) };
static STARTED: Mutex<Started> = Mutex::new(Started::Not);

/// How far starting came.
enum Started {
    Not,
    /// To standard error only: the settings are refused so far.
    Provisionally,
    /// As the settings want it.
    Fully {
        file: Option<PathBuf>,
        trouble: Trouble,
    },
}

/// Starts logging as the settings want it. While they are refused, warnings go to standard error, and the next call
/// tries again. Cheap to call again.
pub fn start() {
    let mut started = STARTED.lock();
    if let Started::Fully { .. } = *started {
        return;
    }
    match settings::current() {
        Ok(settings) => {
            let trouble = Trouble::default();
            let file = file_of(&settings);
            let mut outlets = vec![to_stderr(&settings.log_level)];
            outlets.extend(file.as_ref().map(|file| to_file(file, &settings, &trouble)));
            LOGGER.use_outlets(outlets);
            let words = trouble.lock().clone();
            if let (Some(file), Some(words)) = (&file, words) {
                log::warn!("nothing is logged to {}: {words}", file.display());
            }
            *started = Started::Fully { file, trouble };
        }
        Err(error) => {
            if let Started::Not = *started {
                LOGGER.use_outlets(vec![to_stderr(&Settings::default().log_level)]);
                log::error!("{error}");
            }
            *started = Started::Provisionally;
        }
    }
}

/// Where the log goes, for the doctor.
#[derive(Debug, Clone, Serialize)]
pub struct LogState {
    /// The file; none where there is to be none.
    pub file: Option<PathBuf>,
    /// Why nothing is written to it.
    pub problem: Option<String>,
}

/// Where the log goes.
pub fn state() -> LogState {
    match &*STARTED.lock() {
        Started::Fully { file, trouble } => LogState { file: file.clone(), problem: trouble.lock().clone() },
        Started::Not | Started::Provisionally => LogState { file: None, problem: None },
    }
}

fn file_of(settings: &Settings) -> Option<PathBuf> {
    if settings.log_file.trim().eq_ignore_ascii_case("off") {
        return None;
    }
    let folder = settings.log_folder.clone().or_else(|| places::state(&|name| std::env::var_os(name)))?;
    Some(folder.join(FILE_NAME))
}

fn to_stderr(levels: &str) -> env_logger::Logger {
    Builder::new().parse_filters(levels).format_target(true).build()
}

/// The process's number is in each line, because several hosts may write to one file.
fn to_file(file: &std::path::Path, settings: &Settings, trouble: &Trouble) -> env_logger::Logger {
    let process = std::process::id();
    let most_bytes = settings.log_megabytes * settings::MEGABYTE;
    let rotating = RotatingFile::new(file.to_owned(), most_bytes, settings.log_files, Arc::clone(trouble));
    Builder::new()
        .parse_filters(&settings.log_file)
        .format(move |out, record| {
            let (time, level) = (out.timestamp_millis(), record.level());
            writeln!(out, "{time} {process} {level:<5} {}: {}", record.target(), record.args())
        })
        .target(Target::Pipe(Box::new(rotating)))
        .build()
}

/// What `log` knows: installed once, while its outlets may change.
struct Logger {
    outlets: RwLock<Option<Arc<Vec<env_logger::Logger>>>>,
}

impl Logger {
    fn use_outlets(&'static self, outlets: Vec<env_logger::Logger>) {
        let most = outlets.iter().map(env_logger::Logger::filter).max().unwrap_or(LevelFilter::Off);
        *self.outlets.write() = Some(Arc::new(outlets));
        // Refused where it is installed already: by this function, as the library's logger is its own.
        let _ = log::set_logger(self);
        log::set_max_level(most);
    }

    /// Its outlets, with no lock held while they are written to.
    fn outlets(&self) -> Option<Arc<Vec<env_logger::Logger>>> {
        self.outlets.read().clone()
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.outlets().is_some_and(|outlets| outlets.iter().any(|outlet| outlet.enabled(metadata)))
    }

    fn log(&self, record: &Record<'_>) {
        for outlet in self.outlets().iter().flat_map(|outlets| outlets.iter()) {
            outlet.log(record);
        }
    }

    fn flush(&self) {
        for outlet in self.outlets().iter().flat_map(|outlets| outlets.iter()) {
            outlet.flush();
        }
    }
}
