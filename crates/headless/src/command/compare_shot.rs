//! Going through the frames of a comparison.

use super::error::CommandError;
use super::interrupt::Interrupt;
use super::notes::Notes;
use crate::sequence::{Footage, FrameSet, MatteChannel, SequenceError, brightness_plane, matte_plane};
use flow::{Dis, Preset, Sampling, confidence, is_cut, warp};
use metrics::{ShotFigures, ShotMeter, warp_error};
use raster::Plane;

/// What is held against what.
pub(super) struct Shots {
    /// The mattes to judge.
    pub(super) result: Footage,
    /// The true mattes.
    pub(super) truth: Footage,
    /// The pictures that they are of, for motion.
    pub(super) picture: Option<Footage>,
    /// What of a picture its matte is.
    pub(super) channel: MatteChannel,
}

impl Shots {
    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Footage> {
        [&self.result, &self.truth].into_iter().chain(&self.picture)
    }
}

/// What was found.
pub(super) struct Comparison {
    /// The frames, ascending: one for each of the shot's figures.
    pub(super) frames: Vec<i32>,
    /// The figures.
    pub(super) shot: ShotFigures,
}

/// Measures the frames, one after the other.
pub(super) fn compare_frames(
    shots: &Shots,
    frames: &FrameSet,
    notes: &Notes,
    interrupt: &Interrupt,
) -> Result<Comparison, CommandError> {
    let mut meter = ShotMeter::default();
    let mut motion = Motion::default();
    let mut last: Option<i32> = None;
    for (done, &frame) in frames.as_slice().iter().enumerate() {
        if interrupt.is_raised() {
            return Err(CommandError::Interrupted { done, asked: frames.len() });
        }
        if last.is_some_and(|last| last.checked_add(1) != Some(frame)) {
            meter.gap();
            motion.before = None;
        }
        last = Some(frame);
        let result = matte(&shots.result, frame, shots.channel)?;
        let truth = matte(&shots.truth, frame, shots.channel)?;
        if done == 0 && shots.channel == MatteChannel::Alpha && result.data().iter().all(|&alpha| alpha == 1.0) {
            let shot = shots.result.text();
            notes.note(&format!(
                "{shot} is opaque all over in frame {frame}: give --luma where its colours are the matte"
            ));
        }
        let failed = |problem: String| CommandError::Unmeasured { frame, problem };
        let excess = match &shots.picture {
            Some(picture) => {
                let brightness = brightness_plane(&*picture.frame(frame)?).map_err(SequenceError::from)?;
                motion.excess(brightness, &result, &truth).map_err(failed)?
            }
            None => None,
        };
        meter.add(&result, &truth, excess).map_err(|error| failed(error.to_string()))?;
        notes.step();
    }
    Ok(Comparison { frames: frames.as_slice().to_vec(), shot: meter.finish() })
}

fn matte(footage: &Footage, frame: i32, channel: MatteChannel) -> Result<Plane<f32>, CommandError> {
    Ok(matte_plane(&*footage.frame(frame)?, channel).map_err(SequenceError::from)?)
}

/// A frame that the next one is held against.
struct Before {
    brightness: Plane<f32>,
    result: Plane<f32>,
    truth: Plane<f32>,
}

/// Motion from frame to frame.
struct Motion {
    dis: Dis,
    before: Option<Before>,
}

impl Default for Motion {
    fn default() -> Self {
        Self { dis: Dis::new(Preset::Medium), before: None }
    }
}

impl Motion {
    /// How much more the result differs from its frame before, brought onto this one along the motion, than the truth does from its
    /// own. Nothing for a first frame, and where the picture cuts.
    fn excess(
        &mut self,
        brightness: Plane<f32>,
        result: &Plane<f32>,
        truth: &Plane<f32>,
    ) -> Result<Option<f64>, String> {
        let now = Before { brightness, result: result.clone(), truth: truth.clone() };
        let Some(before) = self.before.take() else {
            self.before = Some(now);
            return Ok(None);
        };
        let excess = self.between(&before, &now)?;
        self.before = Some(now);
        Ok(excess)
    }

    fn between(&mut self, before: &Before, now: &Before) -> Result<Option<f64>, String> {
        let words = |error: flow::FlowError| error.to_string();
        if is_cut(&before.brightness, &now.brightness).map_err(words)? {
            return Ok(None);
        }
        let back = self.dis.flow(&now.brightness, &before.brightness).map_err(words)?;
        let there = self.dis.flow(&before.brightness, &now.brightness).map_err(words)?;
        let trust = confidence(&back, &there, &now.brightness, &before.brightness).map_err(words)?;
        let error = |now: &Plane<f32>, before: &Plane<f32>| {
            let warped = warp(before, &back, Sampling::Bilinear).map_err(words)?;
            warp_error(now, &warped, &trust).map_err(|error| error.to_string())
        };
        Ok(Some(error(&now.result, &before.result)? - error(&now.truth, &before.truth)?))
    }
}
