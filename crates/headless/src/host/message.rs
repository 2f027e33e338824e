//! What a plugin tells the user.

use openfx_sys as sys;
use serde::Serialize;
use std::ffi::CStr;

/// How serious a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// The plugin cannot go on.
    Fatal,
    /// Something failed that the user can mend.
    Error,
    /// It goes on, but not at its best.
    Warning,
    /// Plain information.
    Message,
    /// For the log only.
    Log,
    /// A yes or no question.
    Question,
}

impl MessageKind {
    /// The kind that an OFX string stands for.
    pub fn from_ofx(text: &CStr) -> Option<Self> {
        let known: [(&[u8], Self); 6] = [
            (sys::kOfxMessageFatal, Self::Fatal),
            (sys::kOfxMessageError, Self::Error),
            (sys::kOfxMessageWarning, Self::Warning),
            (sys::kOfxMessageMessage, Self::Message),
            (sys::kOfxMessageLog, Self::Log),
            (sys::kOfxMessageQuestion, Self::Question),
        ];
        known.iter().find(|(name, _)| *name == text.to_bytes_with_nul()).map(|(_, kind)| *kind)
    }
}

/// One message of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// How serious.
    pub kind: MessageKind,
    /// The plugin's identifier of the message; often empty.
    pub id: String,
    /// The text, formatted.
    pub text: String,
    /// Whether it stays on the node until cleared.
    pub persistent: bool,
}

/// A step of a plugin's progress bar.
#[derive(Debug, Clone, PartialEq)]
pub enum ProgressEvent {
    /// The bar opens.
    Start {
        /// Text beside the bar.
        label: String,
        /// The plugin's identifier of the text (progress suite 2), else empty.
        id: String,
    },
    /// The bar moves.
    Update(
        /// Done so far, 0..1.
        f64,
    ),
    /// The bar closes.
    End,
}
