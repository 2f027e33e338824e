//! Why motion or a warp could not be made.

use std::path::PathBuf;

use inference::{Failure, InferenceError};

/// Why two pictures or fields do not go together, or their motion was not found.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FlowError {
    /// Two pictures that belong together have different sizes.
    #[error("{what} is {found_width}x{found_height}, {width}x{height} was expected")]
    Size {
        /// Which picture or field.
        what: &'static str,
        /// Width expected, in pixels.
        width: usize,
        /// Height expected, in pixels.
        height: usize,
        /// Width found.
        found_width: usize,
        /// Height found.
        found_height: usize,
    },
    /// There is no pixel.
    #[error("a picture without pixels has no motion")]
    Empty,
    /// A network that finds motion cannot be run, or the caller gave up.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// No network of the kind that was asked for can be used.
    #[error(
        "no usable network \"{asked}\" for motion is installed in {}{problems}; install one, or choose \"auto\" or \"dis\"",
        list(searched)
    )]
    NoNetwork {
        /// The line, the family or the name asked for.
        asked: String,
        /// What stands against each network that was found, each behind a semicolon, or empty.
        problems: String,
        /// The folders that were searched.
        searched: Vec<PathBuf>,
    },
}

fn list(folders: &[PathBuf]) -> String {
    let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
    if folders.is_empty() { "(no model folder is set)".to_owned() } else { folders.join(", ") }
}

impl Failure for FlowError {
    fn is_abort(&self) -> bool {
        matches!(self, Self::Inference(InferenceError::Aborted))
    }
}

impl FlowError {
    /// Whether `found` is of the size `expected`; an error that names `what` if not.
    pub(crate) fn unless_same(what: &'static str, expected: (usize, usize), found: (usize, usize)) -> Result<(), Self> {
        if expected == found {
            return Ok(());
        }
        let ((width, height), (found_width, found_height)) = (expected, found);
        Err(Self::Size { what, width, height, found_width, found_height })
    }
}
