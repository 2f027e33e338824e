//! A Python of our own for the reference pipeline of the parity test.

use crate::digest::sha256;
use crate::error::Error;
use crate::fetch::find_python;
use crate::programs::capture;
use crate::say;
use crate::staging;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

const REMEDY: &str = "Install Python 3.11 or later";

/// Written last: an environment without it is unfinished.
const DONE: &str = "complete";

/// The interpreter of a virtual environment that holds the pinned packages. A changed list makes a new one.
pub fn interpreter(workspace: &Workspace) -> Result<PathBuf, Error> {
    let list = workspace.path("crates/xtask/python-requirements.txt");
    let text = fs::read(&list).map_err(Error::file("read", &list))?;
    let folder = workspace.downloads().join(format!("python-{}", &sha256(&text)[..12]));
    let interpreter = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if !folder.join(DONE).is_file() {
        make(&list, &folder, &interpreter)?;
    }
    Ok(interpreter)
}

/// Virtual environments hold their own path, so this one is made in place and marked when it is whole.
fn make(list: &Path, folder: &Path, interpreter: &Path) -> Result<(), Error> {
    let step = say::Step::begin("made", "a Python environment for the parity test");
    let python = find_python().map_err(Error::Usage)?;
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::file("delete", folder))?;
    }
    // Without pip of its own: Debian's Python cannot give it one unless a further package is installed.
    let mut venv = python.command();
    capture(venv.args(["-m", "venv", "--without-pip"]).arg(folder), "making a Python environment", REMEDY)?;
    let mut pip = python.pip();
    pip.arg("--python").arg(interpreter);
    pip.args(["install", "--quiet", "--only-binary=:all:", "--require-hashes", "--requirement"]).arg(list);
    capture(&mut pip, "installing the parity test's Python packages", REMEDY)?;
    staging::write(&folder.join(DONE), "")?;
    step.end();
    Ok(())
}
