//! New prompt frames by clicks in the viewer, where objects are tracked from their prompt frames.
//!
//! A prompt belongs to the frame it was placed on. What is placed on another frame says anew what the object is there,
//! and must change nothing on the frames before: their prompts are keyed where they are, and silent on the new frame.

use openfx::Result;

use super::host_prompts::{HostPrompts, point_type, used_key};
use super::parameters::{BOXES, BoxKeys, POINTS, PointKeys, REFERENCE_FRAME, TRACKING};
use super::prompts::{BoxMeaning, PromptParameters, Slot, schedule, slots_of_object};
use super::track::Tracking;

impl HostPrompts<'_> {
    /// Makes ready for prompts of the object on a frame that has none of its own: those of its other prompt frames fall
    /// silent here. Returns whether it did; not so where nothing is said of the object on other frames, where this is
    /// one of its prompt frames, and where objects are not tracked.
    pub(super) fn begin_prompt_frame(&self, object: usize, time: f64) -> Result<bool> {
        if !self.tracks()? {
            return Ok(false);
        }
        self.keep_reference_frame(object, time)?;
        let schedule = schedule(self, object)?;
        let frames = schedule.frames();
        if frames.is_empty() || frames.contains(&time) {
            return Ok(false);
        }
        let before = frames.iter().rev().find(|&&frame| frame < time);
        let after = frames.iter().find(|&&frame| frame > time);
        for slot in self.pointing_slots(object)? {
            for &frame in before.into_iter().chain(after) {
                self.key_what_is_constant(slot, frame)?;
            }
            if self.used(slot, time)? {
                self.0.set_at(used_key(slot), time, false)?;
            }
        }
        Ok(true)
    }

    /// Keys what is said of the object on the reference frame there, before a key on another frame takes its place.
    pub(super) fn keep_reference_frame(&self, object: usize, time: f64) -> Result<()> {
        if !self.tracks()? || !schedule(self, object)?.frames().is_empty() {
            return Ok(());
        }
        let reference = f64::from(self.0.get(REFERENCE_FRAME, 0.0)?);
        if reference == time {
            return Ok(());
        }
        for slot in self.pointing_slots(object)? {
            if self.used(slot, reference)? {
                self.key_what_is_constant(slot, reference)?;
            }
        }
        Ok(())
    }

    fn tracks(&self) -> Result<bool> {
        Ok(Tracking::from_index(self.0.get(TRACKING, 0.0)?) == Tracking::FromPrompts)
    }

    /// The object's points, and the boxes round it. Examples belong to the text, which speaks on every frame.
    fn pointing_slots(&self, object: usize) -> Result<Vec<Slot>> {
        let mut pointing = Vec::new();
        for slot in slots_of_object(self, object)? {
            match slot {
                Slot::Box(box_slot) if self.meaning(box_slot)? != BoxMeaning::Round => {}
                slot => pointing.push(slot),
            }
        }
        Ok(pointing)
    }

    /// Keys at `frame` what of a slot has no keys yet, so that keys on other frames change nothing there.
    fn key_what_is_constant(&self, slot: Slot, frame: f64) -> Result<()> {
        let used = self.used(slot, frame)?;
        if used {
            match slot {
                Slot::Point(point) => {
                    let PointKeys { kind, position, .. } = POINTS[point];
                    if self.0.key_count(kind) == 0 {
                        self.0.set_at(kind, frame, point_type(self.includes(point, frame)?))?;
                    }
                    if self.0.key_count(position) == 0 {
                        self.0.set_at(position, frame, self.position(point, frame)?)?;
                    }
                }
                Slot::Box(box_slot) => {
                    let BoxKeys { corner_1, corner_2, .. } = BOXES[box_slot];
                    let corners = self.corners(box_slot, frame)?;
                    for (key, corner) in [(corner_1, corners[0]), (corner_2, corners[1])] {
                        if self.0.key_count(key) == 0 {
                            self.0.set_at(key, frame, corner)?;
                        }
                    }
                }
            }
        }
        // A slot that is off on all frames stays free.
        if used || self.0.key_count(used_key(slot)) > 0 {
            self.0.set_at(used_key(slot), frame, used)?;
        }
        Ok(())
    }
}
