//! Time per stage of a SAM3Roto frame through the bundle, at 1280x720, 1920x1080 and 3840x2160.
//!
//! `cargo xtask bench frame`. `SAM3ROTO_THREADS` sets the threads of the network. Per size: the first render of a
//! picture (library and model already loaded), the same picture with a moved point, and with another threshold; the
//! plugin's own share is everything but the network. Medians of several pictures; these machines are noisy.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "support/mod.rs"]
mod figures;
#[path = "support/renders.rs"]
mod renders;
#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use figures::milliseconds;
use headless::host::{Bundle, Depth, Plugin, RenderRequest, Value};
use renders::{Run, enlarged, timed};
use support::*;

/// Frames of the demo shot, one run each.
const FRAMES: [i32; 5] = [50, 60, 70, 80, 90];
const SIZES: [(usize, usize); 3] = [(1280, 720), (1920, 1080), (3840, 2160)];

fn main() {
    let threads = std::env::var("SAM3ROTO_THREADS").unwrap_or_else(|_| "all".to_owned());
    let Some((bundle, plugin)) = strict() else { return };
    println!("SAM3Roto, MobileSAM on CPU, {threads} threads, float RGBA; median of {} pictures, ms\n", FRAMES.len());
    warm_up(plugin);
    println!("{:<11} {:<14}{}", "size", "render", Run::heading());
    for (width, height) in SIZES {
        let runs: Vec<[Run; 3]> = FRAMES.iter().map(|&frame| runs(bundle, plugin, frame, width, height)).collect();
        for (index, name) in ["first", "moved point", "threshold"].into_iter().enumerate() {
            let runs: Vec<Run> = runs.iter().map(|runs| runs[index]).collect();
            println!("{:<11} {name:<14}{}", format!("{width}x{height}"), Run::row(&runs));
        }
    }
}

/// First render, moved point, other threshold.
fn runs(bundle: &Bundle, plugin: &Plugin, frame: i32, width: usize, height: usize) -> [Run; 3] {
    let instance = instance_on(plugin, enlarged(&demo_frame(frame), width, height));
    let scale = width as f64 / 1280.0;
    let point = |dx: f64| Value::Double2D([(RABBIT[0] + dx) * scale, RABBIT[1] * scale]);
    instance.set("point1Position", point(0.0)).unwrap();
    instance.set("point1Use", Value::Boolean(true)).unwrap();
    let request = RenderRequest { depth: Some(Depth::Float), ..RenderRequest::at(0.0) };
    let first = timed(bundle, &instance, &request);
    instance.set("point1Position", point(25.0)).unwrap();
    let moved = timed(bundle, &instance, &request);
    instance.set("threshold", Value::Double(0.4)).unwrap();
    let threshold = timed(bundle, &instance, &request);
    instance.destroy().unwrap();
    [first, moved, threshold]
}

fn warm_up(plugin: &Plugin) {
    let start = Instant::now();
    let instance = instance_on(plugin, demo_frame(1));
    place_point(&instance, 1, RABBIT, true);
    render(&instance, &RenderRequest::at(0.0));
    instance.destroy().unwrap();
    println!("loading library and model, and the first frame: {:.0} ms\n", milliseconds(start.elapsed()));
}
