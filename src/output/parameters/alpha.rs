//! What is done to the matte. Lengths and areas in pixels of the full-size frame.

use openfx::{DoubleKey, GroupKey, Row};

const GROUP: GroupKey = GroupKey::new(c"matteGroup");
/// The alpha that becomes 0.
pub const BLACK_POINT: DoubleKey = DoubleKey::new(c"blackPoint");
/// The alpha that becomes 1.
pub const WHITE_POINT: DoubleKey = DoubleKey::new(c"whitePoint");
/// Brightness of the alphas between.
pub const GAMMA: DoubleKey = DoubleKey::new(c"gamma");
/// The largest hole that is filled, an area.
pub const FILL_HOLES: DoubleKey = DoubleKey::new(c"fillHoles");
/// The largest speck that is removed, an area.
pub const REMOVE_SPECKS: DoubleKey = DoubleKey::new(c"removeSpecks");
/// How far the edge is moved outwards.
pub const GROW: DoubleKey = DoubleKey::new(c"grow");
/// How far from the frame's edge the matte is drawn anew from further in.
pub const BORDER: DoubleKey = DoubleKey::new(c"borderFix");
/// Width of the feather.
pub const FEATHER: DoubleKey = DoubleKey::new(c"feather");
/// Where the feather lies: inside, on both sides, outside.
pub const FEATHER_BIAS: DoubleKey = DoubleKey::new(c"featherBias");
/// Standard deviation of the blur.
pub const BLUR: DoubleKey = DoubleKey::new(c"edgeBlur");

/// The rows of the group.
pub static ROWS: [Row; 11] = [
    GROUP.row(c"Matte"),
    BLACK_POINT.row(c"Black Point", 0.0, 0.0..=1.0).parent(GROUP).hint(c"Alpha up to this becomes transparent."),
    WHITE_POINT.row(c"White Point", 1.0, 0.0..=1.0).parent(GROUP).hint(c"Alpha from this on becomes solid."),
    GAMMA
        .row(c"Gamma", 1.0, 0.01..=100.0)
        .display(0.2..=5.0)
        .parent(GROUP)
        .hint(c"More than 1 makes what is half transparent denser, less than 1 thinner."),
    FILL_HOLES
        .row(c"Fill Holes", 0.0, 0.0..=1e9)
        .display(0.0..=2000.0)
        .increment(10.0)
        .digits(0)
        .parent(GROUP)
        .hint(c"Holes of at most this area are filled, in square pixels of the full-size frame."),
    REMOVE_SPECKS
        .row(c"Remove Specks", 0.0, 0.0..=1e9)
        .display(0.0..=2000.0)
        .increment(10.0)
        .digits(0)
        .parent(GROUP)
        .hint(c"Islands of at most this area are removed, in square pixels of the full-size frame."),
    GROW
        .row(c"Grow", 0.0, -1000.0..=1000.0)
        .display(-20.0..=20.0)
        .increment(0.1)
        .parent(GROUP)
        .hint(c"Moves the edge outwards, or inwards where it is negative, to any fraction of a pixel. Softness is kept."),
    BORDER.row(c"Border Fix", 0.0, 0.0..=1000.0).display(0.0..=50.0).increment(0.5).parent(GROUP).hint(
        c"Draws the matte anew along the frame's edge from so many pixels further in, where it fades although the object goes on.",
    ),
    FEATHER
        .row(c"Feather", 0.0, 0.0..=1000.0)
        .display(0.0..=100.0)
        .increment(0.5)
        .parent(GROUP)
        .hint(c"Width of a soft ramp along the edge."),
    FEATHER_BIAS
        .row(c"Feather Bias", 0.0, -1.0..=1.0)
        .parent(GROUP)
        .hint(c"Where the feather lies: -1 inside the edge, 0 on both sides, 1 outside."),
    BLUR
        .row(c"Edge Blur", 0.0, 0.0..=1000.0)
        .display(0.0..=50.0)
        .increment(0.1)
        .parent(GROUP)
        .hint(c"Blurs the matte, by this standard deviation."),
];
