//! Typed access to a host's property sets.

use std::ffi::{CStr, CString, c_char, c_void};
use std::fmt;
use std::ptr;

use openfx_sys as sys;

use crate::error::Result;
use crate::status::Status;
use crate::suites::call;

/// A property set of the host: effect, clip, image, parameter, or the arguments of an action.
///
/// Reading is tolerant: a property the host does not know, or knows under another type, reads as `None`. Writing comes
/// in two kinds: [`PropertySet::set`] reports a refusal, [`PropertySet::offer`] logs it and goes on, for hosts with
/// fixed keys (Natron) or older ones.
#[derive(Clone, Copy)]
pub struct PropertySet<'a> {
    suite: &'a sys::OfxPropertySuiteV1,
    handle: sys::OfxPropertySetHandle,
}

/// A value that can be handed to a property.
pub trait PropertyValue: sealed::Sealed + Copy + fmt::Debug {
    /// Writes itself at `index`.
    #[doc(hidden)]
    fn write(self, set: &PropertySet<'_>, name: &CStr, index: i32) -> Status;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for i32 {}
    impl Sealed for bool {}
    impl Sealed for f64 {}
    impl Sealed for &'static std::ffi::CStr {}
}

impl<'a> PropertySet<'a> {
    /// # Safety
    /// `handle` is a property set of the host that `suite` came from, and stays valid for `'a`; it may be null, then
    /// everything reads as missing.
    pub(crate) unsafe fn new(suite: &'a sys::OfxPropertySuiteV1, handle: sys::OfxPropertySetHandle) -> Self {
        Self { suite, handle }
    }

    pub(crate) fn handle(&self) -> sys::OfxPropertySetHandle {
        self.handle
    }

    /// An integer.
    #[must_use]
    pub fn int(&self, name: &CStr, index: i32) -> Option<i32> {
        let mut value = 0;
        self.read(name, index, |suite, set, name| {
            // SAFETY: the set is valid (see `new`), the name is a C string, the target is a local.
            unsafe { call!(suite.propGetInt(set, name, index, &raw mut value)) }
        })
        .then_some(value)
    }

    /// An integer seen as a boolean.
    #[must_use]
    pub fn flag(&self, name: &CStr) -> Option<bool> {
        self.int(name, 0).map(|value| value != 0)
    }

    /// A double. Not-a-number reads as missing.
    #[must_use]
    pub fn double(&self, name: &CStr, index: i32) -> Option<f64> {
        let mut value = 0.0;
        self.read(name, index, |suite, set, name| {
            // SAFETY: the set is valid (see `new`), the name is a C string, the target is a local.
            unsafe { call!(suite.propGetDouble(set, name, index, &raw mut value)) }
        })
        .then_some(value)
        .filter(|value| !value.is_nan())
    }

    /// The first `N` doubles; all or nothing. Read one by one: not every host has a working `propGetDoubleN`.
    #[must_use]
    pub fn doubles<const N: usize>(&self, name: &CStr) -> Option<[f64; N]> {
        let mut values = [0.0; N];
        for (index, value) in (0..).zip(values.iter_mut()) {
            *value = self.double(name, index)?;
        }
        Some(values)
    }

    /// The first `N` integers; all or nothing.
    #[must_use]
    pub fn ints<const N: usize>(&self, name: &CStr) -> Option<[i32; N]> {
        let mut values = [0; N];
        for (index, value) in (0..).zip(values.iter_mut()) {
            *value = self.int(name, index)?;
        }
        Some(values)
    }

    /// A string, copied; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn string(&self, name: &CStr, index: i32) -> Option<String> {
        self.with_c_string(name, index, |text| text.to_string_lossy().into_owned())
    }

    /// Whether a string property holds exactly `expected`.
    #[must_use]
    pub fn string_is(&self, name: &CStr, expected: &CStr) -> bool {
        self.with_c_string(name, 0, |text| text == expected).unwrap_or(false)
    }

    /// Shows the host's string to `look` without a copy.
    pub(crate) fn with_c_string<T>(&self, name: &CStr, index: i32, look: impl FnOnce(&CStr) -> T) -> Option<T> {
        let mut value: *mut c_char = ptr::null_mut();
        let found = self.read(name, index, |suite, set, name| {
            // SAFETY: the set is valid (see `new`), the name is a C string, the target is a local.
            unsafe { call!(suite.propGetString(set, name, index, &raw mut value)) }
        });
        // SAFETY: a non-null string from the host ends with a NUL and lives at least until the next call on this set.
        (found && !value.is_null()).then(|| look(unsafe { CStr::from_ptr(value) }))
    }

    /// A pointer; null reads as missing.
    #[must_use]
    pub(crate) fn pointer(&self, name: &CStr) -> Option<ptr::NonNull<c_void>> {
        let mut value: *mut c_void = ptr::null_mut();
        self.read(name, 0, |suite, set, name| {
            // SAFETY: the set is valid (see `new`), the name is a C string, the target is a local.
            unsafe { call!(suite.propGetPointer(set, name, 0, &raw mut value)) }
        });
        ptr::NonNull::new(value)
    }

    /// How many values the property has; 0 where the host does not know it (openfx-runner answers an error for one
    /// that is merely unset).
    #[must_use]
    pub fn dimension(&self, name: &CStr) -> usize {
        let mut count = 0;
        let found = self.read(name, 0, |suite, set, name| {
            // SAFETY: the set is valid (see `new`), the name is a C string, the target is a local.
            unsafe { call!(suite.propGetDimension(set, name, &raw mut count)) }
        });
        if found { usize::try_from(count).unwrap_or(0) } else { 0 }
    }

    /// Writes `value` at `index`.
    ///
    /// # Errors
    /// The host's refusal.
    pub fn set(&self, name: &CStr, index: i32, value: impl PropertyValue) -> Result<()> {
        self.write(name, index, value).check("propSet", name.to_string_lossy())
    }

    /// Writes `value` at `index` where the host takes it; a refusal is logged and passed over.
    pub fn offer(&self, name: &CStr, index: i32, value: impl PropertyValue) {
        let status = self.write(name, index, value);
        if !status.is_ok() {
            log::debug!("the host answered {status} to property {} = {value:?}", name.to_string_lossy());
        }
    }

    /// Stores a pointer. Not public: what hosts do with a pointer is not for safe code to decide.
    pub(crate) fn set_pointer(&self, name: &CStr, value: *mut c_void) -> Result<()> {
        if self.handle.is_null() {
            return Status::ERR_BAD_HANDLE.check("propSetPointer", name.to_string_lossy());
        }
        let suite = self.suite;
        // SAFETY: the set is valid (see `new`), the name is a C string; the host stores the pointer.
        unsafe { call!(suite.propSetPointer(self.handle, name.as_ptr(), 0, value)) }
            .check("propSetPointer", name.to_string_lossy())
    }

    fn write(&self, name: &CStr, index: i32, value: impl PropertyValue) -> Status {
        if self.handle.is_null() {
            return Status::ERR_BAD_HANDLE;
        }
        value.write(self, name, index)
    }

    fn read(
        &self,
        name: &CStr,
        index: i32,
        get: impl FnOnce(&sys::OfxPropertySuiteV1, sys::OfxPropertySetHandle, *const c_char) -> Status,
    ) -> bool {
        !self.handle.is_null() && index >= 0 && get(self.suite, self.handle, name.as_ptr()).is_ok()
    }
}

impl PropertyValue for i32 {
    fn write(self, set: &PropertySet<'_>, name: &CStr, index: i32) -> Status {
        let suite = set.suite;
        // SAFETY: the set is valid (see `PropertySet::new`), the name is a C string.
        unsafe { call!(suite.propSetInt(set.handle, name.as_ptr(), index, self)) }
    }
}

impl PropertyValue for bool {
    fn write(self, set: &PropertySet<'_>, name: &CStr, index: i32) -> Status {
        i32::from(self).write(set, name, index)
    }
}

impl PropertyValue for f64 {
    fn write(self, set: &PropertySet<'_>, name: &CStr, index: i32) -> Status {
        let suite = set.suite;
        // SAFETY: the set is valid (see `PropertySet::new`), the name is a C string.
        unsafe { call!(suite.propSetDouble(set.handle, name.as_ptr(), index, self)) }
    }
}

/// Static only: hosts keep the pointer (a temporary crashed Nuke).
impl PropertyValue for &'static CStr {
    fn write(self, set: &PropertySet<'_>, name: &CStr, index: i32) -> Status {
        let suite = set.suite;
        // SAFETY: the set is valid (see `PropertySet::new`); both strings end with a NUL and the value is static.
        unsafe { call!(suite.propSetString(set.handle, name.as_ptr(), index, self.as_ptr())) }
    }
}

/// A property name made of a prefix and a clip's name, as the per-clip answers of several actions are.
pub(crate) fn clip_property(prefix: &str, clip: &CStr) -> CString {
    let mut name = prefix.as_bytes().to_vec();
    name.extend_from_slice(clip.to_bytes());
    // Neither part has an interior NUL: one is our literal, the other was a C string.
    CString::new(name).unwrap_or_default()
}
