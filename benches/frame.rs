//! Time per stage of a SAM3Roto frame through the bundle, at 1280x720, 1920x1080 and 3840x2160.
//!
//! `cargo xtask bench frame`. `SAM3ROTO_THREADS` sets the threads of the network. Per size: the first render of a
//! picture (library and model already loaded), the same picture with a moved point, and with another threshold; the
//! plugin's own share is everything but the network. Medians of several pictures; these machines are noisy.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use headless::host::{Bundle, Components, Depth, Frame, Instance, Plugin, RectI, RenderRequest, Value};
use serde_json::Value as Json;
use support::*;

/// Frames of the demo shot, one run each.
const FRAMES: [i32; 5] = [50, 60, 70, 80, 90];
const SIZES: [(usize, usize); 3] = [(1280, 720), (1920, 1080), (3840, 2160)];
/// The network's stages in the report; everything else is the plugin's own.
const NETWORK: [&str; 2] = ["encode", "decode"];

fn main() {
    let threads = std::env::var("SAM3ROTO_THREADS").unwrap_or_else(|_| "all".to_owned());
    let Some((bundle, plugin)) = strict() else { return };
    println!("SAM3Roto, MobileSAM on CPU, {threads} threads, float RGBA; median of {} pictures, ms\n", FRAMES.len());
    warm_up(plugin);
    println!(
        "{:<11} {:<14} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "size", "render", "total", "encode", "decode", "key", "picture", "matte", "paint", "own"
    );
    for (width, height) in SIZES {
        let runs: Vec<[Run; 3]> = FRAMES.iter().map(|&frame| runs(bundle, plugin, frame, width, height)).collect();
        for (index, name) in ["first", "moved point", "threshold"].into_iter().enumerate() {
            let median = Run::median(runs.iter().map(|runs| runs[index]));
            println!("{:<11} {name:<14} {median}", format!("{width}x{height}"));
        }
    }
}

/// Milliseconds of one render.
#[derive(Clone, Copy, Default)]
struct Run {
    total: f64,
    encode: f64,
    decode: f64,
    key: f64,
    picture: f64,
    matte: f64,
    paint: f64,
}

impl Run {
    fn own(&self) -> f64 {
        self.total - self.encode - self.decode
    }

    fn median(runs: impl Iterator<Item = Self> + Clone) -> Self {
        let of = |value: fn(&Self) -> f64| {
            let mut values: Vec<f64> = runs.clone().map(|run| value(&run)).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Self {
            total: of(|run| run.total),
            encode: of(|run| run.encode),
            decode: of(|run| run.decode),
            key: of(|run| run.key),
            picture: of(|run| run.picture),
            matte: of(|run| run.matte),
            paint: of(|run| run.paint),
        }
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { total, encode, decode, key, picture, matte, paint } = self;
        write!(
            f,
            "{total:>8.1} {encode:>8.1} {decode:>8.1} {key:>8.1} {picture:>8.1} {matte:>8.1} {paint:>8.1} {:>8.1} {:>5.1} %",
            self.own(),
            100.0 * self.own() / total
        )
    }
}

/// First render, moved point, other threshold.
fn runs(bundle: &Bundle, plugin: &Plugin, frame: i32, width: usize, height: usize) -> [Run; 3] {
    let instance = instance_on(plugin, enlarged(&demo_frame(frame), width, height));
    let scale = width as f64 / 1280.0;
    let point = |dx: f64| Value::Double2D([(RABBIT[0] + dx) * scale, RABBIT[1] * scale]);
    instance.set("point1Position", point(0.0)).unwrap();
    instance.set("point1Use", Value::Boolean(true)).unwrap();
    let first = timed(bundle, &instance);
    instance.set("point1Position", point(25.0)).unwrap();
    let moved = timed(bundle, &instance);
    instance.set("threshold", Value::Double(0.4)).unwrap();
    let threshold = timed(bundle, &instance);
    instance.destroy().unwrap();
    [first, moved, threshold]
}

fn timed(bundle: &Bundle, instance: &Instance) -> Run {
    let before = stages(bundle);
    let request = RenderRequest { depth: Some(Depth::Float), ..RenderRequest::at(0.0) };
    let rendered = render(instance, &request);
    let after = stages(bundle);
    let spent = |name: &str| milliseconds(&after, name) - milliseconds(&before, name);
    Run {
        total: rendered.timings.render.as_secs_f64() * 1e3,
        encode: spent(NETWORK[0]),
        decode: spent(NETWORK[1]),
        key: spent("source_key"),
        picture: spent("model_picture"),
        matte: spent("matte"),
        paint: spent("paint"),
    }
}

fn stages(bundle: &Bundle) -> Json {
    let text = bundle.report("Sam3RotoReport", "counters").expect("the bundle reports");
    serde_json::from_str(&text).expect("the report is JSON")
}

fn milliseconds(report: &Json, stage: &str) -> f64 {
    let engine = report["stages"][stage]["total_ms"].as_f64();
    let own = report["plugin_stages"].as_array().into_iter().flatten();
    let own = own.filter(|entry| entry["name"] == stage).filter_map(|entry| entry["total_ms"].as_f64()).next();
    engine.or(own).unwrap_or(0.0)
}

fn warm_up(plugin: &Plugin) {
    let start = Instant::now();
    let instance = instance_on(plugin, demo_frame(1));
    place_point(&instance, 1, RABBIT, true);
    render(&instance, &RenderRequest::at(0.0));
    instance.destroy().unwrap();
    println!("loading library and model, and the first frame: {:.0} ms\n", start.elapsed().as_secs_f64() * 1e3);
}

/// The picture in float at another size: nearest pixel, for only its size matters here.
fn enlarged(frame: &Frame, width: usize, height: usize) -> Frame {
    let pixels = rgba(frame);
    let mut data = Vec::with_capacity(width * height * 16);
    for y in 0..height {
        let row = y * frame.height() / height;
        for x in 0..width {
            for value in pixels[row * frame.width() + x * frame.width() / width] {
                data.extend_from_slice(&value.to_ne_bytes());
            }
        }
    }
    let bounds = RectI { x1: 0, y1: 0, x2: width as i32, y2: height as i32 };
    Frame::new(bounds, Depth::Float, Components::Rgba, data).expect("a frame")
}
