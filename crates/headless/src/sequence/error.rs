//! What can go wrong between frames and files.

use super::{FfmpegError, describe_frames};
use crate::host::FrameError;
use std::io;
use std::path::{Path, PathBuf};

/// Why frames could not be found, read or written. Each says which file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SequenceError {
    /// The text is no usable pattern of file names.
    #[error("{text:?} is not a usable file pattern: {problem}")]
    BadPattern {
        /// The pattern given.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A pattern was needed to write several frames.
    #[error(
        "{text:?} has no frame number, but {frames} frames are to be written: put %04d or #### where the number goes, \
         as in matte.%04d.exr"
    )]
    NeedsNumber {
        /// The file given.
        text: String,
        /// How many frames there are.
        frames: usize,
    },
    /// The folder that should hold the frames is not there.
    #[error("there is no folder {folder} to read {pattern} from", folder = folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
        /// The pattern.
        pattern: String,
    },
    /// No file fits the pattern.
    #[error("no file fits {pattern}{hint}", hint = seen(example))]
    NoFrames {
        /// The pattern.
        pattern: String,
        /// A file in the folder that comes near.
        example: Option<String>,
    },
    /// One frame has no file.
    #[error("frame {frame} of {pattern} is missing ({path}); the shot has frames {available}", path = path.display())]
    MissingFrame {
        /// The pattern.
        pattern: String,
        /// The frame.
        frame: i32,
        /// Where it was looked for.
        path: PathBuf,
        /// What there is, as ranges.
        available: String,
    },
    /// Frames that were asked for have no file.
    #[error("{pattern} lacks {count} of the frames asked for: {list}", count = frames.len(), list = describe_frames(frames))]
    MissingFrames {
        /// The pattern.
        pattern: String,
        /// The frames.
        frames: Vec<i32>,
    },
    /// The file cannot be opened or read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The file is damaged, cut short or uses something that is not understood.
    #[error("cannot decode {path}: {problem}", path = path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The file is of no known kind.
    #[error("{path} is not a picture that can be read: EXR, PNG, JPEG and TIFF are, and video files through ffmpeg", path = path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The name to write to has no known ending.
    #[error("cannot tell from {name:?} which format to write: end it in .exr, .png, .jpg, .tif, .dpx or .mov")]
    UnknownOutput {
        /// The name given.
        name: String,
    },
    /// The picture is too large for memory.
    #[error("{path} is {width}x{height} pixels: too large for the memory that is free", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// A frame differs in size from the first one.
    #[error(
        "{path} is {width}x{height} pixels, but the shot began with {first_width}x{first_height}: all frames need one size",
        path = path.display()
    )]
    SizeChanged {
        /// The file.
        path: PathBuf,
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
        /// Pixels in a row of the first frame.
        first_width: usize,
        /// Rows of the first frame.
        first_height: usize,
    },
    /// The format cannot hold the depth asked for.
    #[error("{format} files cannot hold samples of --depth {asked}; they take {allowed}")]
    Depth {
        /// The format.
        format: &'static str,
        /// The depth asked for.
        asked: &'static str,
        /// The depths that it holds.
        allowed: String,
    },
    /// The format cannot be packed as asked for.
    #[error("{format} files cannot be packed with --compression {asked}; they take {allowed}")]
    Compression {
        /// The format.
        format: &'static str,
        /// The packing asked for.
        asked: &'static str,
        /// Those that it has.
        allowed: String,
    },
    /// Layers in a format without.
    #[error("{format} files hold no layers, which --object makes: write .exr")]
    Layers {
        /// The format.
        format: &'static str,
    },
    /// Ten bits and alpha.
    #[error("DPX files of --depth 10 hold three colours and no alpha: add --channels rgb, or give --depth 16")]
    TenBits,
    /// A movie that is to be written as pictures are.
    #[error("a movie is one file for all frames, written from the first to the last: {option} does not go with {path}", path = path.display())]
    MovieOption {
        /// What was asked for.
        option: &'static str,
        /// The movie.
        path: PathBuf,
    },
    /// The folder to write to cannot be made.
    #[error("cannot create the folder {folder}: {source}", folder = folder.display())]
    CreateFolder {
        /// The folder.
        folder: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The disk is full.
    #[error("no space is left on the disk for {path}: free some, or write to another folder. Frames finished before are whole", path = path.display())]
    DiskFull {
        /// The file that did not fit.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("cannot write {path}: {problem}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        problem: String,
    },
    /// Something is the matter with ffmpeg.
    #[error(transparent)]
    Ffmpeg(#[from] FfmpegError),
    /// Pixels of the wrong size.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

impl SequenceError {
    pub(super) fn decode(path: &Path, problem: impl ToString) -> Self {
        Self::Decode { path: path.to_owned(), problem: problem.to_string() }
    }

    pub(super) fn read(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::UnexpectedEof => Self::decode(path, "the file is cut short"),
            _ => Self::Read { path: path.to_owned(), source },
        }
    }

    pub(super) fn write(path: &Path, source: &io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::WriteZero => {
                Self::DiskFull { path: path.to_owned() }
            }
            _ => Self::Write { path: path.to_owned(), problem: source.to_string() },
        }
    }
}

fn seen(example: &Option<String>) -> String {
    example.as_ref().map(|name| format!("; the folder holds {name}")).unwrap_or_default()
}
