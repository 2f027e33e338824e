//! The prompts of a frame, gathered from the host's parameters.
//!
//! A slot is a point or a box, and belongs to one object. It is active at a prompt frame when its "use" is on there. The
//! keyframes of an object's active slots are its prompt frames; at other frames the governing prompt frame says WHICH
//! slots speak and whether they include or exclude, while their positions are the host's own interpolation at the frame
//! itself, so that a point keyed along a moving object follows it. Each object goes by its own keys: one without any
//! says the same on every frame.

use super::objects::OBJECTS;
use super::schedule::Schedule;
use super::text::TextWords;

/// How many point slots the panel has.
pub const POINT_SLOTS: usize = 16;
/// How many boxes the panel has.
pub const BOX_SLOTS: usize = 4;
/// The object that a text, its examples and the Matte clip speak of.
pub const FIRST_OBJECT: usize = 0;

/// One of the panel's prompts, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// A point.
    Point(usize),
    /// A box.
    Box(usize),
}

impl Slot {
    /// All slots of the panel.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..POINT_SLOTS).map(Self::Point).chain((0..BOX_SLOTS).map(Self::Box))
    }
}

/// What a box says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BoxMeaning {
    /// The object is in it.
    #[default]
    Round,
    /// What is in it is an example of what is looked for.
    Like,
    /// What is in it is not what is looked for.
    Unlike,
}

impl BoxMeaning {
    /// The meaning at an index of the parameter; an index out of range is the first.
    pub fn from_index(index: usize) -> Self {
        match index {
            1 => Self::Like,
            2 => Self::Unlike,
            _ => Self::Round,
        }
    }
}

/// What the prompts need to know of the host's parameters. Positions are canonical, objects counted from 0.
pub trait PromptParameters {
    /// Why a parameter could not be read.
    type Error;
    /// Whether the slot is switched on at `time`.
    fn used(&self, slot: Slot, time: f64) -> Result<bool, Self::Error>;
    /// The object that the panel names for the slot.
    fn object(&self, slot: Slot) -> Result<usize, Self::Error>;
    /// What the box says.
    fn meaning(&self, box_slot: usize) -> Result<BoxMeaning, Self::Error>;
    /// Whether the point includes (else it excludes) at `time`.
    fn includes(&self, point: usize, time: f64) -> Result<bool, Self::Error>;
    /// The point's position at `time`.
    fn position(&self, point: usize, time: f64) -> Result<[f64; 2], Self::Error>;
    /// Two opposite corners of the box at `time`, in any order.
    fn corners(&self, box_slot: usize, time: f64) -> Result<[[f64; 2]; 2], Self::Error>;
    /// The times of all keyframes of the slot's parameters, in any order.
    fn key_times(&self, slot: Slot) -> Result<Vec<f64>, Self::Error>;
    /// The text and how it is meant at `time`.
    fn text(&self, time: f64) -> Result<TextWords, Self::Error>;
}

/// A point that speaks for a frame, canonical.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointPrompt {
    /// The slot, counted from 0.
    pub slot: usize,
    /// Canonical position.
    pub position: [f64; 2],
    /// Include, else exclude.
    pub include: bool,
}

/// A box that speaks for a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxPrompt {
    /// The slot, counted from 0.
    pub slot: usize,
    /// Left, bottom, right, top, canonical.
    pub edges: [f64; 4],
    /// What it says.
    pub meaning: BoxMeaning,
}

/// All that points and boxes say of one object on one frame, in slot order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ObjectPrompts {
    /// Active points.
    pub points: Vec<PointPrompt>,
    /// Active boxes, also examples of a text.
    pub boxes: Vec<BoxPrompt>,
}

impl ObjectPrompts {
    /// Whether nothing speaks.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty() && self.boxes.is_empty()
    }
}

/// All that speaks for one frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FramePrompts {
    /// What points and boxes say, object by object.
    pub objects: [ObjectPrompts; OBJECTS],
    /// What the text says of the first object.
    pub text: TextWords,
}

impl FramePrompts {
    /// Whether nothing speaks.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.objects.iter().all(ObjectPrompts::is_empty)
    }

    /// Whether words or an example say what the first object is.
    pub fn have_text(&self) -> bool {
        let is_example = |said: &BoxPrompt| said.meaning == BoxMeaning::Like;
        !self.text.is_empty() || self.objects[FIRST_OBJECT].boxes.iter().any(is_example)
    }
}

/// Every slot with the object it belongs to. Examples belong to the text, and with it to the first object.
fn owners<P: PromptParameters>(parameters: &P) -> Result<Vec<(Slot, usize)>, P::Error> {
    let owner = |slot| match slot {
        Slot::Box(box_slot) if parameters.meaning(box_slot)? != BoxMeaning::Round => Ok(FIRST_OBJECT),
        slot => parameters.object(slot),
    };
    Slot::all().map(|slot| Ok((slot, owner(slot)?))).collect()
}

fn slots_of(owners: &[(Slot, usize)], object: usize) -> impl Iterator<Item = Slot> {
    owners.iter().filter(move |(_, owner)| *owner == object).map(|(slot, _)| *slot)
}

/// All slots that belong to an object, switched on or not.
pub fn slots_of_object<P: PromptParameters>(parameters: &P, object: usize) -> Result<Vec<Slot>, P::Error> {
    Ok(slots_of(&owners(parameters)?, object).collect())
}

/// The prompt frames of an object: the key times at which the keyed slot is switched on.
pub fn schedule<P: PromptParameters>(parameters: &P, object: usize) -> Result<Schedule, P::Error> {
    schedule_of(parameters, slots_of(&owners(parameters)?, object))
}

fn schedule_of<P: PromptParameters>(parameters: &P, slots: impl Iterator<Item = Slot>) -> Result<Schedule, P::Error> {
    let mut times = Vec::new();
    for slot in slots {
        for time in parameters.key_times(slot)? {
            if parameters.used(slot, time)? {
                times.push(time);
            }
        }
    }
    Ok(Schedule::new(times))
}

/// What speaks for the frame at `time`.
///
/// Hosts that animate without telling of keys (MLT counts 0 keys) take the switches at `time` itself.
pub fn prompts_at<P: PromptParameters>(parameters: &P, time: f64) -> Result<FramePrompts, P::Error> {
    let owners = owners(parameters)?;
    let mut prompts = FramePrompts { text: parameters.text(time)?, ..FramePrompts::default() };
    for (object, said) in prompts.objects.iter_mut().enumerate() {
        let governing = schedule_of(parameters, slots_of(&owners, object))?.governing(time).unwrap_or(time);
        *said = object_prompts(parameters, slots_of(&owners, object), governing, time)?;
    }
    Ok(prompts)
}

fn object_prompts<P: PromptParameters>(
    parameters: &P,
    slots: impl Iterator<Item = Slot>,
    governing: f64,
    time: f64,
) -> Result<ObjectPrompts, P::Error> {
    let mut prompts = ObjectPrompts::default();
    for slot in slots {
        if !parameters.used(slot, governing)? {
            continue;
        }
        match slot {
            Slot::Point(point) => prompts.points.push(PointPrompt {
                slot: point,
                position: parameters.position(point, time)?,
                include: parameters.includes(point, governing)?,
            }),
            Slot::Box(slot) => prompts.boxes.push(BoxPrompt {
                slot,
                edges: ordered_box(parameters.corners(slot, time)?),
                meaning: parameters.meaning(slot)?,
            }),
        }
    }
    Ok(prompts)
}

/// Left, bottom, right, top of a box given by two opposite corners in any order.
fn ordered_box([a, b]: [[f64; 2]; 2]) -> [f64; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[0].max(b[0]), a[1].max(b[1])]
}

#[cfg(test)]
#[path = "prompts_tests.rs"]
mod tests;
