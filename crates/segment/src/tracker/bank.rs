//! What a tracker keeps of the frames of one object, and what it forgets.

use std::{collections::BTreeMap, sync::Arc};

use half::bf16;
use raster::Plane;

use super::{
    TrackerOptions,
    choose::{Left, Shot, Worth},
    frames::FrameSet,
    motion::Motion,
};
use crate::exported::TrackerFacts;

/// What one frame leaves behind for one object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    /// 4 h x 4 h; gone where nobody can ask for them any more.
    pub logits: Option<Arc<Plane<f32>>>,
    /// The decoder's score of the object being there.
    pub score: f32,
    /// The predicted IoU of the mask.
    pub iou: f32,
    /// Overlap with where its motion put the object, where that is followed and known.
    pub motion: Option<f32>,
    /// C values.
    pub pointer: Arc<[f32]>,
    /// M h h values; gone where no frame can attend to them any more. The original keeps memories as bfloat16, and
    /// another rounding moves logits visibly.
    pub memory: Option<Arc<[bf16]>>,
}

/// SAM3's `mf_threshold`: a surer frame is worth remembering.
const SURE: f32 = 0.01;

/// SAMURAI: a mask of a larger predicted IoU is worth remembering.
const WORTHY_IOU: f32 = 0.5;

impl Kept {
    /// Whether later frames had better remember this one.
    fn is_worthy(&self, options: TrackerOptions) -> bool {
        if options.motion {
            return self.iou > WORTHY_IOU && self.score > 0.0 && self.motion.is_none_or(|motion| motion > 0.0);
        }
        let presence = (2.0 / (1.0 + (-self.score).exp()) - 1.0).max(0.0);
        presence * self.iou > SURE
    }

    fn bytes(&self) -> usize {
        let logits = self.logits.as_ref().map_or(0, |logits| size_of_val(logits.data()));
        let memory = self.memory.as_ref().map_or(0, |memory| size_of_val(&**memory));
        size_of::<Self>() + logits + memory + size_of_val(&*self.pointer)
    }
}

/// Conditioning frames round which memories are kept besides the first and the last: those prompted last.
const LATEST_PROMPTS: usize = 2;

/// One object.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Object {
    /// By frame, in the order of prompting.
    pub conditioning: Vec<(usize, Kept)>,
    /// All other frames that are not forgotten.
    pub other: BTreeMap<usize, Kept>,
    /// Frames that were tracked or corrected.
    pub seen: FrameSet,
    /// Frames that were in `other` until they were too far away.
    pub forgotten: FrameSet,
    /// Where it goes, where that is followed.
    pub motion: Motion,
}

impl Object {
    /// What is kept of a frame.
    pub fn kept(&self, frame: usize) -> Option<&Kept> {
        self.conditioned(frame).or_else(|| self.other.get(&frame))
    }

    /// What is kept of a conditioning frame.
    pub fn conditioned(&self, frame: usize) -> Option<&Kept> {
        self.conditioning.iter().find(|(at, _)| *at == frame).map(|(_, kept)| kept)
    }

    /// Keeps a frame that has a prompt.
    pub fn keep_conditioning(&mut self, frame: usize, kept: Kept) {
        match self.conditioning.iter_mut().find(|(at, _)| *at == frame) {
            Some((_, before)) => *before = kept,
            None => self.conditioning.push((frame, kept)),
        }
    }

    /// Keeps a frame that was tracked or corrected.
    pub fn keep_other(&mut self, frame: usize, kept: Kept) {
        self.other.insert(frame, kept);
        self.seen.insert(frame);
        self.forgotten.remove(frame, frame + 1);
    }

    /// Makes a corrected frame a conditioning one and drops the others around it. `false` where the frame is not
    /// among the others, or has lost its memory.
    pub fn condition(&mut self, frame: usize, reach: usize) -> bool {
        if self.other.get(&frame).is_none_or(|kept| kept.memory.is_none()) {
            return false;
        }
        if let Some(kept) = self.other.remove(&frame) {
            self.keep_conditioning(frame, kept);
        }
        self.other.retain(|at, _| at.abs_diff(frame) > reach);
        self.forgotten.remove(frame.saturating_sub(reach), frame.saturating_add(reach + 1));
        true
    }

    /// Runs `work` on the frame numbers of this object.
    pub fn with_shot<T>(&self, frames: usize, options: TrackerOptions, work: impl FnOnce(&Shot<'_>) -> T) -> T {
        let conditioning: Vec<_> = self.conditioning.iter().map(|(at, _)| *at).collect();
        let worthy = self.worthy(options);
        let worth = worthy.as_ref().map(|frames| Worth { frames, pointers: !options.motion });
        work(&Shot { conditioning: &conditioning, other: &|at| self.left(at), frames, worth })
    }

    /// The other frames that are worth remembering; `None` where all are.
    fn worthy(&self, options: TrackerOptions) -> Option<Vec<usize>> {
        let by_worth = options.memory_selection || options.motion;
        let worthy = || self.other.iter().filter(|(_, kept)| kept.is_worthy(options)).map(|(at, _)| *at).collect();
        by_worth.then(worthy)
    }

    fn left(&self, frame: usize) -> Left {
        match self.other.get(&frame) {
            Some(kept) if kept.memory.is_some() => Left::Memory,
            Some(_) => Left::Pointer,
            None if self.forgotten.contains(frame) => Left::Forgotten,
            None => Left::Nothing,
        }
    }

    /// Forgets what neither tracking on from `playhead`, in either direction, nor correcting a frame near it, nor
    /// tracking from one of the outermost or latest prompts can ask for. What is left does not grow with the shot.
    pub fn forget(&mut self, playhead: usize, facts: &TrackerFacts, options: TrackerOptions) {
        let anchors = self.anchors();
        let (memories, pointers) = (facts.memory_frames, facts.max_pointers);
        let surest = self.worthy(options).map(|worthy| nearest(worthy, playhead, pointers)).unwrap_or_default();
        let rank = |at: usize| surest.iter().find(|(frame, _)| *frame == at).map_or(usize::MAX, |(_, rank)| *rank);
        let forgotten = &mut self.forgotten;
        self.other.retain(|&at, kept| {
            let near = at.abs_diff(playhead);
            let anchor = anchors.iter().map(|&anchor| at.abs_diff(anchor)).min().unwrap_or(usize::MAX);
            // A correction of a frame up to `memories` away needs what lies as far behind that.
            if near > 2 * memories {
                kept.logits = None;
                if anchor > memories && rank(at) >= memories {
                    kept.memory = None;
                }
            }
            let stays = near <= 2 * pointers || anchor <= pointers || rank(at) < pointers;
            if !stays {
                forgotten.insert(at);
            }
            stays
        });
    }

    /// Forgets what tracking on from the last frame, forwards and without corrections, never asks for.
    pub fn keep_to_go_on(&mut self, facts: &TrackerFacts, options: TrackerOptions) {
        self.conditioning.iter_mut().for_each(|(_, kept)| kept.logits = None);
        self.other.values_mut().for_each(|kept| kept.logits = None);
        let Some((&last, _)) = self.other.last_key_value() else { return };
        if self.worthy(options).is_some() {
            return;
        }
        let forgotten = &mut self.forgotten;
        self.other.retain(|&at, kept| {
            let back = last + 1 - at;
            if back >= facts.memory_frames {
                kept.memory = None;
            }
            let stays = back < facts.max_pointers;
            if !stays {
                forgotten.insert(at);
            }
            stays
        });
    }

    fn anchors(&self) -> Vec<usize> {
        let frames = || self.conditioning.iter().map(|(at, _)| *at);
        let latest = frames().rev().take(LATEST_PROMPTS);
        frames().min().into_iter().chain(frames().max()).chain(latest).collect()
    }

    /// Bytes it holds.
    pub fn bytes(&self) -> usize {
        let kept = self.conditioning.iter().map(|(_, kept)| kept).chain(self.other.values());
        let ranges = size_of_val(self.seen.ranges()) + size_of_val(self.forgotten.ranges());
        size_of::<Self>() + ranges + kept.map(Kept::bytes).sum::<usize>()
    }
}

/// The frames nearest to `playhead` with their rank on their side of it, up to `most` on either side.
fn nearest(mut frames: Vec<usize>, playhead: usize, most: usize) -> Vec<(usize, usize)> {
    frames.sort_by_key(|at| at.abs_diff(playhead));
    let (before, after): (Vec<_>, Vec<_>) = frames.into_iter().partition(|&at| at < playhead);
    [before, after].iter().flat_map(|side| side.iter().take(most).enumerate().map(|(rank, &at)| (at, rank))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracker::Direction;

    fn facts() -> TrackerFacts {
        TrackerFacts::official(Some(4))
    }

    fn options() -> TrackerOptions {
        TrackerOptions::default()
    }

    fn kept() -> Kept {
        Kept {
            logits: Some(Arc::new(Plane::new(8, 8, 0.5))),
            score: 1.0,
            iou: 0.9,
            motion: None,
            pointer: vec![0.0; 4].into(),
            memory: Some(vec![bf16::ONE; 16].into()),
        }
    }

    /// Tracks as the tracker does; every frame finds what it needs.
    fn track(object: &mut Object, frames: usize, way: impl Iterator<Item = usize>, direction: Direction) {
        for frame in way {
            if object.conditioned(frame).is_none() {
                let chosen = object.with_shot(frames, options(), |shot| shot.choose(frame, direction, &facts()));
                assert!(chosen.is_ok(), "{frame}: {chosen:?}");
                object.keep_other(frame, kept());
            }
            object.forget(frame, &facts(), options());
        }
    }

    #[test]
    fn an_hour_of_frames_takes_no_more_than_a_minute() {
        let frames = 90_000;
        let mut object = Object::default();
        object.keep_conditioning(10, kept());
        track(&mut object, frames, 10..1_500, Direction::Forward);
        let minute = object.bytes();
        track(&mut object, frames, 1_500..frames, Direction::Forward);
        assert_eq!(object.bytes(), minute);
        assert!(object.other.len() < 80, "{}", object.other.len());
    }

    #[test]
    fn the_way_back_from_the_first_prompt_finds_the_frames_after_it() {
        let mut object = Object::default();
        object.keep_conditioning(500, kept());
        object.keep_conditioning(900, kept());
        track(&mut object, 2_000, 500..2_000, Direction::Forward);
        track(&mut object, 2_000, (0..500).rev(), Direction::Reverse);
        track(&mut object, 2_000, (700..900).rev(), Direction::Reverse);
    }

    #[test]
    fn frames_near_the_playhead_can_be_corrected_and_forgotten_ones_are_told() {
        let mut object = Object::default();
        object.keep_conditioning(0, kept());
        track(&mut object, 1_000, 1..301, Direction::Forward);
        let correct =
            |frame| object.with_shot(1_000, options(), |shot| shot.choose(frame, Direction::Forward, &facts()));
        for frame in 293..=300 {
            assert!(correct(frame).is_ok() && object.other[&frame].logits.is_some(), "{frame}");
        }
        assert!(correct(200).is_err());
        assert!(correct(5).is_ok(), "beside the prompt");
    }

    #[test]
    fn what_is_kept_to_go_on_is_all_that_the_next_frames_ask_for() {
        let mut object = Object::default();
        object.keep_conditioning(0, kept());
        object.keep_conditioning(60, kept());
        track(&mut object, 1_000, 1..40, Direction::Forward);
        object.keep_to_go_on(&facts(), options());
        assert_eq!(object.other.keys().copied().collect::<Vec<_>>(), (25..40).collect::<Vec<_>>());
        assert_eq!(object.other.values().filter(|kept| kept.memory.is_some()).count(), 6);
        assert!(object.other.values().all(|kept| kept.logits.is_none()));
        track(&mut object, 1_000, 40..60, Direction::Forward);
        let back = object.with_shot(1_000, options(), |shot| shot.choose(30, Direction::Forward, &facts()));
        assert!(back.is_err(), "what lies behind is told to be forgotten");
    }

    #[test]
    fn a_correction_becomes_conditioning_and_clears_seven_frames_on_either_side() {
        let mut object = Object::default();
        object.keep_conditioning(0, kept());
        track(&mut object, 100, 1..20, Direction::Forward);
        assert!(!object.condition(30, 7), "never tracked");
        assert!(object.condition(10, 7));
        assert_eq!(object.conditioning.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 10]);
        assert_eq!(object.other.keys().copied().collect::<Vec<_>>(), [1, 2, 18, 19]);
        assert!(object.seen.contains(10) && object.seen.contains(5));
    }

    #[test]
    fn with_memory_selection_sure_frames_outlast_an_occlusion_of_any_length() {
        let options = TrackerOptions { memory_selection: true, motion: false };
        let mut object = Object::default();
        object.keep_conditioning(0, kept());
        for frame in 1..5_000 {
            let chosen = object.with_shot(5_000, options, |shot| shot.choose(frame, Direction::Forward, &facts()));
            let memories = chosen.expect("nothing needed is forgotten").memories;
            if frame > 300 {
                let back: Vec<_> = memories[1..].iter().map(|(back, _)| *back).collect();
                assert_eq!(back, [6, 5, 4, 3, 2, 1], "the last one and five sure ones");
            }
            let score = if frame < 200 { 3.0 } else { -2.0 };
            object.keep_other(frame, Kept { score, ..kept() });
            object.forget(frame, &facts(), options);
        }
        assert!(object.other.len() < 100, "{}", object.other.len());
        assert!(object.other[&199].memory.is_some() && object.other[&185].memory.is_none());
    }
}
