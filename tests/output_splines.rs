//! The matte as curves, by the button of MatteOutput.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::path::Path;

use headless::host::{
    ClipFormat, Components, Depth, Frame, ImageSource, Instance, InstanceOptions, ProgressEvent, RectD, RectI,
    SourceError, Value,
};
use headless::sequence::{Picture, Provenance, WriteSettings, write_picture};
use matte::{Knot, Spline};
use serde_json::Value as Json;
use support::output::plugin;
use support::*;

const WIDTH: i32 = 160;
const HEIGHT: i32 = 120;
/// The first and the last frame of the shot.
const RANGE: (i32, i32) = (1001, 1006);

/// A soft disc that moves to the right by three pixels a frame. Its lower left corner is at `corner` in the host's pixels.
#[derive(Clone, Copy)]
struct Disc {
    corner: (i32, i32),
    /// On this frame there is no disc.
    gone: i32,
}

const DISC: Disc = Disc { corner: (0, 0), gone: 0 };

impl Disc {
    fn alpha(&self, frame: i32) -> Vec<f32> {
        let pixel = |i: i32| {
            let (x, y) = ((i % WIDTH) as f32 + 0.5, (i / WIDTH) as f32 + 0.5);
            (30.5 - (x - 60.0 - 3.0 * (frame - RANGE.0) as f32).hypot(y - 50.0)).clamp(0.0, 1.0)
        };
        (0..WIDTH * HEIGHT).map(|i| if frame == self.gone { 0.0 } else { pixel(i) }).collect()
    }

    fn bounds(&self) -> RectI {
        let (x, y) = self.corner;
        RectI::new(x, y, x + WIDTH, y + HEIGHT)
    }
}

impl ImageSource for Disc {
    fn range(&self) -> (f64, f64) {
        (f64::from(RANGE.0), f64::from(RANGE.1))
    }

    fn format(&self) -> ClipFormat {
        ClipFormat::new(Depth::Float, Components::Alpha)
    }

    fn rod(&self, _: f64) -> RectD {
        let RectI { x1, y1, x2, y2 } = self.bounds();
        RectD { x1: x1.into(), y1: y1.into(), x2: x2.into(), y2: y2.into() }
    }

    fn frame(&self, time: f64) -> Result<Frame, SourceError> {
        let data = self.alpha(time as i32).into_iter().flat_map(f32::to_ne_bytes).collect();
        Ok(Frame::new(self.bounds(), Depth::Float, Components::Alpha, data)?)
    }
}

/// The plate: black, as large as the disc's frame.
struct Plate(Disc);

impl ImageSource for Plate {
    fn range(&self) -> (f64, f64) {
        self.0.range()
    }

    fn format(&self) -> ClipFormat {
        ClipFormat::new(Depth::Byte, Components::Rgba)
    }

    fn rod(&self, time: f64) -> RectD {
        self.0.rod(time)
    }

    fn frame(&self, _: f64) -> Result<Frame, SourceError> {
        let data = vec![0; (WIDTH * HEIGHT * 4) as usize];
        Ok(Frame::new(self.0.bounds(), Depth::Byte, Components::Rgba, data)?)
    }
}

fn on(disc: Disc, file: &Path) -> Option<Instance> {
    let mut options = InstanceOptions { interactive: true, ..InstanceOptions::default() };
    options.clips.insert("Source".into(), Box::new(Plate(disc)));
    options.clips.insert("Matte".into(), Box::new(disc));
    let instance = Instance::create(plugin()?, options).expect("the instance is made");
    instance.set("splinesFile", Value::Text(file.to_string_lossy().into_owned())).unwrap();
    instance.set_time(f64::from(RANGE.0)).unwrap();
    Some(instance)
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn status(instance: &Instance) -> String {
    let Value::Text(line) = instance.get("status").unwrap() else { panic!("the status is no text") };
    line
}

/// The frames of the first shape of a JSON file.
fn keys(file: &Path) -> Vec<i64> {
    let document: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let keys = document["shapes"][0]["keys"].as_array().unwrap();
    keys.iter().map(|key| key["frame"].as_i64().unwrap()).collect()
}

/// The first curve of a JSON file on its first frame.
fn first_curve(file: &Path) -> Spline {
    let document: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let points = document["shapes"][0]["keys"][0]["points"].as_array().unwrap();
    let place = |value: &Json| [0, 1].map(|axis| value[axis].as_f64().unwrap());
    let knot = |point: &Json| Knot {
        at: place(&point["at"]),
        incoming: place(&point["in"]),
        outgoing: place(&point["out"]),
        corner: point["corner"].as_bool().unwrap(),
    };
    Spline { knots: points.iter().map(knot).collect() }
}

#[test]
fn every_kind_of_file_is_what_the_command_writes_of_the_same_mattes() {
    let folder = tempfile::tempdir().unwrap();
    let Some(bundle) = from_environment("SAM3ROTO_BUNDLE") else { return };
    for frame in RANGE.0..=RANGE.1 {
        let grey = DISC.alpha(frame).into_iter().flat_map(|alpha| [alpha, alpha, alpha, alpha]);
        let data = grey.flat_map(f32::to_ne_bytes).collect();
        let picture = Picture::new(Frame::new(DISC.bounds(), Depth::Float, Components::Rgba, data).unwrap());
        let file = folder.path().join(format!("matte.{frame}.exr"));
        let provenance = Provenance { frame, ..Provenance::default() };
        write_picture(&file, &picture, &WriteSettings::default(), &provenance).unwrap();
    }
    for ending in ["nk", "py", "natron.py", "fxs", "json", "svg"] {
        let (here, there) = (format!("button.{ending}"), format!("command.{ending}"));
        let instance = on(DISC, &folder.path().join(&here)).unwrap();
        instance.press("exportSplines").unwrap();
        instance.destroy().unwrap();
        let mut command = sam3roto_beside(&bundle);
        command.args(["splines", "--quiet", "--in", "matte.%04d.exr", "--out", &there]).current_dir(folder.path());
        if ending == "svg" {
            // It holds the first frame alone, and the button looks at no other.
            command.args(["--frames", "1001"]);
        }
        assert!(command.status().unwrap().success(), "{ending}");
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(read(&here) == read(&there), "{ending}: button and command differ");
    }
}

#[test]
fn the_panel_says_which_frames_have_keys_and_the_node_tells_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("curves.json");
    let Some(instance) = on(DISC, &file) else { return };
    let cases = [(0, 1, vec![1001, 1002, 1003, 1004, 1005, 1006]), (0, 2, vec![1001, 1003, 1005]), (1, 1, vec![1001])];
    for (frames, every, expected) in cases {
        instance.set("splinesFrames", Value::Integer(frames)).unwrap();
        instance.set("splinesEvery", Value::Integer(every)).unwrap();
        instance.press("exportSplines").unwrap();
        assert_eq!(keys(&file), expected);
        assert!(status(&instance).contains(&format!("over {} frames", expected.len())), "{}", status(&instance));
    }
    instance.set("splinesFrames", Value::Integer(2)).unwrap();
    instance.set("splinesFirst", Value::Integer(1003)).unwrap();
    instance.set("splinesLast", Value::Integer(2000)).unwrap();
    instance.press("exportSplines").unwrap();
    assert_eq!(keys(&file), [1003, 1004, 1005, 1006]);
    assert_eq!(names(folder.path()), ["curves.json"], "nothing else is left");
    instance.destroy().unwrap();
}

#[test]
fn the_curves_follow_what_the_node_makes_of_the_matte() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("curves.json");
    let Some(instance) = on(DISC, &file) else { return };
    let radius = || {
        instance.press("exportSplines").unwrap();
        (first_curve(&file).signed_area() / std::f64::consts::PI).sqrt()
    };
    assert!((radius() - 30.0).abs() < 0.2, "{}", radius());
    instance.set("grow", Value::Double(8.0)).unwrap();
    assert!((radius() - 38.0).abs() < 0.5, "{}", radius());
    instance.destroy().unwrap();
}

#[test]
fn nuke_and_natron_count_from_the_hosts_corner_and_not_from_the_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let lefts = |corner: (i32, i32)| {
        let file = folder.path().join("curves.natron.py");
        let instance = on(Disc { corner, ..DISC }, &file)?;
        instance.press("exportSplines").unwrap();
        instance.destroy().unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        let first = text.split_once("1001: [(").unwrap().1.split(", ").take(2).map(|number| number.parse::<f64>());
        Some(first.collect::<Result<Vec<_>, _>>().unwrap())
    };
    let Some(plain) = lefts((0, 0)) else { return };
    let moved = lefts((-20, 12)).unwrap();
    assert!((moved[0] - plain[0] + 20.0).abs() < 1e-3 && (moved[1] - plain[1] - 12.0).abs() < 1e-3, "{moved:?}");
}

#[test]
fn cancelling_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("curves.nk");
    std::fs::write(&file, "before").unwrap();
    let Some(instance) = on(DISC, &file) else { return };
    instance.on_progress(|event| !matches!(event, ProgressEvent::Update(done) if *done > 0.3));
    instance.press("exportSplines").unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "before");
    assert_eq!(names(folder.path()), ["curves.nk"]);
    assert!(status(&instance).contains("Cancelled"), "{}", status(&instance));
    instance.destroy().unwrap();
}

#[test]
fn what_cannot_be_written_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let Some(instance) = on(Disc { gone: 1004, ..DISC }, &folder.path().join("curves.nk")) else { return };
    let told = || {
        let refusal = format!("{:?}", instance.press("exportSplines"));
        format!("{refusal}{:?}{:?}", instance.take_messages(), instance.persistent_message())
    };
    for (name, expected) in [
        (String::new(), "name the file first"),
        ("curves.nk".to_owned(), "full path"),
        (file("curves.ma"), ".natron.py, .json, .svg, .nk, .py, .fxs"),
        (file("no/such/folder/curves.nk"), "cannot be written"),
    ] {
        instance.set("splinesFile", Value::Text(name.clone())).unwrap();
        assert!(told().contains(expected), "{name}: {}", told());
    }
    instance.set("splinesFile", Value::Text(file("curves.nk"))).unwrap();
    instance.set("splinesFrames", Value::Integer(2)).unwrap();
    for (first, last, expected) in
        [(1, 100, "it goes from 1001 to 1006"), (1004, 1004, "no object of 25 square pixels")]
    {
        instance.set("splinesFirst", Value::Integer(first)).unwrap();
        instance.set("splinesLast", Value::Integer(last)).unwrap();
        assert!(told().contains(expected), "{first} to {last}: {}", told());
    }
    assert!(names(folder.path()).is_empty());
    instance.destroy().unwrap();
}
