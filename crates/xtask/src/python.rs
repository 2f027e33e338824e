//! Pythons of our own, with pinned packages: for the reference pipeline of the parity test, for what finishing a matte is
//! held against, and for the exporter.

use crate::digest::sha256;
use crate::error::Error;
use crate::fetch::find_python;
use crate::programs::{capture, works};
use crate::say;
use crate::staging;
use crate::workspace::Workspace;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const REMEDY: &str = "Install Python 3.11 or later";

/// Written last: an environment without it is unfinished.
const DONE: &str = "complete";

/// What a virtual environment is for.
struct Purpose {
    /// The list of its packages, in the repository.
    list: &'static str,
    /// Begins the name of its folder in `downloads/`.
    folder: &'static str,
    /// In words.
    what: &'static str,
    /// Arguments for pip: how packages are checked.
    checks: &'static [&'static str],
}

const PARITY: Purpose = Purpose {
    list: "crates/xtask/python-requirements.txt",
    folder: "python",
    what: "the parity test",
    checks: &["--only-binary=:all:", "--require-hashes"],
};

/// Exact versions without hashes: PyTorch's dependencies differ from platform to platform.
const EXPORTER: Purpose = Purpose {
    list: "resources/export/requirements.txt",
    folder: "python-exporter",
    what: "the exporter (with PyTorch: some gigabytes)",
    checks: &["--only-binary=:all:"],
};

/// Exact versions without hashes, for these packages' dependencies differ from platform to platform as well.
const FINISHING: Purpose = Purpose {
    list: "resources/parity/finishing-requirements.txt",
    folder: "python-finishing",
    what: "the references of finishing (scipy, OpenCV, pymatting)",
    checks: &["--only-binary=:all:"],
};

/// What resources/bench/finishing.py needs.
const FINISHING_IMPORTS: &str = "import cv2.ximgproc, numba, pymatting, scipy.ndimage";

/// The Python of the parity test's reference pipeline.
pub fn interpreter(workspace: &Workspace) -> Result<PathBuf, Error> {
    environment(workspace, &PARITY)
}

/// The Python of the references that finishing a matte is held against: the one that `SAM3ROTO_PYTHON` names where it has
/// them, else one with the pinned packages.
pub fn finishing(workspace: &Workspace) -> Result<PathBuf, Error> {
    match std::env::var_os("SAM3ROTO_PYTHON") {
        Some(named) if imports(&named, FINISHING_IMPORTS) => Ok(named.into()),
        _ => environment(workspace, &FINISHING),
    }
}

fn imports(python: &OsStr, modules: &str) -> bool {
    works(Command::new(python).args(["-c", modules]))
}

/// The Python of the exporter: the one that `SAM3ROTO_EXPORTER_PYTHON` names, else one with the pinned packages.
pub fn exporter(workspace: &Workspace) -> Result<PathBuf, Error> {
    match std::env::var_os("SAM3ROTO_EXPORTER_PYTHON") {
        Some(named) => Ok(named.into()),
        None => environment(workspace, &EXPORTER),
    }
}

/// The interpreter of a virtual environment that holds the pinned packages. A changed list makes a new one.
fn environment(workspace: &Workspace, purpose: &Purpose) -> Result<PathBuf, Error> {
    let list = workspace.path(purpose.list);
    let text = fs::read(&list).map_err(Error::file("read", &list))?;
    let folder = workspace.downloads().join(format!("{}-{}", purpose.folder, &sha256(&text)[..12]));
    let interpreter = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if !folder.join(DONE).is_file() {
        make(purpose, &list, &folder, &interpreter)?;
    }
    Ok(interpreter)
}

/// Virtual environments hold their own path, so this one is made in place and marked when it is whole.
fn make(purpose: &Purpose, list: &Path, folder: &Path, interpreter: &Path) -> Result<(), Error> {
    let step = say::Step::begin("made", format!("a Python environment for {}", purpose.what));
    let python = find_python().map_err(Error::Usage)?;
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::file("delete", folder))?;
    }
    // Without pip of its own: Debian's Python cannot give it one unless a further package is installed.
    let mut venv = python.command();
    capture(venv.args(["-m", "venv", "--without-pip"]).arg(folder), "making a Python environment", REMEDY)?;
    let mut pip = python.pip();
    pip.arg("--python").arg(interpreter);
    pip.args(["install", "--quiet"]).args(purpose.checks).arg("--requirement").arg(list);
    capture(&mut pip, "installing Python packages", REMEDY)?;
    staging::write(&folder.join(DONE), "")?;
    step.end();
    Ok(())
}
