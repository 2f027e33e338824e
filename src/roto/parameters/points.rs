//! The point slots: eight in the open, eight more in a group that is folded at first.

use std::ffi::CStr;

use openfx::{BooleanKey, ChoiceKey, Double2DKey, GroupKey, Row};

use super::objects::OBJECT_NAMES;
use super::{PROMPTS, c_name};
use crate::roto::prompts::POINT_SLOTS;

/// The parameters of one point slot.
#[derive(Debug, Clone, Copy)]
pub struct PointKeys {
    /// The group round the slot.
    pub group: GroupKey,
    /// Whether the point speaks.
    pub used: BooleanKey,
    /// The object it speaks of, counted from 0.
    pub object: ChoiceKey,
    /// Include or exclude.
    pub kind: ChoiceKey,
    /// Canonical position.
    pub position: Double2DKey,
}

/// The index of "Include" in a point's type.
pub const INCLUDE: usize = 0;
/// The index of "Exclude" in a point's type.
pub const EXCLUDE: usize = 1;
const POINT_TYPES: &[&CStr] = &[c"Include", c"Exclude"];

/// Slots that are in the open.
const FIRST: usize = 8;
const MORE: GroupKey = GroupKey::new(c"morePointsGroup");

/// Where points start out: the middle of a full HD picture, so that they are seen in most projects.
const START: [f64; 2] = [960.0, 540.0];

/// The group, and what is in it.
type SlotRows = [Row; 5];

macro_rules! point_slots {
    ($($number:literal),*) => {
        /// The keys of every point slot.
        pub const POINTS: [PointKeys; POINT_SLOTS] = [$(
            PointKeys {
                group: GroupKey::new(c_name!("point", $number, "Group")),
                used: BooleanKey::new(c_name!("point", $number, "Use")),
                object: ChoiceKey::new(c_name!("point", $number, "Object")),
                kind: ChoiceKey::new(c_name!("point", $number, "Type")),
                position: Double2DKey::new(c_name!("point", $number, "Position")),
            },
        )*];

        static SLOT_ROWS: [SlotRows; POINT_SLOTS] = [$(
            slot_rows($number - 1, c_name!("Point ", $number, "")),
        )*];
    };
}

point_slots!(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);

/// The rows of the slots in the open.
pub static FIRST_ROWS: &[Row] = SLOT_ROWS.split_at(FIRST).0.as_flattened();

/// The group of the others.
pub static MORE_GROUP: [Row; 1] = [MORE.row(c"More Points").closed()];
/// The rows of the others.
pub static MORE_ROWS: &[Row] = SLOT_ROWS.split_at(FIRST).1.as_flattened();

const fn slot_rows(slot: usize, label: &'static CStr) -> SlotRows {
    let keys = POINTS[slot];
    [
        keys.group.row(label).parent(if slot < FIRST { PROMPTS } else { MORE }).closed(),
        keys.used
            .row(c"Use", false)
            .parent(keys.group)
            .invalidates_all()
            .hint(c"Whether this point speaks. Key it to let the point speak on some prompt frames only."),
        keys.object
            .row(c"Object", 0, OBJECT_NAMES)
            .parent(keys.group)
            .fixed()
            .invalidates_all()
            .hint(c"Which of the objects the point speaks of. With one object in the shot, leave it at the first."),
        keys.kind.row(c"Type", INCLUDE, POINT_TYPES).parent(keys.group).invalidates_all().hint(
            c"Include: the point lies on the object. Exclude: it lies on something that must not be in the matte.",
        ),
        keys.position.position(c"Position", START).parent(keys.group).invalidates_all().hint(
            c"Where the point lies. Its keyframes are prompt frames: to correct a shot, go to a bad frame and key it.",
        ),
    ]
}
