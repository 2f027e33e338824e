//! The panel of SAM3Roto: one table that describes the parameters, and the keys that read them.
//!
//! Script names are saved in people's projects: never rename one, never change what one means.

use openfx::{
    BooleanKey, ChoiceKey, Double2DKey, DoubleKey, GroupKey, IntegerKey, PageKey, PushButtonKey, Row, TextKey, TextMode,
};

use super::prompts::POINT_SLOTS;

/// The parameters of one point slot.
#[derive(Debug, Clone, Copy)]
pub struct PointKeys {
    /// The group round the slot.
    pub group: GroupKey,
    /// Whether the point speaks.
    pub used: BooleanKey,
    /// Include or exclude: index into [`POINT_TYPES`].
    pub kind: ChoiceKey,
    /// Canonical position.
    pub position: Double2DKey,
}

/// The index of "Include" in a point's type.
pub const INCLUDE: usize = 0;
/// The index of "Exclude" in a point's type.
pub const EXCLUDE: usize = 1;
const POINT_TYPES: &[&std::ffi::CStr] = &[c"Include", c"Exclude"];

const CONTROLS: PageKey = PageKey::new(c"controls");

const PROMPTS: GroupKey = GroupKey::new(c"promptsGroup");
/// The frame the prompts were made for while nothing is keyed.
pub const REFERENCE_FRAME: IntegerKey = IntegerKey::new(c"referenceFrame");
/// Keys all active prompts at the current frame.
pub const KEY_PROMPTS: PushButtonKey = PushButtonKey::new(c"keyPrompts");
/// Switches all prompts off and removes their keys.
pub const CLEAR_PROMPTS: PushButtonKey = PushButtonKey::new(c"clearPrompts");

const BOX: GroupKey = GroupKey::new(c"boxGroup");
/// Whether the box speaks.
pub const BOX_USED: BooleanKey = BooleanKey::new(c"boxUse");
/// One corner of the box, canonical.
pub const BOX_CORNER_1: Double2DKey = Double2DKey::new(c"boxCorner1");
/// The opposite corner of the box, canonical.
pub const BOX_CORNER_2: Double2DKey = Double2DKey::new(c"boxCorner2");

const MATTE: GroupKey = GroupKey::new(c"matteGroup");
/// The probability at which the edge lies.
pub const THRESHOLD: DoubleKey = DoubleKey::new(c"threshold");
/// The width of the edge.
pub const SOFTNESS: DoubleKey = DoubleKey::new(c"softness");
/// How far the edge follows the picture instead of the model's coarse mask.
pub const EDGE_DETAIL: DoubleKey = DoubleKey::new(c"edgeDetail");
/// Swaps inside and outside.
pub const INVERT: BooleanKey = BooleanKey::new(c"invert");
/// What the Matte clip does: see [`super::garbage::MatteInput`].
pub const MATTE_INPUT: ChoiceKey = ChoiceKey::new(c"matteInput");

const OUTPUT: GroupKey = GroupKey::new(c"outputGroup");
/// What is written: see [`super::output::OutputMode`].
pub const OUTPUT_MODE: ChoiceKey = ChoiceKey::new(c"outputMode");
/// Whether the overlay is drawn in the viewer.
pub const SHOW_OVERLAY: BooleanKey = BooleanKey::new(c"showOverlay");

const MODEL_GROUP: GroupKey = GroupKey::new(c"modelGroup");
/// Which model segments: index into [`MODELS`].
pub const MODEL: ChoiceKey = ChoiceKey::new(c"model");
/// How the source's colours are encoded: see [`super::encoding`].
pub const SOURCE_ENCODING: ChoiceKey = ChoiceKey::new(c"sourceEncoding");
/// Sends all frames of the shot through the network ahead of need.
pub const ANALYSE: PushButtonKey = PushButtonKey::new(c"analyse");
/// What ran last, in words.
pub const STATUS: TextKey = TextKey::new(c"status");

/// The model choices: what the panel says, and the name the model ladder knows; `None` takes the best installed.
pub const MODELS: &[Option<&str>] = &[None, Some("sam3"), Some("sam2.1"), Some("mobilesam")];
const MODEL_LABELS: &[&std::ffi::CStr] = &[c"Best installed", c"SAM 3", c"SAM 2.1", c"MobileSAM"];

/// Where prompts start out: the middle of a full HD picture, so that they are seen in most projects.
const START: [f64; 2] = [960.0, 540.0];

/// A static C string put together from literals.
macro_rules! c_name {
    ($before:literal, $number:literal, $after:literal) => {
        match std::ffi::CStr::from_bytes_with_nul(concat!($before, $number, $after, "\0").as_bytes()) {
            Ok(name) => name,
            Err(_) => panic!("the literals hold no NUL"),
        }
    };
}
macro_rules! point_slots {
    ($($number:literal),*) => {
        /// The keys of every point slot.
        pub const POINTS: [PointKeys; POINT_SLOTS] = [$(
            PointKeys {
                group: GroupKey::new(c_name!("point", $number, "Group")),
                used: BooleanKey::new(c_name!("point", $number, "Use")),
                kind: ChoiceKey::new(c_name!("point", $number, "Type")),
                position: Double2DKey::new(c_name!("point", $number, "Position")),
            },
        )*];

        /// The rows of every point slot: group, use, type, position.
        static POINT_ROWS: [[Row; 4]; POINT_SLOTS] = [$(
            point_rows(POINTS[$number - 1], c_name!("Point ", $number, "")),
        )*];
    };
}

point_slots!(1, 2, 3, 4, 5, 6, 7, 8);

const fn point_rows(keys: PointKeys, label: &'static std::ffi::CStr) -> [Row; 4] {
    [
        keys.group.row(label).parent(PROMPTS).closed(),
        keys.used
            .row(c"Use", false)
            .parent(keys.group)
            .invalidates_all()
            .hint(c"Whether this point speaks. Key it to let the point speak on some prompt frames only."),
        keys.kind.row(c"Type", INCLUDE, POINT_TYPES).parent(keys.group).invalidates_all().hint(
            c"Include: the point lies on the object. Exclude: it lies on something that must not be in the matte.",
        ),
        keys.position.position(c"Position", START).parent(keys.group).invalidates_all().hint(
            c"Where the point lies. Its keyframes are prompt frames: to correct a shot, go to a bad frame and key it.",
        ),
    ]
}

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
        .hint(c"Switches every point and the box off and removes their keyframes."),
];

/// The rows after the point slots.
static OTHER_ROWS: [Row; 19] = [
    BOX.row(c"Box").parent(PROMPTS).closed(),
    BOX_USED
        .row(c"Use", false)
        .parent(BOX)
        .invalidates_all()
        .hint(c"Whether the box speaks. A box round the object is the strongest single prompt."),
    BOX_CORNER_1
        .position(c"Corner 1", [640.0, 360.0])
        .parent(BOX)
        .invalidates_all()
        .hint(c"One corner of the box. Its keyframes are prompt frames."),
    BOX_CORNER_2
        .position(c"Corner 2", [1280.0, 720.0])
        .parent(BOX)
        .invalidates_all()
        .hint(c"The opposite corner of the box. Its keyframes are prompt frames."),
    MATTE.row(c"Matte"),
    THRESHOLD
        .row(c"Threshold", 0.5, 0.01..=0.99)
        .parent(MATTE)
        .hint(c"The model's confidence at which the edge lies. Lower values take in more, higher values less."),
    SOFTNESS
        .row(c"Softness", 0.5, 0.0..=1.0)
        .parent(MATTE)
        .hint(c"The width of the edge: 0 is hard, 1 as soft as the model's own uncertainty."),
    EDGE_DETAIL
        .row(c"Edge Detail", 1.0, 0.0..=1.0)
        .parent(MATTE)
        .hint(c"How far the edge follows the picture. 0 takes the model's smooth mask as it is."),
    INVERT.row(c"Invert", false).parent(MATTE).hint(c"Swaps inside and outside."),
    MATTE_INPUT
        .row(c"Matte Input", 0, super::garbage::CHOICES)
        .parent(MATTE)
        .hint(c"What the Matte input does: limits the matte to it, or cuts it away. Automatic limits when an input is connected, and ignores it in hosts that cannot tell (Resolve)."),
    OUTPUT.row(c"Output"),
    OUTPUT_MODE
        .row(c"Output", 0, &[c"Matte in alpha", c"Premultiplied cutout", c"Matte as RGB", c"Overlay view"])
        .parent(OUTPUT)
        .fixed()
        .shapes_output()
        .hint(c"Matte in alpha keeps the picture's colour. Matte as RGB is for pages that drop alpha. The overlay view tints the object for checking."),
    SHOW_OVERLAY
        .row(c"Show Overlay", true)
        .parent(OUTPUT)
        .fixed()
        .panel_only()
        .hint(c"Draws the prompts and the matte's outline in the viewer."),
    MODEL_GROUP.row(c"Model"),
    MODEL
        .row(c"Model", 0, MODEL_LABELS)
        .parent(MODEL_GROUP)
        .fixed()
        .invalidates_all()
        .hint(c"Which installed model makes the mask. Best installed goes SAM 3, SAM 2.1, MobileSAM."),
    SOURCE_ENCODING
        .row(c"Source Is", 0, super::encoding::CHOICES)
        .parent(MODEL_GROUP)
        .fixed()
        .invalidates_all()
        .hint(c"How the colours of Source are encoded. The model is shown a display-referred picture; the output keeps the source's own colours."),
    ANALYSE.row(c"Analyse Shot").parent(MODEL_GROUP).hint(
        c"Sends every frame of Source through the network now, so that scrubbing, placing points and corrections need not wait for it later. Cancelling keeps what is finished.",
    ),
    STATUS
        .row(c"Status", c"", TextMode::Label)
        .parent(MODEL_GROUP)
        .volatile()
        .hint(c"What made the last matte: model, device, working size, and how well the model thinks it did."),
    VERSION_ROW,
];

/// Written into projects so that a later version knows what it opens.
const VERSION: TextKey = TextKey::new(c"effectVersion");
const VERSION_ROW: Row = VERSION.row(c"Effect Version", c"1", TextMode::Custom);

/// Every row of the panel in its order, in sections.
pub static SECTIONS: [&[Row]; POINT_SLOTS + 2] = [
    &PROMPT_ROWS,
    &POINT_ROWS[0],
    &POINT_ROWS[1],
    &POINT_ROWS[2],
    &POINT_ROWS[3],
    &POINT_ROWS[4],
    &POINT_ROWS[5],
    &POINT_ROWS[6],
    &POINT_ROWS[7],
    &OTHER_ROWS,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn script_names_are_unique() {
        let mut seen = HashSet::new();
        for row in SECTIONS.iter().copied().flatten() {
            assert!(seen.insert(row.name()), "{:?} appears twice", row.name());
        }
    }

    #[test]
    fn slots_are_named_by_their_number() {
        assert_eq!(POINTS[7].position.script_name(), c"point8Position");
    }

    #[test]
    fn every_output_mode_has_its_choice() {
        assert_eq!(super::super::output::OutputMode::ALL.len(), 4);
    }
}
