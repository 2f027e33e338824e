//! The Rust values of parameters, and their way through the host's variadic functions.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use openfx_sys as sys;

use super::access::c_text;
use super::keys::{BooleanKey, ChoiceKey, Double2DKey, DoubleKey, IntegerKey, Key, TextKey};
use super::row::Form;
use crate::status::Status;
use crate::suites::call;

/// A parameter of the host, to be read or written with the arguments of its type.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    suite: &'a sys::OfxParameterSuiteV1,
    parameter: sys::OfxParamHandle,
}

impl<'a> Target<'a> {
    /// # Safety
    /// `parameter` is a parameter of the host `suite` came from, alive for `'a`.
    pub(super) unsafe fn new(suite: &'a sys::OfxParameterSuiteV1, parameter: sys::OfxParamHandle) -> Self {
        Self { suite, parameter }
    }
}

/// A key whose parameter has a value. The keys of this crate are all there are.
pub trait Value: Key + sealed::Sealed {
    /// The value's Rust type.
    type Value;
    /// What the host's functions take for it.
    #[doc(hidden)]
    const FORM: Form;

    /// Reads the value at `time`.
    #[doc(hidden)]
    fn read(self, target: Target<'_>, time: f64) -> (Status, Self::Value);

    /// Writes the value, with `time` as a keyframe.
    #[doc(hidden)]
    fn write(self, target: Target<'_>, time: Option<f64>, value: Self::Value) -> Status;
}

mod sealed {
    pub trait Sealed {}
}

/// Calls `paramGetValueAtTime` with the given targets.
macro_rules! get {
    ($target:ident, $time:ident, $($value:expr),+) => {{
        let suite = $target.suite;
        // SAFETY: the handle is valid (see `Target::new`); the API asks for one pointer for each of the parameter's
        // components, of exactly these types (`Parameters` checks the form); all point to locals.
        unsafe { call!(suite.paramGetValueAtTime($target.parameter, $time, $($value),+)) }
    }};
}

/// Calls `paramSetValueAtTime` or `paramSetValue`.
macro_rules! put {
    ($target:ident, $time:ident, $($value:expr),+) => {{
        let suite = $target.suite;
        match $time {
            // SAFETY: the handle is valid (see `Target::new`); the API asks for one value for each component, of these
            // types (as C promotes them).
            Some(time) => unsafe { call!(suite.paramSetValueAtTime($target.parameter, time, $($value),+)) },
            // SAFETY: as above.
            None => unsafe { call!(suite.paramSetValue($target.parameter, $($value),+)) },
        }
    }};
}

macro_rules! number_value {
    ($key:ident, $form:ident, $value:ty, $raw:ty, $from:expr, $into:expr) => {
        impl sealed::Sealed for $key {}

        impl Value for $key {
            type Value = $value;
            const FORM: Form = Form::$form;

            fn read(self, target: Target<'_>, time: f64) -> (Status, $value) {
                let mut raw: $raw = Default::default();
                let status = get!(target, time, &raw mut raw);
                (status, $from(raw))
            }

            fn write(self, target: Target<'_>, time: Option<f64>, value: $value) -> Status {
                let raw: $raw = $into(value);
                put!(target, time, raw)
            }
        }
    };
}

number_value!(BooleanKey, Int, bool, c_int, |raw| raw != 0, c_int::from);
number_value!(IntegerKey, Int, i32, c_int, |raw| raw, |value| value);
number_value!(ChoiceKey, Int, usize, c_int, |raw| usize::try_from(raw).unwrap_or(0), |value| {
    c_int::try_from(value).unwrap_or(c_int::MAX)
});
number_value!(DoubleKey, Double, f64, f64, |raw| raw, |value| value);

impl sealed::Sealed for Double2DKey {}

impl Value for Double2DKey {
    type Value = [f64; 2];
    const FORM: Form = Form::Double2D;

    fn read(self, target: Target<'_>, time: f64) -> (Status, [f64; 2]) {
        let (mut x, mut y) = (0.0_f64, 0.0_f64);
        let status = get!(target, time, &raw mut x, &raw mut y);
        (status, [x, y])
    }

    fn write(self, target: Target<'_>, time: Option<f64>, value: [f64; 2]) -> Status {
        put!(target, time, value[0], value[1])
    }
}

impl sealed::Sealed for TextKey {}

impl Value for TextKey {
    type Value = String;
    const FORM: Form = Form::Text;

    fn read(self, target: Target<'_>, time: f64) -> (Status, String) {
        let mut raw: *mut c_char = ptr::null_mut();
        let status = get!(target, time, &raw mut raw);
        if !status.is_ok() || raw.is_null() {
            return (status, String::new());
        }
        // SAFETY: on success the host hands out a C string that lives until the next call for this parameter.
        let text = unsafe { CStr::from_ptr(raw) }.to_string_lossy().into_owned();
        (status, text)
    }

    fn write(self, target: Target<'_>, time: Option<f64>, value: String) -> Status {
        let text = c_text(&value);
        put!(target, time, text.as_ptr())
    }
}
