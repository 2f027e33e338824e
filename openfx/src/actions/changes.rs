//! What changed, and the housekeeping actions of an instance. Parameters may be written in the InstanceChanged family.

use super::Action;
use crate::arguments::{Change, Reason};
use crate::effect::Exported;
use crate::error::{Error, Result};
use crate::message::MessageKind;
use crate::status::Status;
use crate::write_access;

pub(super) fn begin<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    write_access::during(true, || data.effect.begin_changes(&data.instance, Reason::of(&action.arguments)));
    Ok(Status::OK)
}

/// May come again from inside itself, when the effect writes a parameter.
pub(super) fn changed<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    let change = Change::read(&action.arguments);
    // Whatever went wrong may be right now; and Nuke does not render while an error stands.
    data.instance.clear_persistent_error();
    match write_access::during(true, || data.effect.changed(&data.instance, &change)) {
        Ok(()) => {}
        Err(Error::Aborted) => return Ok(Status::FAILED),
        Err(error) => {
            log::warn!("change of {}: {error}", change.name.to_string_lossy());
            if change.reason == Reason::UserEdited {
                data.instance.show_message(MessageKind::Error, &error.to_string());
            }
        }
    }
    Ok(Status::OK)
}

pub(super) fn end<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    write_access::during(true, || data.effect.end_changes(&data.instance, Reason::of(&action.arguments)));
    Ok(Status::OK)
}

pub(super) fn begin_edit<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    data.effect.begin_edit(&data.instance);
    Ok(Status::OK)
}

pub(super) fn end_edit<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    data.effect.end_edit(&data.instance);
    Ok(Status::OK)
}

pub(super) fn sync_private_data<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    data.effect.sync_private_data(&data.instance);
    Ok(Status::OK)
}

pub(super) fn purge_caches<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    data.effect.purge_caches(&data.instance);
    Ok(Status::OK)
}
