//! The interact suite.

use super::{give, guarded, resolve};
use crate::host::overlay::Interact;
use openfx_sys as sys;

pub(super) static SUITE: sys::OfxInteractSuiteV1 = sys::OfxInteractSuiteV1 {
    interactSwapBuffers: Some(swap_buffers),
    interactRedraw: Some(redraw),
    interactGetPropertySet: Some(get_property_set),
};

/// Overlays share the viewer's buffers, so there is nothing of their own to swap.
unsafe extern "C" fn swap_buffers(interact: sys::OfxInteractHandle) -> sys::OfxStatus {
    guarded("interactSwapBuffers", || resolve::<Interact, _>("interactSwapBuffers", interact, "interact").map(|_| ()))
}

unsafe extern "C" fn redraw(interact: sys::OfxInteractHandle) -> sys::OfxStatus {
    guarded("interactRedraw", || {
        resolve::<Interact, _>("interactRedraw", interact, "interact")?.redraw();
        Ok(())
    })
}

unsafe extern "C" fn get_property_set(
    interact: sys::OfxInteractHandle,
    set: *mut sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    guarded("interactGetPropertySet", || {
        let interact = resolve::<Interact, _>("interactGetPropertySet", interact, "interact")?;
        // SAFETY: the suite's contract: there is room for the handle.
        unsafe { give(set, interact.properties.handle().as_ptr()) }
    })
}
