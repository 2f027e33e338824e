//! What a user waits for who moves a point: from the pen to the new matte on an HD frame that the model has seen.
//!
//! `cargo xtask bench feel [--pictures 3] [--moves 8]`, with two threads for the network and for the plugin unless
//! `SAM3ROTO_THREADS` and `RAYON_NUM_THREADS` say otherwise. MobileSAM, 1920x1080, float RGBA as Nuke and Resolve hand it
//! out, default parameters, renders that the host marks as interactive. Counted are the actions on the parameter and the
//! whole render; "own" is all of that but ONNX Runtime's runs. For context: the first matte of a picture, which waits for
//! the encoder, with library and model loaded before. Medians.
//!
//! Then somebody scrubs through frames that nobody has seen, `--scrubbed 24` of the demo shot at 1280x720, from a prompt on
//! the frame before: the mean time of a frame with Quality on Final and on Draft, and how far both mattes agree.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "support/mod.rs"]
mod figures;
#[path = "support/footage.rs"]
mod footage;
#[path = "support/renders.rs"]
mod renders;
#[path = "../tests/support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::time::Instant;

use figures::{Verdict, milliseconds, options};
use footage::DemoShot;
use headless::host::{Bundle, Depth, Instance, InstanceOptions, Plugin, Profile, RenderRequest, Value};
use renders::{Run, enlarged, timed};
use support::*;

const SIZE: (usize, usize) = (1920, 1080);
/// Milliseconds that a new matte may take, and what of it may be our own.
const TOTAL: f64 = 350.0;
const OWN: f64 = 100.0;
/// The first frame that is looked at, and how far the next one is.
const FRAMES: (i32, usize) = (90, 7);
/// How far the pen goes at a time, in canonical pixels.
const STEP: [f64; 2] = [14.0, -6.0];
/// MobileSAM's index among the models of the panel.
const MOBILESAM: i32 = 3;
/// Where somebody begins to scrub: the rabbit stands free there, so that a track of one point holds.
const SCRUB_FROM: usize = 100;

fn main() -> ExitCode {
    let [pictures, moves, scrubbed] = options([("pictures", 3), ("moves", 8), ("scrubbed", 24)]);
    let Some((bundle, plugin)) = open(Profile::Strict) else { return ExitCode::SUCCESS };
    let threads = |name| std::env::var(name).unwrap_or_else(|_| "all".to_owned());
    println!(
        "SAM3Roto with MobileSAM on {}x{} float RGBA, threads: {} for the network, {} for the plugin; medians of {pictures} \
         pictures, {moves} moves of a point on each, ms\n",
        SIZE.0,
        SIZE.1,
        threads("SAM3ROTO_THREADS"),
        threads("RAYON_NUM_THREADS"),
    );
    let (mut first, mut moved) = (Vec::new(), Vec::new());
    // One more to load library and model.
    for picture in 0..=pictures {
        let frame = demo_frame(FRAMES.0 + (FRAMES.1 * picture) as i32);
        let instance = instance_on(&plugin, enlarged(&frame, SIZE.0, SIZE.1));
        instance.set("model", Value::Integer(MOBILESAM)).unwrap();
        instance.set("point1Use", Value::Boolean(true)).unwrap();
        let runs: Vec<Run> = (0..=moves).map(|step| new_matte(&bundle, &instance, step)).collect();
        instance.destroy().unwrap();
        if picture > 0 {
            first.extend(&runs[..1]);
            moved.extend(&runs[1..]);
        }
    }
    println!("{:<14}{}", "", Run::heading());
    println!("{:<14}{}", "first matte", Run::row(&first));
    println!("{:<14}{}\n", "moved point", Run::row(&moved));
    let (total, own) = (Run::median_of(&moved, |run| run.total), Run::median_of(&moved, Run::own));
    let mut verdict = Verdict::default();
    let encodings: u64 = moved.iter().map(|run| run.encodings).sum();
    verdict.tell(encodings == 0, "a moved point does not encode the picture anew", &format!("{encodings} encodings"));
    verdict.tell(total < TOTAL, "a moved point gives a new matte within 350 ms", &format!("{total:.0} ms"));
    verdict.tell(own < OWN, "less than 100 ms of it are our own", &format!("{own:.0} ms"));
    scrub(&bundle, &plugin, scrubbed);
    verdict.exit_code()
}

/// Puts the point where the pen is after so many steps, and renders what the viewer then shows.
fn new_matte(bundle: &Bundle, instance: &Instance, step: usize) -> Run {
    let enlargement = SIZE.0 as f64 / 1280.0;
    let at = [0, 1].map(|axis| RABBIT[axis] * enlargement + STEP[axis] * step as f64);
    let start = Instant::now();
    instance.set("point1Position", Value::Double2D(at)).unwrap();
    let told = milliseconds(start.elapsed());
    let request = RenderRequest { depth: Some(Depth::Float), interactive: true, ..RenderRequest::at(0.0) };
    let run = timed(bundle, instance, &request);
    Run { total: told + run.total, ..run }
}

/// Steps through frames with both qualities, and prints what a frame took.
fn scrub(bundle: &Bundle, plugin: &Plugin, frames: usize) {
    let frames = frames.min(footage::LAST - SCRUB_FROM);
    let mut mattes: Vec<Vec<Vec<f32>>> = Vec::new();
    println!("\n{:<14}{:>8} {:>12}", "scrubbing", "mean", "encodings");
    for (name, quality) in [("final", 0), ("draft", 1)] {
        let mut options =
            InstanceOptions { depth: Some(Depth::Float), interactive: true, ..InstanceOptions::default() };
        options.clips.insert("Source".into(), Box::new(DemoShot));
        let instance = Instance::create(plugin, options).expect("the instance is made");
        // Nothing that the other quality has seen.
        instance.purge_caches().unwrap();
        instance.set("model", Value::Integer(MOBILESAM)).unwrap();
        instance.set("quality", Value::Integer(quality)).unwrap();
        instance.set("point1Use", Value::Boolean(true)).unwrap();
        instance.set_key("point1Position", SCRUB_FROM as f64, Value::Double2D(RABBIT)).unwrap();
        let at = |frame: usize| RenderRequest { interactive: true, ..RenderRequest::at((SCRUB_FROM + frame) as f64) };
        // The frame with the prompt is on the screen already.
        render(&instance, &at(0));
        let runs: Vec<Run> = (1..=frames).map(|frame| timed(bundle, &instance, &at(frame))).collect();
        let mean = runs.iter().map(|run| run.total).sum::<f64>() / frames as f64;
        println!("{name:<14}{mean:>8.1} {:>12}", runs.iter().map(|run| run.encodings).sum::<u64>());
        mattes.push((1..=frames).map(|frame| alpha(&render(&instance, &at(frame)).frame)).collect());
        instance.destroy().unwrap();
    }
    let agreement = mattes[0].iter().zip(&mattes[1]).map(|(made, draft)| iou(made, draft)).sum::<f64>() / frames as f64;
    println!("mean agreement (intersection over union): {agreement:.3}");
}
