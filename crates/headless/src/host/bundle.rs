//! Hosts, and finding and loading bundles.

use super::{Character, HostError, Plugin, Profile};
use std::path::Path;

/// A host with a character. Cheap to clone.
#[derive(Clone)]
pub struct Host {}

impl Host {
    /// A host that behaves like the one named.
    pub fn new(profile: Profile) -> Self {
        Self::with_character(profile.character().clone())
    }

    /// A host of any character: change a copy of [`Profile::character`] to try one trait alone.
    pub fn with_character(character: Character) -> Self {
        let _ = character;
        todo!()
    }

    /// Its character.
    pub fn character(&self) -> &Character {
        todo!()
    }
}

/// A loaded plugin library.
pub struct Bundle {}

impl Bundle {
    /// Loads an `.ofx.bundle` folder (the library named by its Info.plist, else by the folder's name) or a bare `.ofx` file, and
    /// hands it the host. A library has one set of globals, so it serves one host at a time: if another thread has it open under
    /// another host, this waits until that bundle, its plugins and instances are dropped.
    ///
    /// # Errors
    /// When the file is missing, is not laid out as a bundle, cannot be loaded or is no OFX plugin; [`HostError::InUse`] when this
    /// very thread has it open under another host.
    pub fn open(host: &Host, path: &Path) -> Result<Self, HostError> {
        let _ = (host, path);
        todo!()
    }

    /// The library file itself: `.../Contents/<system>/Name.ofx`.
    pub fn library_path(&self) -> &Path {
        todo!()
    }

    /// Identifiers of the image effects in it, in the library's order.
    pub fn effects(&self) -> Vec<String> {
        todo!()
    }

    /// One effect, loaded and described.
    ///
    /// # Errors
    /// [`HostError::NoEffect`] for an unknown identifier; else when Load or Describe fails or the rules are broken.
    pub fn plugin(&self, id: &str) -> Result<Plugin, HostError> {
        let _ = id;
        todo!()
    }

    /// Calls the extension entry point `name` with the signature
    /// `usize name(const char *topic, char *out, usize capacity)`, which writes at most `capacity` bytes of text and returns how many
    /// it needs. None when the library has no such symbol or what it wrote is not UTF-8.
    pub fn report(&self, name: &str, topic: &str) -> Option<String> {
        let _ = (name, topic);
        todo!()
    }
}
