//! The host's variadic functions, which are in C.

use std::ffi::{c_char, c_int, c_void};
use std::path::Path;
use std::sync::OnceLock;

use libloading::Library;
use openfx_sys as sys;

use super::c_library::build;
use super::{effect, parameters};

type Message = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char, *const c_char, ...) -> c_int;

/// The functions of the library, which stays loaded.
pub struct Variadics {
    pub get_value_at_time: unsafe extern "C" fn(sys::OfxParamHandle, f64, ...) -> c_int,
    pub set_value: unsafe extern "C" fn(sys::OfxParamHandle, ...) -> c_int,
    pub set_value_at_time: unsafe extern "C" fn(sys::OfxParamHandle, f64, ...) -> c_int,
    pub message: Message,
    pub set_persistent_message: Message,
    _library: Library,
}

#[repr(C)]
struct Callbacks {
    form: unsafe extern "C" fn(*mut c_void) -> c_int,
    read: unsafe extern "C" fn(*mut c_void, f64, *mut c_void, *mut c_void) -> c_int,
    write_int: unsafe extern "C" fn(*mut c_void, f64, c_int) -> c_int,
    write_double: unsafe extern "C" fn(*mut c_void, f64, f64, f64) -> c_int,
    write_text: unsafe extern "C" fn(*mut c_void, f64, *const c_char) -> c_int,
    message: unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char, c_int) -> c_int,
}

pub fn variadics() -> &'static Variadics {
    static LOADED: OnceLock<Variadics> = OnceLock::new();
    LOADED.get_or_init(|| load(&build("variadics.c")))
}

fn load(path: &Path) -> Variadics {
    // SAFETY: our own library, built a moment ago; the signatures are those of its source.
    unsafe {
        let library = Library::new(path).expect("the library just built loads");
        // Loaded is loaded: the file may go.
        std::fs::remove_file(path).expect("our own file");
        let callbacks = Callbacks {
            form: parameters::form,
            read: parameters::read,
            write_int: parameters::write_int,
            write_double: parameters::write_double,
            write_text: parameters::write_text,
            message: effect::message,
        };
        let install = *library.get::<unsafe extern "C" fn(*const Callbacks)>(b"fake_install\0").unwrap();
        install(&raw const callbacks);
        Variadics {
            get_value_at_time: *library.get(b"fake_get_value_at_time\0").unwrap(),
            set_value: *library.get(b"fake_set_value\0").unwrap(),
            set_value_at_time: *library.get(b"fake_set_value_at_time\0").unwrap(),
            message: *library.get(b"fake_message\0").unwrap(),
            set_persistent_message: *library.get(b"fake_set_persistent_message\0").unwrap(),
            _library: library,
        }
    }
}
