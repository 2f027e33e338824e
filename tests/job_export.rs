//! A panel exported from a host gives the same frames in the `sam3roto` command, bit for bit.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]
#![allow(dead_code, reason = "the shot serves other tests, too")]

#[path = "roto_track/shot.rs"]
mod shot;
mod support;

use std::path::Path;

use headless::host::{Instance, Value};
use headless::sequence::{Picture, Provenance, WriteSettings, read_picture, write_picture};
use shot::*;
use support::workplace::{in_own_process_on_fixtures as on_fixtures, words};
use support::*;

/// The shot as files `shot.%04d.png` in a folder.
fn write_shot(shot: &Shot, folder: &Path) {
    use headless::host::ImageSource;
    let (first, last) = shot.range();
    for time in first as i32..=last as i32 {
        let provenance = Provenance { software: "test".into(), frame: time, ..Provenance::default() };
        let picture = Picture::new(shot.frame(f64::from(time)).unwrap());
        let file = folder.join(format!("shot.{time:04}.png"));
        write_picture(&file, &picture, &WriteSettings::default(), &provenance).unwrap();
    }
}

fn export(instance: &Instance, folder: &Path) -> serde_json::Value {
    let file = folder.join("roto.json");
    instance.set("jobFile", Value::Text(file.to_string_lossy().into_owned())).unwrap();
    instance.press("exportJob").unwrap();
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// What `sam3roto render` makes of the job, as files `matte.%04d.exr`.
fn render_job(folder: &Path, arguments: &[&str]) -> Vec<Vec<f32>> {
    let bundle = from_environment("SAM3ROTO_BUNDLE").unwrap();
    let mut command = sam3roto_beside(&bundle);
    command.arg("render").arg("--bundle").arg(&bundle).arg("--job").arg(folder.join("roto.json")).args(arguments);
    command.args(["--quiet", "--overwrite", "--depth", "float", "--out"]).arg(folder.join("matte.%04d.exr"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "exr"));
    files.sort();
    files.iter().map(|file| alpha(&read_picture(file).unwrap().frame)).collect()
}

#[test]
fn a_tracked_shot_exported_from_the_host_gives_the_same_bits_in_the_command() {
    on_fixtures("a_tracked_shot_exported_from_the_host_gives_the_same_bits_in_the_command", || {
        let folder = tempfile::tempdir().unwrap();
        let shot = Shot::over(3.0, 11.0);
        write_shot(&shot, folder.path());
        let (_bundle, plugin) = opened();
        let instance = instance(&plugin, &shot, SAM2);
        key(&instance, 1, 4.0, [50.25, 60.0]);
        key(&instance, 1, 9.0, [70.0, 61.0 / 3.0]);
        instance.set("jobSource", Value::Text("shot.%04d.png".into())).unwrap();
        let job = export(&instance, folder.path());
        assert_eq!(job["frames"], "3-11");
        assert_eq!(job["key"]["point1Position"].as_object().unwrap().len(), 2, "prompts keep their keyframes: {job:#}");

        let here = mattes(&instance, &times(3, 11));
        assert!(here.windows(2).any(|pair| pair[0] != pair[1]), "the object moves");
        assert!(here == render_job(folder.path(), &[]), "the command gives other mattes");
        instance.destroy().unwrap();
    });
}

#[test]
fn what_only_the_command_line_can_tell_is_asked_for() {
    on_fixtures("what_only_the_command_line_can_tell_is_asked_for", || {
        let folder = tempfile::tempdir().unwrap();
        let shot = Shot::over(0.0, 1.0);
        let (_bundle, plugin) = opened();
        let instance = instance(&plugin, &shot, SAM2);
        key(&instance, 1, 0.0, [50.0, 60.0]);
        instance.clip("Matte").unwrap().connect(Box::new(shot)).unwrap();
        let job = export(&instance, folder.path());
        assert_eq!((&job["in"], &job["clip"]["Matte"]), (&"".into(), &"".into()));

        let bundle = from_environment("SAM3ROTO_BUNDLE").unwrap();
        let render = |arguments: &[&str]| {
            let mut command = sam3roto_beside(&bundle);
            command.arg("render").arg("--bundle").arg(&bundle).arg("--job").arg(folder.path().join("roto.json"));
            let output = command.args(["--out", "m.%04d.exr"]).args(arguments).output().unwrap();
            assert!(!output.status.success());
            words(&output)
        };
        assert!(render(&[]).contains("--in"), "{}", render(&[]));
        let no_matte = render(&["--in", "shot.%04d.png"]);
        assert!(no_matte.contains("--clip Matte="), "{no_matte}");
        instance.destroy().unwrap();
    });
}

#[test]
fn a_job_without_a_place_is_refused_in_words() {
    on_fixtures("a_job_without_a_place_is_refused_in_words", || {
        let (_bundle, plugin) = opened();
        let instance = instance(&plugin, &Shot::over(0.0, 1.0), SAM2);
        for (name, expected) in
            [("", "name the job file"), ("job.json", "full path"), ("/no/such/job.json", "cannot be written")]
        {
            instance.set("jobFile", Value::Text(name.into())).unwrap();
            let refusal = format!("{:?}", instance.press("exportJob"));
            let told = format!("{refusal}{:?}{:?}", instance.take_messages(), instance.persistent_message());
            assert!(told.contains(expected), "{name}: {told}");
        }
        instance.destroy().unwrap();
    });
}

#[test]
fn a_shot_of_another_size_than_the_job_was_made_for_is_told() {
    on_fixtures("a_shot_of_another_size_than_the_job_was_made_for_is_told", || {
        let folder = tempfile::tempdir().unwrap();
        let shot = Shot::over(0.0, 1.0);
        let (_bundle, plugin) = opened();
        let instance = instance(&plugin, &shot, SAM2);
        key(&instance, 1, 0.0, [50.0, 60.0]);
        export(&instance, folder.path());
        write_shot(&Shot::of(SAM3, 0.0, 1.0), folder.path());
        let bundle = from_environment("SAM3ROTO_BUNDLE").unwrap();
        let mut command = sam3roto_beside(&bundle);
        command.arg("render").arg("--bundle").arg(&bundle).arg("--job").arg(folder.path().join("roto.json"));
        command.arg("--in").arg(folder.path().join("shot.%04d.png")).arg("--out").arg(folder.path().join("m.%04d.exr"));
        let output = command.output().unwrap();
        assert!(words(&output).contains("128x128") && words(&output).contains("112x112"), "{}", words(&output));
        instance.destroy().unwrap();
    });
}
