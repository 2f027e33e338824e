//! What a frame shows that was not tracked yet, where a render is not to track.

use super::IfNotTracked;
use super::film::Film;
use super::follow::TrackedFrame;
use super::roll::Roller;
use crate::roto::failure::FrameError;

/// Frames that are looked at for one to hold: two seconds. Each is fetched from the host, because a mask is found by its
/// picture.
const REACH: usize = 48;

impl Roller<'_> {
    /// The frame itself where it was tracked or may be now; else the nearest tracked frame of its span, towards where
    /// tracking starts.
    ///
    /// # Errors
    /// [`FrameError::NotTracked`] where there is none, or none is to be shown.
    pub fn known(&self, tracked: TrackedFrame) -> Result<TrackedFrame, FrameError> {
        let answer = self.film.settings.if_not_tracked;
        if answer == IfNotTracked::Track || self.is_known(&tracked) {
            return Ok(tracked);
        }
        let held = if answer == IfNotTracked::Hold { self.nearest_known(&tracked)? } else { None };
        held.ok_or(FrameError::NotTracked { frame: tracked.frame.time })
    }

    fn nearest_known(&self, tracked: &TrackedFrame) -> Result<Option<TrackedFrame>, FrameError> {
        let times = &tracked.span.span;
        let last = times.frame_to(tracked.frame.time);
        for at in (1..=last).rev().take(REACH) {
            let Some(frame) = self.film.frame(times.time(at))? else { continue };
            let other = TrackedFrame::of(tracked.span.clone(), frame);
            if self.is_known(&other) {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }

    fn is_known(&self, tracked: &TrackedFrame) -> bool {
        let Film { shared, disk, .. } = self.film;
        tracked.parts().all(|part| shared.masks.find_stored(part, disk).is_some())
    }
}
