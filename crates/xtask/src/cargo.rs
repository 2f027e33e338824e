//! `cargo xtask cargo -- ARGUMENTS`: cargo as the tasks run it, for everyday work.

use crate::environment::Environment;
use crate::error::Error;
use crate::programs;
use crate::workspace::Workspace;
use std::ffi::OsString;

/// What to do when cargo cannot be run: it runs us, so it is there.
pub const REMEDY: &str = "Install Rust with rustup";

/// Runs cargo with the environment of the tests, where the user is.
pub fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<(), Error> {
    let environment = Environment::for_checks(workspace)?;
    let mut cargo = workspace.cargo();
    if let Ok(here) = std::env::current_dir() {
        cargo.current_dir(here);
    }
    programs::run(environment.give(&mut cargo).args(arguments), "cargo", REMEDY)
}
