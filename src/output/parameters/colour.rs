//! What becomes of the object's colours.

use openfx::{ChoiceKey, DoubleKey, GroupKey, Row};

const GROUP: GroupKey = GroupKey::new(c"colourGroup");
/// Where the colours of the soft edge come from: see [`matte::EdgeColour`].
pub const EDGE_COLOUR: ChoiceKey = ChoiceKey::new(c"edgeColour");
/// How much of them counts.
pub const EDGE_COLOUR_AMOUNT: DoubleKey = DoubleKey::new(c"edgeColourAmount");
/// How far inside the edge extended colours are taken.
pub const EXTEND_INSET: DoubleKey = DoubleKey::new(c"extendInset");
/// Whose light is taken off: see [`matte::Despill`].
pub const DESPILL: ChoiceKey = ChoiceKey::new(c"despill");
/// How much of it.
pub const DESPILL_AMOUNT: DoubleKey = DoubleKey::new(c"despillAmount");
/// How much of the lost luminance comes back.
pub const RESTORE_LUMINANCE: DoubleKey = DoubleKey::new(c"restoreLuminance");

const WRAP: GroupKey = GroupKey::new(c"lightWrapGroup");
/// How much of the new background's light falls over the edge.
pub const LIGHT_WRAP: DoubleKey = DoubleKey::new(c"lightWrap");
/// How far it reaches in.
pub const LIGHT_WRAP_WIDTH: DoubleKey = DoubleKey::new(c"lightWrapWidth");

/// The rows of both groups.
pub static ROWS: [Row; 10] = [
    GROUP.row(c"Colour"),
    EDGE_COLOUR
        .row(c"Edge Colour", 1, &[c"As in the picture", c"Without the background", c"Extended from inside"])
        .parent(GROUP)
        .fixed()
        .hint(c"Colours of the soft edge. Without the background takes its share out of them, so that no fringe shows on a new one. Extended from inside replaces them, for edges that the matte does not fit."),
    EDGE_COLOUR_AMOUNT
        .row(c"Edge Colour Amount", 1.0, 0.0..=1.0)
        .parent(GROUP)
        .hint(c"How much of these colours counts against the picture's own."),
    EXTEND_INSET
        .row(c"Extend Inset", 3.0, 0.0..=500.0)
        .display(0.0..=30.0)
        .increment(0.5)
        .parent(GROUP)
        .hint(c"How far inside the edge extended colours are taken."),
    DESPILL
        .row(c"Despill", 0, &[c"Off", c"Green screen", c"Blue screen", c"Light of the background"])
        .parent(GROUP)
        .fixed()
        .hint(c"Takes the light of a screen off the object. Light of the background finds its hue behind each place."),
    DESPILL_AMOUNT.row(c"Despill Amount", 1.0, 0.0..=1.0).parent(GROUP).hint(c"How much of that light is taken off."),
    RESTORE_LUMINANCE
        .row(c"Restore Luminance", 0.5, 0.0..=1.0)
        .parent(GROUP)
        .hint(c"How much of the brightness that despill takes comes back as grey."),
    WRAP.row(c"Light Wrap").closed(),
    LIGHT_WRAP
        .row(c"Light Wrap", 0.0, 0.0..=4.0)
        .display(0.0..=1.0)
        .parent(WRAP)
        .hint(c"How much of the light of the Background input falls over the object's edge."),
    LIGHT_WRAP_WIDTH
        .row(c"Wrap Width", 12.0, 0.0..=1000.0)
        .display(0.0..=100.0)
        .increment(0.5)
        .parent(WRAP)
        .hint(c"How far it reaches into the object."),
];
