//! The `sam3roto` command on the real bundle, as a farm would call it: in processes of its own, with things missing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use headless::sequence::{Picture, Provenance, WriteSettings, read_picture, write_picture};
use support::*;

/// A folder with one small still, and the command ready to segment it.
struct Shot {
    folder: tempfile::TempDir,
    bundle: PathBuf,
}

impl Shot {
    fn new() -> Option<Self> {
        let bundle = from_environment("SAM3ROTO_BUNDLE")?;
        let shot = Self { folder: tempfile::tempdir().unwrap(), bundle };
        let provenance = Provenance { software: "test".into(), effect: String::new(), frame: 1 };
        let picture = Picture::new(demo_frame(RABBIT_FRAME));
        write_picture(&shot.path("shot.0001.png"), &picture, &WriteSettings::default(), &provenance).unwrap();
        Some(shot)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> Command {
        let program = self.bundle.with_file_name(format!("sam3roto{}", std::env::consts::EXE_SUFFIX));
        let mut command = Command::new(program);
        command.arg("render").arg("--bundle").arg(&self.bundle).args(["--effect", ROTO, "--quiet"]);
        command.arg("--in").arg(self.path("shot.%04d.png"));
        command.arg("--out").arg(self.path("matte.%04d.png"));
        command.args(["--set", "point1Use=true", "--set", &format!("point1Position={},{}", RABBIT[0], RABBIT[1])]);
        command
    }

    fn matte(&self) -> PathBuf {
        self.path("matte.0001.png")
    }
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs, and expects exit code 1 with words that hold all of `expected`, and no file.
fn fails_in_words(shot: &Shot, command: &mut Command, expected: &[&str]) {
    let output = command.output().unwrap();
    let words = words(&output);
    assert_eq!(output.status.code(), Some(1), "{words}");
    for part in expected {
        assert!(words.contains(part), "\"{part}\" is not in:\n{words}");
    }
    assert!(!shot.matte().exists(), "a file was left behind");
}

/// A model folder with MobileSAM's files, one of them replaced by `content`.
fn models_with(shot: &Shot, file: &str, content: &dyn Fn(&Path) -> Vec<u8>) -> Option<PathBuf> {
    let installed = from_environment("SAM3ROTO_MODELS")?.join("mobilesam");
    let broken = shot.path("models");
    let folder = broken.join("mobilesam");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["encoder.onnx", "sam.onnx"] {
        if name == file {
            std::fs::write(folder.join(name), content(&installed)).unwrap();
        } else {
            std::fs::copy(installed.join(name), folder.join(name)).unwrap();
        }
    }
    Some(broken)
}

#[test]
fn a_matte_is_written_with_its_alpha() {
    let Some(shot) = Shot::new() else { return };
    let output = shot.command().output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    let matte = alpha(&read_picture(&shot.matte()).unwrap().frame);
    let covered = matte.iter().filter(|&&a| a > 0.5).count() as f64 / matte.len() as f64;
    assert!((0.03..0.6).contains(&covered), "the rabbit covers {covered} of the frame");
}

#[test]
fn a_missing_runtime_is_named() {
    let Some(shot) = Shot::new() else { return };
    let missing = shot.path("no_such_library.so");
    fails_in_words(&shot, shot.command().env("SAM3ROTO_ONNXRUNTIME", &missing), &[missing.to_str().unwrap()]);
}

#[test]
fn a_file_that_is_no_runtime_is_named() {
    let Some(shot) = Shot::new() else { return };
    let foreign = shot.path("picture_called_library.so");
    std::fs::copy(shot.path("shot.0001.png"), &foreign).unwrap();
    fails_in_words(&shot, shot.command().env("SAM3ROTO_ONNXRUNTIME", &foreign), &[foreign.to_str().unwrap()]);
}

#[test]
fn a_truncated_model_is_named() {
    let Some(shot) = Shot::new() else { return };
    let cut = |installed: &Path| {
        let whole = std::fs::read(installed.join("encoder.onnx")).unwrap();
        whole[..whole.len() / 2].to_vec()
    };
    let Some(models) = models_with(&shot, "encoder.onnx", &cut) else { return };
    fails_in_words(&shot, shot.command().env("SAM3ROTO_MODELS", &models), &["encoder.onnx", "install"]);
}

#[test]
fn a_model_of_another_kind_is_named() {
    let Some(shot) = Shot::new() else { return };
    let other = |installed: &Path| std::fs::read(installed.join("sam.onnx")).unwrap();
    let Some(models) = models_with(&shot, "encoder.onnx", &other) else { return };
    fails_in_words(&shot, shot.command().env("SAM3ROTO_MODELS", &models), &["encoder.onnx", "expected"]);
}

#[test]
fn doctor_finds_library_and_model() {
    let Some(bundle) = from_environment("SAM3ROTO_BUNDLE") else { return };
    let program = bundle.with_file_name(format!("sam3roto{}", std::env::consts::EXE_SUFFIX));
    let output = Command::new(program).args(["doctor", "--json", "--bundle"]).arg(&bundle).output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = report.to_string();
    assert!(text.contains("1.31.1"), "the library's version: {text}");
    assert!(text.to_lowercase().contains("mobilesam"), "the model: {text}");
}
