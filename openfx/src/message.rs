//! Messages to the user.

use std::ffi::{CStr, CString, c_void};

use parking_lot::Mutex;

use crate::instance::Instance;
use crate::names;
use crate::parameters::c_text;
use crate::status::Status;
use crate::suites::{MessageSuite, call};

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// Something did not work.
    Error,
    /// Something may not be what is wanted.
    Warning,
    /// For information.
    Message,
    /// For the host's log only.
    Log,
}

impl MessageKind {
    fn name(self) -> &'static CStr {
        match self {
            Self::Error => names::MESSAGE_ERROR,
            Self::Warning => names::MESSAGE_WARNING,
            Self::Message => names::MESSAGE_MESSAGE,
            Self::Log => names::MESSAGE_LOG,
        }
    }
}

/// The message that stays on the node, as far as the host was told.
#[derive(Default)]
pub(crate) struct Messages {
    persistent: Mutex<Option<(MessageKind, String)>>,
}

/// Hosts take the text for a printf format: "%s" keeps a "100 %" from being one.
const FORMAT: &CStr = c"%s";

impl Instance {
    /// Shows a message once. Not for render: use [`Instance::set_persistent_message`] there. Only logged where the host
    /// has no messages or no user.
    pub fn show_message(&self, kind: MessageKind, text: &str) {
        log_message(kind, text);
        if self.loaded.host.is_background && kind != MessageKind::Log {
            return;
        }
        let status = self.send(kind.name(), text);
        if !status.is_ok() {
            log::debug!("the host answered {status} to message");
        }
    }

    /// Asks the user; `None` where nobody can answer (background hosts, hosts without messages).
    #[must_use]
    pub fn ask(&self, question: &str) -> Option<bool> {
        if self.loaded.host.is_background {
            return None;
        }
        match self.send(names::MESSAGE_QUESTION, question) {
            Status::REPLY_YES => Some(true),
            Status::REPLY_NO => Some(false),
            _ => None,
        }
    }

    /// Puts a message on the node until it is replaced or cleared. The same text again is not sent again.
    pub fn set_persistent_message(&self, kind: MessageKind, text: &str) {
        let new = Some((kind, text.to_owned()));
        {
            let mut shown = self.messages.persistent.lock();
            if *shown == new {
                return;
            }
            *shown = new;
        }
        log_message(kind, text);
        let text = c_text(text);
        let status = match &self.loaded.suites.message {
            // SAFETY: handle of this instance; C strings; one argument for the one "%s".
            MessageSuite::Two(suite) => unsafe {
                call!(suite.setPersistentMessage(
                    self.message_handle(),
                    kind.name().as_ptr(),
                    c"".as_ptr(),
                    FORMAT.as_ptr(),
                    text.as_ptr(),
                ))
            },
            // Version 1 has nothing that stays, and a box for each frame would be worse than the log.
            MessageSuite::One(_) | MessageSuite::None => Status::OK,
        };
        if !status.is_ok() {
            log::debug!("the host answered {status} to setPersistentMessage");
        }
    }

    /// Takes the message off the node, if there is one.
    pub fn clear_persistent_message(&self) {
        if self.messages.persistent.lock().take().is_some() {
            self.clear_in_host();
        }
    }

    /// Takes an error off the node, and leaves warnings and information to the effect. After every good render and
    /// before every change: Nuke does not render a node with an error on it.
    pub(crate) fn clear_persistent_error(&self) {
        let was_error = {
            let mut shown = self.messages.persistent.lock();
            let error = shown.as_ref().is_some_and(|(kind, _)| *kind == MessageKind::Error);
            if error {
                *shown = None;
            }
            error
        };
        if was_error {
            self.clear_in_host();
        }
    }

    fn clear_in_host(&self) {
        let MessageSuite::Two(suite) = &self.loaded.suites.message else { return };
        // SAFETY: handle of this instance.
        let status = unsafe { call!(suite.clearPersistentMessage(self.message_handle())) };
        if !status.is_ok() {
            log::debug!("the host answered {status} to clearPersistentMessage");
        }
    }

    fn send(&self, kind: &'static CStr, text: &str) -> Status {
        let text: CString = c_text(text);
        let handle = self.message_handle();
        match &self.loaded.suites.message {
            // SAFETY: handle of this instance; C strings; one argument for the one "%s".
            MessageSuite::Two(suite) => unsafe {
                call!(suite.message(handle, kind.as_ptr(), c"".as_ptr(), FORMAT.as_ptr(), text.as_ptr()))
            },
            // SAFETY: as above.
            MessageSuite::One(suite) => unsafe {
                call!(suite.message(handle, kind.as_ptr(), c"".as_ptr(), FORMAT.as_ptr(), text.as_ptr()))
            },
            MessageSuite::None => Status::ERR_MISSING_HOST_FEATURE,
        }
    }

    fn message_handle(&self) -> *mut c_void {
        self.handle.cast()
    }
}

fn log_message(kind: MessageKind, text: &str) {
    match kind {
        MessageKind::Error => log::error!("{text}"),
        MessageKind::Warning => log::warn!("{text}"),
        MessageKind::Message | MessageKind::Log => log::info!("{text}"),
    }
}
