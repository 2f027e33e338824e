//! Render and what comes before and after it.

use super::Action;
use crate::arguments::{RenderArgs, SequenceArgs};
use crate::effect::Exported;
use crate::error::{Error, Result};
use crate::guard;
use crate::message::MessageKind;
use crate::names;
use crate::status::Status;

pub(super) fn identity<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    let args = RenderArgs::read(&action.arguments);
    let identity = data.effect.identity(&data.instance, &args).unwrap_or_else(|error| {
        log::warn!("identity: {error}");
        None
    });
    let Some(identity) = identity else { return Ok(Status::REPLY_DEFAULT) };
    action.answers.set(names::NAME, 0, identity.clip.name())?;
    action.answers.set(names::TIME, 0, identity.time)?;
    Ok(Status::OK)
}

/// Renders. An error is put on the node, a good render takes it off; an interrupted one is quiet.
pub(super) fn render<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    let args = RenderArgs::read(&action.arguments);
    if args.window.is_empty() {
        // Nothing to write; some hosts ask during a resize.
        return Ok(Status::OK);
    }
    let rendered = guard::catch("render", || data.effect.render(&data.instance, &args))
        .unwrap_or_else(|words| Err(Error::Effect(words)));
    match rendered {
        Ok(()) => {
            data.instance.clear_persistent_error();
            Ok(Status::OK)
        }
        Err(Error::Aborted) => Ok(Status::FAILED),
        Err(_) if data.instance.aborted() => Ok(Status::FAILED),
        Err(error) => {
            data.instance.set_persistent_message(MessageKind::Error, &error.to_string());
            Ok(error.status())
        }
    }
}

pub(super) fn begin_sequence<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    data.effect.begin_sequence(&data.instance, &SequenceArgs::read(&action.arguments))?;
    Ok(Status::OK)
}

pub(super) fn end_sequence<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    data.effect.end_sequence(&data.instance, &SequenceArgs::read(&action.arguments))?;
    Ok(Status::OK)
}
