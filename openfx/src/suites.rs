//! The host's function tables, fetched once in `kOfxActionLoad`.

use std::ffi::{CStr, c_void};

use openfx_sys as sys;

use crate::error::{Error, Result};
use crate::host::Quirks;
use crate::names;

/// Calls a member of a suite: `call!(table.member(arguments...))`. A null member answers
/// `kOfxStatErrMissingHostFeature`. Must stand in an `unsafe` block of its own with its reason.
macro_rules! call {
    ($table:ident . $member:ident ( $($argument:expr),* $(,)? )) => {
        match $table.$member {
            Some(function) => $crate::status::Status(function($($argument),*)),
            None => $crate::status::Status::ERR_MISSING_HOST_FEATURE,
        }
    };
}
pub(crate) use call;

/// Every suite this crate uses. The tables are copied: the host's own stay where they are until the plugin is unloaded,
/// but a copy needs no such promise. Members are null-checked at each call (Resolve 14 offers message suite 2 with null
/// members).
pub(crate) struct Suites {
    pub(crate) property: sys::OfxPropertySuiteV1,
    pub(crate) effect: sys::OfxImageEffectSuiteV1,
    pub(crate) parameter: sys::OfxParameterSuiteV1,
    pub(crate) message: MessageSuite,
    pub(crate) progress: ProgressSuite,
    pub(crate) multi_thread: Option<sys::OfxMultiThreadSuiteV1>,
    pub(crate) time_line: Option<sys::OfxTimeLineSuiteV1>,
    pub(crate) interact: Option<sys::OfxInteractSuiteV1>,
    pub(crate) draw: Option<sys::OfxDrawSuiteV1>,
}

/// The message suite in the best version the host has.
pub(crate) enum MessageSuite {
    Two(sys::OfxMessageSuiteV2),
    One(sys::OfxMessageSuiteV1),
    None,
}

/// The progress suite in the best version the host has.
pub(crate) enum ProgressSuite {
    Two(sys::OfxProgressSuiteV2),
    One(sys::OfxProgressSuiteV1),
    None,
}

impl Suites {
    /// Fetches everything; only the property, image effect and parameter suites are required.
    ///
    /// # Errors
    /// [`Error::MissingSuite`] for a required one.
    ///
    /// # Safety
    /// `host` is the structure the host gave to `setHost`, alive and unchanged.
    pub(crate) unsafe fn fetch(host: &sys::OfxHost, quirks: &Quirks) -> Result<Self> {
        let fetcher = Fetcher { host };
        // SAFETY: each name and version is paired with the structure that the OpenFX headers define for it.
        unsafe {
            Ok(Self {
                property: fetcher.required(names::PROPERTY_SUITE, "OfxPropertySuite")?,
                effect: fetcher.required(names::IMAGE_EFFECT_SUITE, "OfxImageEffectSuite")?,
                parameter: fetcher.required(names::PARAMETER_SUITE, "OfxParameterSuite")?,
                message: fetcher.message(quirks),
                progress: fetcher.progress(quirks),
                multi_thread: fetcher.optional(names::MULTI_THREAD_SUITE, 1),
                time_line: fetcher.optional(names::TIME_LINE_SUITE, 1),
                interact: fetcher.optional(names::INTERACT_SUITE, 1),
                draw: fetcher.optional(names::DRAW_SUITE, 1),
            })
        }
    }

    /// The property suite alone: enough to read the host's name, which decides how the others are fetched.
    ///
    /// # Errors
    /// [`Error::MissingSuite`].
    ///
    /// # Safety
    /// As for [`Suites::fetch`].
    pub(crate) unsafe fn fetch_property(host: &sys::OfxHost) -> Result<sys::OfxPropertySuiteV1> {
        // SAFETY: the name belongs to this structure.
        unsafe { Fetcher { host }.required(names::PROPERTY_SUITE, "OfxPropertySuite") }
    }
}

struct Fetcher<'a> {
    host: &'a sys::OfxHost,
}

impl Fetcher<'_> {
    /// # Safety
    /// `T` is the structure of suite `name` in `version`.
    unsafe fn optional<T: Copy>(&self, name: &'static CStr, version: i32) -> Option<T> {
        let fetch = self.host.fetchSuite?;
        // SAFETY: `fetchSuite` is called as the API asks, with the host's own handle and a static name.
        let suite: *const c_void = unsafe { fetch(self.host.host, name.as_ptr(), version) };
        // SAFETY: a non-null answer is a table of type T (the caller's promise); it is copied, unaligned to be safe.
        (!suite.is_null()).then(|| unsafe { suite.cast::<T>().read_unaligned() })
    }

    /// # Safety
    /// As [`Fetcher::optional`], version 1.
    unsafe fn required<T: Copy>(&self, name: &'static CStr, suite: &'static str) -> Result<T> {
        // SAFETY: the caller's promise.
        unsafe { self.optional(name, 1) }.ok_or(Error::MissingSuite { suite, version: 1 })
    }

    /// # Safety
    /// Sound for every host that keeps to the API.
    unsafe fn message(&self, quirks: &Quirks) -> MessageSuite {
        // SAFETY: name, version and structure belong together.
        unsafe {
            // openfx-runner aborts when asked for any version but 1.
            let two = if quirks.only_first_versions { None } else { self.optional(names::MESSAGE_SUITE, 2) };
            match two {
                Some(two) => MessageSuite::Two(two),
                None => self.optional(names::MESSAGE_SUITE, 1).map_or(MessageSuite::None, MessageSuite::One),
            }
        }
    }

    /// # Safety
    /// Sound for every host that keeps to the API.
    unsafe fn progress(&self, quirks: &Quirks) -> ProgressSuite {
        // SAFETY: name, version and structure belong together.
        unsafe {
            let two = if quirks.only_first_versions { None } else { self.optional(names::PROGRESS_SUITE, 2) };
            match two {
                Some(two) => ProgressSuite::Two(two),
                None => self.optional(names::PROGRESS_SUITE, 1).map_or(ProgressSuite::None, ProgressSuite::One),
            }
        }
    }
}
