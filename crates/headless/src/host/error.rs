//! Everything that can go wrong between the host and a plugin.

use super::{Context, FrameError, Message, Violation};
use std::fmt;
use std::path::PathBuf;

/// An OFX status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub i32);

impl Status {
    /// All was fine.
    pub const OK: Self = Self(0);
    /// The operation failed.
    pub const FAILED: Self = Self(1);
    /// The plugin cannot go on.
    pub const ERR_FATAL: Self = Self(2);
    /// Unknown object.
    pub const ERR_UNKNOWN: Self = Self(3);
    /// A feature of the host is missing.
    pub const ERR_MISSING_HOST_FEATURE: Self = Self(4);
    /// Not supported.
    pub const ERR_UNSUPPORTED: Self = Self(5);
    /// It exists already.
    pub const ERR_EXISTS: Self = Self(6);
    /// Wrong format.
    pub const ERR_FORMAT: Self = Self(7);
    /// Out of memory.
    pub const ERR_MEMORY: Self = Self(8);
    /// A bad handle.
    pub const ERR_BAD_HANDLE: Self = Self(9);
    /// A bad index.
    pub const ERR_BAD_INDEX: Self = Self(10);
    /// A bad value.
    pub const ERR_VALUE: Self = Self(11);
    /// Yes.
    pub const REPLY_YES: Self = Self(12);
    /// No.
    pub const REPLY_NO: Self = Self(13);
    /// The host should do the default.
    pub const REPLY_DEFAULT: Self = Self(14);
    /// Wrong image format.
    pub const ERR_IMAGE_FORMAT: Self = Self(1000);
}

impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match *self {
            Self::OK => "OK",
            Self::FAILED => "Failed",
            Self::ERR_FATAL => "ErrFatal",
            Self::ERR_UNKNOWN => "ErrUnknown",
            Self::ERR_MISSING_HOST_FEATURE => "ErrMissingHostFeature",
            Self::ERR_UNSUPPORTED => "ErrUnsupported",
            Self::ERR_EXISTS => "ErrExists",
            Self::ERR_FORMAT => "ErrFormat",
            Self::ERR_MEMORY => "ErrMemory",
            Self::ERR_BAD_HANDLE => "ErrBadHandle",
            Self::ERR_BAD_INDEX => "ErrBadIndex",
            Self::ERR_VALUE => "ErrValue",
            Self::REPLY_YES => "ReplyYes",
            Self::REPLY_NO => "ReplyNo",
            Self::REPLY_DEFAULT => "ReplyDefault",
            Self::ERR_IMAGE_FORMAT => "ErrImageFormat",
            Self(other) => return write!(out, "status {other}"),
        };
        out.write_str(name)
    }
}

/// Why the host could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// There is no file or folder at this path.
    #[error("there is no plugin at {path}: give an .ofx file or an .ofx.bundle folder", path = path.display())]
    NotFound {
        /// The path given.
        path: PathBuf,
    },
    /// The folder is not laid out as an OFX bundle for this system.
    #[error("{path} is not an OFX bundle for this system: {problem}", path = path.display())]
    BundleLayout {
        /// The bundle.
        path: PathBuf,
        /// What is missing.
        problem: String,
    },
    /// The system refused to load the library.
    #[error("cannot load {path}: {reason}", path = path.display())]
    Load {
        /// The library.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The library is no OFX plugin, or its plugin record is broken.
    #[error("{path} is not a usable OFX plugin: {problem}", path = path.display())]
    NotAPlugin {
        /// The library.
        path: PathBuf,
        /// What is missing or broken.
        problem: String,
    },
    /// The library is in use by another host of this process, on this thread.
    #[error("{path} is already open in this thread under another host: drop that bundle first", path = path.display())]
    InUse {
        /// The library.
        path: PathBuf,
    },
    /// The bundle has no effect of this name.
    #[error("there is no effect {id}; the bundle has: {available}", available = available.join(", "))]
    NoEffect {
        /// The identifier asked for.
        id: String,
        /// What there is.
        available: Vec<String>,
    },
    /// Host and effect have no context in common, or not the one asked for.
    #[error("effect {id} cannot be used as {asked:?}; it offers {offered:?}")]
    NoContext {
        /// The effect.
        id: String,
        /// The context asked for; none when any would have done.
        asked: Option<Context>,
        /// What the effect offers.
        offered: Vec<Context>,
    },
    /// Host and effect agree on no pixel format.
    #[error("clip {clip}: host and effect agree on no {what}")]
    NoFormat {
        /// The clip.
        clip: String,
        /// "pixel depth" or "components".
        what: &'static str,
    },
    /// An action was answered with an error.
    #[error("effect {id} answered {action} with {status}{words}", words = words(messages))]
    Action {
        /// The effect.
        id: String,
        /// The action.
        action: String,
        /// The answer.
        status: Status,
        /// What the effect told the user in that action.
        messages: Vec<Message>,
    },
    /// The effect broke the rules.
    #[error("effect {id} broke the rules of OFX: {list}", list = list(violations))]
    Violations {
        /// The effect.
        id: String,
        /// Every breach.
        violations: Vec<Violation>,
    },
    /// The instance shows a persistent error: this host does not render before it is cleared.
    #[error("effect {id} shows an error and will not be rendered before it is cleared: {message}")]
    PersistentError {
        /// The effect.
        id: String,
        /// The message shown.
        message: String,
    },
    /// The render was aborted.
    #[error("the render at time {time} was aborted")]
    Aborted {
        /// The time.
        time: f64,
    },
    /// A clip that the effect cannot do without is not connected.
    #[error("clip {clip} is not connected")]
    NotConnected {
        /// The clip.
        clip: String,
    },
    /// A source failed to deliver a frame.
    #[error("clip {clip} has no frame at time {time}: {reason}")]
    Source {
        /// The clip.
        clip: String,
        /// The time.
        time: f64,
        /// The source's words.
        reason: String,
    },
    /// The effect has no such clip.
    #[error("there is no clip {name}; there are: {available}", available = available.join(", "))]
    NoClip {
        /// The name asked for.
        name: String,
        /// What there is.
        available: Vec<String>,
    },
    /// The effect has no such parameter.
    #[error("there is no parameter {name}; there are: {available}", available = available.join(", "))]
    NoParam {
        /// The name asked for.
        name: String,
        /// What there is.
        available: Vec<String>,
    },
    /// A value of the wrong type or outside the choices.
    #[error("parameter {param} takes {expected}, not {found}")]
    ValueType {
        /// The parameter.
        param: String,
        /// What it takes.
        expected: String,
        /// What was given.
        found: String,
    },
    /// Text that does not read as a value.
    #[error("parameter {param} takes {expected}; {text:?} does not read as that")]
    ValueText {
        /// The parameter.
        param: String,
        /// What it takes.
        expected: String,
        /// What was given.
        text: String,
    },
    /// A parameter that cannot have keys.
    #[error("parameter {param} cannot be animated")]
    NotAnimated {
        /// The parameter.
        param: String,
    },
    /// Overlays cannot be drawn as asked.
    #[error("the overlay cannot be drawn: {problem}")]
    Overlay {
        /// Why.
        problem: &'static str,
    },
    /// A window or size that makes no sense.
    #[error("cannot render {what}")]
    Request {
        /// What is wrong.
        what: String,
    },
    /// Pixels of the wrong size.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

fn words(messages: &[Message]) -> String {
    messages.iter().map(|message| format!("; it says: {}", message.text)).collect()
}

fn list(violations: &[Violation]) -> String {
    violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
