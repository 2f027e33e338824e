//! The program from end to end, with the reference gain plugin: files in, files out, exit status.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "an expectation that fails ends the test")]

mod host_compile;

use headless::host::{Components, Depth, Frame, RectI};
use headless::sequence::{Picture, Provenance, WriteSettings, read_picture, write_picture};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Multiplies by `scale`, inside the optional clip `Mask`.
const GAIN: &str = "uk.co.thefoundry.BasicGainPlugin";

struct Room {
    folder: tempfile::TempDir,
}

impl Room {
    /// Five frames of 4x3 pixels: frame number times 20 everywhere, alpha 255.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for frame in 1..=5 {
            let data = [frame as u8 * 20, frame as u8 * 20, frame as u8 * 20, 255].repeat(12);
            write(&folder.path().join(format!("in.{frame:04}.png")), Components::Rgba, data);
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sam3roto"));
        command.current_dir(self.folder.path()).env_remove("SAM3ROTO_FFMPEG");
        command.env("SAM3ROTO_BUNDLE", host_compile::example("Basic", "basic.cpp"));
        command
    }

    fn render(&self, arguments: &[&str]) -> Output {
        self.command().arg("render").args(arguments).output().unwrap()
    }

    /// The first pixel of a file, as bytes.
    fn pixel(&self, name: &str) -> Vec<u8> {
        let frame = read_picture(&self.path(name)).unwrap().frame;
        frame.data()[..frame.pixel_bytes()].to_vec()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn write(path: &Path, components: Components, data: Vec<u8>) {
    let frame = Frame::new(RectI::new(0, 0, 4, 3), Depth::Byte, components, data).unwrap();
    let provenance = Provenance::default();
    write_picture(path, &Picture::new(frame), &WriteSettings::default(), &provenance).unwrap();
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

const SHOT: &[&str] = &["--in", "in.%04d.png", "--out", "out/m.%04d.png"];

#[test]
fn a_shot_goes_through_the_effect() {
    let room = Room::new();
    let output = room.render(&[SHOT, &["--set", "scale=2"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(room.names("out"), ["m.0001.png", "m.0002.png", "m.0003.png", "m.0004.png", "m.0005.png"]);
    assert_eq!(room.pixel("out/m.0003.png"), [120, 120, 120, 255]);
    for word in ["5 frames", GAIN, "read", "render", "write"] {
        assert!(words(&output).contains(word), "{word}: {}", words(&output));
    }
    let quiet = room.render(&[SHOT, &["--set", "scale=2", "--overwrite", "--quiet"]].concat());
    assert_eq!((quiet.status.code(), words(&quiet).as_str()), (Some(0), ""));
}

#[test]
fn footage_without_alpha_is_rendered_with_a_place_for_the_matte() {
    let room = Room::new();
    write(&room.path("plate.png"), Components::Rgb, vec![50; 36]);
    let files = ["--in", "plate.png", "--out", "m.png", "--set", "scale=2"];
    let output = room.render(&files);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(room.pixel("m.png"), [100, 100, 100, 255]);
    let matte = room.render(&[&files[..], &["--channels", "alpha", "--overwrite"]].concat());
    assert_eq!(matte.status.code(), Some(0), "{}", words(&matte));
    let picture = read_picture(&room.path("m.png")).unwrap();
    assert!(picture.grey && room.pixel("m.png") == [255; 3]);
}

#[test]
fn keys_are_interpolated_and_threads_change_nothing() {
    let room = Room::new();
    let keyed = [SHOT, &["--key", "scale@1=0", "--key", "scale@5=2"]].concat();
    for threads in ["1", "4"] {
        let output = room.render(&[&keyed[..], &["--threads", threads, "--overwrite"]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        assert_eq!(room.pixel("out/m.0001.png"), [0, 0, 0, 0]);
        assert_eq!(room.pixel("out/m.0003.png"), [60, 60, 60, 255]);
        assert_eq!(room.pixel("out/m.0005.png"), [200, 200, 200, 255]);
    }
}

#[test]
fn a_job_file_renders_what_the_command_line_does() {
    let room = Room::new();
    let job = "effect = \"uk.co.thefoundry.BasicGainPlugin\"\nin = \"in.%04d.png\"\nout = \"job/m.%04d.png\"\nframes = \"2-4x2\"\n\
               [set]\nscale = 0.5\n";
    fs::write(room.path("job.toml"), job).unwrap();
    let output = room.render(&["--job", "job.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let line = room.render(&[SHOT, &["--set", "scale=0.5", "--frames", "2,4"]].concat());
    assert_eq!(line.status.code(), Some(0), "{}", words(&line));
    assert_eq!((room.names("job"), room.names("out").len()), (room.names("out"), 2));
    for name in room.names("job") {
        let bytes = |folder: &str| fs::read(room.path(folder).join(&name)).unwrap();
        assert_eq!(bytes("job"), bytes("out"), "{name}");
    }
}

#[test]
fn a_grey_picture_is_a_mask_by_its_luma() {
    let room = Room::new();
    for (name, value) in [("all.png", 255), ("none.png", 0)] {
        write(&room.path(name), Components::Rgb, vec![value; 36]);
    }
    for (mask, expected) in [("Mask=all.png", 40), ("Mask=none.png", 20)] {
        let more = ["--clip", mask, "--set", "scale=2", "--frames", "1", "--overwrite", "--context", "general"];
        let output = room.render(&[SHOT, &more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        assert_eq!(room.pixel("out/m.0001.png")[0], expected, "{mask}");
    }
}

#[test]
fn a_broken_frame_stops_or_is_passed_by_and_is_named() {
    let room = Room::new();
    fs::write(room.path("in.0002.png"), &fs::read(room.path("in.0002.png")).unwrap()[..60]).unwrap();
    let stopped = room.render(SHOT);
    assert_eq!(stopped.status.code(), Some(1));
    assert_eq!(room.names("out"), ["m.0001.png"]);
    assert!(words(&stopped).contains("frame 2") && words(&stopped).contains("in.0002.png"), "{}", words(&stopped));
    let passed = room.render(&[SHOT, &["--on-error", "continue", "--skip-existing"]].concat());
    assert_eq!(passed.status.code(), Some(1), "still a failure");
    assert_eq!(room.names("out"), ["m.0001.png", "m.0003.png", "m.0004.png", "m.0005.png"]);
    assert!(words(&passed).contains("1 of 4 frames failed: 2"), "{}", words(&passed));
}

#[test]
fn names_and_values_are_checked_before_anything_is_written() {
    let room = Room::new();
    for (more, word) in [
        (["--set", "scal=1"], "did you mean scale"),
        (["--set", "scale=-1"], "0 or more"),
        (["--set", "scaleComponents=maybe"], "true or false"),
        (["--clip", "Matte=in.%04d.png"], "Mask"),
        (["--effect", "uk.co.thefoundry.BasicGainPlugni"], GAIN),
        (["--context", "paint"], "general"),
    ] {
        let output = room.render(&[SHOT, &more[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{more:?}: {}", words(&output));
        assert!(words(&output).contains(word), "{more:?}: {}", words(&output));
    }
    assert_eq!(room.names("out"), Vec::<String>::new());
}

#[test]
fn what_files_cannot_hold_is_refused_before_anything_is_written() {
    let room = Room::new();
    for (arguments, word) in [
        (&["--out", "m.%04d.exr", "--object", "rabbit=1"][..], "objects"),
        (&["--out", "m.%04d.png", "--object", "rabbit=1"], "no layers"),
        (&["--out", "m.%04d.exr", "--object", "two words=1"], "NAME=NUMBER"),
        (&["--out", "m.%04d.exr", "--layers", "both"], "--object"),
        (&["--out", "m.%04d.exr", "--depth", "10"], "half, float"),
        (&["--out", "m.%04d.dpx", "--compression", "zip"], "no choice"),
        (&["--out", "m.%04d.mov"], "one file"),
        (&["--out", "m.mov", "--skip-existing"], "--skip-existing"),
        (&["--out", "m.mov", "--on-error", "continue"], "--on-error"),
        (&["--out", "m.mov", "--ffmpeg", "in.0001.png"], "--ffmpeg"),
        (&["--out", "m.mov", "--fps", "0"], "--fps"),
    ] {
        let output = room.render(&[&["--in", "in.%04d.png"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", words(&output));
        assert!(words(&output).contains(word), "{arguments:?}: {}", words(&output));
    }
    assert_eq!(room.names("").len(), 5);
}

#[test]
fn dpx_files_hold_what_the_effect_gave() {
    let room = Room::new();
    let output = room.render(&["--in", "in.%04d.png", "--out", "m.%04d.dpx", "--frames", "3", "--set", "scale=2"]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let bytes = fs::read(room.path("m.0003.dpx")).unwrap();
    let begin = u32::from_be_bytes(bytes[4..8].try_into().unwrap()) as usize;
    let pixel: Vec<u16> = bytes[begin..begin + 8].as_chunks().0.iter().map(|two| u16::from_be_bytes(*two)).collect();
    assert_eq!(pixel, [120 * 257, 120 * 257, 120 * 257, 65535]);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let room = Room::new();
    let output = room.render(&["--in", "in.%04d.png", "--out", "in.0001.png/m.%04d.png"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(words(&output).contains("in.0001.png"), "{}", words(&output));
}

#[test]
fn a_bundle_that_keeps_nothing_on_disk_says_so() {
    let room = Room::new();
    let rendered = room.render(&[SHOT, &["--cache", "results"][..]].concat());
    let asked = room.command().args(["cache", "stats"]).output().unwrap();
    for output in [rendered, asked] {
        assert_eq!(output.status.code(), Some(1));
        assert!(words(&output).contains("keeps no results on disk"), "{}", words(&output));
    }
    assert_eq!(room.names("out"), Vec::<String>::new());
}

#[test]
fn describe_and_doctor_know_the_plugin() {
    let room = Room::new();
    let text = room.command().arg("describe").output().unwrap();
    for word in [GAIN, "Mask", "scaleR", "0 or more", "Scales the red component"] {
        assert!(words(&text).contains(word), "{word}: {}", words(&text));
    }
    let json = room.command().args(["describe", "--json", "--effect", GAIN]).output().unwrap();
    let effects: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(effects["effects"][0]["id"], GAIN);
    let doctor = room.command().args(["doctor", "--json"]).output().unwrap();
    let diagnosis: serde_json::Value = serde_json::from_slice(&doctor.stdout).unwrap();
    assert_eq!((doctor.status.code(), &diagnosis["healthy"]), (Some(0), &serde_json::Value::Bool(true)));
}

/// The stand-in for ffmpeg presses Ctrl-C itself, after three frames of far more than can be rendered until it is heard.
#[cfg(unix)]
#[test]
fn ctrl_c_keeps_finished_frames_and_leaves_nothing_half_written() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new();
    let script = r#"#!/bin/sh
case "$*" in
*framecrc*)
  echo '  Stream #0:0: Video: raw, rgb24, 1x1, 24 fps' >&2
  yes '0, 0, 0, 1, 3, 0x0' | head -n 100000
  exit 0;;
esac
frame=1
while printf 'P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nENDHDR\nabc'; do
  [ $frame -eq 3 ] && kill -INT $PPID
  frame=$((frame + 1))
done 2>/dev/null
"#;
    let ffmpeg = room.path("ffmpeg");
    fs::write(&ffmpeg, script).unwrap();
    fs::set_permissions(&ffmpeg, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(room.path("clip.mov"), b"").unwrap();
    let more = ["--in", "clip.mov", "--out", "out/m.%06d.png", "--ffmpeg", ffmpeg.to_str().unwrap(), "--threads", "2"];
    let output = room.render(&[&more[..], &["--set", "scale=0.5"]].concat());
    assert_eq!(output.status.code(), Some(130), "{}", words(&output));
    let names = room.names("out");
    assert!(names.len() < 100_000 && words(&output).contains(&format!("interrupted: {} of 100000", names.len())));
    for name in names {
        assert!(name.ends_with(".png") && !name.starts_with('.'), "{name} is left over");
        read_picture(&room.path("out").join(&name)).unwrap();
    }
}
