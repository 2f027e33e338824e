//! The state of an instance: made in CreateInstance, freed exactly once.

use super::Action;
use crate::effect::{Effect, Exported};
use crate::error::{Error, Result};
use crate::instance::{Handles, Instance};
use crate::names;
use crate::properties::PropertySet;
use crate::status::Status;

/// What `kOfxPropInstanceData` points to.
pub(crate) struct InstanceData<E: Effect> {
    /// Dropped before the instance, which it may use.
    pub(crate) effect: E,
    pub(crate) instance: Instance,
}

/// Always OK unless the effect cannot exist: on ReplyDefault Resolve lists the effect without controls.
pub(super) fn create<E: Exported>(action: Action<'_>) -> Result<Status> {
    let properties = action.effect_properties()?;
    if action.instance::<E>().is_ok_and(|data| data.instance.handle == action.handle) {
        log::warn!("the host created an instance twice");
        return Ok(Status::OK);
    }
    let handles =
        Handles { effect: action.handle, properties: properties.handle(), parameters: action.parameter_set()? };
    let page = action.arguments.string(names::RESOLVE_PAGE, 0);
    let instance = Instance::new(action.loaded.clone(), handles, E::DESCRIPTION, page);
    let effect = E::create(&instance)?;
    E::entry().boxes().store(&properties, InstanceData { effect, instance })?;
    Ok(Status::OK)
}

/// Always OK, also for an instance that never was.
pub(super) fn destroy<E: Exported>(action: Action<'_>) -> Result<Status> {
    E::entry().boxes().free::<InstanceData<E>>(&action.effect_properties()?);
    Ok(Status::OK)
}

/// The state behind an instance's property set.
///
/// # Safety
/// The instance is not destroyed while `'a` lasts.
pub(crate) unsafe fn instance_data<'a, E: Exported>(properties: &PropertySet<'_>) -> Result<&'a InstanceData<E>> {
    // SAFETY: the caller's promise.
    unsafe { E::entry().boxes().get(properties) }.ok_or(Error::NoInstance)
}

impl Action<'_> {
    /// The state of the instance the action is about.
    pub(super) fn instance<E: Exported>(&self) -> Result<&InstanceData<E>> {
        let properties = self.effect_properties()?;
        // SAFETY: a host destroys no instance during its actions.
        unsafe { instance_data::<E>(&properties) }
    }
}
