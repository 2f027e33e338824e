//! `cargo xtask test`: format, lints, bundle, all tests.

use crate::bundle::{self, Bundled};
use crate::cargo::REMEDY;
use crate::environment::Environment;
use crate::error::Error;
use crate::programs::{self, works};
use crate::say::{self, Step};
use crate::workspace::Workspace;
use crate::{parity, python};
use std::ffi::OsString;

/// Checks and tests everything. `arguments` go to `cargo test`.
pub fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<(), Error> {
    let mut environment = Environment::for_checks(workspace)?;
    let python = python::interpreter(workspace)?;
    check_format(workspace)?;
    let Bundled { bundle, .. } = bundle::build_with_tests(workspace, &environment)?;
    check_lints(workspace, &environment)?;
    environment.set("SAM3ROTO_PARITY", parity::reference(workspace, &environment, &python)?);
    environment.set("SAM3ROTO_PYTHON", python);
    environment.set("SAM3ROTO_BUNDLE", bundle);
    // A test that lacks something of this fails instead of passing over it.
    environment.set("SAM3ROTO_TESTS_REQUIRE", "1");
    let step = Step::begin("tested", "everything");
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--workspace"]).args(arguments);
    programs::run(environment.give(&mut cargo), "the tests", REMEDY)?;
    step.end();
    explore_interleavings(workspace, &environment)
}

/// The engine's shared state under a scheduler that tries orders of its threads: a build of its own, because every lock
/// in it is the scheduler's.
fn explore_interleavings(workspace: &Workspace, environment: &Environment) -> Result<(), Error> {
    let step = Step::begin("tested", "the engine's interleavings");
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--package", "inference", "--features", "interleave", "--test", "interleavings"]);
    programs::run(environment.give(&mut cargo), "the interleavings", REMEDY)?;
    step.end();
    Ok(())
}

fn check_format(workspace: &Workspace) -> Result<(), Error> {
    if !works(workspace.cargo().args(["fmt", "--version"])) {
        say::line("skipped", "the format: rustfmt is not installed (`rustup component add rustfmt`)");
        return Ok(());
    }
    let step = Step::begin("checked", "the format");
    programs::run(
        workspace.cargo().args(["fmt", "--all", "--check"]),
        "the format check (`cargo fmt` puts it right)",
        REMEDY,
    )?;
    step.end();
    Ok(())
}

fn check_lints(workspace: &Workspace, environment: &Environment) -> Result<(), Error> {
    if !works(workspace.cargo().args(["clippy", "--version"])) {
        say::line("skipped", "the lints: clippy is not installed (`rustup component add clippy`)");
        return Ok(());
    }
    let step = Step::begin("checked", "the lints");
    let mut cargo = workspace.cargo();
    cargo.args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"]);
    programs::run(environment.give(&mut cargo), "the lints", REMEDY)?;
    step.end();
    Ok(())
}
