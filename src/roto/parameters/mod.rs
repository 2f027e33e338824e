//! The panel of SAM3Roto: one table that describes the parameters, and the keys that read them.
//!
//! [`points`], [`boxes`] and [`text`] say what the objects are, [`objects`] which of them come out, [`matte`] what the
//! edge is like, [`tracking`] how they get to other frames, [`quality`] which of those to look at, [`model`] who makes it and what is written.
//!
//! Script names are saved in people's projects: never rename one, never change what one means. What did not exist when a
//! project was saved comes up with its default, so every default has to mean what the panel did before. The one exception
//! is tracking: objects of projects from before it are tracked from their prompt frames now.

pub mod boxes;
pub mod matte;
pub mod model;
pub mod objects;
pub mod points;
pub mod quality;
pub mod text;
pub mod tracking;

use openfx::{GroupKey, IntegerKey, PageKey, PushButtonKey, Row, TextKey, TextMode};

pub use boxes::{BOXES, BoxKeys};
pub use matte::{DETAIL_PASS, EDGE_DETAIL, INVERT, MATTE_INPUT, SOFTNESS, THRESHOLD};
pub use model::{MODEL, MODELS, OUTPUT_MODE, QUALITY, SHOW_OVERLAY, SOURCE_ENCODING, STATUS};
pub use objects::{ACTIVE_OBJECT, EXCLUSIVE, OBJECTS_OUT};
pub use points::{EXCLUDE, INCLUDE, POINTS, PointKeys};
pub use quality::{NEXT_SUSPICIOUS, PREVIOUS_SUSPICIOUS, SUSPICIOUS_BELOW, TRACK_QUALITY, TRACK_QUALITY_DATA};
pub use text::{TEXT, TEXT_CHOICE, TEXT_NUMBER, TEXT_THRESHOLD};
pub use tracking::{
    ANALYSE, CACHE_FOLDER, CLEAR_TRACK, IF_NOT_TRACKED, MEMORY_SELECTION, MOTION_SCORE, TRACK_BACKWARD, TRACK_FORWARD,
    TRACK_TAKE, TRACK_TO_NEXT_KEY, TRACKING,
};

const CONTROLS: PageKey = PageKey::new(c"controls");

const PROMPTS: GroupKey = GroupKey::new(c"promptsGroup");
/// The frame the prompts were made for while nothing is keyed.
pub const REFERENCE_FRAME: IntegerKey = IntegerKey::new(c"referenceFrame");
/// Keys all active prompts at the current frame.
pub const KEY_PROMPTS: PushButtonKey = PushButtonKey::new(c"keyPrompts");
/// Switches all prompts off and removes their keys.
pub const CLEAR_PROMPTS: PushButtonKey = PushButtonKey::new(c"clearPrompts");

/// The rows before the point slots.
static PROMPT_ROWS: [Row; 5] = [
    CONTROLS.row(c"Controls"),
    PROMPTS.row(c"Prompts"),
    REFERENCE_FRAME
        .row(c"Reference Frame", 1, -1_000_000..=1_000_000)
        .display_integers(0..=1000)
        .parent(PROMPTS)
        .fixed()
        .invalidates_all()
        .hint(c"The frame the prompts were placed on, while none of them has keyframes."),
    KEY_PROMPTS
        .row(c"Key Prompts Here")
        .parent(PROMPTS)
        .hint(c"Sets a keyframe at the current frame on every prompt in use, making it a prompt frame."),
    CLEAR_PROMPTS
        .row(c"Clear All Prompts")
        .parent(PROMPTS)
        .hint(c"Switches every point and box of every object off, removes their keyframes, and empties the text."),
];

/// Written into projects so that a later version knows what it opens.
const VERSION: TextKey = TextKey::new(c"effectVersion");
static VERSION_ROW: [Row; 1] = [VERSION.row(c"Effect Version", c"1", TextMode::Custom)];

/// Every row of the panel in its order, in sections.
pub static SECTIONS: [&[Row]; 15] = [
    &PROMPT_ROWS,
    points::FIRST_ROWS,
    &boxes::FIRST_ROWS,
    &text::ROWS,
    &objects::ROWS,
    &points::MORE_GROUP,
    points::MORE_ROWS,
    &boxes::MORE_GROUP,
    boxes::MORE_ROWS,
    &tracking::ROWS,
    &quality::ROWS,
    &matte::ROWS,
    &model::ROWS,
    &crate::job::parameters::ROWS,
    &VERSION_ROW,
];

/// A static C string put together from literals.
macro_rules! c_name {
    ($before:literal, $number:literal, $after:literal) => {
        match std::ffi::CStr::from_bytes_with_nul(concat!($before, $number, $after, "\0").as_bytes()) {
            Ok(name) => name,
            Err(_) => panic!("the literals hold no NUL"),
        }
    };
}
use c_name;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_named_by_their_number() {
        assert_eq!(POINTS[7].position.script_name(), c"point8Position");
        assert_eq!(POINTS[15].object.script_name(), c"point16Object");
        let names: Vec<_> = BOXES.iter().map(|keys| keys.used.script_name()).collect();
        assert_eq!(names, [c"boxUse", c"box2Use", c"box3Use", c"box4Use"], "the first box is older than the others");
    }

    #[test]
    fn every_output_mode_has_its_choice() {
        assert_eq!(crate::picture::compose::OutputMode::ALL.len(), 4);
    }
}
