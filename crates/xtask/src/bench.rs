//! `cargo xtask bench [name]`: the benchmarks print their own tables.

use crate::bundle;
use crate::cargo::REMEDY;
use crate::environment::Environment;
use crate::error::Error;
use crate::programs;
use crate::workspace::{Profile, Workspace};
use std::ffi::OsString;

/// Runs the benchmarks, or one of them. `arguments` go to the benchmarks.
pub fn run(workspace: &Workspace, name: Option<&str>, arguments: &[OsString]) -> Result<(), Error> {
    let mut environment = Environment::for_checks(workspace)?;
    let bundled = bundle::build(workspace, Profile::Release)?;
    environment.set("SAM3ROTO_BUNDLE", bundled.bundle);
    let mut cargo = workspace.cargo();
    cargo.args(["bench", "--workspace"]);
    match name {
        Some(name) => cargo.args(["--bench", name]),
        // Without it cargo also runs the unit tests of every crate as benchmarks, of which there are none.
        None => cargo.args(["--bench", "*"]),
    };
    cargo.arg("--").args(arguments);
    programs::run(environment.give(&mut cargo), "the benchmarks", REMEDY)
}
