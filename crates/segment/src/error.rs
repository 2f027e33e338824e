//! What can go wrong between a prompt and a mask.

use std::path::PathBuf;

use inference::{Failure, InferenceError};

use crate::identity::Identity;

/// Why there is no mask.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SegmentError {
    /// The engine: aborted, no runtime, a model file missing, damaged or of another kind, a failed run.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// Nothing says what the object is: no include point and no box.
    #[error("no prompt: place an include point on the object, or a box around it")]
    NoPrompt,
    /// A text prompt of nothing, and no box round an example.
    #[error("no text: write what to look for, for example \"person\", or draw a box round an example")]
    NoText,
    /// There are prompts, and all of them lie outside the picture.
    #[error("all {count} prompts lie outside the picture of {width}x{height} pixels; move one onto the object")]
    PromptOutside {
        /// Include points and boxes that were given.
        count: usize,
        /// Width of the model picture.
        width: usize,
        /// Height of the model picture.
        height: usize,
    },
    /// No model of any known family can be used.
    #[error(
        "no usable segmentation model in {}{problems}; install one, for example MobileSAM, into one of these folders",
        list(searched)
    )]
    NoModel {
        /// The folders that were searched.
        searched: Vec<PathBuf>,
        /// What stood against each model that was found, in parentheses, or empty.
        problems: String,
    },
    /// No model of the line that was asked for can be used.
    #[error("no usable model of {line} is installed{problems}; found: {found}. Install one, or choose \"auto\"")]
    NoModelOfLine {
        /// "SAM 3".
        line: String,
        /// What stands against each model of the line, in parentheses, or empty.
        problems: String,
        /// The names that are there, of whatever line.
        found: String,
    },
    /// No network for matting can be used, or none of the kind asked for.
    #[error(
        "no usable network for matting{kind} in {}{problems}; install {remedy} into one of these folders, or choose another way to refine",
        list(searched)
    )]
    NoMatting {
        /// " of the kind RVM", or empty.
        kind: String,
        /// What can be installed.
        remedy: String,
        /// The folders that were searched.
        searched: Vec<PathBuf>,
        /// What stood against each that was found, in parentheses, or empty.
        problems: String,
    },
    /// The chosen model is not installed.
    #[error("the model \"{asked}\" is not installed; found: {found}. Choose one of these, or \"auto\"")]
    UnknownModel {
        /// The name asked for.
        asked: String,
        /// The names that are there.
        found: String,
    },
    /// The chosen model is installed and cannot be used.
    #[error("the model \"{name}\" in {} cannot be used: {problem}", folder.display())]
    UnusableModel {
        /// Its name.
        name: String,
        /// Its folder.
        folder: PathBuf,
        /// Why.
        problem: String,
    },
    /// The picture is empty or not of a size the model takes.
    #[error("the model picture is {width}x{height} pixels; {expected}")]
    PictureSize {
        /// Width given.
        width: usize,
        /// Height given.
        height: usize,
        /// What the model takes.
        expected: String,
    },
    /// The model cannot use a prompt of this kind.
    #[error("{model} cannot use {what}; {remedy}")]
    PromptKind {
        /// The model.
        model: String,
        /// "a mask as the prompt".
        what: &'static str,
        /// What to do now.
        remedy: &'static str,
    },
    /// A tracker is asked to go on where it has forgotten what it needs.
    #[error(
        "tracking cannot go on at frame {frame}: what was tracked on frame {missing} is forgotten since; track again from a prompted frame, or from a saved state nearby"
    )]
    Forgotten {
        /// The frame to be tracked or corrected.
        frame: usize,
        /// The frame whose memory is needed and gone.
        missing: usize,
    },
    /// A frame that the shot does not have.
    #[error("frame {frame} is outside the shot of {frames} frames")]
    FrameOutside {
        /// The frame, counted from 0.
        frame: usize,
        /// Frames of the shot.
        frames: usize,
    },
    /// A tracker is asked for an object that no prompt has told it of, or for a frame it has not tracked.
    #[error("nothing was tracked for object {object} on frame {frame}; prompt it first")]
    NotTracked {
        /// The object.
        object: u32,
        /// The frame.
        frame: usize,
    },
    /// A saved tracker cannot be resumed.
    #[error("the saved tracking state cannot be used: {reason}; track again from the prompted frames")]
    State {
        /// Why.
        reason: String,
    },
    /// The embedding, or the previous logits, belong to another model.
    #[error("{what} of {found} cannot be used with {model}")]
    OtherModel {
        /// "The embedding" or "the previous logits".
        what: &'static str,
        /// Where it comes from or what it looks like.
        found: String,
        /// The model in use.
        model: String,
    },
}

impl Failure for SegmentError {
    fn is_abort(&self) -> bool {
        self.is_aborted()
    }
}

impl SegmentError {
    pub(crate) fn other_model(what: &'static str, found: &Identity, model: &Identity) -> Self {
        Self::OtherModel { what, found: found.name.to_string(), model: model.name.to_string() }
    }

    /// What a model without texts says to one.
    pub(crate) fn no_texts(model: &str) -> Self {
        Self::PromptKind {
            model: model.to_owned(),
            what: "a text as the prompt",
            remedy: "use points or a box, or install SAM3 with its text graphs",
        }
    }

    /// Whether the caller gave up, so that there is nothing to report.
    pub fn is_aborted(&self) -> bool {
        matches!(self, Self::Inference(InferenceError::Aborted))
    }
}

fn list(folders: &[PathBuf]) -> String {
    let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
    if folders.is_empty() { "(no model folder is set)".to_owned() } else { folders.join(", ") }
}
