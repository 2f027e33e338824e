//! Which frames a shot has.

use openfx::{ClipKey, Error, Instance, Result};

/// More frames than this are no shot but a generator without an end.
const MOST_FRAMES: usize = 1_000_000;

/// The frames of Source that lie on the time line, ascending.
///
/// # Errors
/// In words for the user: the host does not say, or there is no end of them.
pub fn frames_of_source(instance: &Instance) -> Result<Vec<f64>> {
    let of_clip = instance.clip(ClipKey::SOURCE)?.frame_range();
    let of_host = instance.timeline_bounds();
    let (first, last) = match (of_clip, of_host) {
        (Some(clip), Some(host)) if clip.0.max(host.0) <= clip.1.min(host.1) => {
            (clip.0.max(host.0), clip.1.min(host.1))
        }
        (Some(range), _) | (None, Some(range)) => range,
        (None, None) => return Err(Error::Effect("The host does not say which frames Source has.".to_owned())),
    };
    let count = (last - first).floor() + 1.0;
    if count > MOST_FRAMES as f64 {
        let words = format!("Source has {count:.0} frames: set the range of the time line to the shot first.");
        return Err(Error::Effect(words));
    }
    Ok((0..count as usize).map(|index| first + index as f64).collect())
}
