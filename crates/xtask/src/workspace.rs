//! Where things are.

use crate::error::Error;
use crate::metadata::Metadata;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders of the project.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

/// How the plugin is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// For every day and for tests.
    Dev,
    /// For hosts.
    Release,
}

impl Profile {
    /// Folder below the target folder, and below `bundle/`.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }

    /// Arguments for cargo.
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Dev => &[],
            Self::Release => &["--release"],
        }
    }
}

impl Workspace {
    /// The workspace that this program was built in. The target folder is what the environment or cargo says.
    pub fn find() -> Result<Self, Error> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).unwrap_or(here).to_owned();
        let target = Metadata::without_dependencies(&root)?.target_directory;
        Ok(Self { root, target })
    }

    /// A path in the repository.
    pub fn path(&self, within: impl AsRef<Path>) -> PathBuf {
        self.root.join(within)
    }

    /// The folder of all that is fetched; ignored by git.
    pub fn downloads(&self) -> PathBuf {
        self.root.join("downloads")
    }

    /// What cargo built.
    pub fn built(&self, profile: Profile) -> PathBuf {
        self.target.join(profile.folder())
    }

    /// The folder that bundles are laid out in.
    pub fn bundles(&self, profile: Profile) -> PathBuf {
        self.target.join("bundle").join(profile.folder())
    }

    /// A folder below the target folder.
    pub fn target(&self, within: impl AsRef<Path>) -> PathBuf {
        self.target.join(within)
    }

    /// cargo, the same that runs us, in the repository.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
        command.current_dir(&self.root);
        command
    }
}
