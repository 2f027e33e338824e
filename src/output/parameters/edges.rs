//! How the soft part of the matte is found, and how dense core, edge and hair are.

use openfx::{BooleanKey, ChoiceKey, DoubleKey, GroupKey, IntegerKey, Row};

const GROUP: GroupKey = GroupKey::new(c"edgesGroup");
/// How the unknown band is matted: see [`matte::RefineMethod`].
pub const REFINE: ChoiceKey = ChoiceKey::new(c"refine");
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

/// The rows of both groups.
pub static ROWS: [Row; 15] = [
    GROUP.row(c"Edges").closed(),
    REFINE
        .row(c"Refine", 0, &[c"Off", c"Guided by brightness", c"Guided by colour", c"Closed form (slow)"])
        .parent(GROUP)
        .fixed()
        .hint(c"Finds the soft edge anew from the picture, in the unknown band of the trimap. Guided follows edges of the picture; closed form solves for every hair, in seconds."),
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
