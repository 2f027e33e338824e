//! Who makes the matte, what is written, what the viewer shows.

use std::ffi::CStr;

use openfx::{BooleanKey, ChoiceKey, GroupKey, Row, TextKey, TextMode};

use crate::picture::encoding;

const OUTPUT: GroupKey = GroupKey::new(c"outputGroup");
/// What is written: see [`crate::picture::compose::OutputMode`].
pub const OUTPUT_MODE: ChoiceKey = ChoiceKey::new(c"outputMode");
/// Whether the overlay is drawn in the viewer.
pub const SHOW_OVERLAY: BooleanKey = BooleanKey::new(c"showOverlay");

const GROUP: GroupKey = GroupKey::new(c"modelGroup");
/// Which model segments: index into [`MODELS`].
pub const MODEL: ChoiceKey = ChoiceKey::new(c"model");
/// Draft or final: see [`crate::roto::draft::Quality`].
pub const QUALITY: ChoiceKey = ChoiceKey::new(c"quality");
/// How the source's colours are encoded: see [`encoding`].
pub const SOURCE_ENCODING: ChoiceKey = ChoiceKey::new(c"sourceEncoding");
/// What ran last, in words.
pub const STATUS: TextKey = TextKey::new(c"status");

/// The model choices: the family or name that [`segment::open`] takes; `None` takes the best installed.
pub const MODELS: &[Option<&str>] = &[None, Some("sam3"), Some("sam2"), Some("mobilesam")];
const MODEL_LABELS: &[&CStr] = &[c"Best installed", c"SAM 3", c"SAM 2.1", c"MobileSAM"];

/// The rows of both groups.
pub static ROWS: [Row; 8] = [
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
    QUALITY
        .row(c"Quality", 0, &[c"Final", c"Draft in the viewer", c"Draft where the host asks for it"])
        .parent(GROUP)
        .fixed()
        .invalidates_all()
        .hint(c"Draft is for scrubbing. It takes the lightest model that is installed, lets it look at every 4th frame of a track alone and carries the mask along the picture's motion to those between, and leaves the edge as the network gives it. Networks look at pictures of one size whatever the source's: there is no smaller one to take. Prompts stay as they are. Draft in the viewer: for what the host renders while somebody looks on, and for the tracking buttons. Draft where the host asks for it: for renders that it marks as drafts alone. Renders to files are final whatever stands here, and the Status line says which it was. A text and a Matte input as the prompt are not for the light models: they keep the panel's."),
    SOURCE_ENCODING
        .row(c"Source Is", 0, encoding::CHOICES)
        .parent(GROUP)
        .fixed()
        .invalidates_all()
        .hint(c"How the colours of Source are encoded. The model is shown a display-referred picture; the output keeps the source's own colours."),
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
