//! What can go wrong with a task, in words that say what to do.

use std::io;
use std::path::PathBuf;

/// Why a task did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be used.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },
    /// A file of ours does not read as what it should be.
    #[error("{path} is not valid: {problem}", path = path.display())]
    Invalid { path: PathBuf, problem: String },
    /// A program could not be started.
    #[error("cannot run {program}: {source}. {remedy}")]
    NoProgram { program: String, source: io::Error, remedy: &'static str },
    /// A program ended with a failure.
    #[error("{what} failed ({status}){detail}")]
    Failed { what: String, status: String, detail: String },
    /// There is no package for this machine.
    #[error("{package} is not known for {platform} (crates/xtask/pins.toml lists: {known}). {remedy}")]
    NoPlatform { package: String, platform: String, known: String, remedy: &'static str },
    /// A package could not be fetched.
    #[error("{0}")]
    Fetch(Box<Unfetched>),
    /// A package does not hold what it should.
    #[error("{archive} does not hold {member} as expected: {problem}. Delete the file and run again", archive = archive.display())]
    Member { archive: PathBuf, member: String, problem: String },
    /// Not allowed to write where the plugin is to be installed.
    #[error(
        "no permission to write into {folder}: run `{command}` with the rights of an administrator, or give another folder \
         (hosts also look into the folders of OFX_PLUGIN_PATH)",
        folder = folder.display()
    )]
    NotPermitted { folder: PathBuf, command: String },
    /// A prompt on the command line that does not read.
    #[error("{option} {text:?} does not read as {form}")]
    Prompt { option: &'static str, text: String, form: &'static str },
    /// The options make no sense together.
    #[error("{0}")]
    Usage(String),
}

/// A package that could not be fetched, and how to get it by hand.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot fetch {package} ({purpose}): {problem}\n\
     Either put that right, or fetch it by hand:\n  \
       {by_hand}\n\
     and put {file} into {folder}\n\
     (SHA-256 {sha256}); the next run checks it and goes on.",
    folder = folder.display()
)]
pub struct Unfetched {
    pub package: String,
    pub purpose: String,
    pub problem: String,
    pub by_hand: String,
    pub file: String,
    pub folder: PathBuf,
    pub sha256: String,
}

impl Error {
    /// For `map_err` on file operations.
    pub fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
