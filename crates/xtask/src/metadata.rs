//! What cargo knows of the workspace.

use crate::error::Error;
use crate::programs::capture;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

const REMEDY: &str = "Install Rust with rustup";

/// The part of `cargo metadata` that is used.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    pub packages: Vec<CratePackage>,
    pub target_directory: PathBuf,
    resolve: Option<Resolve>,
}

/// A crate.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CratePackage {
    id: String,
    pub name: String,
    pub version: String,
    /// SPDX expression.
    pub license: Option<String>,
    pub license_file: Option<PathBuf>,
    pub manifest_path: PathBuf,
    /// None for crates of this workspace.
    pub source: Option<String>,
}

impl CratePackage {
    /// The crate's folder.
    pub fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new(""))
    }
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    /// Absent for what is linked; "dev" or "build" otherwise.
    kind: Option<String>,
}

impl Metadata {
    /// Folders and workspace crates; needs no network and no lock file.
    pub fn without_dependencies(root: &Path) -> Result<Self, Error> {
        Self::read(root, &["--no-deps"])
    }

    /// The whole tree for the machine this runs on.
    pub fn with_dependencies(root: &Path) -> Result<Self, Error> {
        let host = host_triple()?;
        Self::read(root, &["--filter-platform", &host])
    }

    fn read(root: &Path, arguments: &[&str]) -> Result<Self, Error> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(cargo);
        command.current_dir(root).args(["metadata", "--format-version", "1"]).args(arguments);
        let output = capture(&mut command, "cargo metadata", REMEDY)?;
        let invalid = |error: serde_json::Error| Error::Invalid { path: root.to_owned(), problem: error.to_string() };
        serde_json::from_slice(&output.stdout).map_err(invalid)
    }

    /// The crates of others that are linked into the given crates of ours, sorted by name; build tools and test tools are not among
    /// them.
    pub fn linked_into(&self, ours: &[&str]) -> Vec<&CratePackage> {
        let Some(resolve) = &self.resolve else { return Vec::new() };
        let by_id: BTreeMap<&str, &CratePackage> =
            self.packages.iter().map(|package| (package.id.as_str(), package)).collect();
        let nodes: BTreeMap<&str, &Node> = resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let is_root = |package: &&CratePackage| package.source.is_none() && ours.contains(&package.name.as_str());
        let mut ahead: Vec<&str> = self.packages.iter().filter(is_root).map(|package| package.id.as_str()).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = ahead.pop() {
            if seen.insert(id)
                && let Some(node) = nodes.get(id)
            {
                let linked =
                    node.deps.iter().filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.is_none()));
                ahead.extend(linked.map(|dependency| dependency.pkg.as_str()));
            }
        }
        let mut crates: Vec<&CratePackage> =
            seen.iter().filter_map(|id| by_id.get(id).copied()).filter(|package| package.source.is_some()).collect();
        crates.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        crates
    }
}

/// The target triple of this machine, as rustc says.
fn host_triple() -> Result<String, Error> {
    let output = capture(Command::new("rustc").arg("-vV"), "rustc", REMEDY)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Error::Usage("rustc -vV names no host".to_owned()))
}
