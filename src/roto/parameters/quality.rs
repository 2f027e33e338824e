//! Which frames of a track to look at: see [`crate::roto::quality`].

use openfx::{DoubleKey, GroupKey, PushButtonKey, Row, TextKey, TextMode};

const GROUP: GroupKey = GroupKey::new(c"qualityGroup");
/// Goes to the nearest suspicious frame after the current one.
pub const NEXT_SUSPICIOUS: PushButtonKey = PushButtonKey::new(c"nextSuspicious");
/// Goes to the nearest suspicious frame before the current one.
pub const PREVIOUS_SUSPICIOUS: PushButtonKey = PushButtonKey::new(c"previousSuspicious");
/// Frames with a lower score are suspicious.
pub const SUSPICIOUS_BELOW: DoubleKey = DoubleKey::new(c"suspiciousBelow");
/// The score of each frame, as keys that the tracking buttons set.
pub const TRACK_QUALITY: DoubleKey = DoubleKey::new(c"trackQuality");
/// The figures behind it: see [`crate::roto::quality::sheet`].
pub const TRACK_QUALITY_DATA: TextKey = TextKey::new(c"trackQualityData");

/// The rows of the group.
pub static ROWS: [Row; 6] = [
    GROUP.row(c"Quality Control").closed(),
    NEXT_SUSPICIOUS.row(c"Next Suspicious Frame").parent(GROUP).hint(
        c"Goes to the next frame that the last tracking found suspicious, and says why in the Status line: the model is not sure, the size jumps, the object does not move as the picture does, or it runs to the picture's border. Tracking buttons fill this in.",
    ),
    PREVIOUS_SUSPICIOUS
        .row(c"Previous Suspicious Frame")
        .parent(GROUP)
        .hint(c"The same for the nearest suspicious frame before the current one."),
    SUSPICIOUS_BELOW
        .row(c"Suspicious Below", 0.7, 0.0..=1.0)
        .parent(GROUP)
        .fixed()
        .panel_only()
        .hint(c"Frames whose Track Quality is lower are suspicious. Higher finds more of them."),
    TRACK_QUALITY
        .row(c"Track Quality", 1.0, 0.0..=1.0)
        .parent(GROUP)
        .panel_only()
        .disabled()
        .hint(c"How well each tracked frame stands, from 0 to 1, where 1 gives no reason to look: look at its curve. The worst of how sure the model is and of how size, motion and contact with the border go on from the frame it was tracked from, of all objects. As of the last tracking."),
    TRACK_QUALITY_DATA.row(c"Track Quality Data", c"", TextMode::Custom),
];
