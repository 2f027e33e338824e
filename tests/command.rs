//! The `sam3roto` command on the real bundle, as a farm would call it: in processes of its own, with things missing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use headless::sequence::{Picture, Provenance, WriteSettings, read_picture, write_picture};
use support::workplace::words;
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
        let provenance = Provenance { software: "test".into(), frame: 1, ..Provenance::default() };
        let picture = Picture::new(demo_frame(RABBIT_FRAME));
        write_picture(&shot.path("shot.0001.png"), &picture, &WriteSettings::default(), &provenance).unwrap();
        Some(shot)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = sam3roto_beside(&self.bundle);
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
    // Asked for by name: left to itself, the plugin goes on to the sound one in the bundle.
    let mut command = shot.command();
    command.args(["--set", "model=MobileSAM"]).env("SAM3ROTO_MODELS", &models);
    fails_in_words(&shot, &mut command, &["encoder.onnx", "install"]);
}

#[test]
fn a_model_of_another_kind_is_named() {
    let Some(shot) = Shot::new() else { return };
    let other = |installed: &Path| std::fs::read(installed.join("sam.onnx")).unwrap();
    let Some(models) = models_with(&shot, "encoder.onnx", &other) else { return };
    // Asked for by name: left to itself, the plugin goes on to the sound one in the bundle.
    let mut command = shot.command();
    command.args(["--set", "model=MobileSAM"]).env("SAM3ROTO_MODELS", &models);
    fails_in_words(&shot, &mut command, &["encoder.onnx", "expected"]);
}

/// `sam3roto` with these arguments and the bundle.
fn sam3roto(arguments: &[&str]) -> Option<Command> {
    let bundle = from_environment("SAM3ROTO_BUNDLE")?;
    let mut command = sam3roto_beside(&bundle);
    command.args(arguments).arg("--bundle").arg(&bundle);
    Some(command)
}

/// The JSON a command prints.
fn json(command: &mut Command) -> serde_json::Value {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn wrong_settings_fail_a_render_with_file_line_and_range() {
    let Some(shot) = Shot::new() else { return };
    let settings = shot.path("settings.toml");
    std::fs::write(&settings, "[engine]\nthreads = 900\n").unwrap();
    let expected = ["settings.toml, line 2", "engine.threads is 900", "from 1 to 256"];
    fails_in_words(&shot, shot.command().env("SAM3ROTO_SETTINGS", &settings), &expected);
    let expected = ["environment variable SAM3ROTO_THREADS", "engine.threads is \"many\"", "from 1 to 256"];
    fails_in_words(&shot, shot.command().env("SAM3ROTO_THREADS", "many"), &expected);
}

#[test]
fn doctor_tells_wrong_settings_and_is_not_content() {
    let Some(mut doctor) = sam3roto(&["doctor"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.toml");
    std::fs::write(&settings, "[engine]\nthread = 4\n").unwrap();
    let output = doctor.env("SAM3ROTO_SETTINGS", &settings).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let words = words(&output);
    assert!(words.contains("settings.toml, line 2") && words.contains("did you mean engine.threads"), "{words}");
    std::fs::write(&settings, "[engine]\nthreads = 4\n").unwrap();
    let output = doctor.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let row = told.lines().find(|line| line.contains("engine.threads")).unwrap();
    assert!(row.ends_with("settings file, line 2"), "{row}");
}

#[test]
fn results_are_kept_in_the_folder_given_and_shown_checked_and_removed() {
    let (Some(shot), Some(cache)) = (Shot::new(), Shot::new().map(|shot| shot.folder)) else { return };
    let folder = cache.path().join("results");
    let render = || {
        let output = shot.command().arg("--overwrite").arg("--cache").arg(&folder).output().unwrap();
        assert!(output.status.success(), "{}", words(&output));
        std::fs::read(shot.matte()).unwrap()
    };
    let first = render();
    let ask = |action: &str| {
        let mut command = sam3roto(&["cache", action, "--json"]).unwrap();
        json(command.arg("--folder").arg(&folder))
    };
    let stats = ask("stats");
    assert!(stats["entries"].as_u64().unwrap() > 0 && stats["bytes"].as_u64().unwrap() > 0, "{stats}");
    let verified = ask("verify");
    assert_eq!((&verified["sound"], &verified["damaged"]), (&stats["entries"], &0.into()), "{verified}");
    assert!(first == render(), "a matte from the disk is another one");
    assert_eq!(ask("clear")["removed"], stats["entries"]);
    assert_eq!(ask("stats")["entries"], 0);
}

#[test]
fn a_cache_that_is_not_there_is_named() {
    let Some(mut none) = sam3roto(&["cache", "stats"]) else { return };
    let told = words(&none.env_remove("SAM3ROTO_CACHE").output().unwrap());
    assert!(told.contains("cache.folder"), "{told}");
    let mut missing = sam3roto(&["cache", "clear", "--folder", "no such folder"]).unwrap();
    let output = missing.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(words(&output).contains("no such folder"));
}

#[test]
fn the_log_file_tells_what_went_wrong_overnight() {
    let Some(shot) = Shot::new() else { return };
    let (logs, settings) = (shot.path("logs"), shot.path("settings.toml"));
    std::fs::write(&settings, format!("[log]\nfile = \"debug\"\nfolder = {:?}\n", logs.to_str().unwrap())).unwrap();
    let output = shot.command().env("SAM3ROTO_SETTINGS", &settings).output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    let log = std::fs::read_to_string(logs.join("sam3roto.log")).unwrap();
    assert!(log.lines().count() > 0 && log.contains("inference"), "{log}");
    // A folder that cannot be made is no reason not to render.
    std::fs::write(&settings, format!("[log]\nfolder = {:?}\n", settings.join("logs").to_str().unwrap())).unwrap();
    let output = shot.command().arg("--overwrite").env("SAM3ROTO_SETTINGS", &settings).output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    assert!(words(&output).contains("nothing is logged to"), "{}", words(&output));
}

#[test]
fn doctor_finds_library_and_model() {
    let Some(mut doctor) = sam3roto(&["doctor", "--json"]) else { return };
    let output = doctor.output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = report.to_string();
    assert!(text.contains("1.31.1"), "the library's version: {text}");
    assert!(text.to_lowercase().contains("mobilesam"), "the model: {text}");
}
