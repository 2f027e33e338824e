//! Reading and writing the parameters of an instance.

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;
use std::sync::Arc;

use openfx_sys as sys;

use super::keys::{BooleanKey, ChoiceKey, Double2DKey, DoubleKey, IntegerKey, Key, TextKey};
use super::row::Row;
use crate::entry::Loaded;
use crate::error::{Error, Result};
use crate::names;
use crate::properties::PropertySet;
use crate::status::Status;
use crate::suites::call;
use crate::write_access;

/// The parameters of one instance, their handles cached when it was created.
pub struct Parameters {
    pub(super) loaded: Arc<Loaded>,
    pub(super) set: sys::OfxParamSetHandle,
    handles: HashMap<&'static CStr, Handle>,
}

/// A parameter of the host: to call for, and its properties.
#[derive(Clone, Copy)]
pub(super) struct Handle {
    pub(super) parameter: sys::OfxParamHandle,
    properties: sys::OfxPropertySetHandle,
}

// SAFETY: the handles are opaque; hosts accept reads from any thread that runs an action of this instance, and writes
// are confined to the actions that allow them (see `write_access`).
unsafe impl Send for Parameters {}
// SAFETY: as above; nothing here is changed after construction.
unsafe impl Sync for Parameters {}

impl Parameters {
    /// Looks up every parameter of the table. One that the host does not have is logged and answers
    /// [`Error::MissingParameter`] when used.
    pub(crate) fn cache(
        loaded: Arc<Loaded>,
        set: sys::OfxParamSetHandle,
        rows: impl Iterator<Item = &'static Row>,
    ) -> Self {
        let mut handles = HashMap::new();
        let suite = loaded.suites.parameter;
        for row in rows {
            let mut handle = Handle { parameter: ptr::null_mut(), properties: ptr::null_mut() };
            // SAFETY: the set belongs to the instance being created; name and targets are valid.
            let status = unsafe {
                call!(suite.paramGetHandle(
                    set,
                    row.name.as_ptr(),
                    &raw mut handle.parameter,
                    &raw mut handle.properties,
                ))
            };
            if status.is_ok() && !handle.parameter.is_null() {
                handles.insert(row.name, handle);
            } else {
                log::warn!("the host answered {status} for parameter {}", row.name.to_string_lossy());
            }
        }
        Self { loaded, set, handles }
    }

    /// The value at `time`, as the host interpolates it. Thread-safe: made for render.
    ///
    /// # Errors
    /// [`Error::MissingParameter`], or the host's refusal.
    pub fn get<K: Value>(&self, key: K, time: f64) -> Result<K::Value> {
        let handle = self.handle(key)?;
        let (status, value) = key.read(&self.loaded.suites.parameter, handle.parameter, time);
        status.check("paramGetValueAtTime", key.name().to_string_lossy())?;
        Ok(value)
    }

    /// Sets the value by the host's habit: where the parameter is animated or auto-key is on, the host keys it at the
    /// current time, otherwise it becomes the constant value.
    ///
    /// # Errors
    /// [`Error::WriteNotAllowed`] outside InstanceChanged and overlay actions; [`Error::MissingParameter`]; the host's
    /// refusal.
    pub fn set<K: Value>(&self, key: K, value: K::Value) -> Result<()> {
        let handle = self.writable(key)?;
        key.write(&self.loaded.suites.parameter, handle.parameter, None, value)
            .check("paramSetValue", key.name().to_string_lossy())
    }

    /// Sets a keyframe at `time`.
    ///
    /// # Errors
    /// As [`Parameters::set`].
    pub fn set_at<K: Value>(&self, key: K, time: f64, value: K::Value) -> Result<()> {
        let handle = self.writable(key)?;
        key.write(&self.loaded.suites.parameter, handle.parameter, Some(time), value)
            .check("paramSetValueAtTime", key.name().to_string_lossy())
    }

    /// Whether the host has this parameter.
    #[must_use]
    pub fn has(&self, key: impl Key) -> bool {
        self.handles.contains_key(key.name())
    }

    /// Greys the parameter out or in; a host that cannot is passed over.
    pub fn set_enabled(&self, key: impl Key, enabled: bool) {
        self.offer(key, |properties| properties.offer(names::PARAM_ENABLED, 0, enabled));
    }

    /// Hides or shows the parameter; a host that cannot is passed over (Nuke never shows what was hidden at describe).
    pub fn set_secret(&self, key: impl Key, secret: bool) {
        self.offer(key, |properties| properties.offer(names::PARAM_SECRET, 0, secret));
    }

    /// Whether the host draws a handle of its own for this position, so that the overlay need not.
    #[must_use]
    pub fn has_host_handle(&self, key: Double2DKey) -> bool {
        self.properties(key).and_then(|properties| properties.flag(names::PARAM_USE_HOST_HANDLE)).unwrap_or(false)
    }

    /// The properties of a parameter.
    pub(super) fn properties(&self, key: impl Key) -> Option<PropertySet<'_>> {
        let handle = self.handles.get(key.name())?;
        // SAFETY: the set came with the parameter's handle and lives as long as the instance.
        Some(unsafe { PropertySet::new(&self.loaded.suites.property, handle.properties) })
    }

    pub(super) fn handle(&self, key: impl Key) -> Result<Handle> {
        self.handles
            .get(key.name())
            .copied()
            .ok_or_else(|| Error::MissingParameter { name: key.name().to_string_lossy().into_owned() })
    }

    /// The handle, provided that the action running in this thread may write parameters.
    pub(super) fn writable(&self, key: impl Key) -> Result<Handle> {
        if !write_access::allowed() {
            // Nuke 17 crashes or refuses, Resolve breaks its Smart Cache.
            return Err(Error::WriteNotAllowed { name: key.name().to_string_lossy().into_owned() });
        }
        self.handle(key)
    }

    fn offer(&self, key: impl Key, offer: impl FnOnce(&PropertySet<'_>)) {
        if let Some(properties) = self.properties(key) {
            offer(&properties);
        }
    }
}

/// A key whose parameter has a value.
pub trait Value: Key {
    /// The value's Rust type.
    type Value;

    /// Reads the value at `time`.
    #[doc(hidden)]
    fn read(self, suite: &sys::OfxParameterSuiteV1, parameter: sys::OfxParamHandle, time: f64)
    -> (Status, Self::Value);

    /// Writes the value, with `time` as a keyframe.
    #[doc(hidden)]
    fn write(
        self,
        suite: &sys::OfxParameterSuiteV1,
        parameter: sys::OfxParamHandle,
        time: Option<f64>,
        value: Self::Value,
    ) -> Status;
}

/// Calls `paramGetValueAtTime` with the given targets.
macro_rules! get {
    ($suite:ident, $parameter:ident, $time:ident, $($target:expr),+) => {
        // SAFETY: the handle is the host's own; the API asks for one pointer for each of the parameter's components,
        // of exactly these types; all point to locals.
        unsafe { call!($suite.paramGetValueAtTime($parameter, $time, $($target),+)) }
    };
}

/// Calls `paramSetValueAtTime` or `paramSetValue`.
macro_rules! put {
    ($suite:ident, $parameter:ident, $time:ident, $($value:expr),+) => {
        match $time {
            // SAFETY: the handle is the host's own; the API asks for one value for each component, of these types
            // (as C promotes them).
            Some(time) => unsafe { call!($suite.paramSetValueAtTime($parameter, time, $($value),+)) },
            // SAFETY: as above.
            None => unsafe { call!($suite.paramSetValue($parameter, $($value),+)) },
        }
    };
}

macro_rules! number_value {
    ($key:ident, $value:ty, $raw:ty, $from:expr, $into:expr) => {
        impl Value for $key {
            type Value = $value;

            fn read(
                self,
                suite: &sys::OfxParameterSuiteV1,
                parameter: sys::OfxParamHandle,
                time: f64,
            ) -> (Status, $value) {
                let mut raw: $raw = Default::default();
                let status = get!(suite, parameter, time, &raw mut raw);
                (status, $from(raw))
            }

            fn write(
                self,
                suite: &sys::OfxParameterSuiteV1,
                parameter: sys::OfxParamHandle,
                time: Option<f64>,
                value: $value,
            ) -> Status {
                let raw: $raw = $into(value);
                put!(suite, parameter, time, raw)
            }
        }
    };
}

number_value!(BooleanKey, bool, c_int, |raw| raw != 0, c_int::from);
number_value!(IntegerKey, i32, c_int, |raw| raw, |value| value);
number_value!(ChoiceKey, usize, c_int, |raw| usize::try_from(raw).unwrap_or(0), |value| {
    c_int::try_from(value).unwrap_or(c_int::MAX)
});
number_value!(DoubleKey, f64, f64, |raw| raw, |value| value);

impl Value for Double2DKey {
    type Value = [f64; 2];

    fn read(self, suite: &sys::OfxParameterSuiteV1, parameter: sys::OfxParamHandle, time: f64) -> (Status, [f64; 2]) {
        let (mut x, mut y) = (0.0_f64, 0.0_f64);
        let status = get!(suite, parameter, time, &raw mut x, &raw mut y);
        (status, [x, y])
    }

    fn write(
        self,
        suite: &sys::OfxParameterSuiteV1,
        parameter: sys::OfxParamHandle,
        time: Option<f64>,
        value: [f64; 2],
    ) -> Status {
        put!(suite, parameter, time, value[0], value[1])
    }
}

impl Value for TextKey {
    type Value = String;

    fn read(self, suite: &sys::OfxParameterSuiteV1, parameter: sys::OfxParamHandle, time: f64) -> (Status, String) {
        let mut raw: *mut c_char = ptr::null_mut();
        let status = get!(suite, parameter, time, &raw mut raw);
        if !status.is_ok() || raw.is_null() {
            return (status, String::new());
        }
        // SAFETY: on success the host hands out a C string that lives until the next call for this parameter.
        let text = unsafe { CStr::from_ptr(raw) }.to_string_lossy().into_owned();
        (status, text)
    }

    fn write(
        self,
        suite: &sys::OfxParameterSuiteV1,
        parameter: sys::OfxParamHandle,
        time: Option<f64>,
        value: String,
    ) -> Status {
        let text = c_text(&value);
        put!(suite, parameter, time, text.as_ptr())
    }
}

/// Text for a host: what follows a NUL is cut off.
pub(crate) fn c_text(text: &str) -> CString {
    let clean = text.split('\0').next().unwrap_or_default();
    CString::new(clean).unwrap_or_default()
}
