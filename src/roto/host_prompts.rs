//! The prompts as the host's parameters hold them: reading, and writing what the viewer and the buttons ask for.

use openfx::{BooleanKey, ChoiceKey, Double2DKey, Parameters, Result};

use super::objects::OBJECTS;
use super::overlay::gesture::{Edit, Shown, ShownBox, ShownPoint};
use super::parameters::{
    ACTIVE_OBJECT, BOXES, BoxKeys, EXCLUDE, INCLUDE, POINTS, PointKeys, REFERENCE_FRAME, TEXT, TEXT_CHOICE,
    TEXT_NUMBER, TEXT_THRESHOLD,
};
use super::prompts::{BOX_SLOTS, BoxMeaning, POINT_SLOTS, PromptParameters, Slot, schedule};
use super::text::{TextChoice, TextWords};

/// The prompts of one instance.
#[derive(Clone, Copy)]
pub struct HostPrompts<'a>(pub &'a Parameters);

impl PromptParameters for HostPrompts<'_> {
    type Error = openfx::Error;

    fn used(&self, slot: Slot, time: f64) -> Result<bool> {
        self.0.get(used_key(slot), time)
    }

    // Neither object nor meaning can be keyed: they are the same at every time.
    fn object(&self, slot: Slot) -> Result<usize> {
        self.0.get(object_key(slot), 0.0)
    }

    fn meaning(&self, box_slot: usize) -> Result<BoxMeaning> {
        Ok(BoxMeaning::from_index(self.0.get(BOXES[box_slot].meaning, 0.0)?))
    }

    fn includes(&self, point: usize, time: f64) -> Result<bool> {
        Ok(self.0.get(POINTS[point].kind, time)? == INCLUDE)
    }

    fn position(&self, point: usize, time: f64) -> Result<[f64; 2]> {
        self.0.get(POINTS[point].position, time)
    }

    fn corners(&self, box_slot: usize, time: f64) -> Result<[[f64; 2]; 2]> {
        let BoxKeys { corner_1, corner_2, .. } = BOXES[box_slot];
        Ok([self.0.get(corner_1, time)?, self.0.get(corner_2, time)?])
    }

    fn key_times(&self, slot: Slot) -> Result<Vec<f64>> {
        Ok(match slot {
            Slot::Point(point) => {
                let PointKeys { used, kind, position, .. } = POINTS[point];
                [self.0.key_times(used), self.0.key_times(kind), self.0.key_times(position)].concat()
            }
            Slot::Box(box_slot) => {
                let BoxKeys { used, corner_1, corner_2, .. } = BOXES[box_slot];
                [self.0.key_times(used), self.0.key_times(corner_1), self.0.key_times(corner_2)].concat()
            }
        })
    }

    fn text(&self, time: f64) -> Result<TextWords> {
        Ok(TextWords {
            text: self.0.get(TEXT, time)?,
            threshold: self.0.get(TEXT_THRESHOLD, time)?,
            choice: TextChoice::from_index(self.0.get(TEXT_CHOICE, time)?, self.0.get(TEXT_NUMBER, time)?),
        })
    }
}

pub(super) fn used_key(slot: Slot) -> BooleanKey {
    match slot {
        Slot::Point(point) => POINTS[point].used,
        Slot::Box(box_slot) => BOXES[box_slot].used,
    }
}

fn object_key(slot: Slot) -> ChoiceKey {
    match slot {
        Slot::Point(point) => POINTS[point].object,
        Slot::Box(box_slot) => BOXES[box_slot].object,
    }
}

impl HostPrompts<'_> {
    /// What a viewer shows at `time`: the prompts that speak there.
    pub fn shown(&self, time: f64) -> Result<Shown> {
        let mut shown = Shown::default();
        for (object, said) in super::prompts::prompts_at(self, time)?.objects.into_iter().enumerate() {
            for point in said.points {
                let (slot, position, include) = (point.slot, point.position, point.include);
                shown.points.push(ShownPoint { slot, position, include, object });
            }
            for said in said.boxes {
                let (slot, meaning) = (said.slot, said.meaning);
                shown.boxes.push(ShownBox { slot, corners: self.corners(slot, time)?, meaning, object });
            }
        }
        Ok(shown)
    }

    /// Writes what a gesture asks for, as one step of undo. Returns the slot of what was added or drawn; `None` where
    /// nothing was, also when all slots are taken. `seen` is the box round what the viewer shows of the active object.
    pub fn apply(&self, edit: Edit, time: f64, seen: Option<[[f64; 2]; 2]>) -> Result<Option<Slot>> {
        match edit {
            Edit::AddPoint { position, include } => return self.add_point(position, include, time, seen),
            Edit::DrawBox { corners } => {
                let _undo = self.0.edit(c"Set Box");
                let object = self.active_object()?;
                self.begin_prompt_frame(object, time)?;
                return self.draw_box(object, corners, time);
            }
            Edit::MovePoint { slot, position } => {
                let _undo = self.0.edit(c"Move Point");
                self.keep_reference_frame(self.object(Slot::Point(slot))?, time)?;
                self.set_here(POINTS[slot].position, time, position)?;
            }
            Edit::SetBox { slot, corners } => {
                let _undo = self.0.edit(c"Set Box");
                self.keep_reference_frame(self.object(Slot::Box(slot))?, time)?;
                self.set_corners(slot, corners, time)?;
            }
            Edit::Remove(slot) => {
                let _undo = self.0.edit(match slot {
                    Slot::Point(_) => c"Delete Point",
                    Slot::Box(_) => c"Delete Box",
                });
                self.remove(slot)?;
            }
        }
        Ok(None)
    }

    /// Sets a key at `time` on every prompt of every object that speaks there.
    pub fn key_all(&self, time: f64) -> Result<()> {
        let _undo = self.0.edit(c"Key Prompts");
        (0..OBJECTS).try_for_each(|object| self.keep_reference_frame(object, time))?;
        let shown = self.shown(time)?;
        for point in shown.points {
            let PointKeys { used, kind, position, .. } = POINTS[point.slot];
            self.0.set_at(used, time, true)?;
            self.0.set_at(kind, time, point_type(point.include))?;
            self.0.set_at(position, time, point.position)?;
        }
        for shown in shown.boxes {
            let BoxKeys { used, corner_1, corner_2, .. } = BOXES[shown.slot];
            self.0.set_at(used, time, true)?;
            self.0.set_at(corner_1, time, shown.corners[0])?;
            self.0.set_at(corner_2, time, shown.corners[1])?;
        }
        Ok(())
    }

    /// Switches every prompt of every object off, removes its keys, and empties the text.
    pub fn clear(&self) -> Result<()> {
        let _undo = self.0.edit(c"Clear Prompts");
        Slot::all().try_for_each(|slot| self.remove(slot))?;
        self.0.set(TEXT, String::new())
    }

    fn add_point(
        &self,
        position: [f64; 2],
        include: bool,
        time: f64,
        seen: Option<[[f64; 2]; 2]>,
    ) -> Result<Option<Slot>> {
        let Some(point) = self.free_point(time)? else { return Ok(None) };
        let (slot, object) = (Slot::Point(point), self.active_object()?);
        let _undo = self.0.edit(c"Add Point");
        if self.begin_prompt_frame(object, time)?
            && let Some(seen) = seen
        {
            // The click corrects what is there, so that has to be said too; a part that was missing lies beyond it.
            self.draw_box(object, if include { stretched(seen, position) } else { seen }, time)?;
        }
        self.remove(slot)?;
        self.0.set(POINTS[point].object, object)?;
        self.0.set(POINTS[point].kind, point_type(include))?;
        self.0.set(POINTS[point].position, position)?;
        self.switch_on(slot, time)?;
        Ok(Some(slot))
    }

    /// Draws the box round the object: the one it has, else a free one, best the one that is meant for it.
    fn draw_box(&self, object: usize, corners: [[f64; 2]; 2], time: f64) -> Result<Option<Slot>> {
        let boxes = self.shown(time)?.boxes;
        for ShownBox { slot, .. } in
            boxes.iter().filter(|shown| shown.object == object && shown.meaning == BoxMeaning::Round)
        {
            // What an earlier prompt frame shows here may be off at this one, which is about to become one.
            if self.used(Slot::Box(*slot), time)? {
                self.set_corners(*slot, corners, time)?;
                return Ok(Some(Slot::Box(*slot)));
            }
        }
        let Some((box_slot, free)) = self.box_for(object, time)? else { return Ok(None) };
        let (slot, keys) = (Slot::Box(box_slot), BOXES[box_slot]);
        if free {
            self.remove(slot)?;
            self.0.set(keys.object, object)?;
            self.0.set(keys.meaning, BoxMeaning::Round as usize)?;
        }
        self.set_corners(box_slot, corners, time)?;
        self.switch_on(slot, time)?;
        Ok(Some(slot))
    }

    /// The box to be drawn round an object that has none at `time`, and whether it is a free one: one that is drawn round
    /// it on other frames, else the one that is meant for it, else any that is free.
    fn box_for(&self, object: usize, time: f64) -> Result<Option<(usize, bool)>> {
        let mut free = None;
        for box_slot in [object].into_iter().chain(0..BOX_SLOTS) {
            let slot = Slot::Box(box_slot);
            if self.is_free(slot, time)? {
                free = free.or(Some(box_slot));
            } else if self.object(slot)? == object && self.meaning(box_slot)? == BoxMeaning::Round {
                return Ok(Some((box_slot, false)));
            }
        }
        Ok(free.map(|box_slot| (box_slot, true)))
    }

    /// The object that clicks in the viewer belong to.
    pub fn active_object(&self) -> Result<usize> {
        self.0.get(ACTIVE_OBJECT, 0.0)
    }

    fn free_point(&self, time: f64) -> Result<Option<usize>> {
        for point in 0..POINT_SLOTS {
            if self.is_free(Slot::Point(point), time)? {
                return Ok(Some(point));
            }
        }
        Ok(None)
    }

    /// Whether the slot speaks on no frame.
    fn is_free(&self, slot: Slot, time: f64) -> Result<bool> {
        Ok(!self.used(slot, time)? && self.0.key_count(used_key(slot)) == 0)
    }

    fn set_corners(&self, box_slot: usize, corners: [[f64; 2]; 2], time: f64) -> Result<()> {
        self.set_here(BOXES[box_slot].corner_1, time, corners[0])?;
        self.set_here(BOXES[box_slot].corner_2, time, corners[1])
    }

    /// Sets a position that is keyed at `time` and no other; one without keys as the host does it, which may key it.
    fn set_here(&self, key: Double2DKey, time: f64, position: [f64; 2]) -> Result<()> {
        if self.0.key_count(key) == 0 { self.0.set(key, position) } else { self.0.set_at(key, time, position) }
    }

    /// Switches a slot on. Where other prompts of its object are keyed, a new one is a correction: it speaks from this
    /// frame to the object's next prompt frame and no further. Where nothing is keyed it is on everywhere, and the first
    /// of all prompts makes this the reference frame.
    fn switch_on(&self, slot: Slot, time: f64) -> Result<()> {
        let used = used_key(slot);
        let schedule = schedule(self, self.object(slot)?)?;
        if schedule.frames().is_empty() {
            if self.shown(time)? == Shown::default() {
                self.0.set(REFERENCE_FRAME, time.round() as i32)?;
            }
            return self.0.set(used, true);
        }
        let before = schedule.frames().iter().rev().find(|&&frame| frame < time);
        let after = schedule.frames().iter().find(|&&frame| frame > time);
        for &frame in before.into_iter().chain(after) {
            if !self.used(slot, frame)? {
                self.0.set_at(used, frame, false)?;
            }
        }
        self.0.set_at(used, time, true)
    }

    fn remove(&self, slot: Slot) -> Result<()> {
        match slot {
            Slot::Point(point) => {
                self.forget_keys(POINTS[point].kind)?;
                self.forget_keys(POINTS[point].position)?;
            }
            Slot::Box(box_slot) => {
                self.forget_keys(BOXES[box_slot].corner_1)?;
                self.forget_keys(BOXES[box_slot].corner_2)?;
            }
        }
        self.forget_keys(used_key(slot))?;
        self.0.set(used_key(slot), false)
    }

    fn forget_keys(&self, key: impl openfx::Key) -> Result<()> {
        if self.0.key_count(key) == 0 { Ok(()) } else { self.0.delete_all_keys(key) }
    }
}

/// A box that reaches to a place too.
fn stretched([a, b]: [[f64; 2]; 2], to: [f64; 2]) -> [[f64; 2]; 2] {
    let edge = |pick: fn(f64, f64) -> f64, axis: usize| pick(pick(a[axis], b[axis]), to[axis]);
    [[edge(f64::min, 0), edge(f64::min, 1)], [edge(f64::max, 0), edge(f64::max, 1)]]
}

pub(super) fn point_type(include: bool) -> usize {
    if include { INCLUDE } else { EXCLUDE }
}
