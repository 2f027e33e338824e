//! Questions about regions, frames and formats. They may come on render threads.

use super::Action;
use crate::arguments::{ClipPreferences, FramesNeeded, RegionArgs, time};
use crate::clip::ClipKey;
use crate::effect::Exported;
use crate::error::Result;
use crate::geometry::RectD;
use crate::instance::Instance;
use crate::names;
use crate::properties::{PropertySet, clip_property};
use crate::status::Status;

/// The effect's own, else that of Source, else the host's default.
pub(super) fn region_of_definition<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    let args = RegionArgs::read(&action.arguments);
    let own = data.effect.region_of_definition(&data.instance, &args).unwrap_or_else(|error| {
        log::warn!("region of definition: {error}");
        None
    });
    let region = own.or_else(|| connected_region(&data.instance, ClipKey::SOURCE, args.time));
    let Some(region) = region.filter(|region| !region.is_empty()) else { return Ok(Status::REPLY_DEFAULT) };
    offer_rectangle(&action.answers, names::REGION_OF_DEFINITION, region);
    Ok(Status::OK)
}

/// Every connected input whole, because the model sees the whole picture. Never an empty region (Nuke).
pub(super) fn regions_of_interest<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    let time = time(&action.arguments);
    let mut said = false;
    for row in E::DESCRIPTION.clips {
        let clip = ClipKey::new(row.name);
        if clip == ClipKey::OUTPUT {
            continue;
        }
        if let Some(region) = connected_region(&data.instance, clip, time) {
            offer_rectangle(&action.answers, &clip_property(names::CLIP_REGION, clip.name()), region);
            said = true;
        }
    }
    Ok(if said { Status::OK } else { Status::REPLY_DEFAULT })
}

pub(super) fn frames_needed<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    let clip_ranges = |clip: ClipKey| data.instance.clip(clip).ok()?.frame_range();
    let mut needed = FramesNeeded { answers: &action.answers, clip_ranges: &clip_ranges, counts: Vec::new() };
    if let Err(error) = data.effect.frames_needed(&data.instance, time(&action.arguments), &mut needed) {
        log::warn!("frames needed: {error}");
    }
    Ok(if needed.counts.is_empty() { Status::REPLY_DEFAULT } else { Status::OK })
}

pub(super) fn clip_preferences<E: Exported>(action: Action<'_>) -> Result<Status> {
    let data = action.instance::<E>()?;
    let mut preferences = ClipPreferences { answers: &action.answers, said: false };
    if let Err(error) = data.effect.clip_preferences(&data.instance, &mut preferences) {
        log::warn!("clip preferences: {error}");
    }
    Ok(if preferences.said { Status::OK } else { Status::REPLY_DEFAULT })
}

/// The whole of a connected clip, unless it has nothing or does not know.
fn connected_region(instance: &Instance, clip: ClipKey, time: f64) -> Option<RectD> {
    let clip = instance.clip(clip).ok().filter(crate::clip::Clip::connected)?;
    clip.region_of_definition(time).ok().filter(|region| !region.is_empty())
}

fn offer_rectangle(answers: &PropertySet<'_>, name: &std::ffi::CStr, region: RectD) {
    for (index, edge) in (0..).zip(<[f64; 4]>::from(region)) {
        answers.offer(name, index, edge);
    }
}
