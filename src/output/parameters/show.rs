//! What is written.

use openfx::{ChoiceKey, DoubleKey, GroupKey, Row, TextKey, TextMode};

use crate::output::mode;

const GROUP: GroupKey = GroupKey::new(c"outputGroup");
/// What is written: see [`mode::OutputMode`].
pub const OUTPUT_MODE: ChoiceKey = ChoiceKey::new(c"outputMode");
/// Red of the colour behind the object.
pub const BACKGROUND_RED: DoubleKey = DoubleKey::new(c"backgroundRed");
/// Green of it.
pub const BACKGROUND_GREEN: DoubleKey = DoubleKey::new(c"backgroundGreen");
/// Blue of it.
pub const BACKGROUND_BLUE: DoubleKey = DoubleKey::new(c"backgroundBlue");
/// What was done last, in words.
pub const STATUS: TextKey = TextKey::new(c"status");

/// The rows of the group.
pub static ROWS: [Row; 6] = [
    GROUP.row(c"Output"),
    OUTPUT_MODE.row(c"Output", 0, mode::CHOICES).parent(GROUP).fixed().shapes_output().hint(
        c"Premultiplied foreground is what most compositors merge. Matte in alpha keeps the picture's colour. Matte as RGB is an opaque picture of the matte, for pages that drop alpha. The views are for checking, not for delivery.",
    ),
    BACKGROUND_RED
        .row(c"View Red", 0.0, 0.0..=1.0)
        .parent(GROUP)
        .hint(c"Red of the colour of View: over colour, in the encoding of Source."),
    BACKGROUND_GREEN.row(c"View Green", 0.0, 0.0..=1.0).parent(GROUP).hint(c"Green of that colour."),
    BACKGROUND_BLUE.row(c"View Blue", 1.0, 0.0..=1.0).parent(GROUP).hint(c"Blue of that colour."),
    STATUS.row(c"Status", c"", TextMode::Label).parent(GROUP).volatile().hint(c"What the last matte was made of."),
];
