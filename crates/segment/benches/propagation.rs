//! What tracking with an image-only model costs outside its networks, a frame of 854x480 at a time.
//!
//! `cargo xtask bench propagation [--frames 24]`, with two threads unless `SAM3ROTO_THREADS` and `RAYON_NUM_THREADS` say
//! otherwise. MobileSAM follows a disc: a small one and one that fills most of the height, from one prompted frame and
//! from three, and on frames where it is hidden, which are searched for it. The first frames of each row are not counted:
//! after them as many frames are remembered as there can be. Times are those of the tracker's step without what the
//! engine's counters say of the decoder.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "../../../benches/support/mod.rs"]
mod figures;
#[path = "../tests/support/mod.rs"]
mod support;

use std::{env, process::ExitCode, sync::Arc, time::Instant};

use figures::{Verdict, median, milliseconds, options};
use inference::{Engine, NeverAbort};
use raster::{Components, Depth, PixelLayout, PixelView, Plane, SourceEncoding, model_picture};
use segment::{
    Embedding, ImageSegmenter, ShotTracker, open,
    tracker::{FramePrompt, TrackerOptions},
};

const SIZE: (usize, usize) = (854, 480);

/// Milliseconds that the tracker may take of a frame beside its networks.
const MOST: f64 = 60.0;

/// Frames after which as many are remembered as there can be: three sure ones ten frames apart, and three recent ones.
const WARM_UP: usize = 34;

/// Pictures that the disc goes to and fro over, so that the encoder runs for no more than these.
const PICTURES: usize = 5;

/// What is followed.
struct Case {
    name: &'static str,
    /// Of the disc, in pixels.
    radius: f32,
    prompts: usize,
    /// Whether the disc is gone from the counted frames.
    is_hidden: bool,
}

const CASES: [Case; 5] = [
    Case { name: "small", radius: 45.0, prompts: 1, is_hidden: false },
    Case { name: "large", radius: 200.0, prompts: 1, is_hidden: false },
    Case { name: "large, three prompts", radius: 200.0, prompts: 3, is_hidden: false },
    Case { name: "small, hidden", radius: 45.0, prompts: 1, is_hidden: true },
    Case { name: "large, hidden", radius: 200.0, prompts: 1, is_hidden: true },
];

fn main() -> ExitCode {
    let [frames] = options([("frames", 24)]);
    let threads = env::var("SAM3ROTO_THREADS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let Some((library, folder)) = support::library().zip(support::model_folder()) else { return ExitCode::SUCCESS };
    let models = folder.parent().expect("a folder of models").to_owned();
    let engine = support::engine_with_threads(library, models, threads);
    let model = open(&engine, "mobilesam").unwrap();
    println!(
        "{} at {}x{}, {threads} threads; {frames} frames, ms of a frame beside the networks\n",
        model.name(),
        SIZE.0,
        SIZE.1
    );
    println!("{:<24} {:>9} {:>9} {:>9} {:>9}", "", "median", "least", "most", "decoder");
    let mut verdict = Verdict::default();
    let medians: Vec<f64> = CASES.iter().map(|case| case.measure(&engine, &*model, frames)).collect();
    println!();
    for (case, median) in CASES.iter().zip(medians) {
        verdict.tell(median < MOST, &format!("{}: less than {MOST} ms", case.name), &format!("{median:.1}"));
    }
    verdict.exit_code()
}

impl Case {
    /// Tracks, prints a row and returns the median.
    fn measure(&self, engine: &Arc<Engine>, model: &dyn ImageSegmenter, frames: usize) -> f64 {
        let pictures: Vec<Embedding> = (0..PICTURES).map(|at| embedding(model, Some((self.radius, at)))).collect();
        let empty = embedding(model, None);
        let trackers = model.trackers().expect("every model has a tracker");
        let mut tracker = trackers.start(TrackerOptions::default(), &NeverAbort).unwrap();
        for prompt in 0..self.prompts {
            // Those behind the first count as far ahead.
            let frame = if prompt == 0 { 0 } else { usize::MAX / 2 + prompt };
            let at = prompt * (PICTURES - 1) / self.prompts;
            tracker.prompt(frame, &pictures[at], &self.box_round(at), &NeverAbort).unwrap();
        }
        let (mut own, mut decoder) = (Vec::new(), Vec::new());
        for frame in 1..=WARM_UP + frames {
            let counts = frame > WARM_UP;
            let picture = if counts && self.is_hidden { &empty } else { &pictures[to_and_fro(frame)] };
            let (time, decoding) = step(engine, &mut *tracker, frame, picture);
            if counts {
                own.push(time - decoding);
                decoder.push(decoding);
            }
        }
        let median_of = |times: &[f64]| median(times.iter().copied());
        let (least, most) = own.iter().fold((f64::MAX, 0f64), |(least, most), &one| (least.min(one), most.max(one)));
        println!("{:<24} {:>9.1} {least:>9.1} {most:>9.1} {:>9.1}", self.name, median_of(&own), median_of(&decoder));
        median_of(&own)
    }

    /// A box round the disc, in pixels of the model's picture.
    fn box_round(&self, at: usize) -> FramePrompt {
        let scale = 1024.0 / SIZE.0 as f32;
        let (x, y) = centre(at);
        let box_ = [x - self.radius, y - self.radius, x + self.radius, y + self.radius].map(|edge| edge * scale);
        FramePrompt { box_: Some(box_), ..FramePrompt::default() }
    }
}

/// Milliseconds of one frame: of everything, and of the decoder.
fn step(engine: &Engine, tracker: &mut dyn ShotTracker, frame: usize, picture: &Embedding) -> (f64, f64) {
    let decoded = || engine.counters().stages.get("decode").map_or(0.0, |stage| stage.total_ms);
    let before = decoded();
    let start = Instant::now();
    tracker.step(frame, picture, &NeverAbort).unwrap();
    (milliseconds(start.elapsed()), decoded() - before)
}

/// Over the pictures and back.
fn to_and_fro(frame: usize) -> usize {
    let at = frame % (2 * PICTURES - 2);
    if at < PICTURES { at } else { 2 * PICTURES - 2 - at }
}

fn centre(at: usize) -> (f32, f32) {
    (380.0 + 20.0 * at as f32, 230.0 + 4.0 * at as f32)
}

/// A grained disc of this radius at one of its places on another grain, or the grain alone, as the model takes it.
fn embedding(model: &dyn ImageSegmenter, disc: Option<(f32, usize)>) -> Embedding {
    let pixel = |index: usize| {
        let (x, y) = (index % SIZE.0, index / SIZE.0);
        let grain = ((x / 5 * 7919 + y / 5 * 104_729) % 41) as u8;
        let is_inside = disc.is_some_and(|(radius, at)| {
            let (left, top) = centre(at);
            (x as f32 + 0.5 - left).hypot(y as f32 + 0.5 - top) < radius
        });
        if is_inside { [190 + grain, 60 + grain, 40] } else { [40, 80 + grain + (y / 8) as u8, 70 + grain] }
    };
    let frame = Plane::from_vec(SIZE.0, SIZE.1, (0..SIZE.0 * SIZE.1).map(pixel).collect()).unwrap();
    let layout = PixelLayout::packed(SIZE.0, SIZE.1, Depth::Byte, Components::Rgb);
    let view = PixelView::new(frame.as_bytes(), layout).unwrap();
    let (width, height) = model.input_size(SIZE.0, SIZE.1);
    model.embed(&model_picture(&view, SourceEncoding::Display, false, width, height), &NeverAbort).unwrap()
}
