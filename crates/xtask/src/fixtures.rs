//! `cargo xtask fixtures`: whether the exporter still makes the committed fixtures.

use crate::cargo::REMEDY;
use crate::environment::Environment;
use crate::error::Error;
use crate::workspace::Workspace;
use crate::{programs, python};

/// Runs the exporter and compares what it makes. Gets PyTorch for it, unless `SAM3ROTO_EXPORTER_PYTHON` names a Python.
pub fn run(workspace: &Workspace) -> Result<(), Error> {
    let mut environment = Environment::for_checks(workspace)?;
    environment.set("SAM3ROTO_EXPORTER_PYTHON", python::exporter(workspace)?);
    for (package, test) in [("segment", "exporter"), ("segment", "matting_exporter"), ("flow", "exporter")] {
        let mut cargo = workspace.cargo();
        cargo.args(["test", "--package", package, "--test", test, "--", "--nocapture"]);
        let what = format!("the comparison of the fixtures of {package} ({test})");
        programs::run(environment.give(&mut cargo), &what, REMEDY)?;
    }
    Ok(())
}
