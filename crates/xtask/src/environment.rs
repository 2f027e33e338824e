//! Variables for the programs that the tasks run.

use crate::error::Error;
use crate::workspace::Workspace;
use crate::{bindgen, setup};
use std::ffi::OsString;
use std::process::Command;

/// Names and values.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: Vec<(&'static str, OsString)>,
}

impl Environment {
    /// Sets a variable.
    pub fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.variables.push((name, value.into()));
    }

    /// Gives the variables to a command.
    pub fn give<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)))
    }

    /// What the tests and benchmarks of the crates look for; fetches what is missing of it.
    pub fn for_checks(workspace: &Workspace) -> Result<Self, Error> {
        let mut found = bindgen::environment(workspace)?;
        found.set("SAM3ROTO_ONNXRUNTIME", setup::runtime(workspace)?.library);
        found.set("SAM3ROTO_MODELS", setup::models(workspace)?);
        found.set("SAM3ROTO_FFMPEG", setup::ffmpeg(workspace)?);
        found.set("SAM3ROTO_DEMO_CLIP", setup::demo_clip(workspace)?);
        found.set("SAM3ROTO_SETTINGS", workspace.path("tests/settings.toml"));
        Ok(found)
    }
}
