//! Running other programs.

use crate::error::Error;
use std::env;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Output};

/// Runs a command that talks to the user itself.
pub fn run(command: &mut Command, what: &str, remedy: &'static str) -> Result<(), Error> {
    let status = command.status().map_err(|source| no_program(command, source, remedy))?;
    match status.success() {
        true => Ok(()),
        false => Err(Error::Failed { what: what.to_owned(), status: ended(status), detail: String::new() }),
    }
}

/// Runs a command quietly and returns what it printed.
pub fn capture(command: &mut Command, what: &str, remedy: &'static str) -> Result<Output, Error> {
    let output = command.output().map_err(|source| no_program(command, source, remedy))?;
    match output.status.success() {
        true => Ok(output),
        false => {
            let detail = format!(": {}", last_lines(&output.stderr, 6));
            Err(Error::Failed { what: what.to_owned(), status: ended(output.status), detail })
        }
    }
}

/// Whether a command can be run and ends well.
pub fn works(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// The file that a program name stands for, by the PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&name)).find(|file| file.is_file())
}

/// The last lines of what a program said: where it tells what went wrong.
pub fn last_lines(printed: &[u8], count: usize) -> String {
    let text = String::from_utf8_lossy(printed);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn no_program(command: &Command, source: io::Error, remedy: &'static str) -> Error {
    Error::NoProgram { program: command.get_program().to_string_lossy().into_owned(), source, remedy }
}

fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit status {code}"),
        None => "ended by a signal".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_complaint_the_end_is_kept() {
        assert_eq!(last_lines(b"one\n\ntwo\nthree\n", 2), "two\nthree");
        assert_eq!(last_lines(b"one", 2), "one");
    }
}
