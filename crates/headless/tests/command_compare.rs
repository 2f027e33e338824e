//! `sam3roto compare`: figures of known mattes, and everything that can stand against a comparison.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

use headless::host::{Components, Depth, Frame, RectI};
use headless::sequence::{Picture, Provenance, WriteSettings, write_picture};
use serde_json::Value as Json;
use std::path::Path;
use std::process::{Command, Output};

const WIDTH: usize = 48;
const HEIGHT: usize = 32;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sam3roto"));
    command.arg("compare").args(arguments).current_dir(folder).env_remove("SAM3ROTO_FFMPEG").env("PATH", "");
    command.output().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn write(folder: &Path, name: &str, frame: i32, size: (usize, usize), components: Components, data: Vec<u8>) {
    let bounds = RectI::new(0, 0, size.0 as i32, size.1 as i32);
    let picture = Picture::new(Frame::new(bounds, Depth::Byte, components, data).unwrap());
    let provenance = Provenance { frame, ..Provenance::default() };
    let path = folder.join(format!("{name}.{frame:04}.png"));
    write_picture(&path, &picture, &WriteSettings::default(), &provenance).unwrap();
}

/// A frame of grey with a white square of 10 pixels whose left edge is at `x`.
fn square(folder: &Path, name: &str, frame: i32, x: usize) {
    let inside = |index: usize| (x..x + 10).contains(&(index % WIDTH)) && (8..18).contains(&(index / WIDTH));
    let data = (0..WIDTH * HEIGHT).flat_map(|index| [if inside(index) { 255 } else { 0 }; 3]).collect();
    write(folder, name, frame, (WIDTH, HEIGHT), Components::Rgb, data);
}

/// Frames 1 to 4: the truth stands still, the result is two pixels off in frame 3.
fn known(folder: &Path) {
    for frame in 1..=4 {
        square(folder, "truth", frame, 12);
        square(folder, "matte", frame, if frame == 3 { 14 } else { 12 });
    }
}

const SHOTS: [&str; 2] = ["matte.%04d.png", "truth.%04d.png"];

fn json(folder: &Path, arguments: &[&str]) -> Json {
    let output = run(folder, &[arguments, &["--json", "out/figures.json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    serde_json::from_slice(&std::fs::read(folder.join("out/figures.json")).unwrap()).unwrap()
}

#[test]
fn figures_of_a_known_sequence_are_told_to_programs() {
    let folder = tempfile::tempdir().unwrap();
    known(folder.path());
    let found = json(folder.path(), &SHOTS);
    assert_eq!((&found["width"], &found["height"], &found["picture"]), (&48.into(), &32.into(), &Json::Null));
    assert_eq!((&found["result"], &found["truth"]), (&SHOTS[0].into(), &SHOTS[1].into()));
    let frames = found["frames"].as_array().unwrap();
    assert_eq!(frames.iter().map(|row| row["frame"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4]);
    // 80 of 120 pixels in both; 40 of 1536 pixels differ.
    let close = |found: &Json, expected: f64| assert!((found.as_f64().unwrap() - expected).abs() < 1e-9, "{found}");
    close(&frames[2]["j"], 80.0 / 120.0);
    close(&frames[2]["mad"], 40.0 / 1536.0 * 1e3);
    close(&frames[2]["dtssd"], (40.0f64 / 1536.0).sqrt() * 1e2);
    close(&frames[1]["j"], 1.0);
    close(&found["mean"]["j"], (3.0 + 80.0 / 120.0) / 4.0);
    assert_eq!(frames[0]["dtssd"], Json::Null, "the first frame has no step");
    for row in frames.iter().chain([&found["mean"]]) {
        for key in ["j", "f", "mad", "mse", "grad", "conn", "dtssd", "excess_warp"] {
            assert!(row.get(key).is_some_and(|value| value.is_null() || value.is_f64()), "{key} of {row}");
        }
    }
}

#[test]
fn people_see_every_frame_the_means_and_the_worst_ones() {
    let folder = tempfile::tempdir().unwrap();
    known(folder.path());
    let told = words(&run(folder.path(), &SHOTS));
    let rows: Vec<Vec<&str>> = told.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["frame", "J", "F", "MAD", "MSE", "Grad", "Conn", "dtSSD", "warp"]);
    assert_eq!(rows[3][..2], ["3", "0.6667"]);
    let row = |name: &str| rows.iter().find(|row| row.first() == Some(&name)).unwrap();
    assert_eq!((row("mean")[1], row("worst")[1], row("at")[1]), ("0.9167", "0.6667", "3"));
    let brief = words(&run(folder.path(), &[SHOTS[0], SHOTS[1], "--brief"]));
    assert_eq!(brief.lines().count(), 4, "{brief}");
}

#[test]
fn shots_of_two_sizes_are_refused_with_both() {
    let folder = tempfile::tempdir().unwrap();
    known(folder.path());
    write(folder.path(), "small", 1, (8, 6), Components::Rgb, vec![0; 8 * 6 * 3]);
    let output = run(folder.path(), &["small.%04d.png", SHOTS[1]]);
    assert_eq!(output.status.code(), Some(1));
    for word in ["small.%04d.png is 8x6", "truth.%04d.png is 48x32"] {
        assert!(words(&output).contains(word), "{}", words(&output));
    }
}

#[test]
fn a_missing_frame_is_named_and_frames_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    known(folder.path());
    std::fs::remove_file(folder.path().join("matte.0002.png")).unwrap();
    let output = run(folder.path(), &SHOTS);
    assert_eq!(output.status.code(), Some(1));
    assert!(words(&output).contains("lacks 1 of the frames to compare: 2"), "{}", words(&output));
    let found = json(folder.path(), &[SHOTS[0], SHOTS[1], "--frames", "1,3-4"]);
    let frames = found["frames"].as_array().unwrap();
    assert_eq!((frames.len(), &frames[1]["dtssd"]), (3, &Json::Null), "no step across a gap");
    assert!(frames[2]["dtssd"].is_f64());
}

#[test]
fn frames_without_a_truth_are_left_out_and_told() {
    let folder = tempfile::tempdir().unwrap();
    known(folder.path());
    std::fs::remove_file(folder.path().join("truth.0004.png")).unwrap();
    let output = run(folder.path(), &SHOTS);
    assert_eq!(output.status.code(), Some(0));
    assert!(words(&output).contains("frames 4 of matte.%04d.png are not compared"), "{}", words(&output));
}

#[test]
fn one_frame_has_figures_but_no_steps_and_can_be_drawn() {
    let folder = tempfile::tempdir().unwrap();
    known(folder.path());
    let stills = ["matte.0003.png", "truth.0003.png", "--plot", "one.png"];
    let found = json(folder.path(), &stills);
    assert_eq!(found["frames"].as_array().unwrap().len(), 1);
    assert_eq!(found["mean"]["dtssd"], Json::Null);
    assert!(image::open(folder.path().join("one.png")).unwrap().width() > 1000);
}

#[test]
fn the_plot_grows_by_the_figures_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    known(folder.path());
    let height = |arguments: &[&str], least_ink: usize| {
        let output = run(folder.path(), &[&SHOTS[..], &["--plot", "plot.png"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        let plot = image::open(folder.path().join("plot.png")).unwrap().to_rgb8();
        let ink = plot.pixels().filter(|pixel| pixel.0[2] > pixel.0[0].saturating_add(60)).count();
        assert!(ink > least_ink, "{ink} pixels of curves");
        plot.height()
    };
    assert_eq!(height(&["--picture", "truth.%04d.png"], 3000), height(&[], 3000), "seven and eight figures: four rows");
    assert!(height(&["--frames", "1,3"], 30) < height(&[], 3000), "without figures over time there are six");
}

#[test]
fn with_pictures_a_jump_is_told_from_motion() {
    let folder = tempfile::tempdir().unwrap();
    let texture = |x: usize, y: usize| (128.0 + 60.0 * (x as f32 * 0.4).sin() + 50.0 * (y as f32 * 0.5).cos()) as u8;
    for frame in 1..=3 {
        let at = 10 + 2 * frame as usize;
        square(folder.path(), "truth", frame, at);
        square(folder.path(), "matte", frame, if frame == 3 { at + 3 } else { at });
        let pixel = |index: usize| [texture(index % WIDTH + WIDTH - 2 * frame as usize, index / WIDTH); 3];
        let data = (0..WIDTH * HEIGHT).flat_map(pixel).collect();
        write(folder.path(), "shot", frame, (WIDTH, HEIGHT), Components::Rgb, data);
    }
    let found = json(folder.path(), &[SHOTS[0], SHOTS[1], "--picture", "shot.%04d.png"]);
    let excess = |index: usize| found["frames"][index]["excess_warp"].as_f64();
    assert_eq!((excess(0), excess(1)), (None, Some(0.0)), "a matte that moves as the truth does has no excess");
    assert!(excess(2).unwrap() > 5.0, "{found}");
}

#[test]
fn alpha_is_the_matte_unless_luma_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    square(folder.path(), "truth", 1, 12);
    let inside = |index: usize| (12..22).contains(&(index % WIDTH)) && (8..18).contains(&(index / WIDTH));
    let opaque = |index| if inside(index) { [255; 4] } else { [0, 0, 0, 255] };
    let data = (0..WIDTH * HEIGHT).flat_map(opaque).collect();
    write(folder.path(), "matte", 1, (WIDTH, HEIGHT), Components::Rgba, data);
    let output = run(folder.path(), &SHOTS);
    assert!(words(&output).contains("give --luma"), "{}", words(&output));
    let found = json(folder.path(), &[SHOTS[0], SHOTS[1], "--luma"]);
    assert_eq!(found["mean"]["j"], 1.0);
}

#[test]
fn a_report_never_replaces_a_file_that_is_compared() {
    let folder = tempfile::tempdir().unwrap();
    known(folder.path());
    for option in ["--json", "--plot"] {
        let output = run(folder.path(), &[SHOTS[0], SHOTS[1], option, "truth.0002.png"]);
        assert_eq!(output.status.code(), Some(2), "{}", words(&output));
    }
    let output = run(folder.path(), &[SHOTS[0], SHOTS[1], "--plot", "figures.pdf"]);
    assert_eq!(output.status.code(), Some(2), "{}", words(&output));
}
