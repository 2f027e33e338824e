//! What a draft shows on frames between those that are tracked: the mask of the one before, carried along the picture's
//! motion, which is found at a quarter of the size of the model's picture.

use std::sync::Arc;

use flow::{Dis, FlowError, Preset, Sampling, luma_of_bytes, warp};
use raster::Plane;
use segment::{Segmentation, thumbnail};

use super::film::FilmFrame;
use super::names::frame_key;
use super::roll::{ObjectSpan, Rolled, Roller};
use super::turns::TurnGuard;
use crate::roto::failure::FrameError;
use crate::roto::model_frame::ModelPicture;

impl Roller<'_> {
    /// The object's mask on a frame between two that are tracked, by whoever has the span's turn.
    ///
    /// # Errors
    /// [`FrameError`].
    pub(super) fn carry(
        &self,
        span: &ObjectSpan,
        frame: &FilmFrame,
        tracking: &TurnGuard<'_>,
    ) -> Result<Rolled, FrameError> {
        let (before, then) = self.before(span, frame.time, tracking)?;
        // The host has just handed out this very picture.
        let (_, now) = self.film.look(frame.time)?.ok_or(openfx::Error::Aborted)?;
        self.film.abort.check()?;
        let mask = carried(&before.mask, &then.0, &now.0);
        let key = frame_key(span.key, &span.span, frame.time, frame.source);
        let mask = self.film.shared.masks.keep_stored(key, mask, self.disk(), self.film.abort);
        Ok(Rolled { mask, frames: before.frames + 1, picture: None })
    }

    /// The last tracked frame before a time that has a picture, or the span's start, with its picture.
    fn before(
        &self,
        span: &ObjectSpan,
        time: f64,
        tracking: &TurnGuard<'_>,
    ) -> Result<(Rolled, Arc<ModelPicture>), FrameError> {
        let film = &self.film;
        for at in (1..=span.span.frame_to(time)).rev() {
            let Some((frame, picture)) = film.look(span.span.time(at))? else { continue };
            let key = frame_key(span.key, &span.span, frame.time, frame.source);
            let rolled = match film.shared.masks.find_stored(key, self.disk()) {
                Some(found) => Rolled::found(found.value),
                None => self.roll(span, &frame, tracking)?,
            };
            return Ok((rolled, picture));
        }
        // It had a picture when the span was made.
        let (_, picture) = film.look(span.start.frame.time)?.ok_or(openfx::Error::Aborted)?;
        let embedding = film.segmenter.embed(&picture.0, film.abort)?;
        Ok((Rolled::found(self.said(&span.start, &embedding)?), picture))
    }
}

/// A mask on `then` as it lies on `now`; as it is where motion cannot be found.
fn carried(mask: &Segmentation, then: &Plane<[u8; 3]>, now: &Plane<[u8; 3]>) -> Segmentation {
    let mut carried = mask.clone();
    if let Ok(logits) = moved(&mask.logits, then, now) {
        carried.logits = logits;
    }
    carried
}

fn moved(logits: &Plane<f32>, then: &Plane<[u8; 3]>, now: &Plane<[u8; 3]>) -> Result<Plane<f32>, FlowError> {
    let [now, then] = [now, then].map(|picture| luma_of_bytes(&thumbnail(picture)));
    let back = Dis::new(Preset::Medium).flow(&now, &then)?.resized(logits.width(), logits.height())?;
    warp(logits, &back, Sampling::Bilinear)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (usize, usize) = (384, 256);

    /// A grained square on another grain, so far to the right.
    fn picture(right: usize) -> Plane<[u8; 3]> {
        let pixel = |i: usize| {
            let (x, y) = (i % SIZE.0, i / SIZE.0);
            let grain = |x: usize| (((x / 12 * 7 + y / 12 * 13) * 31) % 60) as u8;
            let is_on = (80 + right..208 + right).contains(&x) && (64..192).contains(&y);
            if is_on { [200 - grain(x - right); 3] } else { [40 + grain(x); 3] }
        };
        Plane::from_vec(SIZE.0, SIZE.1, (0..SIZE.0 * SIZE.1).map(pixel).collect()).unwrap()
    }

    fn logits(right: usize) -> Plane<f32> {
        let (width, height) = (SIZE.0 / 4, SIZE.1 / 4);
        let is_on =
            |i: usize| (20 + right / 4..52 + right / 4).contains(&(i % width)) && (16..48).contains(&(i / width));
        Plane::from_vec(width, height, (0..width * height).map(|i| if is_on(i) { 5.0 } else { -5.0 }).collect())
            .unwrap()
    }

    #[test]
    fn a_mask_goes_along_with_what_it_covers() {
        let found = moved(&logits(0), &picture(0), &picture(16)).unwrap();
        let wrong = found.data().iter().zip(logits(16).data()).filter(|(a, b)| (**a > 0.0) != (**b > 0.0)).count();
        assert!(wrong < 64, "{wrong} of {} samples", found.data().len());
    }

    #[test]
    fn pictures_of_other_sizes_move_nothing() {
        assert!(moved(&logits(0), &Plane::new(9, 9, [0; 3]), &picture(0)).is_err());
    }
}
