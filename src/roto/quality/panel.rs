//! The figures in the panel: a curve, and buttons that go along it.

use openfx::{Change, Instance, Parameters, Result};

use super::sheet::{Row, Sheet};
use crate::roto::parameters::{
    NEXT_SUSPICIOUS, PREVIOUS_SUSPICIOUS, STATUS, SUSPICIOUS_BELOW, TRACK_QUALITY, TRACK_QUALITY_DATA,
};

/// Saves what a tracking found, as one step of undo, and draws the curve where the host sets keys for plugins. Frames
/// that were not tracked now keep what was known of them. Gives the number of suspicious frames among those of now.
///
/// # Errors
/// The host's refusal to keep the figures.
pub fn write(instance: &Instance, found: &[Row]) -> Result<usize> {
    let parameters = instance.parameters();
    if found.is_empty() {
        return Ok(0);
    }
    let _undo = parameters.edit(c"Track Quality");
    let mut sheet = Sheet::parse(&parameters.get(TRACK_QUALITY_DATA, 0.0)?);
    sheet.replace(found);
    let saved = sheet.to_text();
    // As it will be read: a part that is reviewed anew joins on to the rest.
    let sheet = Sheet::parse(&saved);
    parameters.set(TRACK_QUALITY_DATA, saved)?;
    if let Err(error) = draw(instance, &sheet) {
        log::info!("the host draws no curve of the track's quality: {error}");
    }
    let limit = limit(parameters)?;
    let mut now = Sheet::default();
    now.replace(found);
    Ok(now.curve().iter().filter(|(_, score)| *score < limit).count())
}

fn draw(instance: &Instance, sheet: &Sheet) -> Result<()> {
    let parameters = instance.parameters();
    if instance.host().quirks.keys_are_hidden {
        return Ok(());
    }
    if parameters.key_count(TRACK_QUALITY) > 0 {
        parameters.delete_all_keys(TRACK_QUALITY)?;
    }
    sheet.curve().into_iter().try_for_each(|(time, score)| parameters.set_at(TRACK_QUALITY, time, f64::from(score)))
}

fn limit(parameters: &Parameters) -> Result<f32> {
    Ok(parameters.get(SUSPICIOUS_BELOW, 0.0)? as f32)
}

/// The direction that a button goes in, if it is one of these: whether it is forward.
pub fn asked(change: &Change) -> Option<bool> {
    if change.is(NEXT_SUSPICIOUS) {
        return Some(true);
    }
    change.is(PREVIOUS_SUSPICIOUS).then_some(false)
}

/// Goes to the nearest suspicious frame and says what is the matter there; where the host cannot go, where that is.
///
/// # Errors
/// The host's refusal of a parameter.
pub fn go(instance: &Instance, change: &Change, after: bool) -> Result<()> {
    let parameters = instance.parameters();
    let sheet = Sheet::parse(&parameters.get(TRACK_QUALITY_DATA, 0.0)?);
    let limit = limit(parameters)?;
    let now = instance.timeline_time().unwrap_or(change.time);
    let words = match sheet.suspicious(now, after, limit) {
        Some(frame) => {
            let where_to = if instance.timeline_go_to(frame) { "Frame" } else { "Go to frame" };
            format!("{where_to} {frame}: {}.", sheet.reasons(frame, limit))
        }
        None if sheet.is_empty() => "Nothing is reviewed yet: press Track Shot.".to_owned(),
        None => format!("No suspicious frame {} {now}.", if after { "after" } else { "before" }),
    };
    parameters.set(STATUS, words)
}
