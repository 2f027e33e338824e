//! The program itself, without a plugin: help, exit status, words.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sam3roto"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("SAM3ROTO_BUNDLE")
        .env_remove("SAM3ROTO_FFMPEG")
        .env_remove("OFX_PLUGIN_PATH")
        .env("PATH", "")
        .output()
        .unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn help_explains_shots_and_both_ways_to_count_y() {
    let folder = tempfile::tempdir().unwrap();
    let help = run(folder.path(), &["render", "--help"]);
    assert_eq!(help.status.code(), Some(0));
    for word in ["--key", "tl:640,360", "shot.%04d.exr", "Exit status"] {
        assert!(words(&help).contains(word), "{word}");
    }
    assert_eq!(run(folder.path(), &["--version"]).status.code(), Some(0));
}

#[test]
fn wrong_use_is_status_two() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["render"][..], &["render", "--in", "a.png"], &["render", "--frobnicate"], &["fly"], &[]] {
        assert_eq!(run(folder.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_missing_shot_and_a_missing_bundle_are_status_one_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let shot = run(folder.path(), &["render", "--in", "gone.%04d.png", "--out", "m.%04d.png"]);
    assert_eq!(shot.status.code(), Some(1));
    assert!(words(&shot).contains("gone.%04d.png"), "{}", words(&shot));
    for command in ["describe", "doctor"] {
        let bundle = run(folder.path(), &[command, "--bundle", "gone.ofx.bundle"]);
        assert_eq!(bundle.status.code(), Some(1), "{command}");
        assert!(words(&bundle).contains("gone.ofx.bundle"), "{}", words(&bundle));
    }
}

#[test]
fn the_doctor_speaks_json() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["doctor", "--bundle", "gone.ofx.bundle", "--json"]);
    let diagnosis: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(diagnosis["healthy"], false);
    let findings = diagnosis["findings"].as_array().unwrap();
    let state = |name: &str| &findings.iter().find(|finding| finding["name"] == name).unwrap()["state"];
    assert_eq!((state("bundle"), state("ffmpeg")), (&"broken".into(), &"absent".into()));
}
