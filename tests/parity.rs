//! The bundle's masks against a straight Python pipeline on the same ONNX files, pictures and prompts.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::path::Path;
use std::process::Command;

use headless::host::{RenderRequest, Value};
use headless::sequence::{Provenance, WriteSettings, read_picture, write_picture};
use support::*;

/// The least intersection over union at the resolution of the model's masks.
const AGREEMENT: f64 = 0.995;
/// The same at the size of the picture the model sees. Between its samples the two interpolate differently: the
/// reference bilinearly as the model's authors do, the bundle bicubically.
const AGREEMENT_BETWEEN: f64 = 0.99;

/// A still of the demo shot and its prompt in pixels, y down: points (x, y, include) and a box.
struct Still {
    frame: i32,
    points: &'static [(i32, i32, bool)],
    bounding_box: Option<[i32; 4]>,
}

/// Prompts that leave no doubt about the object: the networks' masks are compared, not their guesses.
const STILLS: &[Still] = &[
    Still { frame: 20, points: &[(440, 310, true), (147, 372, false)], bounding_box: Some([150, 160, 575, 560]) },
    Still { frame: 46, points: &[(448, 400, true)], bounding_box: Some([230, 21, 631, 614]) },
    Still { frame: 60, points: &[(460, 400, true)], bounding_box: Some([185, 35, 610, 615]) },
    Still { frame: 80, points: &[(470, 400, true), (450, 140, true)], bounding_box: None },
    Still { frame: 100, points: &[(470, 400, true)], bounding_box: Some([155, 75, 615, 620]) },
    Still { frame: 112, points: &[(460, 400, true), (225, 60, false)], bounding_box: Some([270, 45, 605, 620]) },
    Still { frame: 125, points: &[(460, 400, true)], bounding_box: Some([265, 55, 605, 620]) },
];

#[test]
fn masks_equal_those_of_the_reference_pipeline() {
    let Some((_, plugin)) = strict() else { return };
    let (Some(python), Some(models)) = (from_environment("SAM3ROTO_PYTHON"), from_environment("SAM3ROTO_MODELS"))
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    write_stills(folder.path());
    run_reference(&python, &models.join("mobilesam"), folder.path());
    for (index, still) in STILLS.iter().enumerate() {
        let matte = our_matte(plugin, still);
        let agreement = |file: &str| {
            let reference = read_picture(&folder.path().join(format!("reference/{index}.{file}.png"))).unwrap().frame;
            let expected: Vec<f32> = rgba(&reference).iter().map(|pixel| pixel[0]).collect();
            iou(&sampled(&matte, (1280, 720), (reference.width(), reference.height())), &expected)
        };
        let (at_masks, at_picture) = (agreement("mask"), agreement("picture"));
        println!(
            "frame {:>3}: IoU {at_masks:.4} at the masks' resolution, {at_picture:.4} at the picture's",
            still.frame
        );
        assert!(at_masks >= AGREEMENT, "frame {}: IoU {at_masks}", still.frame);
        assert!(at_picture >= AGREEMENT_BETWEEN, "frame {}: IoU {at_picture} at picture size", still.frame);
    }
}

/// The bundle's matte without its own edge work, row 0 at the top.
fn our_matte(plugin: &headless::host::Plugin, still: &Still) -> Vec<f32> {
    let instance = instance_on(plugin, demo_frame(still.frame));
    let up = |x: i32, y: i32| [f64::from(x), 720.0 - f64::from(y)];
    for (slot, &(x, y, include)) in still.points.iter().enumerate() {
        place_point(&instance, slot + 1, up(x, y), include);
    }
    if let Some([left, top, right, bottom]) = still.bounding_box {
        place_box(&instance, up(left, bottom), up(right, top));
    }
    instance.set("edgeDetail", Value::Double(0.0)).unwrap();
    let matte = alpha(&render(&instance, &RenderRequest::at(0.0)).frame);
    instance.destroy().unwrap();
    matte
}

fn write_stills(folder: &Path) {
    let mut stills = Vec::new();
    for still in STILLS {
        let name = format!("{}.png", still.frame);
        let picture = headless::sequence::Picture::new(demo_frame(still.frame));
        let provenance = Provenance {
            software: "parity test".into(),
            effect: ROTO.into(),
            frame: still.frame,
            ..Provenance::default()
        };
        write_picture(&folder.join(&name), &picture, &WriteSettings::default(), &provenance).unwrap();
        let points: Vec<_> = still
            .points
            .iter()
            .map(|&(x, y, include)| serde_json::json!({ "x": x, "y": y, "include": include }))
            .collect();
        let mut entry = serde_json::json!({ "image": name, "points": points });
        if let Some(corners) = still.bounding_box {
            entry["box"] = serde_json::json!(corners);
        }
        stills.push(entry);
    }
    let text = serde_json::json!({ "stills": stills }).to_string();
    std::fs::write(folder.join("prompts.json"), text).unwrap();
}

fn run_reference(python: &Path, models: &Path, folder: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/parity/mobilesam_reference.py");
    let output = Command::new(python)
        .arg(script)
        .arg("--models")
        .arg(models)
        .arg("--prompts")
        .arg(folder.join("prompts.json"))
        .arg("--out")
        .arg(folder.join("reference"))
        .output()
        .expect("the reference runs");
    assert!(output.status.success(), "the reference failed:\n{}", String::from_utf8_lossy(&output.stderr));
}

/// A matte at another size: bilinear at the middle of each pixel.
fn sampled(matte: &[f32], (width, height): (usize, usize), (to_width, to_height): (usize, usize)) -> Vec<f32> {
    let position = |index: usize, count: usize, length: usize| {
        let at = ((index as f64 + 0.5) * length as f64 / count as f64 - 0.5).clamp(0.0, (length - 1) as f64);
        (at as usize, (at as usize + 1).min(length - 1), at.fract() as f32)
    };
    let mut out = Vec::with_capacity(to_width * to_height);
    for y in 0..to_height {
        let (y0, y1, fy) = position(y, to_height, height);
        for x in 0..to_width {
            let (x0, x1, fx) = position(x, to_width, width);
            let row = |y: usize| matte[y * width + x0] * (1.0 - fx) + matte[y * width + x1] * fx;
            out.push(row(y0) * (1.0 - fy) + row(y1) * fy);
        }
    }
    out
}
