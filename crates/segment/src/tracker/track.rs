//! The tracker's runs: prompts, corrections, and frames on the way.

use std::{collections::BTreeMap, sync::Arc};

use half::{bf16, slice::HalfFloatSliceExt};
use inference::Abort;
use ndarray::{ArrayD, Axis};

use super::{
    Direction, FramePrompt, Tracked, Tracker,
    bank::{Kept, Object},
    choose::{Chosen, Place},
    motion::{Guess, Motion, bounds},
};
use crate::{
    error::SegmentError,
    exported::{Choice, Clicks, Encoded, Memories, Prompted, Tokens, array},
    prompt::usable,
};

/// Objects that go through one run of a graph at most: memory attention holds the scores of all of them at a time.
const TOGETHER: usize = 4;

/// Score of a frame whose mask was given: it is there, or it is not (`_use_mask_as_output` of SAM 2).
const GIVEN: f32 = 10.0;

/// Predicted IoU of a mask that was given.
const GIVEN_IOU: f32 = 1.0;

impl Tracker {
    /// Takes a prompt for an object on a frame. On a frame that was not tracked yet it conditions all others; on one
    /// that was it is a correction, which [`Tracker::condition`] makes conditioning.
    ///
    /// # Errors
    /// [`SegmentError::FrameOutside`], [`SegmentError::NoPrompt`], [`SegmentError::PromptOutside`],
    /// [`SegmentError::PromptKind`] for a mask together with points, [`SegmentError::PictureSize`] for a mask of
    /// another size, [`SegmentError::NotTracked`] where there is nothing to refine, [`SegmentError::Forgotten`],
    /// [`SegmentError::OtherModel`], [`SegmentError::Inference`]. Nothing has changed then.
    pub fn prompt(
        &mut self,
        object: u32,
        frame: usize,
        encoded: &Encoded,
        prompt: &FramePrompt,
        abort: &dyn Abort,
    ) -> Result<Tracked, SegmentError> {
        self.check(frame, encoded, abort)?;
        let nothing = Object::default();
        let one = self.state.objects.get(&object).unwrap_or(&nothing);
        let is_first = !one.seen.contains(frame);
        let kept = match &prompt.mask {
            Some(_) if !prompt.points.is_empty() || prompt.box_.is_some() => {
                return Err(SegmentError::PromptKind {
                    model: self.model.name().to_owned(),
                    what: "a mask together with points or a box on one frame",
                    remedy: "prompt with the mask, then refine with points",
                });
            }
            Some(mask) => {
                let mask = self.model.mask_array(mask)?;
                self.given(encoded, &mask, abort)?
            }
            None => {
                let side = self.model.facts().image_size;
                let usable = usable(&prompt.points, prompt.box_, prompt.refine, side, side)?;
                let before = prompt.refine.then(|| refined(one, object, frame)).transpose()?;
                let before = before.map(|logits| self.model.refined(logits.data()));
                let embed = match is_first {
                    true => self.model.without_memory(encoded),
                    false => self.remember(&[one], frame, Direction::Forward, encoded, abort)?,
                };
                let clicks = Clicks::of(&usable);
                let prompted = Prompted { embed: &embed, clicks: &clicks, mask_input: before.as_ref() };
                let tokens = self.model.decode(encoded, &prompted, abort)?;
                let choices = [tokens[0].choose(&clicks, &self.model.facts().tracker)];
                self.encode(encoded, &tokens, &choices, true, abort)?.swap_remove(0)
            }
        };
        let tracked = kept.tracked();
        let one = self.state.objects.entry(object).or_default();
        match is_first {
            true => one.keep_conditioning(frame, kept),
            false => one.keep_other(frame, kept),
        }
        tracked.ok_or(SegmentError::NotTracked { object, frame })
    }

    /// Tracks all objects on a frame, of which those before it in the direction were tracked. Where an object has a
    /// prompt on the frame, that stands. Objects come in the order of their numbers; none known, none found.
    ///
    /// # Errors
    /// [`SegmentError::FrameOutside`], [`SegmentError::Forgotten`], [`SegmentError::OtherModel`],
    /// [`SegmentError::Inference`]. Nothing has changed then.
    pub fn step(
        &mut self,
        frame: usize,
        direction: Direction,
        encoded: &Encoded,
        abort: &dyn Abort,
    ) -> Result<Vec<(u32, Tracked)>, SegmentError> {
        self.check(frame, encoded, abort)?;
        let mut new = BTreeMap::new();
        for group in self.groups(frame, direction)? {
            let objects: Vec<_> = group.iter().filter_map(|id| self.state.objects.get(id)).collect();
            let embed = self.remember(&objects, frame, direction, encoded, abort)?;
            let clicks = Clicks::none();
            let prompted = Prompted { embed: &embed, clicks: &clicks, mask_input: None };
            let tokens = self.model.decode(encoded, &prompted, abort)?;
            let judged: Vec<_> =
                objects.iter().zip(&tokens).map(|(one, tokens)| self.judge(one, frame, tokens, &clicks)).collect();
            let choices: Vec<_> = judged.iter().map(|judged| judged.choice).collect();
            let kept = self.encode(encoded, &tokens, &choices, false, abort)?;
            new.extend(group.into_iter().zip(kept.into_iter().zip(judged)));
        }
        let (facts, options) = (&self.model.facts().tracker, self.state.options);
        let mut found = Vec::new();
        for (id, one) in &mut self.state.objects {
            if let Some((kept, judged)) = new.remove(id) {
                one.keep_other(frame, Kept { motion: judged.overlap, ..kept });
                one.motion = judged.motion;
            } else if options.motion {
                let seen = one.conditioned(frame).and_then(|kept| kept.logits.as_deref()).and_then(bounds);
                one.motion.told(frame, seen);
            }
            found.extend(one.kept(frame).and_then(Kept::tracked).map(|tracked| (*id, tracked)));
            one.forget(frame, facts, options);
        }
        Ok(found)
    }

    fn check(&self, frame: usize, encoded: &Encoded, abort: &dyn Abort) -> Result<(), SegmentError> {
        if frame >= self.state.frames {
            return Err(SegmentError::FrameOutside { frame, frames: self.state.frames });
        }
        let identity = self.model.identity(abort)?;
        if encoded.model != identity {
            return Err(SegmentError::other_model("the encoded frame", &encoded.model, &identity));
        }
        Ok(())
    }

    /// The objects to be tracked, those of equally many memories and pointers together.
    fn groups(&self, frame: usize, direction: Direction) -> Result<Vec<Vec<u32>>, SegmentError> {
        let mut groups: BTreeMap<(usize, usize), Vec<u32>> = BTreeMap::new();
        for (id, one) in self.state.objects.iter().filter(|(_, one)| one.conditioned(frame).is_none()) {
            let chosen = self.choose(one, frame, direction)?;
            groups.entry((chosen.memories.len(), chosen.pointers.len())).or_default().push(*id);
        }
        Ok(groups.values().flat_map(|group| group.chunks(TOGETHER).map(<[u32]>::to_vec)).collect())
    }

    fn choose(&self, one: &Object, frame: usize, direction: Direction) -> Result<Chosen, SegmentError> {
        let facts = &self.model.facts().tracker;
        one.with_shot(self.state.frames, self.state.options, |shot| shot.choose(frame, direction, facts))
            .map_err(|missing| SegmentError::Forgotten { frame, missing: missing.0 })
    }

    /// The frame as the memories of objects make it, which have equally many of them.
    fn remember(
        &self,
        objects: &[&Object],
        frame: usize,
        direction: Direction,
        encoded: &Encoded,
        abort: &dyn Abort,
    ) -> Result<ArrayD<f32>, SegmentError> {
        let chosen: Vec<_> = objects.iter().map(|one| self.choose(one, frame, direction)).collect::<Result<_, _>>()?;
        self.model.attend(encoded, &self.memories(objects, &chosen), abort)
    }

    fn memories(&self, objects: &[&Object], chosen: &[Chosen]) -> Memories {
        let facts = self.model.facts();
        let (count, most) = (objects.len(), facts.tracker.max_pointers.min(self.state.frames));
        let memories = chosen.first().map_or(0, |chosen| chosen.memories.len());
        let pointers = chosen.first().map_or(0, |chosen| chosen.pointers.len());
        let each = || objects.iter().zip(chosen);
        let kept_memories = each().flat_map(|(one, chosen)| chosen.memories.iter().filter_map(|(_, at)| one.at(*at)));
        let kept_pointers = each().flat_map(|(one, chosen)| chosen.pointers.iter().filter_map(|(_, at)| one.at(*at)));
        let size = facts.memory_channels * facts.grid * facts.grid;
        let mut mem = Vec::with_capacity(count * memories * size);
        for memory in kept_memories.filter_map(|kept| kept.memory.as_deref()) {
            let start = mem.len();
            mem.resize(start + memory.len(), 0.0);
            memory.convert_to_f32_slice(&mut mem[start..]);
        }
        let obj_ptr: Vec<f32> = kept_pointers.flat_map(|kept| kept.pointer.iter().copied()).collect();
        let mem_tpos = chosen.iter().flat_map(|chosen| chosen.memories.iter().map(|(back, _)| *back)).collect();
        let gap = |(back, _): &(usize, Place)| *back as f32 / most.saturating_sub(1).max(1) as f32;
        let ptr_tdiff = chosen.iter().flat_map(|chosen| chosen.pointers.iter().map(gap)).collect();
        Memories {
            mem: array(&[count, memories, facts.memory_channels, facts.grid, facts.grid], mem),
            mem_tpos: array(&[count, memories], mem_tpos),
            obj_ptr: array(&[count, pointers, facts.channels], obj_ptr),
            ptr_tdiff: array(&[count, pointers], ptr_tdiff),
        }
    }

    /// Which of the decoder's masks counts on the way, by its own score or by the object's motion too.
    fn judge(&self, one: &Object, frame: usize, tokens: &Tokens, clicks: &Clicks) -> Judged {
        let choice = tokens.choose(clicks, &self.model.facts().tracker);
        let mut motion = one.motion;
        if !self.state.options.motion || choice.mask == 0 {
            return Judged { choice, overlap: None, motion };
        }
        let facts = &self.model.facts().tracker;
        let guess = |token: usize| Guess {
            bounds: bounds(&self.model.logits_plane(tokens.kept_logits(token, facts))),
            iou: tokens.iou[token],
        };
        let (best, overlap) = motion.choose(frame, &[guess(1), guess(2), guess(3)]);
        Judged { choice: Choice { mask: best + 1, pointer: best + 1 }, overlap, motion }
    }

    /// What is to be kept of the decoder's answers for objects on a frame.
    fn encode(
        &self,
        encoded: &Encoded,
        tokens: &[Tokens],
        choices: &[Choice],
        prompted: bool,
        abort: &dyn Abort,
    ) -> Result<Vec<Kept>, SegmentError> {
        let (facts, side) = (&self.model.facts().tracker, self.model.facts().logits_size());
        let logits: Vec<Vec<f32>> =
            tokens.iter().zip(choices).map(|(tokens, choice)| tokens.kept_logits(choice.mask, facts)).collect();
        let masks = array(&[tokens.len(), 1, side, side], logits.concat());
        let scores: Vec<f32> = tokens.iter().map(|tokens| tokens.score).collect();
        let memories = self.model.encode_memory(encoded, masks.view(), prompted, &scores, abort)?;
        let kept = |(index, logits): (usize, Vec<f32>)| Kept {
            logits: Some(Arc::new(self.model.logits_plane(logits))),
            score: tokens[index].score,
            iou: tokens[index].iou[choices[index].mask],
            motion: None,
            pointer: tokens[index].pointer(choices[index].pointer).into(),
            memory: Some(rounded(&memories, index)),
        };
        Ok(logits.into_iter().enumerate().map(kept).collect())
    }

    /// What is to be kept of a mask [1, 1, I, I] that was given.
    fn given(&self, encoded: &Encoded, mask: &ArrayD<f32>, abort: &dyn Abort) -> Result<Kept, SegmentError> {
        let facts = self.model.facts();
        let as_prompt = self.model.mask_prompt(mask, abort)?;
        let is_there = mask.iter().any(|&value| value > 0.0);
        let pointer = if is_there {
            let clicks = Clicks::none();
            let prompted =
                Prompted { embed: &encoded.image_embed, clicks: &clicks, mask_input: Some(&as_prompt.mask_input) };
            let tokens = self.model.decode(encoded, &prompted, abort)?.swap_remove(0);
            tokens.pointer(tokens.best_guess())
        } else {
            facts.no_object_pointer.clone()
        };
        let score = if is_there { GIVEN } else { -GIVEN };
        let logits = mask.mapv(|value| value * 20.0 - 10.0);
        let memories = self.model.encode_memory(encoded, logits.view(), true, &[score], abort)?;
        Ok(Kept {
            logits: Some(Arc::new(self.model.logits_plane(as_prompt.logits.iter().copied().collect()))),
            score,
            iou: GIVEN_IOU,
            motion: None,
            pointer: pointer.into(),
            memory: Some(rounded(&memories, 0)),
        })
    }
}

/// A choice, and what it tells of the object's motion.
struct Judged {
    choice: Choice,
    overlap: Option<f32>,
    motion: Motion,
}

impl Object {
    fn at(&self, place: Place) -> Option<&Kept> {
        match place {
            Place::Conditioning(frame) => self.conditioned(frame),
            Place::Other(frame) => self.other.get(&frame),
        }
    }
}

/// What is to be refined.
fn refined(one: &Object, object: u32, frame: usize) -> Result<Arc<raster::Plane<f32>>, SegmentError> {
    let forgotten = SegmentError::Forgotten { frame, missing: frame };
    match one.kept(frame) {
        Some(kept) => kept.logits.clone().ok_or(forgotten),
        None if one.forgotten.contains(frame) => Err(forgotten),
        None => Err(SegmentError::NotTracked { object, frame }),
    }
}

/// One of several memories, to the nearest bfloat16, of equally near ones the even one.
fn rounded(memories: &ArrayD<f32>, index: usize) -> Arc<[bf16]> {
    memories.index_axis(Axis(0), index).iter().map(|&value| bf16::from_f32(value)).collect()
}
