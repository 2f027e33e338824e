//! All spans of a shot, ahead of need.

use inference::{Abort, Background, PassProgress};

use super::film::Film;
use super::prompt_frames;
use super::roll::Roller;
use super::spans::{Place, place};
use super::watch::Watch;
use crate::roto::failure::FrameError;
use crate::roto::objects::OBJECTS;

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

/// Tracks the objects to all of `times`, which rise. `progress` is told a few times a second; where it gives `false` this
/// ends as if aborted. What was tracked before an end of any kind stays known.
///
/// # Errors
/// [`FrameError`]; aborted.
pub fn track_shot(
    film: Film<'_>,
    times: &[f64],
    progress: impl FnMut(PassProgress) -> bool + Send,
) -> Result<(), FrameError> {
    let mut steps = Vec::new();
    for (object, prompts) in tracked_objects(film)?.iter().enumerate() {
        steps.extend(in_order(prompts, times).map(|time| (object, time)));
    }
    if steps.is_empty() {
        return Ok(());
    }
    let watch = Watch::new(steps.len(), progress);
    let aborted = || film.abort.aborted() || watch.aborted();
    let abort = Background(&aborted);
    let film = Film { abort: &abort, ..film };
    let Ok(roller) = Roller::new(film) else { return Ok(()) };
    for (object, time) in steps {
        if let Some(frame) = film.frame(time)?
            && let Some(tracked) = roller.follow(object, frame)?
        {
            roller.tracked(&tracked)?;
        }
        watch.finished_one();
    }
    watch.tell();
    Ok(())
}

/// The times off the prompt frames, each after those it is tracked from.
fn in_order<'a>(prompts: &'a [f64], times: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    let is_before = |time: &f64| prompts.first().is_some_and(|first| time < first);
    let after = times.iter().copied().filter(move |time| !is_before(time));
    let before = times.iter().rev().copied().filter(is_before);
    after.chain(before).filter(|&time| matches!(place(prompts, time), Some(Place::In(_))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_before_the_first_prompt_are_tracked_backwards_and_last() {
        let times: Vec<f64> = (0..8).map(f64::from).collect();
        assert_eq!(in_order(&[3.0, 5.0], &times).collect::<Vec<_>>(), [4.0, 6.0, 7.0, 2.0, 1.0, 0.0]);
        assert_eq!(in_order(&[], &times).count(), 0);
    }
}
