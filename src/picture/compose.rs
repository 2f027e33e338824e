//! The alpha put together with the picture, one pixel at a time.

/// What is written to Output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputMode {
    /// The picture's colour as it came, the matte in alpha.
    MatteInAlpha,
    /// The picture cut out: colour multiplied by the matte, the matte in alpha.
    Cutout,
    /// The matte in red, green, blue and alpha: for hosts and pages that drop alpha (Resolve's Color page).
    MatteAsRgb,
    /// The picture with the matte as a tint and an outline, opaque: for looking at, not for delivery.
    Overlay,
}

impl OutputMode {
    /// The modes in the order of the parameter's choices.
    pub const ALL: [Self; 4] = [Self::MatteInAlpha, Self::Cutout, Self::MatteAsRgb, Self::Overlay];

    /// The mode at an index of the parameter; an index out of range is the first.
    pub fn from_index(index: usize) -> Self {
        Self::ALL.get(index).copied().unwrap_or(Self::MatteInAlpha)
    }
}

/// The tint of the overlay view (display-referred or scene-linear alike: it is only for looking at).
const TINT: [f32; 3] = [0.9, 0.1, 0.1];
/// How much of the tint covers the object.
const TINT_OPACITY: f32 = 0.45;
/// The outline of the overlay view: seen on dark, bright and red pictures.
const OUTLINE: [f32; 3] = [1.0, 0.9, 0.1];

/// The output pixel for one source pixel and its alpha.
///
/// `source_premultiplied`: the source's colour carries its own alpha, and is divided by it before the new matte
/// multiplies it, so that an element with soft edges is not darkened twice. Colours above 1 and below 0 are kept.
pub fn compose(mode: OutputMode, source: [f32; 4], source_premultiplied: bool, alpha: f32) -> [f32; 4] {
    let [r, g, b, _] = source;
    match mode {
        OutputMode::MatteInAlpha => [r, g, b, alpha],
        OutputMode::MatteAsRgb => [alpha; 4],
        OutputMode::Cutout => {
            let [r, g, b] = straight(source, source_premultiplied).map(|c| cut(c, alpha));
            [r, g, b, alpha]
        }
        OutputMode::Overlay => {
            let amount = alpha * TINT_OPACITY;
            let [r, g, b] = [0, 1, 2].map(|i| source[i] * (1.0 - amount) + TINT[i] * amount);
            [r, g, b, 1.0]
        }
    }
}

/// The output pixel on the outline of the overlay view.
pub fn outline_pixel() -> [f32; 4] {
    [OUTLINE[0], OUTLINE[1], OUTLINE[2], 1.0]
}

/// Colour without the source's own alpha. Where that alpha is 0 the colour stays as it is: plates without an alpha
/// channel arrive in some hosts (Nuke) as "premultiplied" with alpha 0.
pub fn straight(source: [f32; 4], premultiplied: bool) -> [f32; 3] {
    let [r, g, b, a] = source;
    if premultiplied && a > 0.0 && a != 1.0 { [r / a, g / a, b / a] } else { [r, g, b] }
}

/// A product that is 0 where the matte is 0, also for a colour that is not finite.
fn cut(colour: f32, alpha: f32) -> f32 {
    if alpha == 0.0 { 0.0 } else { colour * alpha }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matte_in_alpha_keeps_the_colour_bit_for_bit() {
        assert_eq!(compose(OutputMode::MatteInAlpha, [7.5, -0.25, 0.3, 0.9], true, 0.5), [7.5, -0.25, 0.3, 0.5]);
    }

    #[test]
    fn a_cutout_of_an_opaque_plate_is_colour_times_matte() {
        assert_eq!(compose(OutputMode::Cutout, [0.8, 0.4, 2.0, 1.0], false, 0.5), [0.4, 0.2, 1.0, 0.5]);
    }

    #[test]
    fn a_premultiplied_source_is_not_darkened_twice() {
        assert_eq!(compose(OutputMode::Cutout, [0.4, 0.2, 0.1, 0.5], true, 0.5), [0.4, 0.2, 0.1, 0.5]);
    }

    #[test]
    fn a_plate_that_arrives_without_alpha_is_cut_out_all_the_same() {
        assert_eq!(compose(OutputMode::Cutout, [0.8, 0.4, 0.2, 0.0], true, 1.0), [0.8, 0.4, 0.2, 1.0]);
    }

    #[test]
    fn outside_the_matte_a_cutout_is_exactly_black_whatever_the_picture_holds() {
        let cut = compose(OutputMode::Cutout, [f32::NAN, f32::INFINITY, 3.0, 1.0], false, 0.0);
        assert_eq!(cut, [0.0; 4]);
    }

    #[test]
    fn an_index_out_of_range_is_the_first_mode() {
        assert_eq!(OutputMode::from_index(99), OutputMode::MatteInAlpha);
    }
}
