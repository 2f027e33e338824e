//! Which frames help: those of the window, up to the ends of the clip and to cuts.

use inference::Origin;
use openfx::{ClipKey, Instance};
use raster::Plane;

use super::MATTE_CLIP;
use super::failure::RefineError;
use super::film::{Film, Frame, Look};
use super::motion::{Motion, motion};

/// A frame that helps.
pub struct Near {
    /// Frames from the refined one: negative before it.
    pub distance: i32,
    /// Its picture.
    pub look: Look,
    /// Its matte on the refined frame's pixels.
    pub matte: Plane<f32>,
    /// The motion from the refined frame to it.
    pub motion: Motion,
}

/// The frames that help, and why there are not more.
#[derive(Default)]
pub struct Window {
    /// Those before the frame, the nearest first; then those after it.
    pub frames: Vec<Near>,
    /// How far from the frame a cut ended the window, for each that did: negative before it.
    pub cuts: Vec<i32>,
    /// How far from the frame the host had no picture or no matte although the clip goes on.
    pub missing: Vec<i32>,
}

impl Window {
    /// The frames within `reach` of the one at `time`, whose picture is `look`.
    ///
    /// # Errors
    /// The host's refusal; no motion; aborted.
    pub fn gather(film: &Film<'_>, time: f64, look: &Look, reach: i32) -> Result<Self, RefineError> {
        let mut window = Self::default();
        for sign in [-1, 1] {
            window.side(film, time, look, (1..=reach).map(|step| sign * step))?;
        }
        Ok(window)
    }

    /// How many pairs' motion was found where.
    pub fn found(&self, origin: Origin) -> usize {
        self.frames.iter().filter(|near| near.motion.origin == origin).count()
    }

    /// The neighbour right after the frame, else the one right before it.
    pub fn adjacent(&self) -> Option<&Near> {
        [1, -1].into_iter().find_map(|distance| self.frames.iter().find(|near| near.distance == distance))
    }

    fn side(
        &mut self,
        film: &Film<'_>,
        time: f64,
        look: &Look,
        distances: impl Iterator<Item = i32>,
    ) -> Result<(), RefineError> {
        let range = range_of(film.instance, film.matte_clip)?.filter(|range| within(*range, time));
        let mut last = look.clone();
        for distance in distances {
            let at = time + f64::from(distance);
            if range.is_some_and(|range| !within(range, at)) {
                break;
            }
            let Some(Frame { look: seen, matte }) = film.frame(at)? else {
                self.missing.push(distance);
                continue;
            };
            if film.settings.stop_at_cuts && last.picture.thumbnail.is_cut(&seen.picture.thumbnail) {
                self.cuts.push(distance);
                break;
            }
            match matte {
                Some(matte) => {
                    let motion = motion(film, look, &seen)?;
                    self.frames.push(Near { distance, look: seen.clone(), matte, motion });
                }
                None => self.missing.push(distance),
            }
            last = seen;
        }
        Ok(())
    }
}

/// The frames that both clips have, where the host says. A host that does not know answers nothing.
fn range_of(instance: &Instance, matte_clip: bool) -> Result<Option<(f64, f64)>, RefineError> {
    let source = instance.clip(ClipKey::SOURCE)?.frame_range();
    let matte = if matte_clip { instance.clip(MATTE_CLIP)?.frame_range() } else { None };
    Ok(match (source, matte) {
        (Some(source), Some(matte)) => Some((source.0.max(matte.0), source.1.min(matte.1))),
        (one, other) => one.or(other),
    })
}

fn within((first, last): (f64, f64), time: f64) -> bool {
    first <= time && time <= last
}
