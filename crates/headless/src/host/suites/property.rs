//! The property suite.

use super::{argument, give, guarded};
use crate::host::handle::lookup;
use crate::host::image::Image;
use crate::host::property::{Element, PropertySet, Refusal, text};
use crate::host::scope;
use crate::host::{Status, Violation};
use openfx_sys as sys;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::Arc;

pub(super) static SUITE: sys::OfxPropertySuiteV1 = sys::OfxPropertySuiteV1 {
    propSetPointer: Some(set_pointer),
    propSetString: Some(set_string),
    propSetDouble: Some(set_double),
    propSetInt: Some(set_int),
    propSetPointerN: Some(set_pointers),
    propSetStringN: Some(set_strings),
    propSetDoubleN: Some(set_doubles),
    propSetIntN: Some(set_ints),
    propGetPointer: Some(get_pointer),
    propGetString: Some(get_string),
    propGetDouble: Some(get_double),
    propGetInt: Some(get_int),
    propGetPointerN: Some(get_pointers),
    propGetStringN: Some(get_strings),
    propGetDoubleN: Some(get_doubles),
    propGetIntN: Some(get_ints),
    propReset: Some(reset),
    propGetDimension: Some(dimension),
};

type Set = sys::OfxPropertySetHandle;

/// The properties of a set, or of an image, whose handle is one too.
fn with<R>(
    function: &'static str,
    set: Set,
    use_it: impl FnOnce(&PropertySet) -> Result<R, Status>,
) -> Result<R, Status> {
    if let Some(set) = lookup::<PropertySet, _>(set) {
        return use_it(&set);
    }
    if let Some(image) = lookup::<Image, _>(set) {
        return use_it(&image.properties);
    }
    super::bad_handle(function, "property set");
    Err(Status::ERR_BAD_HANDLE)
}

/// Turns a refused write into a breach of the rules, unless trying is allowed.
fn wrote(key: &CStr, result: Result<(), Refusal>) -> Result<(), Status> {
    result.map_err(|refusal| {
        if let Some(problem) = refusal.problem() {
            let property = key.to_string_lossy().into_owned();
            scope::violate(None, Violation::BadProperty { action: scope::action_name(), property, problem });
        }
        refusal.status()
    })
}

fn place(index: c_int) -> Result<usize, Status> {
    usize::try_from(index).map_err(|_| Status::ERR_BAD_INDEX)
}

/// Sets one value.
///
/// # Safety
/// `key` is null or a string.
unsafe fn set_one<T: Element>(
    set: Set,
    key: *const c_char,
    index: c_int,
    value: T,
    function: &'static str,
) -> Result<(), Status> {
    // SAFETY: passed on.
    let key = unsafe { argument(key) }?;
    with(function, set, |set| wrote(key, set.set(key, place(index)?, value)))
}

/// Sets several values, each made from one of the plugin's.
///
/// # Safety
/// `key` is null or a string; `values` is null or has `count` values.
unsafe fn set_several<T: Element, V: Copy>(
    set: Set,
    key: *const c_char,
    (count, values): (c_int, *const V),
    convert: impl Fn(V) -> Result<T, Status>,
    function: &'static str,
) -> Result<(), Status> {
    // SAFETY: passed on.
    let key = unsafe { argument(key) }?;
    let count = place(count)?;
    if values.is_null() && count > 0 {
        return Err(Status::ERR_VALUE);
    }
    // SAFETY: the caller has `count` values there.
    let given = (0..count).map(|index| convert(unsafe { values.add(index).read_unaligned() }));
    let given = given.collect::<Result<Vec<T>, Status>>()?;
    with(function, set, |set| wrote(key, set.set_many(key, given)))
}

/// Gets one value, made into the plugin's type.
///
/// # Safety
/// `key` is null or a string; `out` is null or writable.
unsafe fn get_one<T: Element, V>(
    set: Set,
    key: *const c_char,
    (index, out): (c_int, *mut V),
    convert: impl Fn(T) -> V,
    function: &'static str,
) -> Result<(), Status> {
    // SAFETY: passed on.
    let key = unsafe { argument(key) }?;
    let value = with(function, set, |set| set.get::<T>(key, place(index)?).map_err(|refusal| refusal.status()))?;
    // SAFETY: passed on.
    unsafe { give(out, convert(value)) }
}

/// Gets several values, made into the plugin's type.
///
/// # Safety
/// `key` is null or a string; `out` is null or writable for `count` values.
unsafe fn get_several<T: Element, V>(
    set: Set,
    key: *const c_char,
    (count, out): (c_int, *mut V),
    convert: impl Fn(T) -> V,
    function: &'static str,
) -> Result<(), Status> {
    // SAFETY: passed on.
    let key = unsafe { argument(key) }?;
    let values = with(function, set, |set| set.get_many::<T>(key, place(count)?).map_err(|refusal| refusal.status()))?;
    if out.is_null() && !values.is_empty() {
        return Err(Status::ERR_VALUE);
    }
    for (index, value) in values.into_iter().enumerate() {
        // SAFETY: there is room for `count` values, and no more than that were read.
        unsafe { out.add(index).write_unaligned(convert(value)) };
    }
    Ok(())
}

/// A plugin's string as properties hold it.
fn owned(value: *const c_char) -> Result<Arc<CStr>, Status> {
    // SAFETY: the suite's contract: the plugin gives strings.
    unsafe { argument(value) }.map(text)
}

/// A text as the plugin gets it; it stays alive until the action ends.
fn lent(value: Arc<CStr>) -> *mut c_char {
    scope::keep(&value);
    value.as_ptr().cast_mut()
}

fn address(value: *mut c_void) -> Result<usize, Status> {
    Ok(value.expose_provenance())
}

fn pointer(value: usize) -> *mut c_void {
    std::ptr::with_exposed_provenance_mut(value)
}

macro_rules! setters {
    ($($one:ident, $one_name:literal, $many:ident, $many_name:literal, $value:ty, $convert:expr;)+) => {
        $(
            unsafe extern "C" fn $one(set: Set, key: *const c_char, index: c_int, value: $value) -> sys::OfxStatus {
                // SAFETY: the suite's contract: the plugin gives a string as key.
                guarded($one_name, || unsafe { set_one(set, key, index, $convert(value)?, $one_name) })
            }

            unsafe extern "C" fn $many(set: Set, key: *const c_char, count: c_int, values: *const $value) -> sys::OfxStatus {
                // SAFETY: the suite's contract: the plugin gives a string as key and `count` values.
                guarded($many_name, || unsafe { set_several(set, key, (count, values), $convert, $many_name) })
            }
        )+
    };
}

macro_rules! getters {
    ($($one:ident, $one_name:literal, $many:ident, $many_name:literal, $value:ty, $held:ty, $convert:expr;)+) => {
        $(
            unsafe extern "C" fn $one(set: Set, key: *const c_char, index: c_int, value: *mut $value) -> sys::OfxStatus {
                // SAFETY: the suite's contract: the plugin gives a string as key and room for a value.
                guarded($one_name, || unsafe { get_one::<$held, _>(set, key, (index, value), $convert, $one_name) })
            }

            unsafe extern "C" fn $many(set: Set, key: *const c_char, count: c_int, values: *mut $value) -> sys::OfxStatus {
                // SAFETY: the suite's contract: the plugin gives a string as key and room for `count` values.
                guarded($many_name, || unsafe { get_several::<$held, _>(set, key, (count, values), $convert, $many_name) })
            }
        )+
    };
}

setters! {
    set_int, "propSetInt", set_ints, "propSetIntN", c_int, Ok::<c_int, Status>;
    set_double, "propSetDouble", set_doubles, "propSetDoubleN", f64, Ok::<f64, Status>;
    set_string, "propSetString", set_strings, "propSetStringN", *const c_char, owned;
    set_pointer, "propSetPointer", set_pointers, "propSetPointerN", *mut c_void, address;
}

getters! {
    get_int, "propGetInt", get_ints, "propGetIntN", c_int, i32, |value| value;
    get_double, "propGetDouble", get_doubles, "propGetDoubleN", f64, f64, |value| value;
    get_string, "propGetString", get_strings, "propGetStringN", *mut c_char, Arc<CStr>, lent;
    get_pointer, "propGetPointer", get_pointers, "propGetPointerN", *mut c_void, usize, pointer;
}

unsafe extern "C" fn reset(set: Set, key: *const c_char) -> sys::OfxStatus {
    guarded("propReset", || {
        // SAFETY: the suite's contract: the plugin gives a string.
        let key = unsafe { argument(key) }?;
        with("propReset", set, |set| wrote(key, set.reset(key)))
    })
}

unsafe extern "C" fn dimension(set: Set, key: *const c_char, count: *mut c_int) -> sys::OfxStatus {
    guarded("propGetDimension", || {
        // SAFETY: the suite's contract: the plugin gives a string.
        let key = unsafe { argument(key) }?;
        let found = with("propGetDimension", set, |set| set.dimension(key).map_err(|refusal| refusal.status()))?;
        // SAFETY: the suite's contract: there is room for the count.
        unsafe { give(count, c_int::try_from(found).unwrap_or(c_int::MAX)) }
    })
}
