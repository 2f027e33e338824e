//! Time and memory of MobileSAM through the engine, on made-up pictures:
//! `SAM3ROTO_ONNXRUNTIME=... SAM3ROTO_MODELS=... cargo run --release -p segment --example measure [threads] [frames]`

use std::{env, error::Error, fs, path::PathBuf, time::Instant};

use inference::{Engine, EngineOptions, Limits, NeverAbort};
use raster::Plane;
use segment::{LAYOUTS, Point, Prompt, open};

/// As in the plugin.
#[global_allocator]
static BLOCKS: blocks::Blocks = blocks::Blocks;

fn main() -> Result<(), Box<dyn Error>> {
    let number = |at: usize, default: usize| env::args().nth(at).map_or(Ok(default), |text| text.parse());
    let (threads, frames) = (number(1, 2)?, number(2, 6)?);
    let path = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(format!("{name} is not set"));
    let engine = Engine::new(EngineOptions {
        library: path("SAM3ROTO_ONNXRUNTIME")?,
        model_dirs: vec![path("SAM3ROTO_MODELS")?],
        layouts: LAYOUTS,
        threads,
        features: Limits::bytes(256 << 20),
        ..EngineOptions::default()
    });
    let model = open(&engine, "auto")?;
    tell("start");
    for frame in 0..frames {
        let picture = picture(frame);
        let start = Instant::now();
        let embedding = model.embed(&picture, &NeverAbort)?;
        let encoded = start.elapsed();
        let mut decoded = Vec::new();
        for click in 0..5 {
            let point = Point { x: 300.0 + 20.0 * click as f32, y: 300.0, include: true };
            let start = Instant::now();
            model.segment(&embedding, &Prompt { points: vec![point], ..Prompt::default() }, &NeverAbort)?;
            decoded.push(format!("{:.0}", start.elapsed().as_secs_f64() * 1e3));
        }
        let encoded = encoded.as_secs_f64() * 1e3;
        tell(&format!(
            "frame {frame}: {} encoded in {encoded:.0} ms, decoded in {} ms",
            model.name(),
            decoded.join(" ")
        ));
    }
    for (name, stage) in engine.counters().stages {
        println!(
            "{name}: {} x {:.1} ms, longest {:.1} ms",
            stage.count,
            stage.total_ms / stage.count as f64,
            stage.longest_ms
        );
    }
    Ok(())
}

/// Blobs that differ from frame to frame.
fn picture(frame: usize) -> Plane<[u8; 3]> {
    let mut picture = Plane::new(1024, 576, [0; 3]);
    for (y, row) in picture.rows_mut().enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            let wave =
                |scale: f32| ((x as f32 / scale).sin() * ((y + frame) as f32 / scale).cos() * 120.0 + 128.0) as u8;
            *pixel = [wave(90.0), wave(50.0), wave(23.0)];
        }
    }
    picture
}

/// Says where the process is, with its memory now and at its peak where the system tells (Linux).
fn tell(what: &str) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let megabytes = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("0");
        line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) / 1024
    };
    println!("{what}; resident {} MB, peak {} MB", megabytes("VmRSS:"), megabytes("VmHWM:"));
}
