//! What a user can say about the edge, and what it means in pixels.

/// How logits become a matte.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeSettings {
    /// The probability (0..1, exclusive) at which the edge lies: 0.5 is the model's own edge, less takes in more.
    pub threshold: f32,
    /// The width of the edge, 0..1: 0 is hard (but antialiased), 0.5 as soft as the picture's own edges, 1 a feather of
    /// two cells of the logits' grid, as wide as the model's own uncertainty.
    pub softness: f32,
    /// How far the edge follows the picture, 0..1: 0 takes the model's mask as it is, specks and all, and never looks at
    /// the picture.
    pub strength: f32,
    /// Weak islands and holes of at most this many cells of the logits' grid are removed; 0 keeps them all.
    pub specks: usize,
}

impl Default for EdgeSettings {
    fn default() -> Self {
        Self { threshold: 0.5, softness: 0.5, strength: 1.0, specks: 12 }
    }
}

/// How far the picture may move the edge, in cells of the logits' grid: a model's edge is seldom further off, and
/// texture beyond must not draw it.
const REACH: f32 = 0.875;
/// How much wider than the reach the band is, in pixels of the guide: the windows of the fit and its fading out.
const WINDOWS: f32 = 4.0;
/// How far round a pixel votes are taken, in cells, and its limits in pixels of the guide.
const RADIUS: f32 = 3.0;
const RADIUS_LIMITS: (f32, f32) = (4.0, 16.0);
/// The widest feather, in cells.
const FEATHER: f32 = 2.0;
/// Contrast of the fitted matte for a hard edge, and for one as soft as the picture.
const CONTRAST: (f32, f32) = (4.0, 1.3);
/// Width in frame pixels of an edge that is not drawn by the picture: hard, and soft.
const PLAIN_WIDTH: (f32, f32) = (1.0, 1.5);

/// The settings in pixels of the guide.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EdgeMeasures {
    /// The logit at the edge.
    pub level: f32,
    /// The largest specks that are removed, in cells.
    pub specks: usize,
    /// How far the picture may move the edge; 0 leaves the picture out.
    pub reach: f32,
    /// Half the width of the band round the model's edge outside of which the matte is exactly 0 or 1. The same for
    /// any strength, so that the picture has no say in what is solid.
    pub band: f32,
    /// How far round a pixel votes are taken.
    pub radius: usize,
    /// How far to believe the fit at most.
    pub trust: f32,
    /// Contrast of the fit.
    pub contrast: f32,
    /// Width that is added to the edge; 0 for none.
    pub feather: f32,
    /// Width of a plain edge, in pixels of the frame.
    pub plain_width: f32,
}

impl EdgeSettings {
    /// What they mean where a cell of the logits is `cell` pixels of the guide wide. Numbers out of range are brought
    /// into it; what is not a number counts as the default.
    pub(crate) fn measures(&self, cell: f32) -> EdgeMeasures {
        let default = Self::default();
        let number = |value: f32, default: f32| if value.is_nan() { default } else { value };
        let threshold = number(self.threshold, default.threshold).clamp(1e-6, 1.0 - 1e-6);
        let softness = number(self.softness, default.softness).clamp(0.0, 1.0);
        let strength = number(self.strength, default.strength).clamp(0.0, 1.0);
        let to_picture = (softness * 2.0).min(1.0);
        let feather = (softness * 2.0 - 1.0).max(0.0) * FEATHER * cell;
        EdgeMeasures {
            level: (threshold / (1.0 - threshold)).ln(),
            specks: if strength > 0.0 { self.specks } else { 0 },
            reach: REACH * cell * strength,
            band: REACH * cell + feather * 0.5 + WINDOWS,
            radius: (RADIUS * cell).clamp(RADIUS_LIMITS.0, RADIUS_LIMITS.1) as usize,
            // A weak pull fades the fit in, so that a little strength is a little change.
            trust: (strength * 2.0).min(1.0),
            contrast: CONTRAST.0 + (CONTRAST.1 - CONTRAST.0) * to_picture,
            feather,
            plain_width: PLAIN_WIDTH.0 + (PLAIN_WIDTH.1 - PLAIN_WIDTH.0) * to_picture,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_models_edge_as_soft_as_the_picture() {
        let measures = EdgeSettings::default().measures(4.0);
        assert_eq!((measures.level, measures.feather, measures.radius), (0.0, 0.0, 12));
        assert_eq!(measures.contrast, 1.3);
    }

    #[test]
    fn any_numbers_give_usable_measures() {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -3.0, 0.0, 1.0, 7.0] {
            let settings = EdgeSettings { threshold: value, softness: value, strength: value, specks: 12 };
            for cell in [1.0, 3.5, 4.0, 900.0] {
                let measures = settings.measures(cell);
                assert!(measures.level.is_finite() && measures.band.is_finite() && measures.band >= 4.0);
                assert!((4..=16).contains(&measures.radius));
            }
        }
    }
}
