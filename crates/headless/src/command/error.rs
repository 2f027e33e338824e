//! What can go wrong with a command.

use super::near::near_hint;
use crate::host::HostError;
use crate::sequence::{FfmpegError, FrameSetError, SequenceError, describe_frames};
use std::path::PathBuf;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Something needed is not given.
    #[error("{option} is missing: {purpose}")]
    Missing {
        /// The option.
        option: &'static str,
        /// What it is for.
        purpose: &'static str,
    },
    /// A job says that a clip is needed, and not which files it has.
    #[error("--clip {name}=SHOT is missing: the job was exported with something connected to {name}")]
    MissingClip {
        /// The clip.
        name: String,
    },
    /// An assignment of the wrong form.
    #[error("{option} {text:?} does not read as {form}")]
    Assignment {
        /// The option.
        option: &'static str,
        /// What was given.
        text: String,
        /// What it should look like.
        form: &'static str,
    },
    /// The job file cannot be read.
    #[error("cannot read the job file {path}: {problem}", path = path.display())]
    JobFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Frames that make no sense.
    #[error("--frames {text:?}: {source}")]
    Frames {
        /// What was given.
        text: String,
        /// Why.
        source: FrameSetError,
    },
    /// A number out of range.
    #[error("{option} is {allowed}, not {found}")]
    Range {
        /// The option.
        option: &'static str,
        /// What is allowed.
        allowed: &'static str,
        /// What was given.
        found: String,
    },
    /// Two options that exclude each other.
    #[error("{first} and {second} exclude each other: give one of them")]
    Exclusive {
        /// One.
        first: String,
        /// The other.
        second: String,
    },
    /// The effect must be named.
    #[error("which effect? Give --effect with one of: {available}", available = available.join(", "))]
    WhichEffect {
        /// What the bundle has.
        available: Vec<String>,
    },
    /// There is no such thing.
    #[error("there is no {kind} {name:?}{hint}", hint = near_hint(name, available))]
    Unknown {
        /// "effect", "clip" or "parameter".
        kind: &'static str,
        /// The name given.
        name: String,
        /// What there is.
        available: Vec<String>,
    },
    /// A value that the parameter does not take.
    #[error("parameter {param} takes {expected}; {text:?} is not that{hint}", hint = near_hint(text, choices))]
    Value {
        /// The parameter.
        param: String,
        /// What was given.
        text: String,
        /// What is allowed.
        expected: String,
        /// Labels of a choice.
        choices: Vec<String>,
    },
    /// Keys on a parameter that has none.
    #[error("parameter {param} cannot be animated: use --set {param}=VALUE")]
    NotAnimated {
        /// The parameter.
        param: String,
    },
    /// Objects of an effect that has none.
    #[error("--object is for effects that tell objects apart, with a parameter named objects: use org.sam3roto.Roto")]
    NoObjects,
    /// Writing would destroy what is read.
    #[error("{path} would be written over an input: choose another --out", path = path.display())]
    OutputIsInput {
        /// The file.
        path: PathBuf,
    },
    /// Files are in the way.
    #[error(
        "{path} exists{more}: give --overwrite to replace files, or --skip-existing to render the missing ones",
        path = path.display(),
        more = match others { 0 => String::new(), _ => format!(" (and {others} more)") }
    )]
    Exists {
        /// The first of them.
        path: PathBuf,
        /// How many others there are.
        others: usize,
    },
    /// No bundle was found.
    #[error(
        "no Sam3Roto.ofx.bundle was found; looked at {looked}. Build it with `cargo xtask bundle`, or give --bundle or SAM3ROTO_BUNDLE",
        looked = looked.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NoBundle {
        /// The places.
        looked: Vec<PathBuf>,
    },
    /// Frames failed.
    #[error("{failed} of {asked} frames failed: {list}")]
    FramesFailed {
        /// How many.
        failed: usize,
        /// Of how many.
        asked: usize,
        /// Their numbers.
        list: String,
    },
    /// Something needed is not there.
    #[error("{count} {things} needed and missing or broken: see above", things = if *count == 1 { "thing is" } else { "things are" })]
    Unhealthy {
        /// How many.
        count: usize,
    },
    /// A folder that is not there.
    #[error("there is no folder {folder}: give another --folder", folder = folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// A name that cannot be handed to the plugin.
    #[error("{path} holds letters that are no Unicode: choose another folder", path = path.display())]
    NotUnicode {
        /// The name.
        path: PathBuf,
    },
    /// The bundle does not know what to do.
    #[error("the bundle {bundle} keeps no results on disk: choose another --bundle", bundle = bundle.display())]
    NoCache {
        /// The bundle's library.
        bundle: PathBuf,
    },
    /// A folder of a model that is not there.
    #[error("there is no folder {folder}: name the folder that holds the model", folder = folder.display())]
    NoModelFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// The bundle does not know of models.
    #[error("the bundle {bundle} tells nothing of models: choose another --bundle", bundle = bundle.display())]
    NoModels {
        /// The bundle's library.
        bundle: PathBuf,
    },
    /// A model that cannot be used.
    #[error("the model in {folder} cannot be used: see above", folder = folder.display())]
    UnfitModel {
        /// The folder.
        folder: PathBuf,
    },
    /// Somebody said no.
    #[error("the licence was not accepted, nothing was installed: give --accept-licence, or type yes")]
    LicenceNotAccepted,
    /// An address that leads to no model.
    #[error("{address} is no address of a model: {reason}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it, and what is expected.
        reason: &'static str,
    },
    /// A checksum that is none, or of no file.
    #[error("--sha256 {given}: {reason}")]
    Checksum {
        /// What was given.
        given: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The program that fetches is not there.
    #[error(
        "the program curl, which fetches from addresses, was not found: install it, or fetch the model's folder some other way and run sam3roto models install FOLDER"
    )]
    NoCurl,
    /// Something cannot be fetched.
    #[error("{address} cannot be fetched: {reason}")]
    Fetch {
        /// From where.
        address: String,
        /// Why, and what to do where there is something to do.
        reason: String,
    },
    /// Shots that cannot be laid over each other.
    #[error(
        "{shot} is {found_width}x{found_height}, {truth} is {width}x{height}: shots that are compared have one size",
        found_width = found.0, found_height = found.1, width = expected.0, height = expected.1
    )]
    OtherSize {
        /// The shot.
        shot: String,
        /// Its width and height.
        found: (usize, usize),
        /// The true mattes.
        truth: String,
        /// Their width and height.
        expected: (usize, usize),
    },
    /// A shot of a comparison without some of the frames.
    #[error(
        "{shot} lacks {count} of the frames to compare: {list}. Name those that all have with --frames",
        count = frames.len(),
        list = describe_frames(frames)
    )]
    NotComparable {
        /// The shot.
        shot: String,
        /// The frames.
        frames: Vec<i32>,
    },
    /// A frame without figures.
    #[error("frame {frame} cannot be measured: {problem}")]
    Unmeasured {
        /// The frame.
        frame: i32,
        /// Why.
        problem: String,
    },
    /// A report that would destroy what is read.
    #[error("a file of {shot} would be written over: choose another --json or --plot")]
    ReportIsInput {
        /// The shot.
        shot: String,
    },
    /// The plugin's own words.
    #[error("{0}")]
    Plugin(String),
    /// Results on disk that are not sound and could not be removed.
    #[error("{count} {entries} of the cache could not be put right: check the folder's permissions", entries = if *count == 1 { "entry" } else { "entries" })]
    Unsound {
        /// How many.
        count: u64,
    },
    /// Nothing to judge.
    #[error(
        "{} tracks nothing: its prompts are points or boxes on a frame of the shot, and its Tracking is from prompt frames",
        job.display()
    )]
    NothingTracked {
        /// The job.
        job: PathBuf,
    },
    /// The effect has no button that tracks.
    #[error("{effect} has nothing to track: use `sam3roto render`")]
    NothingToTrack {
        /// The effect.
        effect: String,
    },
    /// Ctrl-C while tracking.
    #[error("interrupted: what was tracked so far is kept")]
    TrackInterrupted,
    /// Ctrl-C.
    #[error("interrupted: {done} of {asked} frames are finished")]
    Interrupted {
        /// Finished frames.
        done: usize,
        /// Frames asked for.
        asked: usize,
    },
    /// Frames and files.
    #[error(transparent)]
    Sequence(#[from] SequenceError),
    /// The effect or the host.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Output cannot be printed.
    #[error("cannot print: {0}")]
    Print(#[from] std::io::Error),
    /// A description that JSON cannot hold.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl CommandError {
    /// The exit status: 2 for wrong use, 130 for Ctrl-C, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Missing { .. }
            | Self::Assignment { .. }
            | Self::JobFile { .. }
            | Self::Frames { .. }
            | Self::Range { .. }
            | Self::Exclusive { .. }
            | Self::WhichEffect { .. }
            | Self::Unknown { .. }
            | Self::Value { .. }
            | Self::NotAnimated { .. }
            | Self::NoObjects
            | Self::NoFolder { .. }
            | Self::NoModelFolder { .. }
            | Self::Address { .. }
            | Self::Checksum { .. }
            | Self::NotUnicode { .. }
            | Self::ReportIsInput { .. }
            | Self::OutputIsInput { .. } => 2,
            Self::Sequence(
                SequenceError::BadPattern { .. }
                | SequenceError::NeedsNumber { .. }
                | SequenceError::UnknownOutput { .. }
                | SequenceError::Depth { .. }
                | SequenceError::Compression { .. }
                | SequenceError::Layers { .. }
                | SequenceError::TenBits
                | SequenceError::MovieOption { .. }
                | SequenceError::Ffmpeg(FfmpegError::NotAProgram { .. }),
            ) => 2,
            Self::Host(HostError::NoEffect { .. } | HostError::NoContext { .. }) => 2,
            Self::Interrupted { .. } | Self::TrackInterrupted => 130,
            _ => 1,
        }
    }
}
