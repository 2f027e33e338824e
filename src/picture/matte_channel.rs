//! What of an image of the Matte clip is the matte, as the panel says.

use std::ffi::CStr;

use openfx::Components;

/// The options of the parameter, in the order of [`MatteChannel::from_index`].
pub const CHOICES: &[&CStr] = &[c"Alpha", c"Luminance", c"Red"];

/// What of an image is the matte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatteChannel {
    /// Its alpha; its luminance where it has none.
    Alpha,
    /// Its luminance, whatever its alpha.
    Luminance,
    /// Its red channel.
    Red,
}

impl MatteChannel {
    /// The meaning of an index of the parameter; an index out of range is the first.
    pub fn from_index(index: usize) -> Self {
        [Self::Alpha, Self::Luminance, Self::Red].get(index).copied().unwrap_or(Self::Alpha)
    }

    /// What is taken of an image with these components: one of alpha alone is that, whatever is asked for.
    pub fn of(self, components: Components) -> Self {
        match components {
            Components::Alpha => Self::Alpha,
            Components::Rgb if self == Self::Alpha => Self::Luminance,
            _ => self,
        }
    }

    /// The matte's value at a pixel.
    pub fn take(self, [r, g, b, a]: [f32; 4]) -> f32 {
        match self {
            Self::Alpha => a,
            // Rec. 709.
            Self::Luminance => 0.2126 * r + 0.7152 * g + 0.0722 * b,
            Self::Red => r,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matte_is_taken_from_what_an_image_has() {
        let taken = |channel: MatteChannel, components| channel.of(components).take([0.5, 0.25, 1.0, 0.75]);
        assert_eq!(taken(MatteChannel::Alpha, Components::Rgba), 0.75);
        assert_eq!(taken(MatteChannel::Red, Components::Alpha), 0.75);
        assert_eq!(taken(MatteChannel::Red, Components::Rgba), 0.5);
        let luminance = taken(MatteChannel::Luminance, Components::Rgba);
        assert_eq!(taken(MatteChannel::Alpha, Components::Rgb), luminance);
    }
}
