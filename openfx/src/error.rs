//! What can go wrong between a plugin and its host.

use crate::status::Status;

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the OpenFX layer or of the effect above it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The host has no such suite; without it the plugin cannot work in this host.
    #[error(
        "this host offers no {suite} version {version}, which the plugin needs; use a host with OpenFX 1.2 or later"
    )]
    MissingSuite {
        /// The suite's OpenFX name.
        suite: &'static str,
        /// The version asked for.
        version: i32,
    },
    /// `setHost` was never called, or it was called without a usable host.
    #[error("the host called the plugin before introducing itself (setHost)")]
    NoHost,
    /// An action came before `kOfxActionLoad` or after `kOfxActionUnload`.
    #[error("the host called {action} while the plugin is not loaded")]
    NotLoaded {
        /// The action.
        action: String,
    },
    /// An action needs an instance that the host never created.
    #[error("the host called an action on an instance it never created")]
    NoInstance,
    /// A call into the host failed.
    #[error("the host answered {status} to {call} for {subject}")]
    Host {
        /// The suite function.
        call: &'static str,
        /// The parameter, clip or property it was called for.
        subject: String,
        /// The host's answer.
        status: Status,
    },
    /// The parameter was described but the host does not have it on this instance.
    #[error("parameter '{name}' is missing in this host: remove the effect and add it again")]
    MissingParameter {
        /// Its script name.
        name: String,
    },
    /// The clip was described but the host does not have it on this instance.
    #[error("clip '{name}' is missing in this host")]
    MissingClip {
        /// Its name.
        name: String,
    },
    /// A parameter was written outside the actions in which hosts accept it.
    #[error("parameter '{name}' was written outside an InstanceChanged or overlay action, where hosts refuse it")]
    WriteNotAllowed {
        /// Its script name.
        name: String,
    },
    /// The host handed over an image that cannot be used.
    #[error("the image of clip '{clip}' cannot be used: {reason}")]
    BadImage {
        /// The clip's name.
        clip: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The host asked to stop; answered quietly with `kOfxStatFailed`.
    #[error("the host asked to stop")]
    Aborted,
    /// An error of the effect itself, in words for the user. In Render it becomes the instance's persistent message.
    #[error("{0}")]
    Effect(String),
}

impl Error {
    /// The effect's own error, in words for the user.
    pub fn effect(message: impl std::fmt::Display) -> Self {
        Self::Effect(message.to_string())
    }

    /// The status the host gets for this error.
    pub fn status(&self) -> Status {
        match self {
            Self::MissingSuite { .. } | Self::NoHost => Status::ERR_MISSING_HOST_FEATURE,
            Self::NoInstance => Status::ERR_BAD_HANDLE,
            _ => Status::FAILED,
        }
    }
}
