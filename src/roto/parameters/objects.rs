//! Several objects in one node: whom clicks belong to, and which of them come out.

use std::ffi::CStr;

use openfx::{BooleanKey, ChoiceKey, GroupKey, Row};

const GROUP: GroupKey = GroupKey::new(c"objectsGroup");
/// The object that clicks in the viewer belong to, counted from 0.
pub const ACTIVE_OBJECT: ChoiceKey = ChoiceKey::new(c"activeObject");
/// Which objects come out: see [`crate::roto::objects::Selection`].
pub const OBJECTS_OUT: ChoiceKey = ChoiceKey::new(c"objects");
/// Whether every place of the picture belongs to one object at most.
pub const EXCLUSIVE: BooleanKey = BooleanKey::new(c"exclusive");

/// The objects by name.
pub const OBJECT_NAMES: &[&CStr] = &[c"Object 1", c"Object 2", c"Object 3", c"Object 4"];
/// All of them together, then each alone.
const OUT: &[&CStr] = &[c"All combined", c"Object 1", c"Object 2", c"Object 3", c"Object 4"];

/// The rows of the group.
pub static ROWS: [Row; 4] = [
    GROUP.row(c"Objects").closed(),
    ACTIVE_OBJECT
        .row(c"Active Object", 0, OBJECT_NAMES)
        .parent(GROUP)
        .fixed()
        .panel_only()
        .hint(c"The object that clicks and boxes in the viewer belong to. Each object has its own colour there."),
    OBJECTS_OUT
        .row(c"Output Object", 0, OUT)
        .parent(GROUP)
        .fixed()
        .hint(c"Which objects the matte is of: all of them together, or one alone."),
    EXCLUSIVE
        .row(c"Objects Do Not Overlap", false)
        .parent(GROUP)
        .fixed()
        .hint(c"Gives every place of the picture to the object the model is surest of there. Counts where one object comes out alone; all of them together cover the same either way."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roto::objects::OBJECTS;

    #[test]
    fn every_object_has_its_name_and_comes_out_alone() {
        assert_eq!((OBJECT_NAMES.len(), OUT.len()), (OBJECTS, OBJECTS + 1));
        assert_eq!(OBJECT_NAMES, &OUT[1..]);
    }
}
