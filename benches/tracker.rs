//! What the tracker costs outside the network, a frame of 1920x1080 at a time.
//!
//! `cargo xtask bench tracker [--frames 24] [--objects 1] [--model FOLDER]`, with two threads unless `SAM3ROTO_THREADS`
//! says otherwise. The tiny models of the tests tell the cost itself: their network is too cheap to compare with. The
//! promise is about a model of full size, which `--model` names: a folder that `resources/export` made, of official
//! weights, or of random ones (`python resources/export --random sam2 --seed 1 --out FOLDER`). Everything is called as
//! the plugin calls it; the network's time is that of the engine's own counters. Medians of the frames that see as many
//! memories as there can be.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "support/mod.rs"]
mod figures;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use figures::{Verdict, median, megabytes, milliseconds, options_and_model};
use inference::{ByteSize, Engine, EngineOptions, Limits, NeverAbort};
use raster::{Components, Depth, PixelLayout, PixelView, SourceEncoding, model_picture};
use segment::exported::Exported;
use segment::tracker::{Direction, FramePrompt, Tracker, TrackerOptions};
use segment::{LAYOUTS, Point, open};
use support::{from_environment, striped_frame};

const SIZE: (i32, i32) = (1920, 1080);
/// The most that the tracker's own work may take of a frame.
const SHARE: f64 = 0.05;
/// Frames after which memories and pointers are as many as there can be: `max_pointers` of both families.
const WARM_UP: usize = 16;

fn main() -> ExitCode {
    let ([frames, objects], full_size) = options_and_model([("frames", 24), ("objects", 1)], true);
    let Some(library) = from_environment("SAM3ROTO_ONNXRUNTIME") else { return ExitCode::SUCCESS };
    let threads = std::env::var("SAM3ROTO_THREADS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/export/fixtures");
    println!("{}x{}, {threads} threads, objects: {objects}; medians of {frames} frames, ms\n", SIZE.0, SIZE.1);
    println!(
        "{:<28} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>9}",
        "model", "frame", "encode", "track", "decode", "picture", "embed", "tracker", "share", "state MB"
    );
    let bench = |folder: &Path| Bench::open(&library, folder, threads).map(|bench| bench.run(frames, objects));
    for family in ["sam2", "sam3"] {
        bench(&fixtures.join(family)).unwrap();
    }
    let mut verdict = Verdict::default();
    println!();
    match full_size.as_deref().map(bench) {
        None => println!("the promise is not looked at: --model names no model of full size"),
        Some(Err(problem)) => verdict.tell(false, "a model of full size", &problem),
        Some(Ok(share)) => {
            let found = format!("{:.2} %", 100.0 * share);
            verdict.tell(share < SHARE, "the tracker's own work takes less than 5 % of a frame", &found);
        }
    }
    verdict.exit_code()
}

/// A model and what runs it.
struct Bench {
    engine: Arc<Engine>,
    model: Arc<Exported>,
}

/// Milliseconds of one frame.
struct Cost {
    frame: f64,
    encode: f64,
    track: f64,
    decode: f64,
    /// The frame's pixels to the model's picture.
    picture: f64,
    /// Looking for and keeping what the encoder makes, outside the encoder.
    embed: f64,
    /// The tracker outside the network.
    tracker: f64,
}

impl Bench {
    /// The model in a folder, alone in an engine.
    fn open(library: &Path, folder: &Path, threads: usize) -> Result<Self, String> {
        let folder = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
        let models = folder.parent().map(PathBuf::from).unwrap_or_default();
        let engine = Engine::new(EngineOptions {
            library: library.to_owned(),
            model_dirs: vec![models],
            layouts: LAYOUTS,
            threads,
            features: Limits::bytes(256 << 20),
            ..EngineOptions::default()
        });
        let installed = engine.registry().list();
        let found = installed.iter().find(|found| found.folder == folder);
        let found = found.ok_or_else(|| format!("{} holds no model", folder.display()))?;
        let model = open(&engine, &found.name).map_err(|error| error.to_string())?;
        let model = model.exported().ok_or_else(|| format!("{} does not track", found.name))?;
        Ok(Self { engine, model })
    }

    /// Tracks, prints a row and returns the share of the tracker in a frame's time.
    fn run(&self, frames: usize, objects: usize) -> f64 {
        let mut tracker = Tracker::new(&self.model, WARM_UP + frames, TrackerOptions::default(), &NeverAbort).unwrap();
        let costs: Vec<Cost> =
            (0..WARM_UP + frames).map(|frame| self.frame(&mut tracker, frame, objects as u32)).collect();
        let of = |part: fn(&Cost) -> f64| median(costs[WARM_UP..].iter().map(part));
        let (frame, tracked) = (of(|cost| cost.frame), of(|cost| cost.tracker));
        let (encode, track, decode) = (of(|cost| cost.encode), of(|cost| cost.track), of(|cost| cost.decode));
        let (picture, embed) = (of(|cost| cost.picture), of(|cost| cost.embed));
        let (share, name) = (tracked / frame, self.model.name());
        let state = megabytes(tracker.state().byte_size());
        println!(
            "{name:<28} {frame:>9.1} {encode:>9.1} {track:>9.1} {decode:>9.1} {picture:>9.2} {embed:>9.2} {tracked:>9.2} \
             {:>5.1} % {state:>9.1}",
            100.0 * share
        );
        share
    }

    fn frame(&self, tracker: &mut Tracker, frame: usize, objects: u32) -> Cost {
        let pixels = striped_frame(SIZE.0, SIZE.1, frame);
        let layout = PixelLayout {
            width: pixels.width(),
            height: pixels.height(),
            depth: Depth::Byte,
            components: Components::Rgba,
            row_bytes: (pixels.width() * 4) as isize,
            top_row: 0,
        };
        let view = PixelView::new(pixels.data(), layout).unwrap();
        let side = self.model.facts().image_size;
        let before = self.network();
        let start = Instant::now();
        let picture = model_picture(&view, SourceEncoding::Display, false, side, side);
        let pictured = milliseconds(start.elapsed());
        let embedding = self.model.embed(&picture, &NeverAbort).unwrap();
        let encoded = self.model.encoded(&embedding, &NeverAbort).unwrap();
        let embedded = milliseconds(start.elapsed());
        let between = self.network();
        if frame == 0 {
            for object in 0..objects {
                let x = side as f32 * (object as f32 + 0.5) / objects as f32;
                let points = vec![Point { x, y: side as f32 * 0.5, include: true }];
                let prompt = FramePrompt { points, ..FramePrompt::default() };
                tracker.prompt(object, frame, &encoded, &prompt, &NeverAbort).unwrap();
            }
        }
        tracker.step(frame, Direction::Forward, &encoded, &NeverAbort).unwrap();
        let tracked = milliseconds(start.elapsed());
        let after = self.network();
        let spent = |from: &[f64; 3], to: &[f64; 3]| to.iter().sum::<f64>() - from.iter().sum::<f64>();
        Cost {
            frame: tracked,
            encode: after[0] - before[0],
            track: after[1] - before[1],
            decode: after[2] - before[2],
            picture: pictured,
            embed: embedded - pictured - spent(&before, &between),
            tracker: tracked - embedded - spent(&between, &after),
        }
    }

    /// Milliseconds that the network ran so far: encode, track, decode.
    fn network(&self) -> [f64; 3] {
        let counters = self.engine.counters();
        ["encode", "track", "decode"].map(|stage| counters.stages[stage].total_ms)
    }
}
