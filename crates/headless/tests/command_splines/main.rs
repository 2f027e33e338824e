//! `sam3roto splines`: what its files say, read by readers of their own.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

mod nuke;
mod nuke_node;

use headless::host::{Components, Depth, Frame, RectI};
use headless::sequence::{Picture, Provenance, WriteSettings, write_picture};
use serde_json::Value as Json;
use std::path::Path;
use std::process::{Command, Output};

const WIDTH: usize = 96;
const HEIGHT: usize = 64;

/// Writes frame `frame` of a shot, `matte.<frame>.png`: grey with these values, row after row from the top.
fn write_matte(folder: &Path, frame: i32, (width, height): (usize, usize), alpha: impl Fn(usize) -> u8) {
    let data = (0..width * height).flat_map(|i| [alpha(i); 3]).collect();
    let frame_data = Frame::new(RectI::new(0, 0, width as i32, height as i32), Depth::Byte, Components::Rgb, data);
    let provenance = Provenance { frame, ..Provenance::default() };
    let path = folder.join(format!("matte.{frame}.png"));
    write_picture(&path, &Picture::new(frame_data.unwrap()), &WriteSettings::default(), &provenance).unwrap();
}

/// Frames 1001 to 1004: a rectangle from (20, 8) to (60, 28), y down, with a hole from (30, 12) to (44, 22), that moves to the
/// right by 2 pixels a frame.
fn shot(folder: &Path) {
    for frame in 1001..=1004 {
        let left = 20 + 2 * (frame - 1001) as usize;
        let within = |index: usize, x: usize, y: usize, width: usize, height: usize| {
            (x..x + width).contains(&(index % WIDTH)) && (y..y + height).contains(&(index / WIDTH))
        };
        let alpha = |i| within(i, left, 8, 40, 20) && !within(i, left + 10, 12, 14, 10);
        write_matte(folder, frame, (WIDTH, HEIGHT), |i| if alpha(i) { 255 } else { 0 });
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sam3roto"));
    command.args(["splines", "--in", "matte.%04d.png"]).args(arguments).current_dir(folder);
    command.env_remove("SAM3ROTO_FFMPEG").env("PATH", "").output().unwrap()
}

fn written(folder: &Path, arguments: &[&str], file: &str) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// How far bounds may be off, in pixels: the contour of a matte without soft edges cuts its corners by half a pixel.
const SLACK: f64 = 1.0;

/// Left, top, right and bottom of points.
fn bounds(points: impl IntoIterator<Item = [f64; 2]>) -> [f64; 4] {
    let start = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    points.into_iter().fold(start, |[l, t, r, b], [x, y]| [l.min(x), t.min(y), r.max(x), b.max(y)])
}

fn close(found: [f64; 4], expected: [f64; 4]) {
    assert!(
        found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < SLACK),
        "{found:?}, not {expected:?}"
    );
}

#[test]
fn json_keeps_points_and_their_places() {
    let folder = tempfile::tempdir().unwrap();
    shot(folder.path());
    let text = written(folder.path(), &["--out", "out/curves.json"], "out/curves.json");
    let found: Json = serde_json::from_str(&text).unwrap();
    assert_eq!((&found["width"], &found["height"]), (&96.into(), &64.into()));
    let shapes = found["shapes"].as_array().unwrap();
    assert_eq!(shapes.iter().map(|shape| shape["hole"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true]);
    let place = |point: &Json| [0, 1].map(|axis| point["at"][axis].as_f64().unwrap());
    for (shape, box_) in shapes.iter().zip([[20.0, 8.0, 60.0, 28.0], [30.0, 12.0, 44.0, 22.0]]) {
        let keys = shape["keys"].as_array().unwrap();
        assert_eq!(keys.iter().map(|key| key["frame"].as_i64().unwrap()).collect::<Vec<_>>(), [1001, 1002, 1003, 1004]);
        let all = |key: &Json| key["points"].as_array().unwrap().iter().map(place).collect::<Vec<_>>();
        assert!(keys.iter().all(|key| all(key).len() == all(&keys[0]).len()));
        close(bounds(all(&keys[0])), box_);
        close(bounds(all(&keys[3])), [box_[0] + 6.0, box_[1], box_[2] + 6.0, box_[3]]);
    }
}

/// The closed subpaths of a path of absolute M, C and Z, as points on the curves.
fn subpaths(path: &str) -> Vec<Vec<[f64; 2]>> {
    let mut found: Vec<Vec<[f64; 2]>> = Vec::new();
    for (command, numbers) in path.match_indices(['M', 'C', 'Z']).map(|(at, command)| {
        let rest = &path[at + 1..];
        (command, rest[..rest.find(['M', 'C', 'Z']).unwrap_or(rest.len())].trim())
    }) {
        let numbers: Vec<f64> = numbers.split_whitespace().map(|number| number.parse().unwrap()).collect();
        match (command, numbers.as_slice()) {
            ("M", [x, y]) => found.push(vec![[*x, *y]]),
            ("C", [_, _, _, _, x, y]) => found.last_mut().unwrap().push([*x, *y]),
            ("Z", []) => assert_eq!(found.last().unwrap().first(), found.last().unwrap().last(), "closed"),
            other => panic!("{other:?}"),
        }
    }
    found
}

/// The value of an attribute in a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    tag.split_once(&format!(" {name}=\"")).unwrap().1.split_once('"').unwrap().0
}

#[test]
fn svg_has_a_path_for_each_shape_with_its_holes() {
    let folder = tempfile::tempdir().unwrap();
    shot(folder.path());
    let text = written(folder.path(), &["--out", "curves.%04d.svg"], "curves.1004.svg");
    assert!((1001..=1004).all(|frame| folder.path().join(format!("curves.{frame}.svg")).exists()));
    let tags: Vec<&str> = text.split('<').skip(1).map(|tag| tag.split_once('>').unwrap().0).collect();
    assert_eq!(
        tags.iter().map(|tag| tag.split(' ').next().unwrap()).collect::<Vec<_>>(),
        ["?xml", "svg", "path", "/svg"]
    );
    assert_eq!(attribute(tags[1], "viewBox"), "0 0 96 64");
    assert_eq!(attribute(tags[2], "fill-rule"), "evenodd");
    let paths = subpaths(attribute(tags[2], "d"));
    assert_eq!(paths.len(), 2);
    close(bounds(paths[0].clone()), [26.0, 8.0, 66.0, 28.0]);
    close(bounds(paths[1].clone()), [36.0, 12.0, 50.0, 22.0]);
    let first = written(folder.path(), &["--out", "one.svg", "--frames", "1002-1003"], "one.svg");
    let (_, path) = first.split_once("<path").unwrap();
    close(bounds(subpaths(attribute(path, "d"))[0].clone()), [22.0, 8.0, 62.0, 28.0]);
}

#[test]
fn the_script_for_nuke_has_every_point_at_every_frame() {
    let folder = tempfile::tempdir().unwrap();
    shot(folder.path());
    let text = written(folder.path(), &["--out", "curves.py", "--every", "3"], "curves.py");
    let keys = scripted(&text);
    assert_eq!(keys.iter().map(|(frame, _)| *frame).collect::<Vec<_>>(), [1001, 1004, 1001, 1004]);
    assert!(keys.iter().flat_map(|(_, points)| points).all(|point| point.len() == 6));
    close(bounds(keys[0].1.iter().map(|point| [point[0], point[1]])), [30.0, 42.0, 44.0, 52.0]);
    close(bounds(keys[3].1.iter().map(|point| [point[0], point[1]])), [26.0, 36.0, 66.0, 56.0]);
}

/// The keys of frames and their points in a script: numbers in brackets.
fn scripted(text: &str) -> Vec<(i32, Vec<Vec<f64>>)> {
    let keys = text.lines().filter_map(|line| line.trim().split_once(": [("));
    let read = keys.map(|(frame, points)| {
        let points = points.trim_end_matches("), ],").split("), (");
        let numbers = points.map(|point| point.split(", ").map(|number| number.parse().unwrap()).collect());
        (frame.parse().unwrap(), numbers.collect())
    });
    read.collect()
}

#[test]
fn the_script_for_natron_has_handles_as_places_and_the_hole_on_top() {
    let folder = tempfile::tempdir().unwrap();
    shot(folder.path());
    let text = written(folder.path(), &["--out", "curves.natron.py"], "curves.natron.py");
    let keys = scripted(&text);
    assert_eq!(
        keys.iter().map(|(frame, _)| *frame).collect::<Vec<_>>(),
        [1001, 1002, 1003, 1004, 1001, 1002, 1003, 1004]
    );
    close(bounds(keys[0].1.iter().map(|point| [point[0], point[1]])), [20.0, 36.0, 60.0, 56.0]);
    close(bounds(keys[7].1.iter().map(|point| [point[0], point[1]])), [36.0, 42.0, 50.0, 52.0]);
    for point in keys.iter().flat_map(|(_, points)| points) {
        let near = point[2..].chunks(2).all(|handle| (handle[0] - point[0]).hypot(handle[1] - point[1]) < 40.0);
        assert!(point.len() == 6 && near, "{point:?}");
    }
    let heads: Vec<&str> = text.lines().filter(|line| line.contains("(\"Shape")).collect();
    assert!(heads[0].contains("False, [(1001, True)]") && heads[1].contains("True, [(1001, True)]"), "{heads:?}");
}

/// What stands between two tags, for each time that the first one comes.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).map(|rest| rest.split_once(close).unwrap().0).collect()
}

#[test]
fn silhouette_shapes_count_heights_from_the_middle_and_frames_from_the_first() {
    let folder = tempfile::tempdir().unwrap();
    shot(folder.path());
    let text = written(folder.path(), &["--out", "curves.fxs"], "curves.fxs");
    // Every tag that is opened is closed in turn.
    let mut open = Vec::new();
    for tag in text.split('<').skip(1).map(|tag| tag.split_once('>').unwrap().0) {
        let name = tag.split(' ').next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if name.starts_with(['?', '!']) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty());
    let head = between(&text, "<Silhouette", ">")[0];
    assert_eq!((attribute(head, "width"), attribute(head, "sessionStartFrame")), ("96", "1001"));
    let objects = between(&text, "<Object", "</Object>");
    assert_eq!(objects.len(), 2);
    for (object, (mode, first)) in
        objects.iter().zip([("Add", [20.0, 8.0, 60.0, 28.0]), ("Subtract", [30.0, 12.0, 44.0, 22.0])])
    {
        assert!(object.contains(&format!("id=\"mode\"><Value>{mode}<")), "{object}");
        let path = between(object, "<Property id=\"path\">", "</Property>")[0];
        let keys = between(path, "<Key ", "</Key>");
        assert_eq!(keys.len(), 4);
        for (moved, key) in keys.iter().enumerate() {
            assert!(key.starts_with(&format!("frame=\"{moved}\" interp=\"linear\"")), "{key}");
            let points = between(key, "<Point>", "</Point>");
            let places = points.iter().map(|point| {
                let numbers: Vec<f64> = point
                    .split(['(', ')', ','])
                    .filter(|word| !word.is_empty())
                    .map(|word| word.parse().unwrap())
                    .collect();
                assert_eq!(numbers.len(), 6, "a place and two handles");
                [numbers[0] * 64.0 + 48.0 - 2.0 * moved as f64, numbers[1] * 64.0 + 32.0]
            });
            close(bounds(places), first);
        }
    }
}

#[test]
fn curves_that_are_checked_share_the_mattes_area() {
    let folder = tempfile::tempdir().unwrap();
    shot(folder.path());
    let output = run(folder.path(), &["--out", "a.json", "--check", "--quiet"]);
    let words = String::from_utf8(output.stdout).unwrap();
    let worst: f64 = words.split_once("(IoU), ").unwrap().1.split(' ').next().unwrap().parse().unwrap();
    assert!((0.98..=1.0).contains(&worst), "{words}");
}

#[test]
fn fewer_points_are_had_at_a_looser_tolerance_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    // A disc with a ragged edge.
    let ragged = |i: usize| {
        let (x, y) = ((i % WIDTH) as f64 - 48.0, (i / WIDTH) as f64 - 32.0);
        let radius = 24.0 + 2.0 * (9.0 * y.atan2(x)).sin();
        ((radius - x.hypot(y)).clamp(0.0, 1.0) * 255.0) as u8
    };
    write_matte(folder.path(), 1001, (WIDTH, HEIGHT), ragged);
    let output = run(folder.path(), &["--out", "a.json", "--points", "8"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Json = serde_json::from_slice(&std::fs::read(folder.path().join("a.json")).unwrap()).unwrap();
    let shape = &document["shapes"][0];
    assert!(shape["keys"][0]["points"].as_array().unwrap().len() <= 8);
    let reached = shape["tolerance"].as_f64().unwrap();
    assert!(reached > 0.5, "{reached}");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains(&format!("within {reached:.2} pixels")), "{words}");
}

#[test]
fn wrong_use_is_told_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    shot(folder.path());
    for (arguments, word) in [
        (&["--out", "a.ma"][..], "a.ma"),
        (&["--out", "a.json", "--tolerance", "0"], "--tolerance"),
        (&["--out", "a.json", "--points", "3"], "--points"),
        (&["--out", "a.json", "--every", "0"], "--every"),
        (&["--out", "a.%04d.json"], "--out"),
        (&["--out", "a.json", "--frames", "2000"], "2000"),
    ] {
        let output = run(folder.path(), arguments);
        assert_ne!(output.status.code(), Some(0), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(word), "{arguments:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
}
