//! npm, Node's package client.

use crate::pins::Package;
use crate::programs::last_lines;
use std::io;
use std::path::Path;
use std::process::Command;

/// npm is a script on Windows.
const PROGRAM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

pub fn pack(package: &Package, folder: &Path) -> Result<(), String> {
    // In the folder itself: a .npmrc or package.json of the repository has no say.
    let mut command = Command::new(PROGRAM);
    command
        .current_dir(folder)
        .args(["pack", "--loglevel", "error"])
        .arg(format!("{}@{}", package.name, package.version));
    let output = command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            "npm was not found: install Node.js, for example with `apt-get install npm`".to_owned()
        }
        _ => error.to_string(),
    })?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("npm says:\n{}", last_lines(&output.stderr, 4))),
    }
}
