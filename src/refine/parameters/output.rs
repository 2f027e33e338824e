//! What is written.

use std::ffi::CStr;

use openfx::{ChoiceKey, GroupKey, Row, TextKey, TextMode};

const GROUP: GroupKey = GroupKey::new(c"outputGroup");
/// How the matte is written: see [`crate::picture::compose::OutputMode`].
pub const OUTPUT_MODE: ChoiceKey = ChoiceKey::new(c"outputMode");
/// What is shown: see [`crate::refine::view::View`].
pub const VIEW: ChoiceKey = ChoiceKey::new(c"view");
/// What ran last, in words.
pub const STATUS: TextKey = TextKey::new(c"status");

const OUTPUTS: &[&CStr] = &[c"Matte in alpha", c"Premultiplied cutout", c"Matte as RGB"];
/// In the order of [`crate::refine::view::View::ALL`].
pub const VIEWS: &[&CStr] = &[c"Result", c"Flow as colours", c"Motion vectors", c"Confidence", c"Difference"];

/// The rows of the group.
pub static ROWS: [Row; 4] = [
    GROUP.row(c"Output"),
    OUTPUT_MODE
        .row(c"Output", 0, OUTPUTS)
        .parent(GROUP)
        .fixed()
        .shapes_output()
        .hint(c"Matte in alpha keeps the picture's colour. Matte as RGB is for pages that drop alpha."),
    VIEW.row(c"View", 0, VIEWS)
        .parent(GROUP)
        .fixed()
        .shapes_output()
        .hint(c"Flow as colours: the hue is the direction of the motion to the next frame, the saturation its length. Motion vectors: the same in pixels, x in red and y (upwards) in green, for other nodes; needs floating point. Confidence: how far that motion is trusted. Difference: red where refining took something away, green where it added."),
    STATUS
        .row(c"Status", c"", TextMode::Label)
        .parent(GROUP)
        .volatile()
        .hint(c"What made the last frame: who found the motion and at which size, what was remembered, where a cut or a missing frame ended the window."),
];
