//! The progress suites, versions 1 and 2.

use super::{guarded, optional, resolve};
use crate::host::effect::Effect;
use crate::host::scope;
use crate::host::{Status, Violation};
use openfx_sys as sys;
use std::ffi::{c_char, c_void};

pub(super) static SUITE_V1: sys::OfxProgressSuiteV1 =
    sys::OfxProgressSuiteV1 { progressStart: Some(start_v1), progressUpdate: Some(update), progressEnd: Some(end) };

pub(super) static SUITE_V2: sys::OfxProgressSuiteV2 =
    sys::OfxProgressSuiteV2 { progressStart: Some(start_v2), progressUpdate: Some(update), progressEnd: Some(end) };

fn start(effect: *mut c_void, label: String, id: String) -> Result<(), Status> {
    let effect = resolve::<Effect, _>("progressStart", effect, "image effect instance")?;
    if !effect.session.progress_start(label, id) {
        super::forbidden(Some(&effect), "progressStart while a progress bar is open");
        return Err(Status::FAILED);
    }
    Ok(())
}

unsafe extern "C" fn start_v1(effect: *mut c_void, label: *const c_char) -> sys::OfxStatus {
    // SAFETY: the suite's contract: null or a string.
    guarded("progressStart", || start(effect, unsafe { optional(label) }, String::new()))
}

unsafe extern "C" fn start_v2(effect: *mut c_void, label: *const c_char, id: *const c_char) -> sys::OfxStatus {
    // SAFETY: the suite's contract: null or strings.
    guarded("progressStart", || start(effect, unsafe { optional(label) }, unsafe { optional(id) }))
}

unsafe extern "C" fn update(effect: *mut c_void, done: f64) -> sys::OfxStatus {
    guarded("progressUpdate", || {
        let effect = resolve::<Effect, _>("progressUpdate", effect, "image effect instance")?;
        if !(0.0..=1.0).contains(&done) {
            let problem = format!("progress of {done}, which is not from 0 to 1");
            scope::violate(Some(&effect), Violation::BadAnswer { action: scope::action_name(), problem });
        }
        match effect.session.progress_update(done) {
            Some(true) => Ok(()),
            Some(false) => Err(Status::REPLY_NO),
            None => {
                super::forbidden(Some(&effect), "progressUpdate without a progress bar");
                Err(Status::FAILED)
            }
        }
    })
}

unsafe extern "C" fn end(effect: *mut c_void) -> sys::OfxStatus {
    guarded("progressEnd", || {
        let effect = resolve::<Effect, _>("progressEnd", effect, "image effect instance")?;
        if !effect.session.progress_end() {
            super::forbidden(Some(&effect), "progressEnd without a progress bar");
            return Err(Status::FAILED);
        }
        Ok(())
    })
}
