//! The functions a host looks for in the library.

use std::ffi::{c_char, c_int, c_void};

use openfx_sys as sys;

use crate::effect::Exported;
use crate::names;
use crate::status::Status;

/// The structure a host gets for an effect.
#[repr(transparent)]
pub struct Plugin(sys::OfxPlugin);

// SAFETY: its pointers are to static strings and functions.
unsafe impl Sync for Plugin {}

impl Plugin {
    /// The structure of effect `E`.
    #[must_use]
    pub const fn of<E: Exported>() -> Self {
        Self(sys::OfxPlugin {
            pluginApi: names::PLUGIN_API.as_ptr(),
            apiVersion: sys::kOfxImageEffectPluginApiVersion as c_int,
            pluginIdentifier: E::DESCRIPTION.identifier.as_ptr(),
            pluginVersionMajor: E::DESCRIPTION.version[0],
            pluginVersionMinor: E::DESCRIPTION.version[1],
            setHost: Some(set_host::<E>),
            mainEntry: Some(main_entry::<E>),
        })
    }

    /// Its address, as `OfxGetPlugin` hands it out.
    #[must_use]
    pub const fn as_ptr(&'static self) -> *const c_void {
        (&raw const self.0).cast()
    }
}

unsafe extern "C" fn set_host<E: Exported>(host: *mut sys::OfxHost) {
    let _ = crate::guard::guard("setHost", || {
        E::entry().set_host(host);
        Status::OK
    });
}

unsafe extern "C" fn main_entry<E: Exported>(
    action: *const c_char,
    handle: *const c_void,
    in_arguments: sys::OfxPropertySetHandle,
    out_arguments: sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    // SAFETY: the host calls with the arguments the API describes for the action.
    unsafe { crate::actions::main_entry::<E>(action, handle, in_arguments, out_arguments) }.0
}

/// Remembers a host given to the whole library (`OfxSetHost`, OpenFX 1.4.1) for one effect.
///
/// # Safety
/// `host` points to a host structure that stays valid until the library is unloaded, or is null.
pub unsafe fn set_library_host<E: Exported>(host: *const c_void) {
    if !host.is_null() {
        E::entry().set_host(host.cast_mut().cast());
    }
}

/// Exports effects from a `cdylib`: `openfx::export_plugins!(Roto, Refine);`.
///
/// Writes `OfxGetNumberOfPlugins`, `OfxGetPlugin` and `OfxSetHost`, and gives each effect its static place for the
/// host. Once in a library.
#[macro_export]
macro_rules! export_plugins {
    ($($effect:ty),+ $(,)?) => {
        $(
            impl $crate::Exported for $effect {
                fn entry() -> &'static $crate::Entry {
                    static ENTRY: $crate::Entry = $crate::Entry::new();
                    &ENTRY
                }
            }
        )+

        static OPENFX_PLUGINS: &[$crate::Plugin] = &[$($crate::Plugin::of::<$effect>()),+];

        /// The number of effects in this library (OpenFX entry point).
        // SAFETY: no other function of the library has this name.
        #[unsafe(no_mangle)]
        pub extern "C" fn OfxGetNumberOfPlugins() -> ::std::ffi::c_int {
            OPENFX_PLUGINS.len() as ::std::ffi::c_int
        }

        /// The effect with this index, null beyond the last (OpenFX entry point).
        // SAFETY: no other function of the library has this name.
        #[unsafe(no_mangle)]
        pub extern "C" fn OfxGetPlugin(index: ::std::ffi::c_int) -> *const ::std::ffi::c_void {
            usize::try_from(index)
                .ok()
                .and_then(|index| OPENFX_PLUGINS.get(index))
                .map_or(::std::ptr::null(), $crate::Plugin::as_ptr)
        }

        /// The host introduces itself to the whole library (OpenFX entry point, 1.4.1).
        ///
        /// # Safety
        /// `host` is null or points to a host structure that stays valid until the library is unloaded.
        // SAFETY: no other function of the library has this name.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn OfxSetHost(host: *const ::std::ffi::c_void) -> ::std::ffi::c_int {
            $(
                // SAFETY: the caller's promise.
                unsafe { $crate::set_library_host::<$effect>(host) };
            )+
            0
        }
    };
}
