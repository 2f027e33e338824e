//! Which frames a render will fetch.
//!
//! A render needs the two ends of the span it lies in, and the frames from the last one that was tracked to its own.
//! Hosts take such an answer at its word and make all those pictures before they call the render (Nuke: all at once), so
//! the answer is kept short: what was tracked in this process is not asked for again, and never more than
//! [`MOST`] frames. A render far from all that was tracked fetches the rest by itself, one frame at a time; where a host
//! refuses that, Track Shot does it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use openfx::{ClipKey, FramesNeeded, Instance, Result};

use super::spans::{Place, Span, place};
use super::{IfNotTracked, Tracking, prompt_frames};
use crate::roto::MATTE_CLIP;
use crate::roto::garbage::MatteInput;
use crate::roto::objects::OBJECTS;
use crate::roto::settings::Settings;

/// Frames of one span that a host is asked for at most: two seconds.
const MOST: f64 = 48.0;

/// How far the spans of an instance were tracked, by the time of their start and their direction. Nothing but the answer
/// above depends on it.
#[derive(Debug, Default)]
pub struct Reached(Mutex<HashMap<(u64, bool), f64>>);

impl Reached {
    /// A span was tracked to a time.
    pub fn note(&self, span: &Span, time: f64) {
        let mut reached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let farthest = reached.entry((span.start.to_bits(), span.reverse)).or_insert(time);
        *farthest = if span.reverse { farthest.min(time) } else { farthest.max(time) };
    }

    /// The farthest time a span was tracked to; its start before that.
    fn farthest(&self, span: &Span) -> f64 {
        let reached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reached.get(&(span.start.to_bits(), span.reverse)).copied().unwrap_or(span.start)
    }

    /// The prompts changed.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Tells the host which frames the render at `time` will fetch; says nothing where that is only the frame itself.
///
/// # Errors
/// The host's refusal to read a parameter.
pub fn frames_needed(instance: &Instance, reached: &Reached, time: f64, needed: &mut FramesNeeded<'_>) -> Result<()> {
    let settings = Settings::read(instance, time)?;
    if settings.tracking == Tracking::EachFrame || !instance.host().hands_out_other_frames() {
        return Ok(());
    }
    for object in (0..OBJECTS).filter(|&object| settings.selection.needs(object)) {
        let Some(Place::In(span)) = place(&prompt_frames(instance, object)?, time) else { continue };
        let (first, last) = match settings.if_not_tracked {
            IfNotTracked::Track => span.needed(time, reached.farthest(&span), MOST),
            // Nothing is tracked on the way. What may be held is fetched where it comes to that.
            IfNotTracked::Hold | IfNotTracked::Refuse => (time, time),
        };
        needed.add(ClipKey::SOURCE, first..=last);
        if settings.if_not_tracked == IfNotTracked::Track
            && let Some((back, _)) = span.meeting(time)
        {
            let (first, last) = back.needed(time, reached.farthest(&back), MOST);
            needed.add(ClipKey::SOURCE, first..=last);
        }
        for end in [Some(span.start), span.end].into_iter().flatten() {
            needed.add(ClipKey::SOURCE, end..=end);
            if settings.matte_input == MatteInput::Prompt {
                needed.add(MATTE_CLIP, end..=end);
            }
        }
        if settings.matte_input == MatteInput::Prompt {
            needed.add(MATTE_CLIP, time..=time);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_farthest_frame_counts_in_either_direction_until_prompts_change() {
        let reached = Reached::default();
        let span = |reverse| Span { start: 10.0, end: None, reverse, step: 1.0 };
        assert_eq!(reached.farthest(&span(false)), 10.0);
        [12.0, 40.0, 20.0].into_iter().for_each(|time| reached.note(&span(false), time));
        [8.0, 3.0, 5.0].into_iter().for_each(|time| reached.note(&span(true), time));
        assert_eq!((reached.farthest(&span(false)), reached.farthest(&span(true))), (40.0, 3.0));
        reached.clear();
        assert_eq!(reached.farthest(&span(true)), 10.0);
    }
}
