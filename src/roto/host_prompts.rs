//! The prompts as the host's parameters hold them: reading, and writing what the viewer and the buttons ask for.

use openfx::{Parameters, Result};

use super::overlay::gesture::{Edit, Shown};
use super::parameters::{BOX_CORNER_1, BOX_CORNER_2, BOX_USED, EXCLUDE, INCLUDE, POINTS, PointKeys, REFERENCE_FRAME};
use super::prompts::{POINT_SLOTS, PromptParameters, Slot, schedule};

/// The prompts of one instance.
#[derive(Clone, Copy)]
pub struct HostPrompts<'a>(pub &'a Parameters);

impl PromptParameters for HostPrompts<'_> {
    type Error = openfx::Error;

    fn used(&self, slot: Slot, time: f64) -> Result<bool> {
        match slot {
            Slot::Point(point) => self.0.get(POINTS[point].used, time),
            Slot::Box => self.0.get(BOX_USED, time),
        }
    }

    fn includes(&self, point: usize, time: f64) -> Result<bool> {
        Ok(self.0.get(POINTS[point].kind, time)? == INCLUDE)
    }

    fn position(&self, point: usize, time: f64) -> Result<[f64; 2]> {
        self.0.get(POINTS[point].position, time)
    }

    fn corners(&self, time: f64) -> Result<[[f64; 2]; 2]> {
        Ok([self.0.get(BOX_CORNER_1, time)?, self.0.get(BOX_CORNER_2, time)?])
    }

    fn key_times(&self, slot: Slot) -> Result<Vec<f64>> {
        Ok(match slot {
            Slot::Point(point) => {
                let PointKeys { used, kind, position, .. } = POINTS[point];
                [self.0.key_times(used), self.0.key_times(kind), self.0.key_times(position)].concat()
            }
            Slot::Box => {
                [self.0.key_times(BOX_USED), self.0.key_times(BOX_CORNER_1), self.0.key_times(BOX_CORNER_2)].concat()
            }
        })
    }
}

impl HostPrompts<'_> {
    /// What a viewer shows at `time`: the prompts that speak there.
    pub fn shown(&self, time: f64) -> Result<Shown> {
        let prompts = super::prompts::prompts_at(self, time)?;
        let points = prompts.points.iter().map(|point| (point.slot, point.position, point.include)).collect();
        let corners = prompts.bounding_box.map(|_| self.corners(time)).transpose()?;
        Ok(Shown { points, corners })
    }

    /// Writes what a gesture asks for, as one step of undo. Returns the slot of a point that was added; `None` where
    /// nothing was added, also when all slots are taken.
    pub fn apply(&self, edit: Edit, time: f64) -> Result<Option<usize>> {
        match edit {
            Edit::AddPoint { position, include } => return self.add_point(position, include, time),
            Edit::MovePoint { slot, position } => {
                let _undo = self.0.edit(c"Move Point");
                self.0.set(POINTS[slot].position, position)?;
            }
            Edit::SetBox { corners } => {
                let _undo = self.0.edit(c"Set Box");
                self.0.set(BOX_CORNER_1, corners[0])?;
                self.0.set(BOX_CORNER_2, corners[1])?;
                if !self.used(Slot::Box, time)? {
                    self.switch_on(Slot::Box, time)?;
                }
            }
            Edit::RemovePoint { slot } => {
                let _undo = self.0.edit(c"Delete Point");
                self.remove(Slot::Point(slot))?;
            }
            Edit::RemoveBox => {
                let _undo = self.0.edit(c"Delete Box");
                self.remove(Slot::Box)?;
            }
        }
        Ok(None)
    }

    /// Sets a key at `time` on every prompt that speaks there.
    pub fn key_all(&self, time: f64) -> Result<()> {
        let _undo = self.0.edit(c"Key Prompts");
        let shown = self.shown(time)?;
        for (slot, position, include) in shown.points {
            self.0.set_at(POINTS[slot].used, time, true)?;
            self.0.set_at(POINTS[slot].kind, time, point_type(include))?;
            self.0.set_at(POINTS[slot].position, time, position)?;
        }
        if let Some([corner_1, corner_2]) = shown.corners {
            self.0.set_at(BOX_USED, time, true)?;
            self.0.set_at(BOX_CORNER_1, time, corner_1)?;
            self.0.set_at(BOX_CORNER_2, time, corner_2)?;
        }
        Ok(())
    }

    /// Switches every prompt off and removes its keys.
    pub fn clear(&self) -> Result<()> {
        let _undo = self.0.edit(c"Clear Prompts");
        Slot::all().try_for_each(|slot| self.remove(slot))
    }

    fn add_point(&self, position: [f64; 2], include: bool, time: f64) -> Result<Option<usize>> {
        let Some(slot) = self.free_slot(time)? else { return Ok(None) };
        let _undo = self.0.edit(c"Add Point");
        self.remove(Slot::Point(slot))?;
        self.0.set(POINTS[slot].kind, point_type(include))?;
        self.0.set(POINTS[slot].position, position)?;
        self.switch_on(Slot::Point(slot), time)?;
        Ok(Some(slot))
    }

    /// The first slot that speaks on no frame.
    fn free_slot(&self, time: f64) -> Result<Option<usize>> {
        for (slot, keys) in POINTS.iter().enumerate().take(POINT_SLOTS) {
            if !self.used(Slot::Point(slot), time)? && self.0.key_count(keys.used) == 0 {
                return Ok(Some(slot));
            }
        }
        Ok(None)
    }

    /// Switches a slot on. Where other prompts are keyed, a new one is a correction: it speaks from this frame to the
    /// next prompt frame and no further. Where nothing is keyed it is on everywhere, and the first of all prompts
    /// makes this the reference frame.
    fn switch_on(&self, slot: Slot, time: f64) -> Result<()> {
        let used = match slot {
            Slot::Point(point) => POINTS[point].used,
            Slot::Box => BOX_USED,
        };
        let schedule = schedule(self)?;
        if schedule.frames().is_empty() {
            if self.shown(time)? == Shown::default() {
                self.0.set(REFERENCE_FRAME, time.round() as i32)?;
            }
            return self.0.set(used, true);
        }
        let before = schedule.frames().iter().rev().find(|&&frame| frame < time);
        let after = schedule.frames().iter().find(|&&frame| frame > time);
        for &frame in before.into_iter().chain(after) {
            self.0.set_at(used, frame, false)?;
        }
        self.0.set_at(used, time, true)
    }

    fn remove(&self, slot: Slot) -> Result<()> {
        let used = match slot {
            Slot::Point(point) => {
                let PointKeys { used, kind, position, .. } = POINTS[point];
                self.forget_keys(kind)?;
                self.forget_keys(position)?;
                used
            }
            Slot::Box => {
                self.forget_keys(BOX_CORNER_1)?;
                self.forget_keys(BOX_CORNER_2)?;
                BOX_USED
            }
        };
        self.forget_keys(used)?;
        self.0.set(used, false)
    }

    fn forget_keys(&self, key: impl openfx::Key) -> Result<()> {
        if self.0.key_count(key) == 0 { Ok(()) } else { self.0.delete_all_keys(key) }
    }
}

fn point_type(include: bool) -> usize {
    if include { INCLUDE } else { EXCLUDE }
}
