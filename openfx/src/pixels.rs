//! The host's words for pixels, in Rust's types.

use std::ffi::CStr;

use raster::{Components, Depth};

use crate::names;
use crate::properties::PropertySet;

/// How colours relate to alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Premultiplication {
    /// The alpha is 1 everywhere.
    Opaque,
    /// Colours are multiplied by alpha.
    Premultiplied,
    /// Colours are as if alpha were 1.
    Unpremultiplied,
}

impl Premultiplication {
    /// As a clip or image says; premultiplied where it does not, which is what compositors hand around.
    pub(crate) fn of(properties: &PropertySet<'_>) -> Self {
        if properties.string_is(names::PREMULTIPLICATION, names::OPAQUE) {
            Self::Opaque
        } else if properties.string_is(names::PREMULTIPLICATION, names::UNPREMULTIPLIED) {
            Self::Unpremultiplied
        } else {
            Self::Premultiplied
        }
    }

    pub(crate) fn name(self) -> &'static CStr {
        match self {
            Self::Opaque => names::OPAQUE,
            Self::Premultiplied => names::PREMULTIPLIED,
            Self::Unpremultiplied => names::UNPREMULTIPLIED,
        }
    }
}

/// The fields of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Progressive material.
    None,
    /// Both fields, interlaced.
    Both,
    /// The field with row 0.
    Lower,
    /// The field with row 1.
    Upper,
}

impl Field {
    /// As the property says; progressive where it does not.
    pub(crate) fn of(properties: &PropertySet<'_>, name: &CStr) -> Self {
        let known =
            [(names::FIELD_BOTH, Self::Both), (names::FIELD_LOWER, Self::Lower), (names::FIELD_UPPER, Self::Upper)];
        known.into_iter().find(|(text, _)| properties.string_is(name, text)).map_or(Self::None, |(_, field)| field)
    }
}

const DEPTHS: [(&CStr, Depth); 4] = [
    (names::DEPTH_FLOAT, Depth::Float),
    (names::DEPTH_HALF, Depth::Half),
    (names::DEPTH_SHORT, Depth::Short),
    (names::DEPTH_BYTE, Depth::Byte),
];

const COMPONENTS: [(&CStr, Components); 3] = [
    (names::COMPONENT_RGBA, Components::Rgba),
    (names::COMPONENT_RGB, Components::Rgb),
    (names::COMPONENT_ALPHA, Components::Alpha),
];

/// The names of all depths, in the order effects prefer them.
pub(crate) fn depth_names() -> impl Iterator<Item = &'static CStr> {
    DEPTHS.iter().map(|(name, _)| *name)
}

pub(crate) fn depth_of(properties: &PropertySet<'_>, name: &CStr) -> Option<Depth> {
    properties
        .with_c_string(name, 0, |text| DEPTHS.iter().find(|(known, _)| *known == text).map(|(_, depth)| *depth))?
}

pub(crate) fn components_of(properties: &PropertySet<'_>, name: &CStr) -> Option<Components> {
    properties.with_c_string(name, 0, |text| {
        COMPONENTS.iter().find(|(known, _)| *known == text).map(|(_, components)| *components)
    })?
}

pub(crate) fn components_name(components: Components) -> &'static CStr {
    match components {
        Components::Rgba => names::COMPONENT_RGBA,
        Components::Rgb => names::COMPONENT_RGB,
        Components::Alpha => names::COMPONENT_ALPHA,
    }
}

pub(crate) fn depth_name(depth: Depth) -> &'static CStr {
    match depth {
        Depth::Byte => names::DEPTH_BYTE,
        Depth::Short => names::DEPTH_SHORT,
        Depth::Half => names::DEPTH_HALF,
        Depth::Float => names::DEPTH_FLOAT,
    }
}

/// A pixel aspect ratio one can divide by: 1 for nothing, 0 (Fusion), negatives and infinities.
pub(crate) fn aspect(value: Option<f64>) -> f64 {
    value.filter(|aspect| aspect.is_finite() && *aspect > 0.0).unwrap_or(1.0)
}

/// A render scale one can divide by: 1 for nothing, 0, negatives and infinities.
pub(crate) fn scale(value: Option<[f64; 2]>) -> [f64; 2] {
    value.filter(|scale| scale.iter().all(|s| s.is_finite() && *s > 0.0)).unwrap_or([1.0, 1.0])
}
