//! The message suites, versions 1 and 2. The variadic functions themselves are in variadic.c.

use super::{argument, guarded, optional, resolve};
use crate::host::effect::Effect;
use crate::host::{Message, MessageKind, Status, scope};
use openfx_sys as sys;
use std::ffi::{c_char, c_int, c_void};

unsafe extern "C" {
    fn sam3roto_host_post(
        effect: *mut c_void,
        kind: *const c_char,
        id: *const c_char,
        format: *const c_char,
        ...
    ) -> sys::OfxStatus;
    fn sam3roto_host_post_persistent(
        effect: *mut c_void,
        kind: *const c_char,
        id: *const c_char,
        format: *const c_char,
        ...
    ) -> sys::OfxStatus;
}

pub(super) static SUITE_V1: sys::OfxMessageSuiteV1 = sys::OfxMessageSuiteV1 { message: Some(sam3roto_host_post) };

pub(super) static SUITE_V2: sys::OfxMessageSuiteV2 = sys::OfxMessageSuiteV2 {
    message: Some(sam3roto_host_post),
    setPersistentMessage: Some(sam3roto_host_post_persistent),
    clearPersistentMessage: Some(clear_persistent),
};

/// As DaVinci Resolve 14 gives it: the table is there, its new members are not.
pub(super) static SUITE_V2_EMPTY: sys::OfxMessageSuiteV2 = sys::OfxMessageSuiteV2 {
    message: Some(sam3roto_host_post),
    setPersistentMessage: None,
    clearPersistentMessage: None,
};

/// Takes a message whose text is already put together.
#[unsafe(no_mangle)]
unsafe extern "C" fn sam3roto_host_message(
    effect: *mut c_void,
    kind: *const c_char,
    id: *const c_char,
    text: *const c_char,
    persistent: c_int,
) -> sys::OfxStatus {
    guarded("message", || {
        // SAFETY: strings or null, by the suite's contract and from variadic.c.
        let (kind, id, text) = unsafe { (argument(kind)?, optional(id), argument(text)?) };
        let kind = MessageKind::from_ofx(kind).ok_or(Status::ERR_VALUE)?;
        let persistent = persistent != 0;
        if persistent && !matches!(kind, MessageKind::Error | MessageKind::Warning | MessageKind::Message) {
            return Err(Status::ERR_VALUE);
        }
        let message = Message { kind, id, text: text.to_string_lossy().into_owned(), persistent };
        // Messages may come without an effect; those that stay need one.
        if effect.is_null() && !persistent {
            log::info!("a plugin says: {}", message.text);
            return Ok(());
        }
        post(&*resolve::<Effect, _>("message", effect, "image effect")?, message)
    })
}

fn post(effect: &Effect, message: Message) -> Result<(), Status> {
    if let Some(scope) = scope::of(effect) {
        scope.found.lock().messages.push(message.clone());
    }
    let (kind, text) = (message.kind, message.text.clone());
    effect.session.tell(message);
    match kind {
        MessageKind::Question if effect.session.ask(&text) => Err(Status::REPLY_YES),
        MessageKind::Question => Err(Status::REPLY_NO),
        _ => Ok(()),
    }
}

unsafe extern "C" fn clear_persistent(effect: *mut c_void) -> sys::OfxStatus {
    guarded("clearPersistentMessage", || {
        resolve::<Effect, _>("clearPersistentMessage", effect, "image effect")?.session.clear_persistent();
        Ok(())
    })
}
