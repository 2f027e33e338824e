//! Processes of their own, with the tiny model and nothing of the user's: no settings, models, caches or logs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{from_environment, sam3roto_beside, tiny_model};

/// Names, to a test that runs again in a process of its own, that it is there.
const INSIDE: &str = "SAM3ROTO_TEST_INSIDE";

/// Variables of ours that processes of a workplace keep from the outside: what the tests run with.
const KEPT: [&str; 4] = ["SAM3ROTO_BUNDLE", "SAM3ROTO_ONNXRUNTIME", "SAM3ROTO_TESTS_REQUIRE", "SAM3ROTO_FFMPEG"];

/// Where programs look for what belongs to the user, on all systems.
const HOMES: [&str; 8] = [
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "APPDATA",
    "LOCALAPPDATA",
    "USERPROFILE",
];

/// A temporary folder with the tiny model, and processes that know no other place.
pub struct Workplace {
    folder: tempfile::TempDir,
    bundle: PathBuf,
}

impl Workplace {
    /// A new one, where there is a bundle to test.
    pub fn new() -> Option<Self> {
        let bundle = from_environment("SAM3ROTO_BUNDLE")?;
        let workplace = Self { folder: tempfile::tempdir().unwrap(), bundle };
        tiny_model::write(&workplace.path("models"));
        std::fs::create_dir(workplace.path("home")).unwrap();
        Some(workplace)
    }

    /// A path in the folder.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `sam3roto ACTION --bundle BUNDLE`.
    pub fn sam3roto(&self, action: &[&str]) -> Command {
        let mut command = sam3roto_beside(&self.bundle);
        command.args(action).arg("--bundle").arg(&self.bundle);
        self.settle(&mut command);
        command
    }

    /// Gives a command this place for its home, and two threads for its networks, as on the machines of the tests.
    pub fn settle(&self, command: &mut Command) {
        let ours = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SAM3ROTO_"));
        for (name, _) in ours.filter(|(name, _)| KEPT.iter().all(|kept| name != kept)) {
            command.env_remove(name);
        }
        let home = self.path("home");
        command.envs(HOMES.iter().map(|name| (name, &home)));
        command.env("SAM3ROTO_MODELS", self.path("models")).env("SAM3ROTO_THREADS", "2");
    }
}

/// Runs the body of a test in a process of its own at a new [`Workplace`]. `test` is the name of the test that calls
/// this: it is called again, inside.
pub fn in_own_process(test: &str, body: impl FnOnce()) {
    if is_inside(test) {
        return body();
    }
    if let Some(output) = again(test, &[]) {
        print!("{output}");
    }
}

/// As [`in_own_process`], with the exporter's tiny SAM2.1 and SAM3 in the place of the tiny model.
pub fn in_own_process_on_fixtures(test: &str, body: impl FnOnce()) {
    if is_inside(test) {
        return body();
    }
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/resources/export/fixtures");
    if let Some(output) = again(test, &[("SAM3ROTO_MODELS", fixtures)]) {
        print!("{output}");
    }
}

/// Whether this is the process that [`again`] made for `test`.
pub fn is_inside(test: &str) -> bool {
    std::env::var_os(INSIDE).is_some_and(|inside| inside == test)
}

/// Runs the test of this name in a process of its own at a new workplace, with further variables, and returns what it
/// printed.
pub fn again(test: &str, variables: &[(&str, &str)]) -> Option<String> {
    let workplace = Workplace::new()?;
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    workplace.settle(&mut command);
    command.env(INSIDE, test).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let words = words(&output);
    assert!(output.status.success(), "{test}, in its own process, {}:\n{words}", output.status);
    assert!(words.contains("1 passed"), "there is no test named {test}:\n{words}");
    Some(words)
}

/// All that a program said.
pub fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
