//! The actions of the API: one entry for all, one function for each.

mod changes;
mod describe;
mod lifetime;
mod regions;
mod render;

use std::ffi::{CStr, c_char, c_void};
use std::sync::Arc;

use openfx_sys as sys;

use crate::effect::Exported;
use crate::entry::Loaded;
use crate::error::Result;
use crate::guard;
use crate::names;
use crate::properties::PropertySet;
use crate::status::Status;
use crate::write_access;

pub(crate) use lifetime::{InstanceData, instance_data};

/// Answers an action; whatever happens inside, the host gets a status.
///
/// # Safety
/// The arguments are those of the API for the action: `action` a C string or null, `handle` an effect descriptor or
/// instance where the action has one, both argument sets valid or null.
pub(crate) unsafe fn main_entry<E: Exported>(
    action: *const c_char,
    handle: *const c_void,
    in_arguments: sys::OfxPropertySetHandle,
    out_arguments: sys::OfxPropertySetHandle,
) -> Status {
    if action.is_null() {
        return Status::ERR_VALUE;
    }
    // SAFETY: the caller's promise.
    let action = unsafe { CStr::from_ptr(action) };
    let name = action.to_str().unwrap_or("an action");
    let call = Call { action, handle: handle.cast_mut().cast(), in_arguments, out_arguments };
    // An action nested in a parameter write starts without the permission to write.
    guard::guard(name, || write_access::during(false, || answer(call.dispatch::<E>(), name)))
}

/// The status of an action's result. Errors that the effect or the host should hear of were told where they arose.
fn answer(result: Result<Status>, action: &str) -> Status {
    result.unwrap_or_else(|error| {
        log::warn!("{action}: {error}");
        error.status()
    })
}

/// One call of the main entry.
#[derive(Clone, Copy)]
struct Call<'a> {
    action: &'a CStr,
    handle: sys::OfxImageEffectHandle,
    in_arguments: sys::OfxPropertySetHandle,
    out_arguments: sys::OfxPropertySetHandle,
}

/// A call with the host's suites at hand.
#[derive(Clone, Copy)]
struct Action<'a> {
    loaded: &'a Arc<Loaded>,
    handle: sys::OfxImageEffectHandle,
    arguments: PropertySet<'a>,
    answers: PropertySet<'a>,
}

impl Call<'_> {
    fn dispatch<E: Exported>(self) -> Result<Status> {
        // MLT and caching hosts load, unload and load again; each must answer exactly OK.
        if self.action == names::ACTION_LOAD {
            E::entry().load()?;
            return Ok(Status::OK);
        }
        if self.action == names::ACTION_UNLOAD {
            E::entry().unload();
            return Ok(Status::OK);
        }
        let Some(function) = function_for::<E>(self.action) else { return Ok(Status::REPLY_DEFAULT) };
        let loaded = E::entry().loaded(&self.action.to_string_lossy())?;
        let suite = &loaded.suites.property;
        let action = Action {
            loaded: &loaded,
            handle: self.handle,
            // SAFETY: the host's argument sets are valid during the action, or null.
            arguments: unsafe { PropertySet::new(suite, self.in_arguments) },
            // SAFETY: as above.
            answers: unsafe { PropertySet::new(suite, self.out_arguments) },
        };
        function(action)
    }
}

/// The function that answers an action; none for those left to the host.
fn function_for<E: Exported>(action: &CStr) -> Option<fn(Action<'_>) -> Result<Status>> {
    Some(match action {
        name if name == names::ACTION_DESCRIBE => describe::describe::<E>,
        name if name == names::ACTION_DESCRIBE_IN_CONTEXT => describe::describe_in_context::<E>,
        name if name == names::ACTION_CREATE_INSTANCE => lifetime::create::<E>,
        name if name == names::ACTION_DESTROY_INSTANCE => lifetime::destroy::<E>,
        name if name == names::ACTION_BEGIN_INSTANCE_CHANGED => changes::begin::<E>,
        name if name == names::ACTION_INSTANCE_CHANGED => changes::changed::<E>,
        name if name == names::ACTION_END_INSTANCE_CHANGED => changes::end::<E>,
        name if name == names::ACTION_BEGIN_INSTANCE_EDIT => changes::begin_edit::<E>,
        name if name == names::ACTION_END_INSTANCE_EDIT => changes::end_edit::<E>,
        name if name == names::ACTION_SYNC_PRIVATE_DATA => changes::sync_private_data::<E>,
        name if name == names::ACTION_PURGE_CACHES => changes::purge_caches::<E>,
        name if name == names::ACTION_REGION_OF_DEFINITION => regions::region_of_definition::<E>,
        name if name == names::ACTION_REGIONS_OF_INTEREST => regions::regions_of_interest::<E>,
        name if name == names::ACTION_FRAMES_NEEDED => regions::frames_needed::<E>,
        name if name == names::ACTION_CLIP_PREFERENCES => regions::clip_preferences::<E>,
        name if name == names::ACTION_IS_IDENTITY => render::identity::<E>,
        name if name == names::ACTION_RENDER => render::render::<E>,
        name if name == names::ACTION_BEGIN_SEQUENCE_RENDER => render::begin_sequence::<E>,
        name if name == names::ACTION_END_SEQUENCE_RENDER => render::end_sequence::<E>,
        _ => return None,
    })
}
