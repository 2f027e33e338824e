//! Reading and writing the parameters of an instance.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::Arc;

use openfx_sys as sys;

use super::keys::{Double2DKey, Key};
use super::row::{Form, Row};
use super::value::{Target, Value};
use crate::entry::Loaded;
use crate::error::{Error, Result};
use crate::names;
use crate::properties::PropertySet;
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
    form: Option<Form>,
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
            let mut handle = Handle { parameter: ptr::null_mut(), properties: ptr::null_mut(), form: row.kind.form() };
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
        let target = self.target(key, self.handle(key)?)?;
        let (status, value) = key.read(target, time);
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
        let target = self.target(key, self.writable(key)?)?;
        key.write(target, None, value).check("paramSetValue", key.name().to_string_lossy())
    }

    /// Sets a keyframe at `time`.
    ///
    /// # Errors
    /// As [`Parameters::set`].
    pub fn set_at<K: Value>(&self, key: K, time: f64, value: K::Value) -> Result<()> {
        let target = self.target(key, self.writable(key)?)?;
        key.write(target, Some(time), value).check("paramSetValueAtTime", key.name().to_string_lossy())
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

    /// The parameter, provided that it was described with this key's type: the host's functions are variadic and would
    /// believe anything.
    fn target<K: Value>(&self, key: K, handle: Handle) -> Result<Target<'_>> {
        if handle.form != Some(K::FORM) {
            return Err(missing(key));
        }
        // SAFETY: the handle is one of this instance's parameters.
        Ok(unsafe { Target::new(&self.loaded.suites.parameter, handle.parameter) })
    }

    pub(super) fn handle(&self, key: impl Key) -> Result<Handle> {
        self.handles.get(key.name()).copied().ok_or_else(|| missing(key))
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

fn missing(key: impl Key) -> Error {
    Error::MissingParameter { name: key.name().to_string_lossy().into_owned() }
}

/// Text for a host: what follows a NUL is cut off.
pub(crate) fn c_text(text: &str) -> CString {
    let clean = text.split('\0').next().unwrap_or_default();
    CString::new(clean).unwrap_or_default()
}
