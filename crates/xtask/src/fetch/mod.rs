//! Fetching packages with the ordinary clients.

mod npm;
mod pip;

pub use pip::find_python;

use crate::pins::{Client, Package, PackageFile};
use std::path::Path;

/// Puts the package's file into the folder.
///
/// # Errors
/// In words: what the client said, or which client is missing and how to get it.
pub fn fetch(package: &Package, file: &PackageFile, folder: &Path) -> Result<(), String> {
    match package.client {
        Client::Pip => pip::download(package, file, folder),
        Client::Npm => npm::pack(package, folder),
    }
}

/// The command that a person would type.
pub fn by_hand(package: &Package, file: &PackageFile) -> String {
    match package.client {
        Client::Pip => format!("python3 -m pip {}", pip::arguments(package, file).join(" ")),
        Client::Npm => format!("npm pack {}@{}", package.name, package.version),
    }
}
