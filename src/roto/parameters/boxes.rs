//! The boxes: one in the open, three more in a group that is folded at first.

use std::ffi::CStr;

use openfx::{BooleanKey, ChoiceKey, Double2DKey, GroupKey, Row};

use super::objects::OBJECT_NAMES;
use super::{PROMPTS, c_name};
use crate::roto::prompts::BOX_SLOTS;

/// The parameters of one box.
#[derive(Debug, Clone, Copy)]
pub struct BoxKeys {
    /// The group round it.
    pub group: GroupKey,
    /// Whether the box speaks.
    pub used: BooleanKey,
    /// The object it is drawn round, counted from 0.
    pub object: ChoiceKey,
    /// What it says: see [`crate::roto::prompts::BoxMeaning`].
    pub meaning: ChoiceKey,
    /// One corner, canonical.
    pub corner_1: Double2DKey,
    /// The opposite corner, canonical.
    pub corner_2: Double2DKey,
}

/// In the order of [`crate::roto::prompts::BoxMeaning::from_index`].
const MEANINGS: &[&CStr] = &[c"Round the object", c"Like this", c"Unlike this"];

const MORE: GroupKey = GroupKey::new(c"moreBoxesGroup");

/// Where boxes start out: in the middle of a full HD picture.
const START: [[f64; 2]; 2] = [[640.0, 360.0], [1280.0, 720.0]];

/// The group, and what is in it.
type SlotRows = [Row; 6];

macro_rules! box_keys {
    ($name:literal) => {
        BoxKeys {
            group: GroupKey::new(c_name!("box", $name, "Group")),
            used: BooleanKey::new(c_name!("box", $name, "Use")),
            object: ChoiceKey::new(c_name!("box", $name, "Object")),
            meaning: ChoiceKey::new(c_name!("box", $name, "Meaning")),
            corner_1: Double2DKey::new(c_name!("box", $name, "Corner1")),
            corner_2: Double2DKey::new(c_name!("box", $name, "Corner2")),
        }
    };
}

/// The keys of every box. The first has no number: it was there before the others.
pub const BOXES: [BoxKeys; BOX_SLOTS] = [box_keys!(""), box_keys!(2), box_keys!(3), box_keys!(4)];

/// The rows of the box in the open.
pub static FIRST_ROWS: SlotRows = slot_rows(0, c"Box", PROMPTS);

/// The group of the others.
pub static MORE_GROUP: [Row; 1] = [MORE.row(c"More Boxes").closed()];
static MORE_SLOTS: [SlotRows; BOX_SLOTS - 1] =
    [slot_rows(1, c"Box 2", MORE), slot_rows(2, c"Box 3", MORE), slot_rows(3, c"Box 4", MORE)];
/// The rows of the others.
pub static MORE_ROWS: &[Row] = MORE_SLOTS.as_flattened();

const fn slot_rows(slot: usize, label: &'static CStr, parent: GroupKey) -> SlotRows {
    let keys = BOXES[slot];
    [
        keys.group.row(label).parent(parent).closed(),
        keys.used
            .row(c"Use", false)
            .parent(keys.group)
            .invalidates_all()
            .hint(c"Whether the box speaks. A box round the object is the strongest single prompt."),
        keys.object
            .row(c"Object", slot, OBJECT_NAMES)
            .parent(keys.group)
            .fixed()
            .invalidates_all()
            .hint(c"Which of the objects the box is drawn round. A box that is an example belongs to the text."),
        keys.meaning.row(c"Meaning", 0, MEANINGS).parent(keys.group).fixed().invalidates_all().hint(
            c"Round the object: the object is in it. Like this, Unlike this: an example, or a counterexample, of what the text names, for models that take texts. Examples also work without a text.",
        ),
        keys.corner_1
            .position(c"Corner 1", START[0])
            .parent(keys.group)
            .invalidates_all()
            .hint(c"One corner of the box. Its keyframes are prompt frames."),
        keys.corner_2
            .position(c"Corner 2", START[1])
            .parent(keys.group)
            .invalidates_all()
            .hint(c"The opposite corner of the box. Its keyframes are prompt frames."),
    ]
}
