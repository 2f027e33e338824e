//! Installed networks for motion: milliseconds per megapixel of a pair in both directions, and the most memory of a run.
//!
//! `cargo xtask bench networks [--models FOLDER] [--runs 3]`: every network in the folder's sub-folders, and DIS beside
//! them. `python resources/export --random raft_small --out FOLDER/raft-small` makes one of random weights, which takes as
//! long as a trained one. SAM3ROTO_ONNXRUNTIME names the library, SAM3ROTO_THREADS the threads (default 2).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

use flow::{DisEstimator, FlowEstimator, LAYOUTS, Preset, choose};
use inference::{Engine, EngineOptions, NeverAbort};
use raster::Plane;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

const SIZES: [(usize, usize); 2] = [(480, 272), (960, 540)];

fn main() {
    let (models, runs) = arguments();
    let dis: Arc<dyn FlowEstimator> = Arc::new(DisEstimator::new(Preset::Medium, 960));
    println!(
        "{:<34} {:>9} {:>10} {:>10} {:>9}  both directions, the fastest of {runs}",
        "", "size", "ms", "ms/MP", "peak MB"
    );
    measure(&*dis, None, runs);
    let Some(models) = models else {
        println!("no --models FOLDER: DIS alone");
        return;
    };
    let threads = std::env::var("SAM3ROTO_THREADS").map_or(2, |threads| threads.parse().unwrap());
    // One engine after the other, so that each peak is its own.
    let engine = || {
        let library = PathBuf::from(std::env::var_os("SAM3ROTO_ONNXRUNTIME").expect("SAM3ROTO_ONNXRUNTIME"));
        let model_dirs = vec![models.clone()];
        Engine::new(EngineOptions { library, model_dirs, layouts: LAYOUTS, threads, ..EngineOptions::default() })
    };
    for found in engine().registry().list() {
        for size in SIZES {
            let engine = engine();
            match choose(&engine, &found.name, &dis, &NeverAbort) {
                Ok(choice) => measure_at(&*choice.estimator, Some(&engine), size, runs),
                Err(error) => println!("{}: {error}", found.name),
            }
        }
    }
}

/// `--models` and `--runs`.
fn arguments() -> (Option<PathBuf>, usize) {
    let (mut models, mut runs) = (None, 3);
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        let value = arguments.next().expect("every option has a value");
        match argument.as_str() {
            "--models" => models = Some(PathBuf::from(value)),
            "--runs" => runs = value.parse().unwrap(),
            other => panic!("{other}: options are --models FOLDER and --runs 3"),
        }
    }
    (models, runs)
}

fn measure(estimator: &dyn FlowEstimator, engine: Option<&Engine>, runs: usize) {
    SIZES.into_iter().for_each(|size| measure_at(estimator, engine, size, runs));
}

fn measure_at(estimator: &dyn FlowEstimator, engine: Option<&Engine>, (width, height): (usize, usize), runs: usize) {
    let size = estimator.working_size(width, height);
    let [a, b] = [0, 3].map(|shift| picture(size, shift));
    let time = |_| {
        let start = Instant::now();
        estimator.both(&a, &b, &NeverAbort).unwrap();
        start.elapsed().as_secs_f64() * 1e3
    };
    let fastest = (0..runs).map(time).fold(f64::INFINITY, f64::min);
    let peak = engine.map(|engine| {
        let rows = engine.guard().report().rows;
        rows.iter().map(|row| row.peak_bytes).sum::<u64>() >> 20
    });
    println!(
        "{:<34} {:>9} {fastest:>10.0} {:>10.0} {:>9}",
        estimator.name(),
        format!("{}x{}", size.0, size.1),
        fastest / (size.0 * size.1) as f64 * 1e6,
        peak.map_or("-".to_owned(), |peak| peak.to_string())
    );
}

fn picture((width, height): (usize, usize), shift: usize) -> Plane<[u8; 3]> {
    let value = |i: usize| {
        let (x, y) = ((i % width + shift) as f32, (i / width) as f32);
        let wave = |a: f32, b: f32| (128.0 + 60.0 * (x * a).sin() + 50.0 * (y * b + x * 0.03).cos()) as u8;
        [wave(0.21, 0.17), wave(0.05, 0.11), wave(0.13, 0.02)]
    };
    Plane::from_vec(width, height, (0..width * height).map(value).collect()).unwrap()
}
