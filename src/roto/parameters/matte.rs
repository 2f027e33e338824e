//! What the matte's edge is like, and what the Matte clip does to it.

use openfx::{BooleanKey, ChoiceKey, DoubleKey, GroupKey, Row};

use crate::roto::garbage;

const GROUP: GroupKey = GroupKey::new(c"matteGroup");
/// The probability at which the edge lies.
pub const THRESHOLD: DoubleKey = DoubleKey::new(c"threshold");
/// The width of the edge.
pub const SOFTNESS: DoubleKey = DoubleKey::new(c"softness");
/// How far the edge follows the picture instead of the model's coarse mask.
pub const EDGE_DETAIL: DoubleKey = DoubleKey::new(c"edgeDetail");
/// Whether objects are looked at once more: see [`crate::roto::detail`].
pub const DETAIL_PASS: BooleanKey = BooleanKey::new(c"detailPass");
/// Swaps inside and outside.
pub const INVERT: BooleanKey = BooleanKey::new(c"invert");
/// What the Matte clip does: see [`garbage::MatteInput`].
pub const MATTE_INPUT: ChoiceKey = ChoiceKey::new(c"matteInput");

/// The rows of the group.
pub static ROWS: [Row; 7] = [
    GROUP.row(c"Matte"),
    THRESHOLD
        .row(c"Threshold", 0.5, 0.01..=0.99)
        .parent(GROUP)
        .hint(c"The model's confidence at which the edge lies. Lower values take in more, higher values less."),
    SOFTNESS
        .row(c"Softness", 0.5, 0.0..=1.0)
        .parent(GROUP)
        .hint(c"The width of the edge: 0 is hard, 1 as soft as the model's own uncertainty."),
    EDGE_DETAIL
        .row(c"Edge Detail", 1.0, 0.0..=1.0)
        .parent(GROUP)
        .hint(c"How far the edge follows the picture. 0 takes the model's smooth mask as it is."),
    DETAIL_PASS
        .row(c"Detail Pass", false)
        .parent(GROUP)
        .fixed()
        .hint(c"Looks at each object a second time, in a crop round it, so that all of the model's resolution goes to the object: finer edges and thin parts on objects that take up less than about half of the picture's longer side; larger ones stay as they are. Costs another run of the model for every object and frame. Where the second look finds something else, the first mask stays. Changes what comes out, not how objects are tracked. Drafts go without it."),
    INVERT.row(c"Invert", false).parent(GROUP).hint(c"Swaps inside and outside."),
    MATTE_INPUT
        .row(c"Matte Input", 0, garbage::CHOICES)
        .parent(GROUP)
        // A prompt frame speaks for others: what it says cannot depend on which frame is looked at.
        .fixed()
        .hint(c"What the Matte input does: limits the matte to it, cuts it away, or tells the model what Object 1 is. Automatic limits when an input is connected, and ignores it in hosts that cannot tell (Resolve)."),
];
