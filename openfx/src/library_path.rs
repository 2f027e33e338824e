//! Where this library lies on disk: what ships with it is found from there, never through a search path.

use std::ffi::c_void;
use std::path::PathBuf;

/// The absolute path of the library (or program) that contains this crate; `None` where the system will not say.
#[must_use]
pub fn library_path() -> Option<PathBuf> {
    let own_address: *const c_void = (library_path as fn() -> Option<PathBuf>) as *const c_void;
    let path = platform::file_of(own_address)?;
    std::path::absolute(path).ok()
}

/// Keeps the library in memory until the process ends, whatever the host does: hosts that free it would unmap the code of
/// threads that still run. On Linux the linker says so of the library (`-z nodelete`), and macOS never unmaps a library with
/// thread-local variables; on Windows it has to be said here.
pub(crate) fn stay_mapped() {
    platform::pin(stay_mapped as fn() as *const c_void);
}

#[cfg(unix)]
mod platform {
    use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
    use std::os::unix::ffi::OsStrExt;
    use std::path::PathBuf;
    use std::ptr;

    /// `Dl_info` of dlfcn.h, the same on Linux, macOS and the BSDs.
    #[repr(C)]
    struct DlInfo {
        file_name: *const c_char,
        file_base: *mut c_void,
        symbol_name: *const c_char,
        symbol_address: *mut c_void,
    }

    unsafe extern "C" {
        fn dladdr(address: *const c_void, info: *mut DlInfo) -> c_int;
    }

    pub(super) fn pin(_: *const c_void) {}

    pub(super) fn file_of(address: *const c_void) -> Option<PathBuf> {
        let mut info = DlInfo {
            file_name: ptr::null(),
            file_base: ptr::null_mut(),
            symbol_name: ptr::null(),
            symbol_address: ptr::null_mut(),
        };
        // SAFETY: any address may be asked for, and the target is a local of the C structure's layout.
        let found = unsafe { dladdr(address, &raw mut info) };
        if found == 0 || info.file_name.is_null() {
            return None;
        }
        // SAFETY: the loader keeps the name, a C string, as long as the library is loaded, which it is: this is it.
        let name = unsafe { CStr::from_ptr(info.file_name) };
        Some(PathBuf::from(OsStr::from_bytes(name.to_bytes())))
    }
}

#[cfg(windows)]
mod platform {
    use std::ffi::{OsString, c_void};
    use std::os::windows::ffi::OsStringExt;
    use std::path::PathBuf;
    use std::ptr;

    /// The address is one inside the module (libloaderapi.h).
    const FROM_ADDRESS: u32 = 0x4;
    /// Its reference count stays as it is.
    const UNCHANGED_COUNT: u32 = 0x2;
    /// It stays loaded until the process ends.
    const PIN: u32 = 0x1;
    /// The longest path Windows knows.
    const LONGEST: usize = 32_768;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
        fn GetModuleFileNameW(module: *mut c_void, name: *mut u16, size: u32) -> u32;
    }

    pub(super) fn pin(address: *const c_void) {
        let mut module = ptr::null_mut();
        // SAFETY: any address may be asked for, and the target is a local.
        if unsafe { GetModuleHandleExW(FROM_ADDRESS | PIN, address, &raw mut module) } == 0 {
            log::warn!("Windows does not keep the library loaded: {}", std::io::Error::last_os_error());
        }
    }

    pub(super) fn file_of(address: *const c_void) -> Option<PathBuf> {
        let mut module = ptr::null_mut();
        // SAFETY: any address may be asked for, and the target is a local.
        if unsafe { GetModuleHandleExW(FROM_ADDRESS | UNCHANGED_COUNT, address, &raw mut module) } == 0 {
            return None;
        }
        let mut name = vec![0_u16; LONGEST];
        // SAFETY: the module is the one that contains this function; the buffer is as long as is said.
        let length = unsafe { GetModuleFileNameW(module, name.as_mut_ptr(), LONGEST as u32) };
        let length = usize::try_from(length).ok()?;
        (length > 0 && length < LONGEST).then(|| PathBuf::from(OsString::from_wide(&name[..length])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_knows_its_own_file() {
        let path = library_path().unwrap();
        assert!(path.is_absolute());
        assert_eq!(path.canonicalize().unwrap(), std::env::current_exe().unwrap().canonicalize().unwrap());
    }
}
