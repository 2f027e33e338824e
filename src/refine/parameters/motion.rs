//! How motion is found, and what else it is used for.

use std::ffi::CStr;

use openfx::{BooleanKey, ChoiceKey, DoubleKey, GroupKey, IntegerKey, Row};

use crate::picture::encoding;

const BLUR: GroupKey = GroupKey::new(c"motionBlurGroup");
/// Whether the edge gets motion blur.
pub const MOTION_BLUR: BooleanKey = BooleanKey::new(c"motionBlur");
/// How long the shutter is open, in degrees.
pub const SHUTTER_ANGLE: DoubleKey = DoubleKey::new(c"shutterAngle");

const GROUP: GroupKey = GroupKey::new(c"flowGroup");
/// Who finds motion: index into [`FLOWS`].
pub const FLOW: ChoiceKey = ChoiceKey::new(c"flow");
/// How much work DIS spends.
pub const DIS_PRESET: ChoiceKey = ChoiceKey::new(c"disPreset");
/// The longer side of the pictures in which motion is searched, in pixels.
pub const WORKING_WIDTH: IntegerKey = IntegerKey::new(c"workingWidth");
/// How the source's colours are encoded: see [`encoding`].
pub const SOURCE_ENCODING: ChoiceKey = ChoiceKey::new(c"sourceEncoding");

/// The word of the choice that depends on what is installed.
pub const AUTOMATIC: &str = "auto";
/// The words of the choices for [`flow::choose`].
pub const FLOWS: &[&str] = &[AUTOMATIC, "raft", "dis"];
const FLOW_LABELS: &[&CStr] = &[c"Automatic", c"RAFT", c"DIS"];
/// In the order of [`crate::refine::settings::preset`].
const PRESETS: &[&CStr] = &[c"Ultrafast", c"Fast", c"Medium"];

/// The rows of both groups.
pub static ROWS: [Row; 8] = [
    BLUR.row(c"Motion Blur").closed(),
    MOTION_BLUR
        .row(c"Edge Motion Blur", false)
        .parent(BLUR)
        .hint(c"Blurs the edge of the matte along the motion of the object, as a camera's shutter does."),
    SHUTTER_ANGLE
        .row(c"Shutter Angle", 180.0, 0.0..=720.0)
        .display(0.0..=360.0)
        .increment(1.0)
        .digits(0)
        .parent(BLUR)
        .hint(c"How long the shutter is open: 360 degrees is the time from one frame to the next."),
    GROUP.row(c"Flow").closed(),
    FLOW.row(c"Flow", 0, FLOW_LABELS)
        .parent(GROUP)
        .fixed()
        .hint(c"Who finds the motion. Automatic takes the best network that is installed where a graphics card runs it, else DIS, which is built in: on the processor networks take tens of times as long."),
    DIS_PRESET
        .row(c"DIS Quality", 2, PRESETS)
        .parent(GROUP)
        .fixed()
        .hint(c"How much work DIS spends. Fast takes a fifth of the time of Medium."),
    WORKING_WIDTH
        .row(c"Working Width", 960, 128..=4096)
        .display_integers(256..=2048)
        .parent(GROUP)
        .fixed()
        .hint(c"Motion is searched in pictures whose longer side has at most so many pixels. More finds the motion of smaller parts and takes longer."),
    SOURCE_ENCODING
        .row(c"Source Is", 0, encoding::CHOICES)
        .parent(GROUP)
        .fixed()
        .hint(c"How the colours of Source are encoded. Motion is searched in a display-referred picture; the output keeps the source's own colours."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_find_motion_has_its_label() {
        assert_eq!(FLOWS.len(), FLOW_LABELS.len());
    }
}
