//! `sam3roto models`: the command asks the bundle what is installed, what a folder holds, and has it installed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use support::{from_environment, sam3roto_beside, tiny_model, workplace::words};

/// A home of its own, and a folder with the tiny model.
struct Place {
    folder: tempfile::TempDir,
    bundle: PathBuf,
}

impl Place {
    fn new() -> Option<Self> {
        let bundle = from_environment("SAM3ROTO_BUNDLE")?;
        let folder = tempfile::tempdir().unwrap();
        tiny_model::write(&folder.path().join("downloads"));
        Some(Self { folder, bundle })
    }

    fn download(&self) -> PathBuf {
        self.folder.path().join("downloads").join(tiny_model::NAME)
    }

    /// The user's folder of models.
    fn installed(&self) -> PathBuf {
        self.folder.path().join("data/sam3roto/models").join(tiny_model::NAME)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = sam3roto_beside(&self.bundle);
        command.arg("models").args(arguments).arg("--bundle").arg(&self.bundle).stdin(Stdio::null());
        let data = self.folder.path().join("data");
        command.env("SAM3ROTO_MODELS", self.folder.path().join("none")).env("XDG_DATA_HOME", &data);
        command.env("LOCALAPPDATA", &data).env("HOME", self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn list(&self) -> Vec<serde_json::Value> {
        let answer: serde_json::Value = serde_json::from_slice(&self.run(&["list", "--json"]).stdout).unwrap();
        answer["models"].as_array().unwrap().clone()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_model_is_installed_once_its_licence_is_accepted_and_then_listed() {
    let Some(place) = Place::new() else { return };
    std::fs::write(place.download().join("LICENSE"), "The licence of the tiny model.").unwrap();
    let folder = place.download();

    let asked = place.run(&["install", text(&folder)]);
    assert_eq!(asked.status.code(), Some(1), "{}", words(&asked));
    assert!(words(&asked).contains("The licence of the tiny model."), "{}", words(&asked));
    assert!(!place.installed().exists(), "nothing is copied before");

    let mut typed = place.command(&["install", text(&folder)]);
    let mut child = typed.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"yes\n").unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", words(&done));
    let listed = place.list();
    let tiny = listed.iter().find(|model| model["folder"] == text(&place.installed())).expect("listed");
    assert_eq!((&tiny["family"], &tiny["problem"]), (&"sam1".into(), &serde_json::Value::Null));
    assert_eq!(tiny["abilities"], serde_json::json!(["points", "box"]));
    assert!(place.installed().join("LICENSE").exists(), "the licence goes with the model");

    // A second time, after one file was damaged: only that one is copied.
    std::fs::write(place.installed().join("sam.onnx"), "cut").unwrap();
    let again = place.run(&["install", text(&folder), "--accept-licence"]);
    let told = words(&again);
    assert!(again.status.success(), "{told}");
    assert_eq!((told.matches("is there already").count(), told.matches("  copied").count()), (2, 1), "{told}");
    assert!(place.run(&["check", text(&place.installed())]).status.success());
}

#[cfg(target_os = "linux")]
#[test]
fn a_network_for_motion_is_checked_installed_and_listed_as_any_model() {
    let Some(place) = Place::new() else { return };
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/export/fixtures/flow/raft_small");
    let folder = place.folder.path().join("downloads/raft");
    std::fs::create_dir(&folder).unwrap();
    for file in ["model.toml", "raft.onnx"] {
        std::fs::copy(committed.join(file), folder.join(file)).unwrap();
    }
    let checked = place.run(&["check", text(&folder)]);
    assert!(checked.status.success() && words(&checked).contains("flow: "), "{}", words(&checked));
    let done = place.run(&["install", text(&folder), "--accept-licence"]);
    assert!(done.status.success(), "{}", words(&done));
    let listed = place.list();
    let raft = listed.iter().find(|model| model["name"] == "tiny raft_small").expect("listed");
    assert_eq!((&raft["family"], &raft["problem"]), (&"raft".into(), &serde_json::Value::Null));
    assert_eq!(raft["abilities"], serde_json::json!(["motion"]));

    // Another graph in its place: the tensor is named.
    std::fs::copy(place.download().join("sam.onnx"), folder.join("raft.onnx")).unwrap();
    let wrong = place.run(&["check", text(&folder)]);
    let told = words(&wrong);
    assert!(wrong.status.code() == Some(1) && told.contains("input \"image1\" f32[?, 3, ?, ?]"), "{told}");
}

#[test]
fn a_check_names_the_role_and_the_tensor_that_does_not_fit() {
    let Some(place) = Place::new() else { return };
    let folder = place.download();
    let right = place.run(&["check", text(&folder)]);
    assert!(right.status.success() && words(&right).contains("encoder: "), "{}", words(&right));

    std::fs::copy(folder.join("encoder.onnx"), folder.join("sam.onnx")).unwrap();
    let wrong = place.run(&["check", text(&folder)]);
    let told = words(&wrong);
    assert_eq!(wrong.status.code(), Some(1), "{told}");
    assert!(told.contains("encoder.onnx and sam.onnx are both a SAM1 image encoder"), "{told}");
    let refused = place.run(&["install", text(&folder), "--accept-licence"]);
    assert!(!refused.status.success() && !place.installed().exists(), "{}", words(&refused));
}

#[test]
fn a_folder_that_is_none_or_holds_no_model_is_named() {
    let Some(place) = Place::new() else { return };
    let none = place.run(&["check", "no such folder"]);
    assert_eq!(none.status.code(), Some(2), "{}", words(&none));
    let empty = place.folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let told = words(&place.run(&["check", text(&empty)]));
    assert!(told.contains("neither a model.toml nor any .onnx file"), "{told}");
}
