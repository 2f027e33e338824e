//! What the node shows.

use std::ffi::CStr;

use matte::Wanted;
use openfx::Premultiplication;

/// What is written to Output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputMode {
    /// The object's colours multiplied by the matte, the matte in alpha.
    Premultiplied,
    /// The object's colours, the matte in alpha.
    Straight,
    /// The picture's colour as it came, the matte in alpha.
    MatteInAlpha,
    /// The matte in red, green and blue, opaque: a picture of the matte, for hosts and pages that drop alpha (Resolve's Color
    /// page), and the same grey in every file. With the matte in alpha too, files that keep straight colours would hold
    /// white wherever it is soft.
    MatteAsRgb,
    /// What is object, background and unknown.
    Trimap,
    /// The matte of core, edge and hair in red, green and blue.
    Parts,
    /// The picture with the matte as a tint.
    Overlay,
    /// The object over squares of two greys.
    Checkerboard,
    /// The object over black.
    Black,
    /// The object over white.
    White,
    /// The object over a colour.
    Colour,
    /// The object over the Background clip.
    Background,
}

/// The options of the parameter, in the order of [`OutputMode::ALL`].
pub const CHOICES: &[&CStr] = &[
    c"Premultiplied foreground",
    c"Straight foreground",
    c"Matte in alpha",
    c"Matte as RGB",
    c"View: trimap",
    c"View: core, edge, hair",
    c"View: overlay",
    c"View: over checkerboard",
    c"View: over black",
    c"View: over white",
    c"View: over colour",
    c"View: over Background",
];

impl OutputMode {
    /// The modes in the order of the parameter's choices.
    pub const ALL: [Self; 12] = [
        Self::Premultiplied,
        Self::Straight,
        Self::MatteInAlpha,
        Self::MatteAsRgb,
        Self::Trimap,
        Self::Parts,
        Self::Overlay,
        Self::Checkerboard,
        Self::Black,
        Self::White,
        Self::Colour,
        Self::Background,
    ];

    /// The mode at an index of the parameter; an index out of range is the first.
    pub fn from_index(index: usize) -> Self {
        Self::ALL.get(index).copied().unwrap_or(Self::Premultiplied)
    }

    /// How its colours relate to its alpha; the matte as a picture and the views are opaque.
    pub fn premultiplication(self) -> Premultiplication {
        match self {
            Self::Premultiplied => Premultiplication::Premultiplied,
            Self::Straight | Self::MatteInAlpha => Premultiplication::Unpremultiplied,
            _ => Premultiplication::Opaque,
        }
    }

    /// What has to be found out for it.
    pub fn wanted(self) -> Wanted {
        Wanted {
            colours: !matches!(
                self,
                Self::MatteInAlpha | Self::MatteAsRgb | Self::Trimap | Self::Parts | Self::Overlay
            ),
            trimap: self == Self::Trimap,
            parts: self == Self::Parts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_has_its_choice() {
        assert_eq!(OutputMode::ALL.len(), CHOICES.len());
        assert_eq!(OutputMode::from_index(99), OutputMode::Premultiplied);
    }
}
