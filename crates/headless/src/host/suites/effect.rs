//! The image effect suite, except for images themselves.

use super::{argument, forbidden, give, give_if_wanted, guarded, image, memory, resolve};
use crate::host::clip::Clip;
use crate::host::effect::{Effect, Role};
use crate::host::handle::lookup;
use crate::host::{Status, scope};
use openfx_sys as sys;
use std::ffi::{c_char, c_int};
use std::panic::catch_unwind;

pub(super) static SUITE: sys::OfxImageEffectSuiteV1 = sys::OfxImageEffectSuiteV1 {
    getPropertySet: Some(get_property_set),
    getParamSet: Some(get_param_set),
    clipDefine: Some(clip_define),
    clipGetHandle: Some(clip_get_handle),
    clipGetPropertySet: Some(clip_get_property_set),
    clipGetImage: Some(image::get),
    clipReleaseImage: Some(image::release),
    clipGetRegionOfDefinition: Some(image::region_of_definition),
    abort: Some(abort),
    imageMemoryAlloc: Some(memory::image_alloc),
    imageMemoryFree: Some(memory::image_free),
    imageMemoryLock: Some(memory::image_lock),
    imageMemoryUnlock: Some(memory::image_unlock),
};

unsafe extern "C" fn get_property_set(
    effect: sys::OfxImageEffectHandle,
    set: *mut sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    guarded("getPropertySet", || {
        let effect = resolve::<Effect, _>("getPropertySet", effect, "image effect")?;
        // SAFETY: the suite's contract: there is room for the handle.
        unsafe { give(set, effect.properties.handle().as_ptr()) }
    })
}

unsafe extern "C" fn get_param_set(
    effect: sys::OfxImageEffectHandle,
    set: *mut sys::OfxParamSetHandle,
) -> sys::OfxStatus {
    guarded("getParamSet", || {
        let effect = resolve::<Effect, _>("getParamSet", effect, "image effect")?;
        // SAFETY: the suite's contract: there is room for the handle.
        unsafe { give(set, effect.params.handle.as_ptr()) }
    })
}

unsafe extern "C" fn clip_define(
    effect: sys::OfxImageEffectHandle,
    label: *const c_char,
    set: *mut sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    guarded("clipDefine", || {
        let effect = resolve::<Effect, _>("clipDefine", effect, "image effect descriptor")?;
        // SAFETY: the suite's contract: the plugin gives a string.
        let label = unsafe { argument(label) }?;
        if effect.role != Role::ContextDescriptor {
            forbidden(Some(&effect), "clipDefine");
            return Err(Status::FAILED);
        }
        let clip = effect.define_clip(label);
        // SAFETY: the suite's contract: there is room for the handle, or the pointer is null.
        unsafe { give_if_wanted(set, clip.properties.handle().as_ptr()) };
        Ok(())
    })
}

unsafe extern "C" fn clip_get_handle(
    effect: sys::OfxImageEffectHandle,
    label: *const c_char,
    clip: *mut sys::OfxImageClipHandle,
    set: *mut sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    guarded("clipGetHandle", || {
        // SAFETY: the suite's contract: there is room for the handles, or the pointers are null.
        unsafe {
            give_if_wanted(clip, std::ptr::null_mut());
            give_if_wanted(set, std::ptr::null_mut());
        }
        let effect = resolve::<Effect, _>("clipGetHandle", effect, "image effect instance")?;
        // SAFETY: the suite's contract: the plugin gives a string.
        let label = unsafe { argument(label) }?;
        if effect.role != Role::Instance {
            forbidden(Some(&effect), "clipGetHandle");
            return Err(Status::ERR_BAD_HANDLE);
        }
        let found = effect.clip(label).ok_or(Status::ERR_UNKNOWN)?;
        // SAFETY: as above.
        unsafe {
            give(clip, found.handle.as_ptr())?;
            give_if_wanted(set, found.properties.handle().as_ptr());
        }
        Ok(())
    })
}

unsafe extern "C" fn clip_get_property_set(
    clip: sys::OfxImageClipHandle,
    set: *mut sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    guarded("clipGetPropertySet", || {
        let clip = resolve::<Clip, _>("clipGetPropertySet", clip, "clip")?;
        // SAFETY: the suite's contract: there is room for the handle.
        unsafe { give(set, clip.properties.handle().as_ptr()) }
    })
}

/// May be asked from any thread of the plugin at any time, even after the instance is gone: then there is nothing left to do.
unsafe extern "C" fn abort(effect: sys::OfxImageEffectHandle) -> c_int {
    let asked = catch_unwind(|| match lookup::<Effect, _>(effect) {
        Some(effect) => effect.session.aborted(),
        None => {
            if scope::current().is_some() {
                super::bad_handle("abort", "image effect instance");
            }
            true
        }
    });
    c_int::from(asked.unwrap_or(true))
}
