//! How the object gets from its prompt frames to all others, and the buttons that do it ahead of need.

use openfx::{BooleanKey, ChoiceKey, GroupKey, PushButtonKey, Row};

const GROUP: GroupKey = GroupKey::new(c"trackingGroup");
/// How masks come to frames without prompts of their own: see [`crate::roto::track::Tracking`].
pub const TRACKING: ChoiceKey = ChoiceKey::new(c"tracking");
/// What a render does on a frame that was not tracked yet: see [`crate::roto::track::IfNotTracked`].
pub const IF_NOT_TRACKED: ChoiceKey = ChoiceKey::new(c"ifNotTracked");
const TRACKER: GroupKey = GroupKey::new(c"trackerGroup");
/// See [`segment::tracker::TrackerOptions::memory_selection`].
pub const MEMORY_SELECTION: BooleanKey = BooleanKey::new(c"memorySelection");
/// See [`segment::tracker::TrackerOptions::motion`].
pub const MOTION_SCORE: BooleanKey = BooleanKey::new(c"motionScore");
/// Tracks from the first frame of the shot to the current one.
pub const TRACK_BACKWARD: PushButtonKey = PushButtonKey::new(c"trackBackward");
/// Tracks from the current frame to the last of the shot.
pub const TRACK_FORWARD: PushButtonKey = PushButtonKey::new(c"trackForward");
/// Tracks from the current frame to the next prompt frame.
pub const TRACK_TO_NEXT_KEY: PushButtonKey = PushButtonKey::new(c"trackToNextKey");
/// Sends all frames of the shot through the network and tracks through all of them.
pub const ANALYSE: PushButtonKey = PushButtonKey::new(c"analyse");

/// The rows of the group.
pub static ROWS: [Row; 10] = [
    GROUP.row(c"Tracking"),
    TRACKING
        .row(c"Tracking", 0, &[c"Track from prompt frames", c"Each frame on its own"])
        .parent(GROUP)
        .fixed()
        .invalidates_all()
        .hint(c"Track from prompt frames: the object is followed from each keyframe of its prompts to the next, before the first and after the last; without keyframes from the Reference Frame. A text or a Matte input alone is asked on every frame. Each frame on its own: prompts are interpolated and asked on every frame; so it is, too, in hosts that hand out one frame at a time."),
    ANALYSE.row(c"Track Shot").parent(GROUP).hint(
        c"Sends every frame of Source through the network now and tracks the objects through the shot, so that scrubbing, placing points and corrections need not wait for it later. Cancelling keeps what is finished; frames that are tracked already cost next to nothing.",
    ),
    TRACK_BACKWARD
        .row(c"Track Backward")
        .parent(GROUP)
        .hint(c"The same from the current frame back to the first of the shot."),
    TRACK_FORWARD
        .row(c"Track Forward")
        .parent(GROUP)
        .hint(c"The same from the current frame to the last of the shot."),
    TRACK_TO_NEXT_KEY
        .row(c"Track to Next Key")
        .parent(GROUP)
        .hint(c"The same from the current frame to the next prompt frame; to the end where there is none."),
    IF_NOT_TRACKED
        .row(c"If Not Tracked", 0, &[c"Track on the way", c"Hold the nearest", c"Report an error"])
        .parent(GROUP)
        .fixed()
        .invalidates_all()
        .hint(c"What a render does on a frame that nobody tracked yet. Track on the way: it tracks from the nearest frame that is known. Hold the nearest: it shows the mask of the nearest tracked frame before it, for scrubbing. Report an error: for farms that are to use what was tracked, from the cache folder of the settings, and nothing else."),
    TRACKER.row(c"Tracker").parent(GROUP).closed(),
    MEMORY_SELECTION
        .row(c"Remember Sure Frames", false)
        .parent(TRACKER)
        .fixed()
        .invalidates_all()
        .hint(c"Tracking remembers the frames that show the object most surely, however long ago, in place of the last ones (SAM 3's memory selection). Try it where the object is hidden for long. For SAM 3 and SAM 2.1 of the plugin's own exporter, which have their memory. It does nothing with other models, nor with exports whose memory has a fixed size."),
    MOTION_SCORE
        .row(c"Follow Motion", false)
        .parent(TRACKER)
        .fixed()
        .invalidates_all()
        .hint(c"Of the model's guesses tracking prefers the one that moves on as the object did before (SAMURAI's motion score). Try it where the track jumps to something that looks alike. For SAM 3 and SAM 2.1 of the plugin's own exporter, which have their memory. It does nothing with other models, nor with exports whose memory has a fixed size."),
];
