//! The text prompt: what to look for, in words.

use std::ffi::CStr;

use openfx::{ChoiceKey, DoubleKey, GroupKey, IntegerKey, Row, TextKey, TextMode};

const GROUP: GroupKey = GroupKey::new(c"textGroup");
/// What to look for.
pub const TEXT: TextKey = TextKey::new(c"text");
/// How sure the model must be of what it finds.
pub const TEXT_THRESHOLD: DoubleKey = DoubleKey::new(c"textThreshold");
/// Which of the things found make the matte: see [`crate::roto::text::TextChoice`].
pub const TEXT_CHOICE: ChoiceKey = ChoiceKey::new(c"textChoice");
/// Which one, counted from 1, where they are chosen by number.
pub const TEXT_NUMBER: IntegerKey = IntegerKey::new(c"textNumber");

/// In the order of [`crate::roto::text::TextChoice::from_index`].
const CHOICES: &[&CStr] = &[c"All", c"Best", c"By number", c"Under point 1"];

/// Things found above this score count. Meta's own demonstrations cut at one half; its video tracker starts objects a
/// little higher, its image processor a little lower.
const THRESHOLD: f64 = 0.5;

/// More instances than SAM3's detector has queries.
const MOST: i32 = 1000;

/// The rows of the group.
pub static ROWS: [Row; 5] = [
    GROUP.row(c"Text").closed(),
    TEXT.row(c"Find", c"", TextMode::SingleLine).parent(GROUP).invalidates_all().hint(
        c"What to look for, as a short noun phrase: \"person\", \"yellow school bus\". It says what Object 1 is, on every frame; points and a box of Object 1 refine what is found. Needs a model that takes texts (SAM 3).",
    ),
    TEXT_THRESHOLD.row(c"Text Threshold", THRESHOLD, 0.05..=1.0).parent(GROUP).hint(
        c"How sure the model must be of a thing for it to count. Lower values find more. At 1 nothing is found.",
    ),
    TEXT_CHOICE
        .row(c"Take", 0, CHOICES)
        .parent(GROUP)
        .fixed()
        .hint(c"Which of the things found make the matte: all of them, the one the model is surest of, one by its place in that order, or the one that Point 1 lies on. That point then only chooses, and does not refine."),
    TEXT_NUMBER
        .row(c"Number", 1, 1..=MOST)
        .display_integers(1..=10)
        .parent(GROUP)
        .hint(c"Which one of those found, the surest being 1. For Take: By number."),
];
