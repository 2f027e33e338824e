//! Reading and writing parameter values. The variadic functions of the suite are in variadic.c; these are the typed ones they call.

use super::{forbidden, give, guarded, resolve};
use crate::host::Status;
use crate::host::action::{Changed, notify};
use crate::host::curve::Datum;
use crate::host::effect::{Effect, Role};
use crate::host::param::Param;
use crate::host::property::{name, text};
use crate::host::scope::{self, Phase, Reason};
use crate::host::{ParamKind, Violation};
use openfx_sys as sys;
use std::ffi::{c_char, c_double, c_int, c_void};
use std::sync::Arc;

unsafe extern "C" {
    pub(super) fn sam3roto_host_get_value(param: sys::OfxParamHandle, ...) -> sys::OfxStatus;
    pub(super) fn sam3roto_host_get_value_at_time(param: sys::OfxParamHandle, time: f64, ...) -> sys::OfxStatus;
    pub(super) fn sam3roto_host_get_derivative(param: sys::OfxParamHandle, time: f64, ...) -> sys::OfxStatus;
    pub(super) fn sam3roto_host_get_integral(param: sys::OfxParamHandle, from: f64, until: f64, ...) -> sys::OfxStatus;
    pub(super) fn sam3roto_host_set_value(param: sys::OfxParamHandle, ...) -> sys::OfxStatus;
    pub(super) fn sam3roto_host_set_value_at_time(param: sys::OfxParamHandle, time: f64, ...) -> sys::OfxStatus;
}

const SHAPE_INT: c_int = 1;
const SHAPE_DOUBLE: c_int = 2;
const SHAPE_TEXT: c_int = 3;

/// The parameter of an instance; that of a descriptor has no value.
fn instance_param(function: &'static str, param: *mut c_void) -> Result<(Arc<Param>, Arc<Effect>), Status> {
    let param = resolve::<Param, _>(function, param, "parameter of an instance")?;
    let effect = param.effect.upgrade().filter(|effect| effect.role == Role::Instance);
    effect.map(|effect| (param, effect)).ok_or_else(|| {
        super::bad_handle(function, "parameter of an instance");
        Status::ERR_BAD_HANDLE
    })
}

/// How many values of which type the variadic functions take; the negative of a status when there are none.
#[unsafe(no_mangle)]
unsafe extern "C" fn sam3roto_host_param_shape(param: *mut c_void, count: *mut c_int) -> c_int {
    let mut shape = 0;
    let status = guarded("paramGetValue", || {
        let (param, _) = instance_param("paramGetValue", param)?;
        shape = match param.kind {
            ParamKind::String | ParamKind::Custom => SHAPE_TEXT,
            ParamKind::Group | ParamKind::Page | ParamKind::PushButton => return Err(Status::ERR_UNSUPPORTED),
            kind if kind.is_whole() => SHAPE_INT,
            _ => SHAPE_DOUBLE,
        };
        // SAFETY: variadic.c has room for the count.
        unsafe { give(count, c_int::try_from(param.kind.dimension()).unwrap_or(0)) }
    });
    if status == Status::OK.0 { shape } else { -status }
}

const ASK_VALUE: c_int = 0;
const ASK_VALUE_AT_TIME: c_int = 1;
const ASK_DERIVATIVE: c_int = 2;

/// Reads values into the places that the plugin gave.
#[unsafe(no_mangle)]
unsafe extern "C" fn sam3roto_host_param_get(
    param: *mut c_void,
    ask: c_int,
    from: c_double,
    until: c_double,
    out: *const *mut c_void,
    count: c_int,
) -> sys::OfxStatus {
    guarded("paramGetValue", || {
        let (param, effect) = instance_param("paramGetValue", param)?;
        if from.is_nan() || until.is_nan() {
            return Err(Status::ERR_VALUE);
        }
        let datum = match ask {
            ASK_VALUE => value_now(&param, &effect),
            ASK_VALUE_AT_TIME => param.read(|curve| curve.at(from)),
            ASK_DERIVATIVE => {
                param.read(|curve| curve.derivative(from)).map(Datum::Double).ok_or(Status::ERR_UNSUPPORTED)?
            }
            _ => param.read(|curve| curve.integral(from, until)).map(Datum::Double).ok_or(Status::ERR_UNSUPPORTED)?,
        };
        let count = usize::try_from(count).unwrap_or(0);
        // SAFETY: variadic.c gives as many places as the shape has values.
        let places = (0..count).map(|index| unsafe { *out.add(index) });
        // SAFETY: each place is null or has room for a value of the parameter's type, by the suite's contract.
        unsafe { hand_out(&datum, places) }
    })
}

/// The value at the time of the running action, else at the time of the time line.
fn value_now(param: &Param, effect: &Effect) -> Datum {
    let scope = scope::of(effect);
    if scope.as_ref().is_some_and(|scope| scope.phase == Phase::Render) {
        forbidden(Some(effect), "paramGetValue, where only paramGetValueAtTime is meant to be used,");
    }
    let time = scope.and_then(|scope| scope.time).unwrap_or_else(|| effect.session.time());
    param.read(|curve| curve.at(time))
}

/// Writes each value to its place.
///
/// # Safety
/// Each place is null or has room for a value of the datum's type.
unsafe fn hand_out(datum: &Datum, places: impl Iterator<Item = *mut c_void>) -> Result<(), Status> {
    match datum {
        Datum::Int(values) => {
            for (value, place) in values.iter().zip(places) {
                // SAFETY: passed on.
                unsafe { give(place.cast::<c_int>(), *value) }?;
            }
        }
        Datum::Double(values) => {
            for (value, place) in values.iter().zip(places) {
                // SAFETY: passed on.
                unsafe { give(place.cast::<c_double>(), *value) }?;
            }
        }
        Datum::Text(value) => {
            scope::keep(value);
            for place in places {
                // SAFETY: passed on.
                unsafe { give(place.cast::<*const c_char>(), value.as_ptr()) }?;
            }
        }
    }
    Ok(())
}

/// Writes values, and tells the plugin of its own change.
#[unsafe(no_mangle)]
unsafe extern "C" fn sam3roto_host_param_set(
    param: *mut c_void,
    at_time: c_int,
    time: c_double,
    ints: *const c_int,
    doubles: *const c_double,
    string: *const c_char,
    count: c_int,
) -> sys::OfxStatus {
    guarded("paramSetValue", || {
        let (param, effect) = instance_param("paramSetValue", param)?;
        may_write(&param, &effect)?;
        let indices = 0..usize::try_from(count).unwrap_or(0);
        let datum = match param.kind {
            // SAFETY: a string by the suite's contract; null is checked.
            ParamKind::String | ParamKind::Custom => Datum::Text(text(unsafe { super::argument(string) }?)),
            // SAFETY: variadic.c gives `count` ints.
            kind if kind.is_whole() => Datum::Int(indices.map(|index| unsafe { *ints.add(index) }).collect()),
            // SAFETY: variadic.c gives `count` doubles.
            _ => Datum::Double(indices.map(|index| unsafe { *doubles.add(index) }).collect()),
        };
        check(&param, &effect, &datum)?;
        let now = scope::of(&effect).and_then(|scope| scope.time).unwrap_or_else(|| effect.session.time());
        if at_time == 0 {
            param.write(|curve| curve.set(now, datum));
            return tell(&effect, &param, now);
        }
        if !time.is_finite() {
            return Err(Status::ERR_VALUE);
        }
        if !param.animates() {
            return Err(Status::ERR_UNSUPPORTED);
        }
        if effect.host.character.animates(param.kind) {
            param.write(|curve| curve.set_key(time, datum));
        } else {
            // A host without keys for this kind keeps the value alone.
            param.write(|curve| curve.set(time, datum));
        }
        tell(&effect, &param, time)
    })
}

/// Values that no host can take: not a number, or an entry that the choice has not.
fn check(param: &Param, effect: &Effect, datum: &Datum) -> Result<(), Status> {
    let problem = match datum {
        Datum::Double(values) if values.iter().any(|value| !value.is_finite()) => "a value that is not a finite number",
        Datum::Int(values) if param.kind == ParamKind::Choice && !is_entry(param, values) => "an entry that it has not",
        _ => return Ok(()),
    };
    let problem = format!("parameter {} was set to {problem}", param.label());
    scope::violate(Some(effect), Violation::BadAnswer { action: scope::action_name(), problem });
    Err(Status::ERR_VALUE)
}

fn is_entry(param: &Param, values: &[i32]) -> bool {
    values.iter().all(|value| usize::try_from(*value).is_ok_and(|value| value < param.choices().len()))
}

/// Refuses writes where the specification does: everywhere but in instance changes, interacts and syncing.
pub(super) fn may_write(param: &Param, effect: &Arc<Effect>) -> Result<(), Status> {
    let phase = scope::of(effect).map(|scope| scope.phase);
    let create_allowed = !effect.host.character.refuses_writes_in_create;
    match phase {
        Some(phase) if phase.writes_params() => Ok(()),
        Some(Phase::Create) if create_allowed => Ok(()),
        _ => {
            let violation = Violation::ParamWritten { action: scope::action_name(), param: param.label() };
            scope::violate(Some(effect), violation);
            Err(Status::FAILED)
        }
    }
}

/// Tells the plugin that it changed a parameter itself, and redraws the overlays that follow it.
pub(super) fn tell(effect: &Arc<Effect>, param: &Param, time: f64) -> Result<(), Status> {
    let outcome = notify(effect, Reason::Plugin, Changed::Param(&param.name), time);
    if let Some(scope) = scope::of(effect) {
        let mut found = scope.found.lock();
        found.violations.extend(outcome.findings.violations);
        found.messages.extend(outcome.findings.messages);
    }
    Ok(())
}

/// The default of a parameter in canonical coordinates: hosts may take it in fractions of the project.
pub(in crate::host) fn canonical_default(param: &Param, datum: Datum, size: (f64, f64), offset: (f64, f64)) -> Datum {
    let properties = &param.properties;
    let normalised = properties.string(name(sys::kOfxParamPropDefaultCoordinateSystem))
        == name(sys::kOfxParamCoordinatesNormalised).to_string_lossy();
    let kind = properties.string(name(sys::kOfxParamPropDoubleType));
    let is = |constant: &'static [u8]| kind == name(constant).to_string_lossy();
    let (size, offset) = if is(sys::kOfxParamDoubleTypeXYAbsolute) {
        (size, offset)
    } else if is(sys::kOfxParamDoubleTypeXY) {
        (size, (0.0, 0.0))
    } else {
        return datum;
    };
    match datum {
        Datum::Double(values) if normalised && values.len() == 2 => {
            let scaled = values.iter().zip([(size.0, offset.0), (size.1, offset.1)]);
            Datum::Double(scaled.map(|(value, (size, offset))| value * size + offset).collect())
        }
        datum => datum,
    }
}
