//! What a plugin did against the rules.

use super::RectI;
use serde::Serialize;

/// One breach of the OFX rules, seen by the host.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "violation")]
pub enum Violation {
    /// An image was fetched and not released in the same action.
    #[error("{action}: an image of clip {clip} at time {time} was never released")]
    ImageLeaked {
        /// The action that fetched it.
        action: String,
        /// The clip.
        clip: String,
        /// The time asked for.
        time: f64,
    },
    /// An image was released a second time.
    #[error("{action}: an image was released twice")]
    ImageReleasedTwice {
        /// The action that released it again.
        action: String,
    },
    /// An image was fetched where that is not allowed.
    #[error(
        "{action}: clip {clip} was asked for an image, which is allowed only in render and in an instance change by the user"
    )]
    ImageOutsideRender {
        /// The running action, or "no action".
        action: String,
        /// The clip.
        clip: String,
    },
    /// Bytes of the output image outside the render window, in row padding or beyond the buffer were changed.
    #[error("{action}: {bytes} bytes outside the render window {window:?} were written, the first one {place}")]
    WroteOutsideWindow {
        /// The action.
        action: String,
        /// The render window.
        window: RectI,
        /// How many bytes changed.
        bytes: usize,
        /// Where the first one is, in words.
        place: String,
    },
    /// Pixels of the render window were left as they were.
    #[error("{action}: {pixels} pixels of the render window {window:?} were not written, the first at ({x}, {y})")]
    WindowNotFilled {
        /// The action.
        action: String,
        /// The render window.
        window: RectI,
        /// How many pixels are untouched.
        pixels: usize,
        /// First untouched pixel.
        x: i32,
        /// First untouched pixel, y up.
        y: i32,
    },
    /// The plugin wrote into an input image.
    #[error("{action}: the image of input clip {clip} was written to")]
    WroteInput {
        /// The action.
        action: String,
        /// The clip.
        clip: String,
    },
    /// A parameter was written where that is not allowed.
    #[error("{action}: parameter {param} was written, which is allowed only in instance changes and overlay actions")]
    ParamWritten {
        /// The running action, or "no action".
        action: String,
        /// The parameter.
        param: String,
    },
    /// A handle that the host never gave, or that is no longer valid.
    #[error("{action}: {function} was given a handle that is not a live {expected}")]
    BadHandle {
        /// The running action, or "no action".
        action: String,
        /// The suite function.
        function: String,
        /// What the handle should have been.
        expected: String,
    },
    /// A suite function was called where the specification forbids it.
    #[error("{action}: {function} may not be called here")]
    ForbiddenCall {
        /// The running action, or "no action".
        action: String,
        /// The suite function.
        function: String,
    },
    /// Something that was opened was not closed: an edit block, a progress bar, a mutex, memory.
    #[error("{action}: {what} was left open")]
    LeftOpen {
        /// The action after which it was seen.
        action: String,
        /// What.
        what: String,
    },
    /// A property was set to something that it cannot hold.
    #[error("{action}: property {property} was set wrongly: {problem}")]
    BadProperty {
        /// The running action, or "no action".
        action: String,
        /// The property.
        property: String,
        /// What is wrong.
        problem: String,
    },
    /// The answer to an action makes no sense.
    #[error("{action}: {problem}")]
    BadAnswer {
        /// The action.
        action: String,
        /// What is wrong.
        problem: String,
    },
}
