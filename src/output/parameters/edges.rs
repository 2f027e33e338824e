//! How the soft part of the matte is found, and how dense core, edge and hair are.

use std::ffi::CStr;

use openfx::{BooleanKey, ChoiceKey, DoubleKey, GroupKey, IntegerKey, Row};

const GROUP: GroupKey = GroupKey::new(c"edgesGroup");
/// How the unknown band is matted: see [`matte::RefineMethod`].
pub const REFINE: ChoiceKey = ChoiceKey::new(c"refine");
const REFINE_LABELS: &[&CStr] =
    &[c"Off", c"Guided by brightness", c"Guided by colour", c"Closed form (slow)", c"Learned model"];
/// How far the unknown band reaches inwards.
pub const TRIMAP_INSIDE: DoubleKey = DoubleKey::new(c"trimapInside");
/// How far it reaches outwards.
pub const TRIMAP_OUTSIDE: DoubleKey = DoubleKey::new(c"trimapOutside");
/// How much of the result counts.
pub const REFINE_AMOUNT: DoubleKey = DoubleKey::new(c"refineAmount");
/// How far round a pixel the guided filter looks.
pub const REFINE_RADIUS: DoubleKey = DoubleKey::new(c"refineRadius");
/// The contrast below which it smooths.
pub const REFINE_TOLERANCE: DoubleKey = DoubleKey::new(c"refineTolerance");
/// Further passes with ever smaller windows.
pub const HAIR_DETAIL: IntegerKey = IntegerKey::new(c"hairDetail");
/// Works on a smaller picture.
pub const REFINE_FAST: BooleanKey = BooleanKey::new(c"refineFast");

const LEARNED: GroupKey = GroupKey::new(c"learnedGroup");
/// Which kind of network mattes: index into [`LEARNED_MODELS`].
pub const LEARNED_MODEL: ChoiceKey = ChoiceKey::new(c"learnedModel");
/// The longer side of the picture that the network is shown, in pixels.
pub const LEARNED_SIZE: IntegerKey = IntegerKey::new(c"learnedSize");
/// Frames before that a network with a memory is shown.
pub const LEARNED_HISTORY: IntegerKey = IntegerKey::new(c"learnedHistory");

/// The word of the choice that depends on what is installed.
pub const AUTOMATIC: &str = "auto";
/// The words of the choices for [`segment::matting::choose`].
pub const LEARNED_MODELS: &[&str] = &[AUTOMATIC, "vitmatte", "rvm", "modnet"];
const LEARNED_LABELS: &[&CStr] = &[c"Automatic", c"ViTMatte (any object)", c"RVM (people)", c"MODNet (people)"];

const PARTS: GroupKey = GroupKey::new(c"partsGroup");
/// What is thinner is hair.
pub const HAIR_WIDTH: DoubleKey = DoubleKey::new(c"hairWidth");
/// Width of the edge round what is thicker.
pub const EDGE_WIDTH: DoubleKey = DoubleKey::new(c"edgeWidth");
/// How dense the core is.
pub const CORE_DENSITY: DoubleKey = DoubleKey::new(c"coreDensity");
/// How dense the edge is.
pub const EDGE_DENSITY: DoubleKey = DoubleKey::new(c"edgeDensity");
/// How dense the hair is.
pub const HAIR_DENSITY: DoubleKey = DoubleKey::new(c"hairDensity");

/// The rows of the groups.
pub static ROWS: [Row; 19] = [
    GROUP.row(c"Edges").closed(),
    REFINE
        .row(c"Refine", 0, REFINE_LABELS)
        .parent(GROUP)
        .fixed()
        .hint(c"Finds the soft edge anew from the picture, in the unknown band of the trimap. Guided follows edges of the picture; closed form solves for every hair, in seconds. Learned model asks a network that is installed (see Learned Model)."),
    TRIMAP_INSIDE
        .row(c"Trimap Inside", 4.0, 0.0..=1000.0)
        .display(0.0..=50.0)
        .increment(0.5)
        .parent(GROUP)
        .hint(c"How far the unknown band reaches into the object, beyond what is soft already. Look at it with Output: View: trimap."),
    TRIMAP_OUTSIDE
        .row(c"Trimap Outside", 8.0, 0.0..=1000.0)
        .display(0.0..=50.0)
        .increment(0.5)
        .parent(GROUP)
        .hint(c"How far the unknown band reaches out of the object. It should take in all hair that the matte misses."),
    REFINE_AMOUNT.row(c"Refine Amount", 1.0, 0.0..=1.0).parent(GROUP).hint(c"How much of the refined matte counts."),
    REFINE_RADIUS
        .row(c"Guide Radius", 8.0, 1.0..=500.0)
        .display(1.0..=50.0)
        .increment(0.5)
        .parent(GROUP)
        .hint(c"How far round a pixel the guided filter looks."),
    REFINE_TOLERANCE
        .row(c"Guide Tolerance", 0.03, 0.0001..=1.0)
        .display(0.0001..=0.2)
        .increment(0.005)
        .digits(4)
        .parent(GROUP)
        .hint(c"The contrast of the picture below which the guided filter smooths. Less follows fainter edges, and noise."),
    HAIR_DETAIL
        .row(c"Hair Detail", 0, 0..=4)
        .parent(GROUP)
        .hint(c"Further passes of the guided filter, each with half the radius and tolerance of the one before."),
    REFINE_FAST
        .row(c"Fast", false)
        .parent(GROUP)
        .fixed()
        .hint(c"The guided filter works on a smaller picture: some four times as fast, and a little softer."),
    LEARNED.row(c"Learned Model").closed(),
    LEARNED_MODEL
        .row(c"Learned Model", 0, LEARNED_LABELS)
        .parent(LEARNED)
        .fixed()
        .hint(c"The network that Refine: Learned model asks. Automatic goes ViTMatte, RVM, MODNet, and guides by colour where none is installed or none fits. RVM and MODNet find people in the whole picture. Whatever they find counts in the unknown band only."),
    LEARNED_SIZE
        .row(c"Learned Size", 1280, 256..=4096)
        .display_integers(512..=2048)
        .parent(LEARNED)
        .fixed()
        .hint(c"The longer side of the picture that ViTMatte (round the unknown band) and RVM are shown, in pixels. More finds finer hair and takes longer. MODNet has a size of its own."),
    LEARNED_HISTORY
        .row(c"Learned History", 4, 0..=16)
        .parent(LEARNED)
        .fixed()
        .hint(c"Frames before this one that RVM looks at first, from a cut on, so that its edges are calm. Each takes a run of the network."),
    PARTS.row(c"Core Edge Hair").closed(),
    HAIR_WIDTH
        .row(c"Hair Width", 12.0, 0.0..=500.0)
        .display(0.0..=60.0)
        .increment(0.5)
        .parent(PARTS)
        .hint(c"What is thinner than this is hair. Look at the parts with Output: View: core, edge, hair."),
    EDGE_WIDTH
        .row(c"Edge Width", 8.0, 0.0..=500.0)
        .display(0.0..=60.0)
        .increment(0.5)
        .parent(PARTS)
        .hint(c"Width of the edge round what is thicker than hair."),
    CORE_DENSITY
        .row(c"Core Density", 0.0, -1.0..=1.0)
        .parent(PARTS)
        .hint(c"Makes what is half transparent inside the object denser, or thinner where it is negative."),
    EDGE_DENSITY.row(c"Edge Density", 0.0, -1.0..=1.0).parent(PARTS).hint(c"As Core Density, of the edge."),
    HAIR_DENSITY.row(c"Hair Density", 0.0, -1.0..=1.0).parent(PARTS).hint(c"As Core Density, of what is thin."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_network_has_its_label() {
        assert_eq!(LEARNED_MODELS.len(), LEARNED_LABELS.len());
    }
}
