//! Trying a library out before `ort` sees it.
#![allow(unsafe_code)] // Loading a library and calling its entry point cannot be done without.

use std::{
    ffi::CStr,
    path::{Path, PathBuf},
};

use libloading::{Library, Symbol};
use ort::sys::OrtApiBase;

use super::RuntimeError;

/// Loads the library for a moment and asks for its version and for the API that `ort` was built against. Gives the
/// version.
pub(super) fn check(library: &Path) -> Result<String, RuntimeError> {
    let path = || PathBuf::from(library);
    // SAFETY: loading runs the library's initialisers, which is what loading a library means. The path is the one file
    // the plugin was told to use, and `file_kind::check` has seen that it is whole.
    let loaded = unsafe { Library::new(library) }
        .map_err(|error| RuntimeError::NotLoadable { library: path(), reason: error.to_string() })?;
    // SAFETY: every release of ONNX Runtime exports this name with this signature (onnxruntime_c_api.h).
    let base: Symbol<unsafe extern "C" fn() -> *const OrtApiBase> =
        unsafe { loaded.get(b"OrtGetApiBase\0") }.map_err(|_| RuntimeError::NotOnnxRuntime { library: path() })?;
    // SAFETY: as above; the function takes nothing and returns a pointer to a constant in the library.
    let base = unsafe { base().as_ref() }.ok_or_else(|| RuntimeError::NotOnnxRuntime { library: path() })?;
    // SAFETY: the first two members of `OrtApiBase` are fixed for ever; the string is a constant in the library.
    let version = unsafe { (base.GetVersionString)().as_ref().map(|first| CStr::from_ptr(first)) }
        .ok_or_else(|| RuntimeError::NotOnnxRuntime { library: path() })?
        .to_string_lossy()
        .into_owned();
    let too_old = || RuntimeError::TooOld { library: path(), found: version.clone(), needed: ort::MINOR_VERSION };
    // Asked before `GetApi`, which complains on the standard error stream when it does not know the number.
    if !new_enough(&version) {
        return Err(too_old());
    }
    // SAFETY: as above; the answer is null or a pointer to a constant table in the library, and is not followed here.
    if unsafe { (base.GetApi)(ort::sys::ORT_API_VERSION) }.is_null() {
        return Err(too_old());
    }
    Ok(version)
}

/// Whether "major.minor.patch" has the API that `ort` asks for; the API number is the minor version of major 1.
fn new_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(1), Some(minor)) => minor >= ort::MINOR_VERSION,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_below_the_api_in_use_are_too_old() {
        assert!(new_enough(&format!("1.{}.0", ort::MINOR_VERSION)));
        assert!(new_enough("1.31.1"));
        for version in ["1.17.3", "1.9.0", "0.99.0", "", "abc", "2.0.0"] {
            assert!(!new_enough(version), "{version}");
        }
    }
}
