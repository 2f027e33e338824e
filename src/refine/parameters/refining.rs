//! What is refined, and how much.

use std::ffi::CStr;

use openfx::{BooleanKey, ChoiceKey, DoubleKey, GroupKey, IntegerKey, Row};

use crate::picture::{matte_channel, use_input};

const GROUP: GroupKey = GroupKey::new(c"refineGroup");
/// Whether the matte is that of the Matte clip: see [`crate::picture::use_input::UseInput`].
pub const USE_MATTE_INPUT: ChoiceKey = ChoiceKey::new(c"useMatteInput");
/// Frames on each side that help.
pub const WINDOW: IntegerKey = IntegerKey::new(c"window");
/// How much jitter is taken away.
pub const STRENGTH: DoubleKey = DoubleKey::new(c"strength");
/// Whether what is there for one frame only goes.
pub const REMOVE_POPS: BooleanKey = BooleanKey::new(c"removePops");

const MORE: GroupKey = GroupKey::new(c"edgeGroup");
/// How far from the edge the matte may change, in canonical units.
pub const EDGE_BAND: DoubleKey = DoubleKey::new(c"edgeBand");
/// How much of the edge's steepness is given back.
pub const EDGE_CONTRAST: DoubleKey = DoubleKey::new(c"edgeContrast");
/// How much thin structures stay as the frame has them.
pub const DETAIL_KEEP: DoubleKey = DoubleKey::new(c"detailKeep");
/// What happens at cuts.
pub const SHOT_CUTS: ChoiceKey = ChoiceKey::new(c"shotCuts");
/// What of the Matte clip is the matte.
pub const MATTE_CHANNEL: ChoiceKey = ChoiceKey::new(c"matteChannel");

/// The options of [`SHOT_CUTS`].
const CUTS: &[&CStr] = &[c"Stop at cuts", c"There are none"];

/// The rows in the open.
pub static ROWS: [Row; 5] = [
    GROUP.row(c"Refine"),
    USE_MATTE_INPUT
        .row(c"Use Matte Input", 0, use_input::CHOICES)
        .parent(GROUP)
        .fixed()
        .hint(c"Where the matte comes from. Automatic takes the Matte input where something is connected to it, else the alpha of Source. Resolve does not tell what is connected: there Automatic takes the alpha of Source, and Always the Matte input."),
    WINDOW
        .row(c"Window", 3, 1..=5)
        .parent(GROUP)
        .hint(c"Frames before and after each frame that help to refine it. More are calmer and take longer; fewer for an object that changes its shape quickly."),
    STRENGTH
        .row(c"Strength", 0.5, 0.0..=1.0)
        .parent(GROUP)
        .hint(c"How much jitter is taken away. 0 leaves the matte as it is; at 0.5 jitter of half a pixel is halved and less of it mostly let be; at 1 all goes that the motion allows."),
    REMOVE_POPS
        .row(c"Remove Flicker and Pops", true)
        .parent(GROUP)
        .hint(c"Removes spots and holes that are there in one frame only, wherever they are."),
];

/// The rows for rarer cases.
pub static MORE_ROWS: [Row; 6] = [
    MORE.row(c"Edge and Shot").closed(),
    EDGE_BAND
        .row(c"Edge Band", 40.0, 0.0..=10_000.0)
        .display(0.0..=200.0)
        .parent(MORE)
        .hint(c"How far on each side of the edge the matte may change, in pixels of the full-size frame. Beyond it only pops are removed."),
    EDGE_CONTRAST
        .row(c"Edge Contrast", 1.0, 0.0..=1.0)
        .parent(MORE)
        .hint(c"How much of the edge's steepness, which averaging takes, is given back."),
    DETAIL_KEEP
        .row(c"Detail Keep", 0.0, 0.0..=1.0)
        .parent(MORE)
        .hint(c"Keeps hair and other thin structures from fading: where the frames before and after show the same nearby, the frame stays as it is. Jitter of about a pixel stays with it."),
    SHOT_CUTS
        .row(c"Shot Cuts", 0, CUTS)
        .parent(MORE)
        .hint(c"Frames of another shot never help. Choose \"There are none\" where a flash or an explosion is taken for a cut."),
    MATTE_CHANNEL
        .row(c"Matte Channel", 0, matte_channel::CHOICES)
        .parent(MORE)
        .fixed()
        .hint(c"What of the Matte input is the matte. Alpha takes the luminance of inputs that have no alpha."),
];
