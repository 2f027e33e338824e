//! `cargo xtask models`: fetches the models that package registries offer, and lists them.

use crate::error::Error;
use crate::workspace::Workspace;
use crate::{pins, say, setup};

/// The task.
pub fn run(workspace: &Workspace) -> Result<(), Error> {
    let folder = setup::models(workspace)?;
    for model in pins::models(workspace)? {
        let bytes = model.package.files.iter().flat_map(|file| &file.members).map(|member| member.bytes).sum();
        let (name, version) = (&model.package.name, &model.package.version);
        say::line(
            "model",
            &format!("{:<12} {:>9}  {}  ({name} {version})", model.name, say::megabytes(bytes), model.licence),
        );
    }
    say::line("folder", &folder.display().to_string());
    say::line("note", "a host outside this repository finds them in the bundle; SAM3ROTO_MODELS names further folders");
    Ok(())
}
