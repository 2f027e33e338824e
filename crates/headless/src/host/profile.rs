//! Host characters, as one table of data.

use serde::{Deserialize, Serialize};

/// A host whose character can be imitated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// The specification to the letter, everything offered, every check on.
    Strict,
    /// Foundry Nuke.
    Nuke,
    /// Blackmagic DaVinci Resolve.
    Resolve,
    /// Blackmagic Fusion.
    Fusion,
    /// Natron.
    Natron,
    /// MLT, as in Kdenlive and Shotcut.
    Mlt,
}

impl Profile {
    /// Every profile.
    pub const ALL: &'static [Self] = &[Self::Strict, Self::Nuke, Self::Resolve, Self::Fusion, Self::Natron, Self::Mlt];

    /// Its traits.
    pub fn character(self) -> &'static Character {
        todo!()
    }
}

/// The traits of a host.
#[derive(Debug, Clone, PartialEq)]
pub struct Character {
    /// Reverse-domain name that the host gives itself.
    pub name: &'static str,
}
