//! The matte as curves, in a file.

use openfx::{ChoiceKey, DoubleKey, GroupKey, IntegerKey, PushButtonKey, Row, TextKey, TextMode};

use crate::output::splines;

const GROUP: GroupKey = GroupKey::new(c"splinesGroup");
/// The file to write.
pub const SPLINES_FILE: TextKey = TextKey::new(c"splinesFile");
/// How far a curve may be from the edge.
pub const SPLINES_TOLERANCE: DoubleKey = DoubleKey::new(c"splinesTolerance");
/// Most points of a curve; 0 for as many as the tolerance takes.
pub const SPLINES_POINTS: IntegerKey = IntegerKey::new(c"splinesPoints");
/// The least area of an object or a hole.
pub const SPLINES_SMALLEST: DoubleKey = DoubleKey::new(c"splinesSmallest");
/// Which frames: see [`splines::Span`].
pub const SPLINES_FRAMES: ChoiceKey = ChoiceKey::new(c"splinesFrames");
/// The first of a range of frames.
pub const SPLINES_FIRST: IntegerKey = IntegerKey::new(c"splinesFirst");
/// The last of it.
pub const SPLINES_LAST: IntegerKey = IntegerKey::new(c"splinesLast");
/// Every how many frames there is a key.
pub const SPLINES_EVERY: IntegerKey = IntegerKey::new(c"splinesEvery");
/// Writes the file.
pub const EXPORT_SPLINES: PushButtonKey = PushButtonKey::new(c"exportSplines");

const MOST: i32 = 1_000_000;

/// The rows of the group.
pub static ROWS: [Row; 10] = [
    GROUP.row(c"Splines").closed(),
    SPLINES_FILE.row(c"Splines File", c"", TextMode::FilePath).parent(GROUP).panel_only().hint(
        c"The file to write, a full path; its ending says for what: .nk a Nuke Roto node, .py a script that makes one in Nuke, .natron.py the same for Natron, .fxs Silhouette, .json all there is, .svg a picture of one frame. A file of this name is replaced.",
    ),
    SPLINES_TOLERANCE
        .row(c"Tolerance", 0.5, 0.1..=100.0)
        .display(0.1..=5.0)
        .increment(0.1)
        .parent(GROUP)
        .fixed()
        .panel_only()
        .hint(c"How far a curve may be from the edge of the matte, in pixels; more needs fewer points. Over several frames it may be twice as far, so that few points serve them all."),
    SPLINES_POINTS
        .row(c"Most Points", 0, 0..=10_000)
        .display_integers(0..=200)
        .parent(GROUP)
        .fixed()
        .panel_only()
        .hint(c"How many points a curve may have: where Tolerance takes more, it is loosened for that curve until they are enough, and the message after the export tells how far. 0: as many as the tolerance takes."),
    SPLINES_SMALLEST
        .row(c"Smallest", 25.0, 0.0..=1e9)
        .display(0.0..=2000.0)
        .increment(5.0)
        .digits(0)
        .parent(GROUP)
        .fixed()
        .panel_only()
        .hint(c"Objects and holes of less than this many square pixels get no curve."),
    SPLINES_FRAMES
        .row(c"Frames", 0, splines::SPANS)
        .parent(GROUP)
        .fixed()
        .panel_only()
        .hint(c"Which frames get keys. A .svg file holds the first of them alone."),
    SPLINES_FIRST
        .row(c"First Frame", 1, -MOST..=MOST)
        .display_integers(1..=200)
        .parent(GROUP)
        .fixed()
        .panel_only()
        .hint(c"Of First to last frame."),
    SPLINES_LAST
        .row(c"Last Frame", 100, -MOST..=MOST)
        .display_integers(1..=200)
        .parent(GROUP)
        .fixed()
        .panel_only()
        .hint(c"Of First to last frame."),
    SPLINES_EVERY
        .row(c"Key Every", 1, 1..=1000)
        .display_integers(1..=20)
        .parent(GROUP)
        .fixed()
        .panel_only()
        .hint(c"Keys at every so many of the frames alone: fewer to change by hand, and straight motion between them."),
    EXPORT_SPLINES.row(c"Export Splines").parent(GROUP).hint(
        c"Fits curves to the matte of this node at alpha 0.5, frame after frame, and writes them into the file. A curve keeps its points from frame to frame, so that it is animated; where the outline joins another one or falls apart another curve begins. Cancelling writes nothing.",
    ),
];
