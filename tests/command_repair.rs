//! Settings that are corrected while the host runs: the next render works.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::path::PathBuf;
use std::process::Command;

use headless::host::RenderRequest;
use support::*;

/// The settings file of the child, which has to be named before its process starts.
const FILE: &str = "SAM3ROTO_SETTINGS";
const CHILD: &str = "SAM3ROTO_TEST_CHILD";

#[test]
fn a_corrected_file_works_without_a_restart_of_the_host() {
    if from_environment("SAM3ROTO_BUNDLE").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "[log]\nfile = \"off\"\n[engine]\ndevice = \"gpu\"\n").unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "the_child_corrects_its_settings"]).env(FILE, &file).env(CHILD, "1");
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_child_corrects_its_settings() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let file = PathBuf::from(std::env::var_os(FILE).unwrap());
    let (_, plugin) = strict().unwrap();
    let instance = instance_on(plugin, demo_frame(RABBIT_FRAME));
    place_point(&instance, 1, RABBIT, true);
    let request = RenderRequest::at(0.0);
    for _ in 0..2 {
        instance.render(&request).expect_err("the settings are wrong");
        let said = instance.persistent_message().expect("words on the node").text;
        for part in ["settings.toml, line 4", "engine.device is \"gpu\"", "cuda", "render again"] {
            assert!(said.contains(part), "\"{part}\" is not in: {said}");
        }
    }
    std::fs::write(&file, "[log]\nfile = \"off\"\n[engine]\ndevice = \"cpu\"\n").unwrap();
    let matte = alpha(&render(&instance, &request).frame);
    assert!(matte.iter().any(|&a| a > 0.5), "an empty matte");
    assert!(instance.persistent_message().is_none(), "{:?}", instance.persistent_message());
    instance.destroy().unwrap();
}
