//! The status codes of the OpenFX C API.

use std::fmt;

use crate::error::Error;

/// A status as it crosses the C boundary.
///
/// Only `kOfxStatOK` survives in the generated bindings (the others are C macros), so the values are written out here
/// (ofxCore.h, ofxImageEffect.h).
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub struct Status(pub i32);

impl Status {
    /// The call did what it should.
    pub const OK: Self = Self(0);
    /// The call failed and the host lives on.
    pub const FAILED: Self = Self(1);
    /// The other side is beyond repair.
    pub const ERR_FATAL: Self = Self(2);
    /// The named object or property is unknown.
    pub const ERR_UNKNOWN: Self = Self(3);
    /// The host lacks a suite or function that is needed.
    pub const ERR_MISSING_HOST_FEATURE: Self = Self(4);
    /// The request is not supported.
    pub const ERR_UNSUPPORTED: Self = Self(5);
    /// The object exists already.
    pub const ERR_EXISTS: Self = Self(6);
    /// The format is wrong.
    pub const ERR_FORMAT: Self = Self(7);
    /// Out of memory.
    pub const ERR_MEMORY: Self = Self(8);
    /// The handle is not valid.
    pub const ERR_BAD_HANDLE: Self = Self(9);
    /// The index is out of range.
    pub const ERR_BAD_INDEX: Self = Self(10);
    /// The value is out of range.
    pub const ERR_VALUE: Self = Self(11);
    /// Answer: yes; also "this event was used" from an interact.
    pub const REPLY_YES: Self = Self(12);
    /// Answer: no; also "cancelled" from a progress bar.
    pub const REPLY_NO: Self = Self(13);
    /// Answer: do what you do by default.
    pub const REPLY_DEFAULT: Self = Self(14);
    /// The pixels are in a format the callee cannot work with.
    pub const ERR_IMAGE_FORMAT: Self = Self(1000);

    /// True for [`Status::OK`] only.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        self.0 == 0
    }

    /// `Ok(())` for [`Status::OK`], otherwise an [`Error::Host`] naming the call and what it was called for.
    ///
    /// # Errors
    /// Any status other than OK.
    pub fn check(self, call: &'static str, subject: impl fmt::Display) -> Result<(), Error> {
        if self.is_ok() {
            return Ok(());
        }
        Err(Error::Host { call, subject: subject.to_string(), status: self })
    }

    const fn name(self) -> Option<&'static str> {
        Some(match self {
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
            _ => return None,
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "kOfxStat{name}"),
            None => write!(f, "status {}", self.0),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
