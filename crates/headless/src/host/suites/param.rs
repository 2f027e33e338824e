//! The parameter suite.

use super::value::{
    may_write, sam3roto_host_get_derivative, sam3roto_host_get_integral, sam3roto_host_get_value,
    sam3roto_host_get_value_at_time, sam3roto_host_set_value, sam3roto_host_set_value_at_time, tell,
};
use super::{argument, forbidden, give, give_if_wanted, guarded, resolve};
use crate::host::curve::Curve;
use crate::host::effect::{Effect, ParamSet, Role};
use crate::host::param::Param;
use crate::host::scope::{self, Phase};
use crate::host::{ParamKind, Status};
use openfx_sys as sys;
use std::ffi::{c_char, c_int, c_uint};
use std::sync::Arc;

pub(super) static SUITE: sys::OfxParameterSuiteV1 = sys::OfxParameterSuiteV1 {
    paramDefine: Some(define),
    paramGetHandle: Some(get_handle),
    paramSetGetPropertySet: Some(set_get_property_set),
    paramGetPropertySet: Some(get_property_set),
    paramGetValue: Some(sam3roto_host_get_value),
    paramGetValueAtTime: Some(sam3roto_host_get_value_at_time),
    paramGetDerivative: Some(sam3roto_host_get_derivative),
    paramGetIntegral: Some(sam3roto_host_get_integral),
    paramSetValue: Some(sam3roto_host_set_value),
    paramSetValueAtTime: Some(sam3roto_host_set_value_at_time),
    paramGetNumKeys: Some(get_key_count),
    paramGetKeyTime: Some(get_key_time),
    paramGetKeyIndex: Some(get_key_index),
    paramDeleteKey: Some(delete_key),
    paramDeleteAllKeys: Some(delete_all_keys),
    paramCopy: Some(copy),
    paramEditBegin: Some(edit_begin),
    paramEditEnd: Some(edit_end),
};

/// The effect that a parameter set belongs to.
fn owner(function: &'static str, set: sys::OfxParamSetHandle) -> Result<Arc<Effect>, Status> {
    let set = resolve::<ParamSet, _>(function, set, "parameter set")?;
    set.effect.upgrade().ok_or(Status::ERR_BAD_HANDLE)
}

unsafe extern "C" fn define(
    set: sys::OfxParamSetHandle,
    kind: *const c_char,
    label: *const c_char,
    out: *mut sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    guarded("paramDefine", || {
        let effect = owner("paramDefine", set)?;
        // SAFETY: the suite's contract: the plugin gives strings.
        let (kind, label) = unsafe { (argument(kind)?, argument(label)?) };
        if effect.role == Role::Instance {
            forbidden(Some(&effect), "paramDefine");
            return Err(Status::FAILED);
        }
        let kind = ParamKind::from_ofx(kind).ok_or(Status::ERR_UNKNOWN)?;
        if effect.host.character.refused_params.contains(&kind) {
            return Err(Status::ERR_UNSUPPORTED);
        }
        let param = effect.define_param(kind, label).ok_or(Status::ERR_EXISTS)?;
        // SAFETY: the suite's contract: there is room for the handle, or the pointer is null.
        unsafe { give_if_wanted(out, param.properties.handle().as_ptr()) };
        Ok(())
    })
}

unsafe extern "C" fn get_handle(
    set: sys::OfxParamSetHandle,
    label: *const c_char,
    param: *mut sys::OfxParamHandle,
    out: *mut sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    guarded("paramGetHandle", || {
        let effect = owner("paramGetHandle", set)?;
        // SAFETY: the suite's contract: the plugin gives a string.
        let label = unsafe { argument(label) }?;
        if effect.role != Role::Instance {
            forbidden(Some(&effect), "paramGetHandle");
            return Err(Status::ERR_BAD_HANDLE);
        }
        let found = effect.params.get(label).ok_or(Status::ERR_UNKNOWN)?;
        // SAFETY: the suite's contract: there is room for the handles; the second pointer may be null.
        unsafe {
            give(param, found.handle.as_ptr())?;
            give_if_wanted(out, found.properties.handle().as_ptr());
        }
        Ok(())
    })
}

unsafe extern "C" fn set_get_property_set(
    set: sys::OfxParamSetHandle,
    out: *mut sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    guarded("paramSetGetPropertySet", || {
        let effect = owner("paramSetGetPropertySet", set)?;
        // SAFETY: the suite's contract: there is room for the handle.
        unsafe { give(out, effect.properties.handle().as_ptr()) }
    })
}

unsafe extern "C" fn get_property_set(
    param: sys::OfxParamHandle,
    out: *mut sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    guarded("paramGetPropertySet", || {
        let param = resolve::<Param, _>("paramGetPropertySet", param, "parameter")?;
        // SAFETY: the suite's contract: there is room for the handle.
        unsafe { give(out, param.properties.handle().as_ptr()) }
    })
}

/// Looks at the keys that the host lets the plugin see.
fn with_keys<R>(
    function: &'static str,
    param: sys::OfxParamHandle,
    look: impl FnOnce(Option<&Curve>) -> R,
) -> Result<R, Status> {
    let param = resolve::<Param, _>(function, param, "parameter")?;
    let effect = param.effect.upgrade().ok_or(Status::ERR_BAD_HANDLE)?;
    let shown = effect.host.character.shows_keys;
    Ok(param.read(|curve| look(shown.then_some(curve))))
}

unsafe extern "C" fn get_key_count(param: sys::OfxParamHandle, count: *mut c_uint) -> sys::OfxStatus {
    guarded("paramGetNumKeys", || {
        let found = with_keys("paramGetNumKeys", param, |curve| curve.map_or(0, |curve| curve.keys().len()))?;
        // SAFETY: the suite's contract: there is room for the count.
        unsafe { give(count, c_uint::try_from(found).unwrap_or(c_uint::MAX)) }
    })
}

unsafe extern "C" fn get_key_time(param: sys::OfxParamHandle, index: c_uint, time: *mut f64) -> sys::OfxStatus {
    guarded("paramGetKeyTime", || {
        let index = usize::try_from(index).map_err(|_| Status::ERR_BAD_INDEX)?;
        let key = |curve: Option<&Curve>| curve.and_then(|curve| curve.keys().get(index)).map(|key| key.time);
        let found = with_keys("paramGetKeyTime", param, key)?.ok_or(Status::ERR_BAD_INDEX)?;
        // SAFETY: the suite's contract: there is room for the time.
        unsafe { give(time, found) }
    })
}

unsafe extern "C" fn get_key_index(
    param: sys::OfxParamHandle,
    time: f64,
    direction: c_int,
    index: *mut c_int,
) -> sys::OfxStatus {
    guarded("paramGetKeyIndex", || {
        // SAFETY: the suite's contract: there is room for the index.
        unsafe { give(index, -1) }?;
        let search = |curve: &Curve| match direction {
            0 => curve.position(time).ok(),
            1.. => curve.after(time),
            _ => curve.before(time),
        };
        let found = with_keys("paramGetKeyIndex", param, |curve| curve.and_then(search))?.ok_or(Status::FAILED)?;
        // SAFETY: as above.
        unsafe { give(index, c_int::try_from(found).unwrap_or(c_int::MAX)) }
    })
}

/// Changes a parameter of an instance, where the rules allow it, and tells the plugin.
fn change(
    function: &'static str,
    param: sys::OfxParamHandle,
    apply: impl FnOnce(&mut Curve, f64) -> Result<(), Status>,
) -> Result<(), Status> {
    let param = resolve::<Param, _>(function, param, "parameter")?;
    let effect = param.effect.upgrade().ok_or(Status::ERR_BAD_HANDLE)?;
    may_write(&param, &effect)?;
    let time = effect.session.time();
    param.write(|curve| apply(curve, time))?;
    tell(&effect, &param, time)
}

unsafe extern "C" fn delete_key(param: sys::OfxParamHandle, time: f64) -> sys::OfxStatus {
    guarded("paramDeleteKey", || {
        let delete = |curve: &mut Curve, _| if curve.delete_key(time) { Ok(()) } else { Err(Status::ERR_BAD_INDEX) };
        change("paramDeleteKey", param, delete)
    })
}

unsafe extern "C" fn delete_all_keys(param: sys::OfxParamHandle) -> sys::OfxStatus {
    guarded("paramDeleteAllKeys", || {
        change("paramDeleteAllKeys", param, |curve, time| {
            curve.delete_all_keys(time);
            Ok(())
        })
    })
}

unsafe extern "C" fn copy(
    to: sys::OfxParamHandle,
    from: sys::OfxParamHandle,
    offset: f64,
    range: *const sys::OfxRangeD,
) -> sys::OfxStatus {
    guarded("paramCopy", || {
        let source = resolve::<Param, _>("paramCopy", from, "parameter")?;
        let target = resolve::<Param, _>("paramCopy", to, "parameter")?;
        if source.kind != target.kind {
            return Err(Status::ERR_VALUE);
        }
        let copies = target.effect.upgrade().is_some_and(|effect| effect.host.character.copies_params);
        if !copies {
            return Ok(());
        }
        // SAFETY: the suite's contract: null, or a range.
        let range = (!range.is_null()).then(|| unsafe { range.read_unaligned() });
        // A range of 0 to 0 stands for everything (ofxParam.h).
        let range = range.map(|range| (range.min, range.max)).filter(|range| *range != (0.0, 0.0));
        let copied = source.read(|curve| curve.copied(offset, range));
        change("paramCopy", to, |curve, _| {
            *curve = copied;
            Ok(())
        })
    })
}

/// Edit blocks are for changes that a user can undo, so they belong where parameters may be written.
fn edit(function: &'static str, set: sys::OfxParamSetHandle, step: i32) -> Result<(), Status> {
    let effect = owner(function, set)?;
    let phase = scope::of(&effect).map(|scope| scope.phase);
    if !phase.is_some_and(|phase| phase.writes_params() || phase == Phase::Create) {
        forbidden(Some(&effect), function);
        return Err(Status::FAILED);
    }
    if effect.session.edit(step) < 0 {
        effect.session.edit(1);
        forbidden(Some(&effect), "paramEditEnd without paramEditBegin");
        return Err(Status::FAILED);
    }
    Ok(())
}

unsafe extern "C" fn edit_begin(set: sys::OfxParamSetHandle, _label: *const c_char) -> sys::OfxStatus {
    guarded("paramEditBegin", || edit("paramEditBegin", set, 1))
}

unsafe extern "C" fn edit_end(set: sys::OfxParamSetHandle) -> sys::OfxStatus {
    guarded("paramEditEnd", || edit("paramEditEnd", set, -1))
}
