//! `sam3roto qc`: a job in, figures of every frame out.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use headless::sequence::{Picture, Provenance, WriteSettings, read_picture, write_picture};
use support::workplace::{Workplace, words};
use support::*;

/// A shot of six frames in a folder, where the picture jumps from 3 to 4, and the job of a node that tracks through it.
fn job(place: &Workplace, prompts: &str) {
    let provenance = Provenance { software: "test".into(), ..Provenance::default() };
    for frame in 1..=6 {
        let picture = Picture::new(striped_frame(192, 108, if frame > 3 { 40 } else { 1 }));
        let file = place.path(format!("shot.{frame:04}.png"));
        write_picture(&file, &picture, &WriteSettings::default(), &provenance).unwrap();
    }
    let job = format!("effect = \"{ROTO}\"\nin = \"shot.%04d.png\"\nout = \"matte.%04d.png\"\n[set]\n{prompts}\n");
    std::fs::write(place.path("roto.toml"), job).unwrap();
}

const POINT: &str = "point1Use = true\npoint1Position = [90, 50]\nreferenceFrame = 1";

fn qc(place: &Workplace, arguments: &[&str]) -> Output {
    let mut command: Command = place.sam3roto(&["qc", "roto.toml"]);
    command.args(arguments).current_dir(place.path("")).output().unwrap()
}

fn json(file: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn every_frame_has_its_figures_and_suspicious_ones_their_reasons() {
    let Some(place) = Workplace::new() else { return };
    job(&place, POINT);
    let output = qc(&place, &["--json", "qc.json", "--below", "90"]);
    assert!(output.status.success(), "{}", words(&output));
    let found = json(&place.path("qc.json"));
    let frames = found["frames"].as_array().unwrap();
    let numbers: Vec<f64> = frames.iter().map(|row| row["frame"].as_f64().unwrap()).collect();
    assert_eq!(numbers, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    for row in frames {
        let reasons = row["reasons"].as_array().unwrap();
        assert_eq!(row["suspicious"] == true, !reasons.is_empty(), "{row}");
        assert_eq!(row["suspicious"] == true, row["score"].as_u64().unwrap() < 90, "{row}");
    }
    let figure = |frame: usize| frames[frame - 1]["motion"].as_u64().unwrap();
    assert!(figure(4) < figure(3), "the jump is no worse than standing still: {found}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("of 6 frames suspicious (score below 90)"), "{text}");
    assert!(!place.path("matte.0001.png").exists(), "it wrote mattes");
}

#[test]
fn a_job_as_effects_export_it_says_nothing_of_files_and_is_reviewed_with_those_named_beside_it() {
    let Some(place) = Workplace::new() else { return };
    job(&place, POINT);
    let told = std::fs::read_to_string(place.path("roto.toml")).unwrap();
    let exported = told.replace("in = \"shot.%04d.png\"\nout = \"matte.%04d.png\"\n", "in = \"\"\n");
    assert_ne!(exported, told);
    std::fs::write(place.path("roto.toml"), exported).unwrap();
    let missing = qc(&place, &[]);
    assert!(!missing.status.success() && words(&missing).contains("--in is missing"), "{}", words(&missing));
    let output = qc(&place, &["--in", "shot.%04d.png", "--frames", "2-5", "--json", "qc.json"]);
    assert!(output.status.success(), "{}", words(&output));
    assert_eq!(json(&place.path("qc.json"))["frames"].as_array().unwrap().len(), 4);
}

#[test]
fn the_sheet_is_a_picture_and_the_page_shows_it() {
    let Some(place) = Workplace::new() else { return };
    job(&place, POINT);
    let output = qc(&place, &["--sheet", "worst.png", "--worst", "4", "--report", "qc.html", "--brief"]);
    assert!(output.status.success(), "{}", words(&output));
    let sheet = read_picture(&place.path("worst.png")).unwrap().frame;
    let picture_height = 480 * 108 / 192;
    assert!(sheet.width() > 3 * 480 && sheet.height() > 2 * picture_height, "{} x {}", sheet.width(), sheet.height());
    let page = std::fs::read_to_string(place.path("qc.html")).unwrap();
    assert!(page.contains("src=\"worst.png\"") && page.contains("<polyline") && page.contains("roto.toml"), "{page}");
}

#[test]
fn a_job_that_tracks_nothing_says_so() {
    let Some(place) = Workplace::new() else { return };
    job(&place, "");
    let output = qc(&place, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(words(&output).contains("roto.toml tracks nothing: its prompts are points or boxes"), "{}", words(&output));
}
