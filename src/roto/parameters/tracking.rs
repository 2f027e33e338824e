//! How the object gets from its prompt frames to all others, and the buttons that do it ahead of need.
//!
//! There is no button to stop: hosts call a button and wait for it to return, so that no other can be pressed meanwhile.
//! The progress bar that a tracking button opens has the host's own Cancel.

use openfx::{BooleanKey, ChoiceKey, GroupKey, IntegerKey, PushButtonKey, Row, TextKey, TextMode};

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

/// Begins the next take.
pub const CLEAR_TRACK: PushButtonKey = PushButtonKey::new(c"clearTrack");
/// Which tracking of the shot counts: part of the names of all that is tracked, so that a new take begins with nothing
/// and an earlier one is still there.
pub const TRACK_TAKE: IntegerKey = IntegerKey::new(c"trackTake");
/// A folder for what this node tracks, besides that of the settings.
pub const CACHE_FOLDER: TextKey = TextKey::new(c"cacheFolder");

/// The rows of the group.
pub static ROWS: [Row; 13] = [
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
    CLEAR_TRACK.row(c"Clear Track").parent(GROUP).hint(
        c"Forgets what was tracked with this node: the shot is tracked anew, as the next Take. Results are found by their pictures and prompts, so this is for frames whose pictures changed between two prompt frames that did not. Undo gives back what was. Other nodes keep theirs, also a copy of this one with the same prompts; encoded pictures stay, and the cache folder drops what was unused for longest by itself.",
    ),
    IF_NOT_TRACKED
        .row(c"If Not Tracked", 0, &[c"Track on the way", c"Hold the nearest", c"Report an error"])
        .parent(GROUP)
        .fixed()
        .invalidates_all()
        .hint(c"What a render does on a frame that nobody tracked yet. Track on the way: it tracks from the nearest frame that is known. Hold the nearest: it shows the mask of the nearest tracked frame before it, for scrubbing. Report an error: for farms that are to use what was tracked, from the cache folder, and nothing else."),
    CACHE_FOLDER
        .row(c"Cache Folder", c"", TextMode::DirectoryPath)
        .parent(GROUP)
        .hint(c"A folder for the masks, tracks and mattes of this node, such as one on the server that a farm shares: what was tracked here needs no network there. Empty: the folder of the settings (cache.folder), or none. Write the full path as all machines know it. Encoded pictures are kept in the folder of the settings only: they are large, and frames that are tracked need none."),
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
    TRACK_TAKE
        .row(c"Take", 0, 0..=1_000_000)
        .display_integers(0..=10)
        .parent(TRACKER)
        .fixed()
        .invalidates_all()
        .hint(c"Which tracking of the shot is shown: Clear Track begins the next one. What an earlier take tracked is still found under its number."),
];
