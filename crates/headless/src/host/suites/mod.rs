//! The suites: what a plugin may call. Every function checks its handles, catches panics, and holds no lock while it calls back.

mod draw;
mod effect;
mod image;
mod interact;
mod memory;
mod message;
mod param;
mod progress;
mod property;
mod thread;
mod timeline;
mod value;

pub(super) use draw::Canvas;
pub(super) use memory::ImageMemory;
pub(super) use value::canonical_default;

use super::handle::lookup;
use super::profile::{Character, MessageSuites, Threads};
use super::scope;
use super::{Status, Violation};
use openfx_sys as sys;
use std::any::Any;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// The table of a suite as this host offers it; null when it does not.
pub(super) fn fetch(character: &Character, suite: &CStr, version: c_int) -> *const c_void {
    let suite = suite.to_bytes_with_nul();
    let is = |name: &[u8], wanted: c_int| suite == name && version == wanted;
    fn table<T>(table: &'static T) -> *const c_void {
        std::ptr::from_ref(table).cast()
    }
    if is(sys::kOfxPropertySuite, 1) {
        table(&property::SUITE)
    } else if is(sys::kOfxImageEffectSuite, 1) {
        table(&effect::SUITE)
    } else if is(sys::kOfxParameterSuite, 1) {
        table(&param::SUITE)
    } else if is(sys::kOfxMemorySuite, 1) {
        table(&memory::SUITE)
    } else if is(sys::kOfxMultiThreadSuite, 1) {
        match character.threads {
            Threads::Real => table(&thread::SUITE),
            Threads::Dummy => table(&thread::DUMMY),
        }
    } else if is(sys::kOfxMessageSuite, 1) {
        table(&message::SUITE_V1)
    } else if is(sys::kOfxMessageSuite, 2) {
        match character.messages {
            MessageSuites::Both => table(&message::SUITE_V2),
            MessageSuites::BothButEmpty => table(&message::SUITE_V2_EMPTY),
            MessageSuites::FirstOnly => std::ptr::null(),
        }
    } else if is(sys::kOfxProgressSuite, 1) && character.progress >= 1 {
        table(&progress::SUITE_V1)
    } else if is(sys::kOfxProgressSuite, 2) && character.progress >= 2 {
        table(&progress::SUITE_V2)
    } else if is(sys::kOfxTimeLineSuite, 1) && character.time_line {
        table(&timeline::SUITE)
    } else if is(sys::kOfxInteractSuite, 1) && character.overlays {
        table(&interact::SUITE)
    } else if is(sys::kOfxDrawSuite, 1) && character.draw_suite {
        table(&draw::SUITE)
    } else {
        std::ptr::null()
    }
}

/// Runs the body of a suite function; a panic of ours becomes a failure.
fn guarded(function: &'static str, body: impl FnOnce() -> Result<(), Status>) -> sys::OfxStatus {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => Status::OK.0,
        Ok(Err(status)) => status.0,
        Err(_) => {
            log::error!("the host panicked in {function}");
            Status::FAILED.0
        }
    }
}

/// The live object behind a handle; a bad one is a breach of the rules.
fn resolve<T: Any + Send + Sync, P>(
    function: &'static str,
    handle: *const P,
    expected: &'static str,
) -> Result<Arc<T>, Status> {
    lookup::<T, P>(handle).ok_or_else(|| {
        bad_handle(function, expected);
        Status::ERR_BAD_HANDLE
    })
}

fn bad_handle(function: &'static str, expected: &'static str) {
    let (function, expected) = (function.to_owned(), expected.to_owned());
    scope::violate(None, Violation::BadHandle { action: scope::action_name(), function, expected });
}

fn forbidden(effect: Option<&super::effect::Effect>, function: &'static str) {
    scope::violate(effect, Violation::ForbiddenCall { action: scope::action_name(), function: function.to_owned() });
}

/// A text argument; a null pointer is an illegal value.
///
/// # Safety
/// `pointer` is null or points at a NUL-terminated string that lives as long as the call.
unsafe fn argument<'a>(pointer: *const c_char) -> Result<&'a CStr, Status> {
    if pointer.is_null() {
        return Err(Status::ERR_VALUE);
    }
    // SAFETY: not null, and a string by the caller's word.
    Ok(unsafe { CStr::from_ptr(pointer) })
}

/// An optional text argument as a Rust string; empty for a null pointer.
///
/// # Safety
/// As [`argument`].
unsafe fn optional(pointer: *const c_char) -> String {
    // SAFETY: passed on.
    unsafe { argument(pointer) }.map(|text| text.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Hands a result to the plugin; a null pointer is an illegal value.
///
/// # Safety
/// `place` is null or writable for a `T`.
unsafe fn give<T>(place: *mut T, value: T) -> Result<(), Status> {
    if place.is_null() {
        return Err(Status::ERR_VALUE);
    }
    // SAFETY: not null, and writable by the caller's word; a plugin's pointer may be unaligned.
    unsafe { place.write_unaligned(value) };
    Ok(())
}

/// Hands an optional result to the plugin: nothing happens for a null pointer.
///
/// # Safety
/// As [`give`].
unsafe fn give_if_wanted<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: not null, and writable by the caller's word.
        unsafe { place.write_unaligned(value) };
    }
}
