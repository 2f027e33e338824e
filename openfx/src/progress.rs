//! The host's progress bar and time line.

use std::ffi::c_void;

use crate::instance::Instance;
use crate::parameters::c_text;
use crate::status::Status;
use crate::suites::{ProgressSuite, call};

/// A progress bar; it goes away when dropped. Does nothing where the host has none.
#[must_use = "the progress bar goes away when this is dropped"]
pub struct Progress<'a> {
    instance: &'a Instance,
    open: bool,
}

impl Instance {
    /// Opens a progress bar: for work started by a button, not for render.
    pub fn progress(&self, label: &str) -> Progress<'_> {
        let label = c_text(label);
        let handle = effect(self);
        let status = match &self.loaded.suites.progress {
            // SAFETY: handle of this instance, C strings.
            ProgressSuite::Two(suite) => unsafe { call!(suite.progressStart(handle, label.as_ptr(), c"".as_ptr())) },
            // SAFETY: as above.
            ProgressSuite::One(suite) => unsafe { call!(suite.progressStart(handle, label.as_ptr())) },
            ProgressSuite::None => Status::ERR_MISSING_HOST_FEATURE,
        };
        Progress { instance: self, open: status.is_ok() }
    }

    /// The frame the user looks at.
    #[must_use]
    pub fn timeline_time(&self) -> Option<f64> {
        let suite = self.loaded.suites.time_line?;
        let mut time = 0.0;
        // SAFETY: handle of this instance, the target is a local.
        let status = unsafe { call!(suite.getTime(effect(self), &raw mut time)) };
        (status.is_ok() && time.is_finite()).then_some(time)
    }

    /// First and last frame of the time line.
    #[must_use]
    pub fn timeline_bounds(&self) -> Option<(f64, f64)> {
        let suite = self.loaded.suites.time_line?;
        let (mut first, mut last) = (0.0, 0.0);
        // SAFETY: handle of this instance, the targets are locals.
        let status = unsafe { call!(suite.getTimeBounds(effect(self), &raw mut first, &raw mut last)) };
        (status.is_ok() && first <= last).then_some((first, last))
    }

    /// Takes the user to another frame. Whether the host can.
    pub fn timeline_go_to(&self, time: f64) -> bool {
        let Some(suite) = self.loaded.suites.time_line else { return false };
        // SAFETY: handle of this instance.
        unsafe { call!(suite.gotoTime(effect(self), time)) }.is_ok()
    }
}

impl Progress<'_> {
    /// Shows `fraction` (0 to 1) as done. False: the user cancelled, so keep what is done and stop.
    #[must_use = "false means that the user cancelled"]
    pub fn update(&self, fraction: f64) -> bool {
        if !self.open {
            return true;
        }
        let fraction = fraction.clamp(0.0, 1.0);
        let handle = effect(self.instance);
        let status = match &self.instance.loaded.suites.progress {
            // SAFETY: handle of this instance.
            ProgressSuite::Two(suite) => unsafe { call!(suite.progressUpdate(handle, fraction)) },
            // SAFETY: as above.
            ProgressSuite::One(suite) => unsafe { call!(suite.progressUpdate(handle, fraction)) },
            ProgressSuite::None => Status::OK,
        };
        status != Status::REPLY_NO
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let handle = effect(self.instance);
        let status = match &self.instance.loaded.suites.progress {
            // SAFETY: handle of this instance; opened by `Instance::progress`.
            ProgressSuite::Two(suite) => unsafe { call!(suite.progressEnd(handle)) },
            // SAFETY: as above.
            ProgressSuite::One(suite) => unsafe { call!(suite.progressEnd(handle)) },
            ProgressSuite::None => Status::OK,
        };
        if !status.is_ok() {
            log::debug!("the host answered {status} to progressEnd");
        }
    }
}

fn effect(instance: &Instance) -> *mut c_void {
    instance.handle.cast()
}
