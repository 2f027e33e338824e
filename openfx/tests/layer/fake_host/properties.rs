//! Property sets of the fake host, and the suite on them.

use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::Mutex;

use openfx_sys as sys;

/// A property's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Int(i32),
    Double(f64),
    Text(CString),
    Pointer(usize),
}

/// A property set. Keeps the type of each property, as the reference host does.
#[derive(Debug, Default)]
pub struct Set {
    values: Mutex<HashMap<CString, Vec<Value>>>,
    refused: Mutex<HashSet<CString>>,
}

const OK: c_int = 0;
const ERR_UNKNOWN: c_int = 3;
const ERR_BAD_HANDLE: c_int = 9;
const ERR_BAD_INDEX: c_int = 10;
const ERR_VALUE: c_int = 11;

impl Set {
    pub fn handle(&self) -> sys::OfxPropertySetHandle {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    /// This key is answered with kOfxStatErrUnknown, as Natron does with all it does not know.
    pub fn refuse(&self, name: &CStr) {
        self.refused.lock().unwrap().insert(name.to_owned());
    }

    pub fn put(&self, name: &CStr, values: impl IntoIterator<Item = Value>) {
        self.values.lock().unwrap().insert(name.to_owned(), values.into_iter().collect());
    }

    pub fn ints<const N: usize>(&self, name: &CStr, values: [i32; N]) {
        self.put(name, values.map(Value::Int));
    }

    pub fn doubles<const N: usize>(&self, name: &CStr, values: [f64; N]) {
        self.put(name, values.map(Value::Double));
    }

    pub fn text(&self, name: &CStr, value: &CStr) {
        self.put(name, [Value::Text(value.to_owned())]);
    }

    pub fn pointer(&self, name: &CStr, value: usize) {
        self.put(name, [Value::Pointer(value)]);
    }

    pub fn get(&self, name: &CStr) -> Vec<Value> {
        self.values.lock().unwrap().get(name).cloned().unwrap_or_default()
    }

    pub fn get_doubles(&self, name: &CStr) -> Vec<f64> {
        self.get(name)
            .into_iter()
            .map(|value| match value {
                Value::Double(value) => value,
                other => panic!("{name:?} is {other:?}"),
            })
            .collect()
    }

    pub fn get_int(&self, name: &CStr) -> Option<i32> {
        match self.get(name).first()? {
            Value::Int(value) => Some(*value),
            other => panic!("{name:?} is {other:?}"),
        }
    }

    pub fn get_texts(&self, name: &CStr) -> Vec<String> {
        self.get(name)
            .into_iter()
            .map(|value| match value {
                Value::Text(value) => value.into_string().unwrap(),
                other => panic!("{name:?} is {other:?}"),
            })
            .collect()
    }

    fn write(&self, name: &CStr, index: c_int, value: Value) -> c_int {
        if self.refused.lock().unwrap().contains(name) {
            return ERR_UNKNOWN;
        }
        let mut values = self.values.lock().unwrap();
        let list = values.entry(name.to_owned()).or_default();
        if list.first().is_some_and(|first| std::mem::discriminant(first) != std::mem::discriminant(&value)) {
            return ERR_VALUE;
        }
        let Ok(index) = usize::try_from(index) else { return ERR_BAD_INDEX };
        match index.cmp(&list.len()) {
            std::cmp::Ordering::Less => list[index] = value,
            std::cmp::Ordering::Equal => list.push(value),
            std::cmp::Ordering::Greater => return ERR_BAD_INDEX,
        }
        OK
    }
}

/// # Safety
/// Handles come from `Set::handle` of living sets, names are C strings.
unsafe fn set<'a>(handle: sys::OfxPropertySetHandle) -> Option<&'a Set> {
    // SAFETY: the caller's promise.
    unsafe { handle.cast::<Set>().as_ref() }
}

unsafe fn write(handle: sys::OfxPropertySetHandle, name: *const c_char, index: c_int, value: Value) -> c_int {
    // SAFETY: the plugin hands back our handles and C strings.
    let (Some(set), name) = (unsafe { set(handle) }, unsafe { CStr::from_ptr(name) }) else { return ERR_BAD_HANDLE };
    set.write(name, index, value)
}

unsafe fn read<T>(
    handle: sys::OfxPropertySetHandle,
    name: *const c_char,
    index: c_int,
    target: *mut T,
    pick: impl Fn(&Value) -> Option<T>,
) -> c_int {
    // SAFETY: the plugin hands back our handles and C strings.
    let (Some(set), name) = (unsafe { set(handle) }, unsafe { CStr::from_ptr(name) }) else { return ERR_BAD_HANDLE };
    let values = set.values.lock().unwrap();
    let Some(list) = values.get(name) else { return ERR_UNKNOWN };
    let Some(value) = usize::try_from(index).ok().and_then(|index| list.get(index)) else { return ERR_BAD_INDEX };
    let Some(value) = pick(value) else { return ERR_VALUE };
    // SAFETY: the plugin's target is writable.
    unsafe { target.write(value) };
    OK
}

type Handle = sys::OfxPropertySetHandle;

unsafe extern "C" fn set_int(h: Handle, n: *const c_char, i: c_int, v: c_int) -> c_int {
    // SAFETY: see `write`.
    unsafe { write(h, n, i, Value::Int(v)) }
}

unsafe extern "C" fn set_double(h: Handle, n: *const c_char, i: c_int, v: f64) -> c_int {
    // SAFETY: see `write`.
    unsafe { write(h, n, i, Value::Double(v)) }
}

unsafe extern "C" fn set_string(h: Handle, n: *const c_char, i: c_int, v: *const c_char) -> c_int {
    // SAFETY: see `write`; the value is a C string.
    unsafe { write(h, n, i, Value::Text(CStr::from_ptr(v).to_owned())) }
}

unsafe extern "C" fn set_pointer(h: Handle, n: *const c_char, i: c_int, v: *mut c_void) -> c_int {
    // SAFETY: see `write`.
    unsafe { write(h, n, i, Value::Pointer(v.expose_provenance())) }
}

unsafe extern "C" fn get_int(h: Handle, n: *const c_char, i: c_int, v: *mut c_int) -> c_int {
    // SAFETY: see `read`.
    unsafe { read(h, n, i, v, |value| if let Value::Int(value) = value { Some(*value) } else { None }) }
}

unsafe extern "C" fn get_double(h: Handle, n: *const c_char, i: c_int, v: *mut f64) -> c_int {
    // SAFETY: see `read`.
    unsafe { read(h, n, i, v, |value| if let Value::Double(value) = value { Some(*value) } else { None }) }
}

unsafe extern "C" fn get_string(h: Handle, n: *const c_char, i: c_int, v: *mut *mut c_char) -> c_int {
    let pick = |value: &Value| if let Value::Text(value) = value { Some(value.as_ptr().cast_mut()) } else { None };
    // SAFETY: see `read`.
    unsafe { read(h, n, i, v, pick) }
}

unsafe extern "C" fn get_pointer(h: Handle, n: *const c_char, i: c_int, v: *mut *mut c_void) -> c_int {
    let pick = |value: &Value| {
        if let Value::Pointer(value) = value { Some(std::ptr::with_exposed_provenance_mut(*value)) } else { None }
    };
    // SAFETY: see `read`.
    unsafe { read(h, n, i, v, pick) }
}

unsafe extern "C" fn dimension(h: Handle, n: *const c_char, v: *mut c_int) -> c_int {
    // SAFETY: the plugin hands back our handles and C strings.
    let (Some(set), name) = (unsafe { set(h) }, unsafe { CStr::from_ptr(n) }) else { return ERR_BAD_HANDLE };
    let Some(count) = set.values.lock().unwrap().get(name).map(Vec::len) else { return ERR_UNKNOWN };
    // SAFETY: the plugin's target is writable.
    unsafe { v.write(c_int::try_from(count).unwrap()) };
    OK
}

/// The suite; what this crate has no business with is null.
pub static SUITE: sys::OfxPropertySuiteV1 = sys::OfxPropertySuiteV1 {
    propSetPointer: Some(set_pointer),
    propSetString: Some(set_string),
    propSetDouble: Some(set_double),
    propSetInt: Some(set_int),
    propSetPointerN: None,
    propSetStringN: None,
    propSetDoubleN: None,
    propSetIntN: None,
    propGetPointer: Some(get_pointer),
    propGetString: Some(get_string),
    propGetDouble: Some(get_double),
    propGetInt: Some(get_int),
    propGetPointerN: None,
    propGetStringN: None,
    propGetDoubleN: None,
    propGetIntN: None,
    propReset: None,
    propGetDimension: Some(dimension),
};
