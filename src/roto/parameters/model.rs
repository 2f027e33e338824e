//! Who makes the matte, what is written, what the viewer shows.

use std::ffi::CStr;

use openfx::{BooleanKey, ChoiceKey, GroupKey, PushButtonKey, Row, TextKey, TextMode};

use crate::picture::encoding;

const OUTPUT: GroupKey = GroupKey::new(c"outputGroup");
/// What is written: see [`crate::roto::output::OutputMode`].
pub const OUTPUT_MODE: ChoiceKey = ChoiceKey::new(c"outputMode");
/// Whether the overlay is drawn in the viewer.
pub const SHOW_OVERLAY: BooleanKey = BooleanKey::new(c"showOverlay");

const GROUP: GroupKey = GroupKey::new(c"modelGroup");
/// Which model segments: index into [`MODELS`].
pub const MODEL: ChoiceKey = ChoiceKey::new(c"model");
/// How masks come to frames without prompts of their own: see [`crate::roto::track::Tracking`].
pub const TRACKING: ChoiceKey = ChoiceKey::new(c"tracking");
const TRACKER: GroupKey = GroupKey::new(c"trackerGroup");
/// See [`segment::tracker::TrackerOptions::memory_selection`].
pub const MEMORY_SELECTION: BooleanKey = BooleanKey::new(c"memorySelection");
/// See [`segment::tracker::TrackerOptions::motion`].
pub const MOTION_SCORE: BooleanKey = BooleanKey::new(c"motionScore");
/// How the source's colours are encoded: see [`encoding`].
pub const SOURCE_ENCODING: ChoiceKey = ChoiceKey::new(c"sourceEncoding");
/// Sends all frames of the shot through the network ahead of need.
pub const ANALYSE: PushButtonKey = PushButtonKey::new(c"analyse");
/// What ran last, in words.
pub const STATUS: TextKey = TextKey::new(c"status");

/// The model choices: the family or name that [`segment::open`] takes; `None` takes the best installed.
pub const MODELS: &[Option<&str>] = &[None, Some("sam3"), Some("sam2"), Some("mobilesam")];
const MODEL_LABELS: &[&CStr] = &[c"Best installed", c"SAM 3", c"SAM 2.1", c"MobileSAM"];

/// The rows of both groups.
pub static ROWS: [Row; 12] = [
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
    GROUP.row(c"Model"),
    MODEL
        .row(c"Model", 0, MODEL_LABELS)
        .parent(GROUP)
        .fixed()
        .invalidates_all()
        .hint(c"Which installed model makes the mask. Best installed goes SAM 3, SAM 2.1, MobileSAM."),
    TRACKING
        .row(c"Tracking", 0, &[c"Track from prompt frames", c"Each frame on its own"])
        .parent(GROUP)
        .fixed()
        .invalidates_all()
        .hint(c"Track from prompt frames: the object is followed from each keyframe of its prompts to the next, before the first and after the last; without keyframes from the Reference Frame. A text or a Matte input alone is asked on every frame. Each frame on its own: prompts are interpolated and asked on every frame; so it is, too, in hosts that hand out one frame at a time."),
    TRACKER.row(c"Tracker").parent(GROUP).closed(),
    MEMORY_SELECTION
        .row(c"Remember Sure Frames", false)
        .parent(TRACKER)
        .fixed()
        .invalidates_all()
        .hint(c"Tracking remembers the frames that show the object most surely, however long ago, in place of the last ones (SAM 3's memory selection). Try it where the object is hidden for long. For models with a memory of their own: SAM 3 and SAM 2.1 for tracking."),
    MOTION_SCORE
        .row(c"Follow Motion", false)
        .parent(TRACKER)
        .fixed()
        .invalidates_all()
        .hint(c"Of the model's guesses tracking prefers the one that moves on as the object did before (SAMURAI's motion score). Try it where the track jumps to something that looks alike. For models with a memory of their own: SAM 3 and SAM 2.1 for tracking."),
    SOURCE_ENCODING
        .row(c"Source Is", 0, encoding::CHOICES)
        .parent(GROUP)
        .fixed()
        .invalidates_all()
        .hint(c"How the colours of Source are encoded. The model is shown a display-referred picture; the output keeps the source's own colours."),
    ANALYSE.row(c"Analyse Shot").parent(GROUP).hint(
        c"Sends every frame of Source through the network now and tracks the objects through the shot, so that scrubbing, placing points and corrections need not wait for it later. Cancelling keeps what is finished.",
    ),
    STATUS
        .row(c"Status", c"", TextMode::Label)
        .parent(GROUP)
        .volatile()
        .hint(c"What made the last matte: model, device, working size, and how well the model thinks it did."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_has_its_label() {
        assert_eq!(MODELS.len(), MODEL_LABELS.len());
    }
}
