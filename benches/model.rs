//! A model of full size through the bundle: time per stage, and memory against the budget.
//!
//! `cargo xtask bench model -- --model FOLDER [--frames 4]`. The folder is what `resources/export` made, of official
//! weights or of random ones (`python resources/export --random sam2 --seed 1 --out FOLDER`); any other model that the
//! plugin runs will do as well. Pictures of 1920x1080, one point that is keyed on the first: where the model tracks, the
//! others are tracked. The budget is that of the settings, such as `SAM3ROTO_MEMORY_HOST_HARD_MB`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "support/mod.rs"]
mod figures;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::process::ExitCode;

use figures::{Verdict, megabytes, milliseconds, options_and_model};
use headless::host::{
    Bundle, ClipFormat, Components, Depth, Frame, ImageSource, Instance, InstanceOptions, Plugin, Profile, RectD,
    RectI, RenderRequest, SourceError, Value,
};
use serde_json::Value as Json;
use support::process::Usage;
use support::*;

const SIZE: (i32, i32) = (1920, 1080);
/// The network's stages in the report, and the two of the plugin's own that take time with the size of the frame.
const STAGES: [&str; 5] = ["encode", "track", "decode", "matte", "paint"];

/// A host that keeps nothing of what it frees, so that what is held is the plugin's.
#[global_allocator]
static MEMORY: blocks::Blocks = blocks::Blocks;

fn main() -> ExitCode {
    let ([frames], model) = options_and_model([("frames", 4)], true);
    let Some(model) = model.and_then(|folder| folder.canonicalize().ok()) else {
        eprintln!("--model FOLDER names the model to measure: a folder with its graphs");
        return ExitCode::from(2);
    };
    let Some((bundle, plugin)) = open(Profile::Strict) else { return ExitCode::SUCCESS };
    use_only(&bundle, &model);
    println!("{} at {}x{}, one point keyed on frame 0; ms\n", model.display(), SIZE.0, SIZE.1);
    let instance = instance(&plugin, frames);
    let mut failed = None;
    print!("{:>5} {:>9}", "frame", "render");
    STAGES.iter().for_each(|stage| print!(" {stage:>9}"));
    println!(" {:>9} {:>9}", "loading", "other");
    for frame in 0..frames {
        if let Err(problem) = print_frame(&bundle, &instance, frame) {
            failed = Some(problem);
            break;
        }
    }
    let doctor = report(&bundle, "doctor");
    instance.destroy().unwrap();
    println!();
    print_memory(&doctor);
    judge(&doctor, &model, failed.as_deref()).exit_code()
}

/// Makes the engine search for models beside this one only. Nothing has read the settings yet.
fn use_only(bundle: &Bundle, model: &Path) {
    let models = model.parent().unwrap();
    let taken = report(bundle, &format!("set\nengine.models\n{}", models.display()));
    assert!(taken["problem"].is_null(), "{taken}");
}

fn instance(plugin: &Plugin, frames: usize) -> Instance {
    let mut options = InstanceOptions::default();
    options.clips.insert("Source".into(), Box::new(Stripes { frames }));
    let instance = Instance::create(plugin, options).unwrap();
    let (width, height) = (f64::from(SIZE.0), f64::from(SIZE.1));
    place_point(&instance, 1, [width / 2.0, height / 2.0], true);
    instance.set_key("point1Position", 0.0, Value::Double2D([width / 2.0, height / 2.0])).unwrap();
    instance
}

/// Renders a frame and prints what took how long.
fn print_frame(bundle: &Bundle, instance: &Instance, frame: usize) -> Result<(), String> {
    let before = report(bundle, "counters");
    let rendered = instance.render(&RenderRequest::at(frame as f64)).map_err(|error| error.to_string())?;
    let after = report(bundle, "counters");
    let spent = |stage: &str| total(&after, stage) - total(&before, stage);
    let (render, stages) = (milliseconds(rendered.timings.render), STAGES.map(spent));
    let loading = spent("load_session") + spent("hash_model");
    print!("{frame:>5} {render:>9.1}");
    stages.iter().for_each(|stage| print!(" {stage:>9.1}"));
    println!(" {loading:>9.1} {:>9.1}", render - loading - stages.iter().sum::<f64>());
    Ok(())
}

/// Milliseconds of all runs of a stage, the engine's or the plugin's own.
fn total(counters: &Json, stage: &str) -> f64 {
    let own = counters["plugin_stages"].as_array().unwrap().iter().find(|entry| entry["name"] == stage);
    own.unwrap_or(&counters["stages"][stage])["total_ms"].as_f64().unwrap_or(0.0)
}

/// The ledger's owners of main memory with the most that each ever held, and the whole process.
fn print_memory(doctor: &Json) {
    println!("{:<52} {:>9} {:>9}", "in the ledger", "peak MB", "now MB");
    for row in host_rows(doctor) {
        let of = |field: &str| megabytes(row[field].as_u64().unwrap_or(0));
        let owner: Vec<&str> = row["owner"].as_object().unwrap().values().filter_map(Json::as_str).collect();
        let owner = owner.join(" ");
        println!("{owner:<52} {:>9.1} {:>9.1}", of("peak_bytes"), of("charged_bytes"));
    }
    if let Some(usage) = Usage::here() {
        println!("{:<52} {:>9.1} {:>9.1}", "the whole process", megabytes(usage.peak), megabytes(usage.resident));
    }
    println!();
}

fn judge(doctor: &Json, model: &Path, failed: Option<&str>) -> Verdict {
    let mut verdict = Verdict::default();
    verdict.tell(failed.is_none(), "every frame renders", failed.unwrap_or("yes"));
    let sessions = doctor["sessions"].as_array().unwrap();
    let is_its = |session: &Json| session["file"].as_str().is_some_and(|file| Path::new(file).starts_with(model));
    let foreign = sessions.iter().filter(|session| !is_its(session)).count();
    verdict.tell(
        !sessions.is_empty() && foreign == 0,
        "the model named is the one that ran",
        &format!("{} sessions", sessions.len()),
    );
    let budget = host_place(doctor)["hard_budget_bytes"].as_u64().unwrap_or(0);
    // The owners' peaks did not come at one moment, and the process holds more than the plugin: both are upper bounds.
    let peaks: u64 = host_rows(doctor).filter_map(|row| row["peak_bytes"].as_u64()).sum();
    let most = Usage::here().map_or(peaks, |usage| usage.peak.min(peaks));
    let found = format!("less than {:.0} of {:.0} MB", megabytes(most), megabytes(budget));
    verdict.tell(most <= budget, "nothing over the memory guard's budget", &found);
    verdict
}

fn host_place(doctor: &Json) -> &Json {
    let places = doctor["memory"]["places"].as_array().unwrap();
    places.iter().find(|place| place["place"] == "host").expect("main memory is a place")
}

fn host_rows(doctor: &Json) -> impl Iterator<Item = &Json> {
    doctor["memory"]["rows"].as_array().unwrap().iter().filter(|row| row["place"] == "host")
}

/// Soft stripes, others on each frame.
struct Stripes {
    frames: usize,
}

impl ImageSource for Stripes {
    fn range(&self) -> (f64, f64) {
        (0.0, self.frames as f64 - 1.0)
    }

    fn format(&self) -> ClipFormat {
        ClipFormat::new(Depth::Byte, Components::Rgba)
    }

    fn rod(&self, _time: f64) -> RectD {
        RectD::from_pixels(&RectI { x1: 0, y1: 0, x2: SIZE.0, y2: SIZE.1 }, (1.0, 1.0), 1.0)
    }

    fn frame(&self, time: f64) -> Result<Frame, SourceError> {
        Ok(striped_frame(SIZE.0, SIZE.1, time as usize))
    }
}
