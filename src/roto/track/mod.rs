//! Tracking: a prompt on a few frames becomes a mask on all.
//!
//! * [`spans`]: the frames between two prompt frames, which are tracked on their own.
//! * [`film`]: the host's frames. [`names`]: what a tracked mask depends on. [`turns`]: one thread for a span.
//! * [`roll`]: from the nearest known frame to the one that is asked for. `carry`: what a draft shows between tracked frames.
//! * [`follow`]: which objects are tracked at a frame, and from where. [`known`]: frames nobody tracked yet. [`needed`]: what the host is told of that.
//! * [`shot`]: all of it ahead of need.

mod carry;
pub mod film;
pub mod follow;
pub mod known;
pub mod names;
pub mod needed;
pub mod roll;
pub mod shot;
pub mod spans;
pub mod turns;

use openfx::{ClipKey, Instance};

use super::host_prompts::HostPrompts;
use super::parameters::REFERENCE_FRAME;
use super::prompts::{BoxMeaning, prompts_at, schedule};

/// How masks come to frames without prompts of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tracking {
    /// They are tracked from the prompt frames.
    #[default]
    FromPrompts,
    /// Every frame is segmented on its own, by what is said on it.
    EachFrame,
}

impl Tracking {
    /// The meaning at an index of the parameter; an index out of range tracks.
    pub fn from_index(index: usize) -> Self {
        if index == 1 { Self::EachFrame } else { Self::FromPrompts }
    }
}

/// What a render does on a frame that was not tracked yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfNotTracked {
    /// It tracks from the nearest frame that is known.
    #[default]
    Track,
    /// It shows the mask of the nearest tracked frame on the way to its own.
    Hold,
    /// It says so.
    Refuse,
}

impl IfNotTracked {
    /// The meaning at an index of the parameter; an index out of range tracks.
    pub fn from_index(index: usize) -> Self {
        [Self::Track, Self::Hold, Self::Refuse].get(index).copied().unwrap_or_default()
    }
}

/// How the objects of a frame were found, for the status.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Way {
    /// By what is said on the frame itself.
    #[default]
    OnItsOwn,
    /// So, although tracking is asked for: the model cannot.
    NoTracker,
    /// So, although tracking is asked for: the host hands out no other frames.
    NoOtherFrames,
    /// At least one was tracked.
    Tracked {
        /// The prompt frame of the first that was.
        from: f64,
        /// Frames that were tracked in this render, those of all objects together.
        rolled: usize,
    },
    /// At least one is that of another frame, because this one was not tracked yet.
    Held {
        /// That frame.
        at: f64,
    },
}

/// The prompt frames of an object: its keyframes, or without any the frame its points and boxes were placed on. None for
/// an object that nobody pointed at: a text and the Matte clip speak on every frame. Those beyond the ends of Source are
/// left out, because hosts have nothing there, or black, or the first and the last frame again.
///
/// # Errors
/// The host's refusal.
pub fn prompt_frames(instance: &Instance, object: usize) -> openfx::Result<Vec<f64>> {
    let parameters = HostPrompts(instance.parameters());
    let mut frames = schedule(&parameters, object)?.frames().to_vec();
    if frames.is_empty() {
        let reference = f64::from(instance.parameters().get(REFERENCE_FRAME, 0.0)?);
        let said = &prompts_at(&parameters, reference)?.objects[object];
        let pointed_at = !said.points.is_empty() || said.boxes.iter().any(|said| said.meaning == BoxMeaning::Round);
        frames.extend(pointed_at.then_some(reference));
    }
    let range = instance.clip(ClipKey::SOURCE)?.frame_range();
    frames.retain(|frame| range.is_none_or(|(first, last)| (first..=last).contains(frame)));
    Ok(frames)
}
