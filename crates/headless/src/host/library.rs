//! Finding the library of a bundle, and the plugin records in it.

use super::HostError;
use super::action::Entry;
use super::gate::Gate;
use libloading::Library;
use openfx_sys as sys;
use std::ffi::{CStr, c_char, c_int};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

/// The folder inside `Contents` for this system (ofxCore specification, installation location).
pub(super) const SYSTEM: &str = if cfg!(target_os = "macos") {
    "MacOS"
} else if cfg!(all(windows, target_pointer_width = "64")) {
    "Win64"
} else if cfg!(windows) {
    "Win32"
} else if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
    "Linux-aarch64"
} else if cfg!(target_os = "freebsd") {
    "FreeBSD-x86-64"
} else if cfg!(target_arch = "x86") {
    "Linux-x86"
} else {
    "Linux-x86-64"
};

/// The library of a bundle folder, or a bare library as it is; an absolute path without links, and on Windows one that
/// people can read: without the prefix `\\?\` where it can be left out.
pub(super) fn locate(path: &Path) -> Result<PathBuf, HostError> {
    let found = if path.is_dir() { in_bundle(path)? } else { path.to_owned() };
    dunce::canonicalize(&found).map_err(|_| HostError::NotFound { path: path.to_owned() })
}

fn in_bundle(bundle: &Path) -> Result<PathBuf, HostError> {
    let layout = |problem: String| HostError::BundleLayout { path: bundle.to_owned(), problem };
    let folder = bundle.join("Contents").join(SYSTEM);
    if !folder.is_dir() {
        return Err(layout(format!("there is no folder Contents/{SYSTEM}")));
    }
    let by_name = bundle.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let by_name = by_name.strip_suffix(".bundle").unwrap_or(&by_name).to_owned();
    let named = executable_of(&bundle.join("Contents").join("Info.plist"));
    let candidates: Vec<String> = named.into_iter().chain(std::iter::once(by_name)).collect();
    let found = candidates.iter().map(|name| folder.join(name)).find(|file| file.is_file());
    found.ok_or_else(|| layout(format!("Contents/{SYSTEM} holds no {}", candidates.join(" or "))))
}

/// The CFBundleExecutable of a property list, if it says one.
fn executable_of(plist: &Path) -> Option<String> {
    let text = std::fs::read_to_string(plist).ok()?;
    let (_, after) = text.split_once("<key>CFBundleExecutable</key>")?;
    let value = after.trim_start().strip_prefix("<string>")?.split("</string>").next()?.trim();
    (!value.is_empty() && !value.contains(['/', '\\'])).then(|| value.to_owned())
}

/// Loads a library as hosts do: lazily, its symbols kept to itself.
pub(super) fn load(path: &Path) -> Result<Library, HostError> {
    // SAFETY: running a plugin's initialisers is what a host is for; the user named the file.
    unsafe { Library::new(path) }.map_err(|error| HostError::Load { path: path.to_owned(), reason: error.to_string() })
}

/// One image effect of a library.
#[derive(Clone)]
pub(super) struct RawPlugin {
    pub(super) id: String,
    pub(super) version: (u32, u32),
    pub(super) entry: Entry,
    pub(super) use_count: Arc<UseCount>,
}

/// How often an effect is in use, so that it is loaded for the first and unloaded after the last.
#[derive(Default)]
pub(super) struct UseCount {
    /// Shut while the plugin loads or unloads: a load never overtakes an unload.
    pub(super) gate: Gate,
    pub(super) users: AtomicUsize,
    /// Whether it was unloaded after its record was read. A library may have thrown the record away then (the C++ support library
    /// of OpenFX deletes it), and has to be asked for it again.
    pub(super) unloaded: AtomicBool,
}

/// Hands the library the host, and reads its plugin records. Records of other APIs are left out.
pub(super) fn plugins(library: &Library, path: &Path, host: *mut sys::OfxHost) -> Result<Vec<RawPlugin>, HostError> {
    let broken = |problem: String| HostError::NotAPlugin { path: path.to_owned(), problem };
    type SetHost = unsafe extern "C" fn(*const sys::OfxHost) -> i32;
    type Count = unsafe extern "C" fn() -> c_int;
    type Get = unsafe extern "C" fn(c_int) -> *const sys::OfxPlugin;
    // SAFETY: the OFX specification gives these symbols these signatures.
    let (set_host, count, get) = unsafe {
        (
            library.get::<SetHost>(b"OfxSetHost\0").ok(),
            library.get::<Count>(b"OfxGetNumberOfPlugins\0"),
            library.get::<Get>(b"OfxGetPlugin\0"),
        )
    };
    let missing = |name: &str| broken(format!("it has no symbol {name}"));
    let count = count.map_err(|_| missing("OfxGetNumberOfPlugins"))?;
    let get = get.map_err(|_| missing("OfxGetPlugin"))?;
    if let Some(set_host) = set_host {
        // SAFETY: the host structure lives as long as the process.
        let status = unsafe { set_host(host) };
        if status != 0 && status != super::Status::REPLY_DEFAULT.0 {
            return Err(broken(format!("it answered OfxSetHost with {}", super::Status(status))));
        }
    }
    // SAFETY: a function without arguments, by the specification.
    let count = unsafe { count() };
    let mut found = Vec::new();
    for index in 0..count {
        // SAFETY: the index is one that the library has.
        let record = unsafe { get(index) };
        if record.is_null() {
            return Err(broken(format!("record {index} is null")));
        }
        // SAFETY: not null, and a static record by the specification.
        let record = unsafe { record.read_unaligned() };
        found.extend(image_effect(&record, host).map_err(|problem| broken(format!("record {index} {problem}")))?);
    }
    Ok(found)
}

fn image_effect(record: &sys::OfxPlugin, host: *mut sys::OfxHost) -> Result<Option<RawPlugin>, String> {
    // SAFETY: the specification makes these fields strings; null is checked.
    let (api, id) = unsafe { (string(record.pluginApi), string(record.pluginIdentifier)) };
    let api = api.ok_or("has no API name")?;
    if api.as_bytes() != sys::kOfxImageEffectPluginApi.strip_suffix(b"\0").unwrap_or_default() {
        return Ok(None);
    }
    if record.apiVersion != 1 {
        return Err(format!("is of version {} of the image effect API, which has only 1", record.apiVersion));
    }
    let id = id.filter(|id| !id.is_empty()).ok_or("has no identifier")?;
    let entry = record.mainEntry.ok_or("has no main entry")?;
    let set_host = record.setHost.ok_or("has no setHost")?;
    // SAFETY: a function of the plugin's, called first of all as the specification has it.
    unsafe { set_host(host) };
    Ok(Some(RawPlugin {
        id,
        version: (record.pluginVersionMajor, record.pluginVersionMinor),
        entry,
        use_count: Arc::default(),
    }))
}

/// A C string as a Rust one.
///
/// # Safety
/// `pointer` is null or a NUL-terminated string.
unsafe fn string(pointer: *const c_char) -> Option<String> {
    // SAFETY: not null, and a string by the caller's word.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn bundle(info: Option<&str>, library: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let bundle = folder.path().join("Name.ofx.bundle");
        let inside = bundle.join("Contents").join(SYSTEM);
        fs::create_dir_all(&inside).unwrap();
        fs::write(inside.join(library), "").unwrap();
        if let Some(name) = info {
            let text = format!("<plist><dict><key>CFBundleExecutable</key>\n\t<string>{name}</string></dict></plist>");
            fs::write(bundle.join("Contents").join("Info.plist"), text).unwrap();
        }
        (folder, bundle)
    }

    #[test]
    fn the_info_names_the_library_and_else_the_folder_does() {
        let (_keep, named) = bundle(Some("Other.ofx"), "Other.ofx");
        assert!(locate(&named).unwrap().ends_with("Other.ofx"));
        let (_keep, plain) = bundle(None, "Name.ofx");
        assert!(locate(&plain).unwrap().ends_with("Name.ofx"));
    }

    #[test]
    fn what_is_missing_is_said() {
        let (_keep, wrong) = bundle(Some("Gone.ofx"), "Else.ofx");
        let error = locate(&wrong).unwrap_err().to_string();
        assert!(error.ends_with(&format!("Contents/{SYSTEM} holds no Gone.ofx or Name.ofx")), "{error}");
        let nowhere = Path::new("/nowhere/at/all.ofx");
        assert!(matches!(locate(nowhere), Err(HostError::NotFound { .. })));
    }

    #[test]
    fn a_file_that_is_no_library_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("text.ofx");
        fs::write(&file, "hello").unwrap();
        assert!(matches!(load(&file), Err(HostError::Load { path, .. }) if path == file));
    }
}
