//! What can be asked of a matte's delivery. Lengths are in canonical units (pixels of the full-size frame).

use crate::finish::AlphaSettings;

/// Everything that is done between a matte and its delivery. The default changes nothing but the edge's colours.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DeliverySettings {
    /// Object and background are exchanged before all else.
    pub invert: bool,
    /// Levels, holes, specks, border; and, after matting, where the edge lies and how soft it is.
    pub alpha: AlphaSettings,
    /// The soft part found anew from the picture.
    pub refine: RefineSettings,
    /// Core, edge and hair.
    pub parts: PartSettings,
    /// The object's colours.
    pub colour: ColourSettings,
}

/// How the unknown band is matted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefineMethod {
    /// Not at all.
    #[default]
    Off,
    /// By the guided filter and the picture's brightness.
    Brightness,
    /// By the guided filter and the picture's colours.
    Colour,
    /// By closed-form matting: slow, and the finest.
    ClosedForm,
    /// By [`Frame::learned`](super::Frame::learned), such as a network; further passes by the picture's colours. Where there
    /// is none, or none that fits, as [`Colour`](Self::Colour).
    Learned,
}

/// Matting of the unknown band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RefineSettings {
    /// How.
    pub method: RefineMethod,
    /// How far the unknown band reaches into the object beyond what is soft already.
    pub inside: f32,
    /// How far it reaches out of the object.
    pub outside: f32,
    /// How far round a pixel the guided filter looks.
    pub radius: f32,
    /// The contrast of the picture, 0..1, below which the guided filter smooths.
    pub tolerance: f32,
    /// Further passes of the guided filter, each with half the radius and tolerance of the one before: for hair.
    pub detail: usize,
    /// How much of the result counts, 0..1.
    pub amount: f32,
    /// The guided filter works on a smaller picture: four times as fast, a little softer.
    pub fast: bool,
}

impl Default for RefineSettings {
    fn default() -> Self {
        let method = RefineMethod::Off;
        Self { method, inside: 4.0, outside: 8.0, radius: 8.0, tolerance: 0.03, detail: 0, amount: 1.0, fast: false }
    }
}

/// What counts as core, edge and hair, and how dense each of them is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartSettings {
    /// What is thinner than this is hair.
    pub hair_width: f32,
    /// Width of the edge round what is thicker.
    pub edge_width: f32,
    /// Density of core, edge and hair, -1 (thinner) .. 1 (denser); 0 leaves them alone.
    pub density: [f32; 3],
}

impl Default for PartSettings {
    fn default() -> Self {
        Self { hair_width: 12.0, edge_width: 8.0, density: [0.0; 3] }
    }
}

impl PartSettings {
    /// Whether they change the matte.
    pub fn is_active(&self) -> bool {
        self.density.iter().any(|&density| density != 0.0 && !density.is_nan())
    }
}

/// Where the colours of the soft edge come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EdgeColour {
    /// From the picture, background and all.
    Picture,
    /// From the picture, with the background's share taken out.
    #[default]
    Estimate,
    /// From further inside the object.
    Extend,
}

/// Whose light is taken off the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Despill {
    /// Nobody's.
    #[default]
    Off,
    /// A green screen's.
    Green,
    /// A blue screen's.
    Blue,
    /// That of the background found behind each place.
    Background,
}

/// The object's colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColourSettings {
    /// Where the colours of the soft edge come from.
    pub edge: EdgeColour,
    /// How much of them counts against the picture's own, 0..1.
    pub amount: f32,
    /// How far inside the edge the colours are taken that are extended.
    pub inset: f32,
    /// Whose light is taken off.
    pub despill: Despill,
    /// How much of it, 0..1.
    pub despill_amount: f32,
    /// How much of the luminance lost comes back as grey, 0..1.
    pub restore: f32,
    /// How much of a new background's light falls over the edge, 0 for none.
    pub wrap: f32,
    /// How far it reaches into the object.
    pub wrap_width: f32,
}

impl Default for ColourSettings {
    fn default() -> Self {
        Self {
            edge: EdgeColour::Estimate,
            amount: 1.0,
            inset: 3.0,
            despill: Despill::Off,
            despill_amount: 1.0,
            restore: 0.5,
            wrap: 0.0,
            wrap_width: 12.0,
        }
    }
}

/// A share, 0..1; 0 for what is not a number.
pub(super) fn share(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) }
}
