//! The time line suite.

use super::{forbidden, give, guarded, resolve};
use crate::host::Status;
use crate::host::action::{Changed, notify};
use crate::host::effect::Effect;
use crate::host::scope::{self, Phase, Reason};
use openfx_sys as sys;
use std::ffi::c_void;

pub(super) static SUITE: sys::OfxTimeLineSuiteV1 =
    sys::OfxTimeLineSuiteV1 { getTime: Some(get_time), gotoTime: Some(goto_time), getTimeBounds: Some(get_bounds) };

unsafe extern "C" fn get_time(effect: *mut c_void, time: *mut f64) -> sys::OfxStatus {
    guarded("getTime", || {
        let effect = resolve::<Effect, _>("getTime", effect, "image effect instance")?;
        // SAFETY: the suite's contract: there is room for the time.
        unsafe { give(time, effect.session.time()) }
    })
}

unsafe extern "C" fn goto_time(effect: *mut c_void, time: f64) -> sys::OfxStatus {
    guarded("gotoTime", || {
        let effect = resolve::<Effect, _>("gotoTime", effect, "image effect instance")?;
        if !time.is_finite() {
            return Err(Status::ERR_VALUE);
        }
        let Some(scope) = scope::of(&effect).filter(|scope| matches!(scope.phase, Phase::Changed(_) | Phase::Event))
        else {
            forbidden(Some(&effect), "gotoTime");
            return Err(Status::FAILED);
        };
        effect.session.set_time(time);
        let outcome = notify(&effect, Reason::Time, Changed::Time, time);
        scope.found.lock().violations.extend(outcome.findings.violations);
        Ok(())
    })
}

unsafe extern "C" fn get_bounds(effect: *mut c_void, first: *mut f64, last: *mut f64) -> sys::OfxStatus {
    guarded("getTimeBounds", || {
        let effect = resolve::<Effect, _>("getTimeBounds", effect, "image effect instance")?;
        let range = effect.session.project().range;
        // SAFETY: the suite's contract: there is room for the times.
        unsafe {
            give(first, range.0)?;
            give(last, range.1)
        }
    })
}
