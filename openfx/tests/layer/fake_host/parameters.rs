//! Parameters of the fake host, with keyframes that hold their value, and the suite on them.

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::sync::Mutex;

use openfx_sys as sys;

use super::effect::Effect;
use super::properties::Set;
use super::variadics::variadics;

/// What a parameter holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    Int(i32),
    Double(f64, f64),
    Text(CString),
}

/// A parameter.
#[derive(Debug)]
pub struct Parameter {
    pub name: CString,
    pub kind: String,
    pub properties: Set,
    pub value: Mutex<Held>,
    pub keys: Mutex<Vec<(f64, Held)>>,
}

impl Parameter {
    pub fn new(kind: &CStr, name: &CStr) -> Self {
        let kind = kind.to_str().unwrap().to_owned();
        let value = match kind.as_str() {
            "OfxParamTypeString" | "OfxParamTypeCustom" => Held::Text(CString::default()),
            "OfxParamTypeDouble" | "OfxParamTypeDouble2D" => Held::Double(0.0, 0.0),
            _ => Held::Int(0),
        };
        Self {
            name: name.to_owned(),
            kind,
            properties: Set::default(),
            value: Mutex::new(value),
            keys: Mutex::new(Vec::new()),
        }
    }

    /// The last key at or before `time`, else the first after it, else the constant value.
    pub fn at(&self, time: f64) -> Held {
        let keys = self.keys.lock().unwrap();
        let before = keys.iter().rev().find(|(key, _)| *key <= time);
        before.or(keys.first()).map_or_else(|| self.value.lock().unwrap().clone(), |(_, held)| held.clone())
    }

    fn put(&self, time: f64, held: Held) {
        if time.is_nan() {
            *self.value.lock().unwrap() = held;
            return;
        }
        let mut keys = self.keys.lock().unwrap();
        keys.retain(|(key, _)| *key != time);
        keys.push((time, held));
        keys.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
}

/// # Safety
/// `handle` is that of a living parameter.
unsafe fn parameter<'a>(handle: *mut c_void) -> &'a Parameter {
    // SAFETY: the caller's promise.
    unsafe { &*handle.cast::<Parameter>() }
}

pub unsafe extern "C" fn form(handle: *mut c_void) -> c_int {
    // SAFETY: called with the handle the plugin passed.
    match unsafe { parameter(handle) }.kind.as_str() {
        "OfxParamTypeDouble" => 1,
        "OfxParamTypeDouble2D" => 2,
        "OfxParamTypeString" | "OfxParamTypeCustom" => 3,
        _ => 0,
    }
}

pub unsafe extern "C" fn read(handle: *mut c_void, time: f64, first: *mut c_void, second: *mut c_void) -> c_int {
    // SAFETY: as above; the targets are what the plugin passed for a parameter of this type.
    unsafe {
        let parameter = parameter(handle);
        match parameter.at(time) {
            Held::Int(value) => first.cast::<c_int>().write(value),
            Held::Double(x, y) => {
                first.cast::<f64>().write(x);
                if !second.is_null() {
                    second.cast::<f64>().write(y);
                }
            }
            Held::Text(_) => {
                // Lives until the value changes; good enough for a fake.
                let value = parameter.value.lock().unwrap();
                let Held::Text(text) = &*value else { return 1 };
                first.cast::<*const c_char>().write(text.as_ptr());
            }
        }
    }
    0
}

pub unsafe extern "C" fn write_int(handle: *mut c_void, time: f64, value: c_int) -> c_int {
    // SAFETY: as above.
    unsafe { parameter(handle) }.put(time, Held::Int(value));
    0
}

pub unsafe extern "C" fn write_double(handle: *mut c_void, time: f64, first: f64, second: f64) -> c_int {
    // SAFETY: as above.
    unsafe { parameter(handle) }.put(time, Held::Double(first, second));
    0
}

pub unsafe extern "C" fn write_text(handle: *mut c_void, time: f64, value: *const c_char) -> c_int {
    // SAFETY: as above; the value is a C string.
    unsafe { parameter(handle).put(time, Held::Text(CStr::from_ptr(value).to_owned())) };
    0
}

unsafe fn effect<'a>(set: sys::OfxParamSetHandle) -> &'a Effect {
    // SAFETY: parameter sets of the fake host are its effects.
    unsafe { &*set.cast::<Effect>() }
}

unsafe extern "C" fn define(
    set: sys::OfxParamSetHandle,
    kind: *const c_char,
    name: *const c_char,
    properties: *mut sys::OfxPropertySetHandle,
) -> c_int {
    // SAFETY: C strings and a target from the plugin.
    let (effect, kind, name) = unsafe { (effect(set), CStr::from_ptr(kind), CStr::from_ptr(name)) };
    if effect.parameter(name).is_some() {
        return 6;
    }
    let handle = effect.add_parameter(Parameter::new(kind, name)).properties.handle();
    // SAFETY: as above.
    unsafe { properties.write(handle) };
    0
}

unsafe extern "C" fn get_handle(
    set: sys::OfxParamSetHandle,
    name: *const c_char,
    handle: *mut sys::OfxParamHandle,
    properties: *mut sys::OfxPropertySetHandle,
) -> c_int {
    // SAFETY: a C string from the plugin.
    let Some(found) = (unsafe { effect(set).parameter(CStr::from_ptr(name)) }) else { return 3 };
    // SAFETY: targets from the plugin; the property set may be left out.
    unsafe {
        handle.write(std::ptr::from_ref(found).cast_mut().cast());
        if !properties.is_null() {
            properties.write(found.properties.handle());
        }
    }
    0
}

unsafe extern "C" fn key_count(handle: sys::OfxParamHandle, count: *mut c_uint) -> c_int {
    // SAFETY: handle and target from the plugin.
    unsafe { count.write(c_uint::try_from(parameter(handle.cast()).keys.lock().unwrap().len()).unwrap()) };
    0
}

unsafe extern "C" fn key_time(handle: sys::OfxParamHandle, index: c_uint, time: *mut f64) -> c_int {
    // SAFETY: handle from the plugin.
    let keys = unsafe { parameter(handle.cast()) }.keys.lock().unwrap();
    let Some((key, _)) = keys.get(index as usize) else { return 10 };
    // SAFETY: target from the plugin.
    unsafe { time.write(*key) };
    0
}

unsafe extern "C" fn delete_key(handle: sys::OfxParamHandle, time: f64) -> c_int {
    // SAFETY: handle from the plugin.
    let mut keys = unsafe { parameter(handle.cast()) }.keys.lock().unwrap();
    let before = keys.len();
    keys.retain(|(key, _)| *key != time);
    if keys.len() == before { 1 } else { 0 }
}

unsafe extern "C" fn delete_all_keys(handle: sys::OfxParamHandle) -> c_int {
    // SAFETY: handle from the plugin.
    unsafe { parameter(handle.cast()) }.keys.lock().unwrap().clear();
    0
}

unsafe extern "C" fn edit_begin(set: sys::OfxParamSetHandle, name: *const c_char) -> c_int {
    // SAFETY: set and C string from the plugin.
    unsafe { effect(set).note(format!("edit {}", CStr::from_ptr(name).to_str().unwrap())) };
    0
}

unsafe extern "C" fn edit_end(set: sys::OfxParamSetHandle) -> c_int {
    // SAFETY: set from the plugin.
    unsafe { effect(set) }.note("edit ends".to_owned());
    0
}

/// The suite; the functions that this crate never calls are null.
pub fn suite() -> sys::OfxParameterSuiteV1 {
    let variadics = variadics();
    sys::OfxParameterSuiteV1 {
        paramDefine: Some(define),
        paramGetHandle: Some(get_handle),
        paramSetGetPropertySet: None,
        paramGetPropertySet: None,
        paramGetValue: None,
        paramGetValueAtTime: Some(variadics.get_value_at_time),
        paramGetDerivative: None,
        paramGetIntegral: None,
        paramSetValue: Some(variadics.set_value),
        paramSetValueAtTime: Some(variadics.set_value_at_time),
        paramGetNumKeys: Some(key_count),
        paramGetKeyTime: Some(key_time),
        paramGetKeyIndex: None,
        paramDeleteKey: Some(delete_key),
        paramDeleteAllKeys: Some(delete_all_keys),
        paramCopy: None,
        paramEditBegin: Some(edit_begin),
        paramEditEnd: Some(edit_end),
    }
}
