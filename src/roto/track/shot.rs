//! All spans of a shot, ahead of need.

use inference::{Abort, Background, PassProgress};
use segment::Segmentation;
use segment::detail::Crop;

use super::film::{Film, FilmFrame};
use super::prompt_frames;
use super::roll::Roller;
use crate::roto::detail::DetailPass;
use crate::roto::failure::FrameError;
use crate::roto::keys::decoded_key;
use crate::roto::model_prompts::ObjectPrompt;
use crate::roto::objects::{EncodedFrame, OBJECTS};
use crate::roto::quality::review::{Review, Seen};
use crate::watch::Watch;

/// The prompt frames of all objects that can be tracked, and none where nothing can.
///
/// # Errors
/// The host's refusal.
pub fn tracked_objects(film: Film<'_>) -> Result<[Vec<f64>; OBJECTS], FrameError> {
    let mut objects = std::array::from_fn(|_| Vec::new());
    if Roller::new(film).is_ok() {
        for (object, frames) in objects.iter_mut().enumerate() {
            *frames = prompt_frames(film.instance, object)?;
        }
    }
    Ok(objects)
}

/// Tracks the objects to all of `times`, which rise, and reviews what it finds. `progress` is told a few times a second;
/// where it gives `false` this ends as if aborted. What was tracked before an end of any kind stays known.
///
/// # Errors
/// [`FrameError`]; aborted.
pub fn track_shot(
    film: Film<'_>,
    times: &[f64],
    review: &mut Review,
    progress: impl FnMut(PassProgress) -> bool + Send,
) -> Result<(), FrameError> {
    let objects = tracked_objects(film)?;
    let ways = objects.iter().enumerate().flat_map(|(object, prompts)| ways(prompts, times).map(|way| (object, way)));
    let ways: Vec<(usize, Way)> = ways.collect();
    let total = ways.iter().map(|(_, way)| way.len()).sum();
    if total == 0 {
        return Ok(());
    }
    let watch = Watch::new(total, progress);
    let aborted = || film.abort.aborted() || watch.aborted();
    let abort = Background(&aborted);
    let film = Film { abort: &abort, ..film };
    let Ok(roller) = Roller::new(film) else { return Ok(()) };
    for (object, way) in ways {
        let mut neighbour = None;
        for (time, is_reviewed) in way {
            let seen = roller.seen(object, time, review)?;
            if let (Some(seen), true) = (&seen, is_reviewed) {
                review.add(film, (object, time), seen, neighbour.as_ref());
            }
            neighbour = seen.or(neighbour);
            watch.finished_one();
        }
    }
    watch.tell();
    Ok(())
}

impl Roller<'_> {
    /// The object on a frame, tracked to it or by what is said there; `None` where there is no picture.
    fn seen(&self, object: usize, time: f64, review: &mut Review) -> Result<Option<Seen>, FrameError> {
        let film = &self.film;
        let Some((frame, picture)) = film.look(time)? else { return Ok(None) };
        if let Some(tracked) = self.follow(object, frame)? {
            let mask = self.tracked(&tracked)?.mask;
            self.look_again(object, &frame, &mask, None)?;
            review.tracked += 1;
            return Ok(Some(Seen { name: tracked.key, mask, picture }));
        }
        let Some((prompt, model)) = film.prompt(object, &frame)? else { return Ok(None) };
        let embedding = film.segmenter.embed(&picture.0, film.abort)?;
        let Film { shared, segmenter, disk, abort, .. } = *film;
        let encoded = EncodedFrame { shared, segmenter, model, embedding: &embedding, disk, abort };
        let mask = encoded.mask_of(&prompt)?.mask;
        self.look_again(object, &frame, &mask, Some(&prompt))?;
        let name = decoded_key(model, embedding.key(), &prompt);
        Ok(Some(Seen { name, mask, picture }))
    }

    /// The second look at what comes out, so that a render finds its answer.
    fn look_again(
        &self,
        object: usize,
        frame: &FilmFrame,
        mask: &Segmentation,
        prompt: Option<&ObjectPrompt>,
    ) -> Result<(), FrameError> {
        let Film { shared, segmenter, disk, abort, settings, .. } = self.film;
        if !settings.detail_pass || !settings.selection.needs(object) {
            return Ok(());
        }
        let pass = DetailPass { shared, segmenter, disk, abort, source: frame.source, geometry: frame.geometry };
        let show = |crop: &Crop| {
            let shown = self.film.with_image(frame.time, |picture| Ok(picture.crop_for_model(crop, segmenter)))?;
            // The host has just handed out this very picture.
            Ok(shown.ok_or(openfx::Error::Aborted)?)
        };
        pass.of(mask, prompt, show).map(drop)
    }
}

/// Times in the order of tracking, each with whether it is to be reviewed.
type Way = Vec<(f64, bool)>;

/// The two ways through the shot, each frame after the one that it is tracked from: from the first prompt frame on, and
/// back from there, which begins with the prompt frame once more.
fn ways(prompts: &[f64], times: &[f64]) -> [Way; 2] {
    let Some(&first) = prompts.first() else { return [Way::new(), Way::new()] };
    let on = times.iter().copied().filter(|&time| time >= first).map(|time| (time, true)).collect();
    let mut back: Way = times.iter().rev().copied().filter(|&time| time < first).map(|time| (time, true)).collect();
    if !back.is_empty() && times.contains(&first) {
        back.insert(0, (first, false));
    }
    [on, back]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_before_the_first_prompt_are_tracked_backwards_and_last() {
        let times: Vec<f64> = (0..6).map(f64::from).collect();
        let [on, back] = ways(&[2.0, 4.0], &times);
        assert_eq!(on, [(2.0, true), (3.0, true), (4.0, true), (5.0, true)]);
        assert_eq!(back, [(2.0, false), (1.0, true), (0.0, true)]);
        assert_eq!(ways(&[2.5], &times)[1], [(2.0, true), (1.0, true), (0.0, true)]);
        assert!(ways(&[], &times).iter().all(Vec::is_empty));
    }
}
