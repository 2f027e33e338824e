//! Many instances of all effects in one process for a long time: what the process takes of the machine must not grow.
//!
//! `cargo xtask bench soak [--frames 1000] [--instances 8]`. Every frame is rendered by all instances at once, on pictures
//! that are never the same twice. Every fourth instance tracks what its prompt stood on first; those of the others move.
//! The first frames are the warm-up, in which the caches fill: at least a fifth of all, at most seven tenths. The rest is
//! looked at in ten blocks.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "support/mod.rs"]
mod figures;
#[path = "../tests/support/mod.rs"]
mod support;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::process::ExitCode;
use std::sync::Barrier;
use std::time::Instant;

use figures::{Verdict, median, megabytes, milliseconds, options};
use headless::host::{
    Bundle, ClipFormat, Components, Depth, Frame, ImageSource, Instance, InstanceOptions, Profile, RectD,
    RenderRequest, SourceError, Value,
};
use support::process::Usage;
use support::*;

/// Pictures of the demo shot that the soak's pictures are made from.
const PICTURES: i32 = 16;
/// Blocks that the frames after the warm-up are told in.
const BLOCKS: usize = 10;
/// Caches that hold this share of the most that they ever hold are full: what comes in and goes out is not all of a size.
/// They are most of the process, so that what they lack here counts against the 2 % below.
const FULL: f64 = 0.995;
/// The most that resident memory may rise over the first block.
const FLAT_PERCENT: f64 = 2.0;

/// A host that keeps nothing of what it frees, so that what grows is the plugin's.
#[global_allocator]
static MEMORY: blocks::Blocks = blocks::Blocks;

fn main() -> ExitCode {
    let [frames, count] = options([("frames", 1000), ("instances", 8)]);
    if Usage::here().is_none() {
        println!("SKIPPED: this system tells no figures of a process");
        return ExitCode::SUCCESS;
    }
    let Some((bundle, _)) = open(Profile::Strict) else { return ExitCode::SUCCESS };
    let (source, matte) = (Shot::new(frames, Frame::clone), Shot::new(frames, matte_of));
    let instances: Vec<Instance> = (0..count).map(|number| instance(&bundle, number, &source, &matte)).collect();
    println!("{frames} frames x {count} instances of {}\n", bundle.effects().join(", "));
    let (samples, results) = soak(&bundle, &instances, frames);
    let again = instances.iter().enumerate().map(|(number, instance)| result(instance, number, 0));
    let same = again.eq(results);
    let (filled, latest) = (warm_up(&samples), frames * 7 / 10);
    let begin = filled.min(latest);
    let blocks = blocks(&samples[begin..]);
    print_table(begin, &blocks);
    tell_engine(&bundle);
    instances.into_iter().for_each(|instance| instance.destroy().unwrap());
    judge(&blocks, filled <= latest, same).exit_code()
}

/// The machine after one frame of all instances, and how long that took.
struct Sample {
    usage: Usage,
    /// Bytes that the caches hold.
    caches: f64,
    milliseconds: f64,
}

/// How many frames it takes until the caches are full.
fn warm_up(samples: &[Sample]) -> usize {
    let most = samples.iter().map(|sample| sample.caches).fold(0.0, f64::max);
    let filling = samples.iter().take_while(|sample| sample.caches < FULL * most).count();
    filling.max(samples.len() / 5)
}

/// What the memory guard's ledger says of caches, in bytes.
fn held(bundle: &Bundle) -> f64 {
    let doctor = report(bundle, "doctor");
    let rows = doctor["memory"]["rows"].as_array().expect("the ledger has rows");
    let caches = rows.iter().filter(|row| row["owner"]["kind"] == "cache" && row["place"] == "host");
    caches.map(|row| row["charged_bytes"].as_f64().unwrap_or(0.0)).sum()
}

/// Renders all frames, all instances at once on a thread each; gives also the mattes of the first frame, folded.
fn soak(bundle: &Bundle, instances: &[Instance], frames: usize) -> (Vec<Sample>, Vec<u64>) {
    let step = &Barrier::new(instances.len() + 1);
    std::thread::scope(|scope| {
        let numbered = instances.iter().enumerate();
        let threads: Vec<_> =
            numbered.map(|(number, instance)| scope.spawn(move || in_step(step, instance, number, frames))).collect();
        let sample = |_: usize| {
            let start = Instant::now();
            step.wait();
            step.wait();
            let milliseconds = milliseconds(start.elapsed());
            Sample { usage: Usage::here().expect("it was there before"), caches: held(bundle), milliseconds }
        };
        let samples = (0..frames).map(sample).collect();
        (samples, threads.into_iter().map(|thread| thread.join().unwrap()).collect())
    })
}

/// Renders the frames of one instance, each between two steps; gives the first one's result.
fn in_step(step: &Barrier, instance: &Instance, number: usize, frames: usize) -> u64 {
    let between_steps = |frame: usize| {
        step.wait();
        let result = result(instance, number, frame);
        step.wait();
        result
    };
    (0..frames).map(between_steps).fold(None, |first, result| first.or(Some(result))).unwrap_or_default()
}

/// Renders a frame and folds it into a number. The prompts of each instance that does not track wander on a way of their
/// own; the others track from frame 0 what lay under their prompt there.
fn result(instance: &Instance, number: usize, frame: usize) -> u64 {
    if instance.get("point1Use").is_ok() && (frame == 0 || !tracks(number)) {
        let turn = frame as f64 * 0.7 + number as f64;
        place_point(instance, 1, [RABBIT[0] + 60.0 * turn.cos(), RABBIT[1] + 60.0 * turn.sin()], true);
    }
    let rendered = render(instance, &RenderRequest::at(frame as f64));
    let mut hash = DefaultHasher::new();
    for y in 0..rendered.frame.height() {
        rendered.frame.row(y).hash(&mut hash);
    }
    hash.finish()
}

/// Every fourth instance tracks: enough of them for states to come and go, few enough for the soak to end.
fn tracks(number: usize) -> bool {
    number % 4 == 3
}

/// An instance of the bundle's effects in turn, with something on every input.
fn instance(bundle: &Bundle, number: usize, source: &Shot, matte: &Shot) -> Instance {
    let effects = bundle.effects();
    let plugin = bundle.plugin(&effects[number % effects.len()]).unwrap();
    let description = plugin.describe().unwrap();
    let inputs = description.described[0].clips.iter().filter(|clip| clip.name != "Output");
    let shot = |name: &str| Box::new(if name == "Source" { source } else { matte }.clone()) as Box<dyn ImageSource>;
    let clips = inputs.map(|clip| (clip.name.clone(), shot(&clip.name))).collect();
    let instance = Instance::create(&plugin, InstanceOptions { clips, ..InstanceOptions::default() }).unwrap();
    if instance.get("tracking").is_ok() {
        instance.set("referenceFrame", Value::Integer(0)).unwrap();
        instance.set("tracking", Value::Integer(i32::from(!tracks(number)))).unwrap();
    }
    instance
}

/// Frames of the demo shot or their mattes, moved on by some pixels each time round: no picture comes twice.
#[derive(Clone)]
struct Shot {
    pictures: Vec<Frame>,
    frames: usize,
}

impl Shot {
    fn new(frames: usize, picture: impl Fn(&Frame) -> Frame) -> Self {
        let opaque = |number: i32| demo_frame(1 + 8 * number).converted(Depth::Byte, Components::Rgba).unwrap();
        Self { pictures: (0..PICTURES).map(|number| picture(&opaque(number))).collect(), frames }
    }
}

/// A matte that has edges all over the picture and lies where the picture's do: what is bright is inside.
fn matte_of(picture: &Frame) -> Frame {
    let alpha = |pixel: &[u8]| [(4 * (i32::from(pixel[1]) - 128) + 128).clamp(0, 255) as u8; 4];
    let data = (0..picture.height()).flat_map(|y| picture.row(y).chunks(4).flat_map(alpha)).collect();
    Frame::new(picture.bounds(), Depth::Byte, Components::Rgba, data).unwrap()
}

impl ImageSource for Shot {
    fn range(&self) -> (f64, f64) {
        (0.0, self.frames as f64)
    }

    fn format(&self) -> ClipFormat {
        ClipFormat::new(self.pictures[0].depth(), self.pictures[0].components())
    }

    fn rod(&self, _time: f64) -> RectD {
        RectD::from_pixels(&self.pictures[0].bounds(), (1.0, 1.0), 1.0)
    }

    fn frame(&self, time: f64) -> Result<Frame, SourceError> {
        let number = time as usize;
        let picture = &self.pictures[number % self.pictures.len()];
        let row_bytes = picture.width() * picture.pixel_bytes();
        let moved = number / self.pictures.len() * 5 * picture.pixel_bytes() % row_bytes;
        let mut data = Vec::with_capacity(row_bytes * picture.height());
        for y in 0..picture.height() {
            let row = picture.row(y);
            data.extend_from_slice(&row[moved..]);
            data.extend_from_slice(&row[..moved]);
        }
        Ok(Frame::new(picture.bounds(), picture.depth(), picture.components(), data)?)
    }
}

/// A tenth of the frames after the warm-up: the middle values of its samples.
struct Block {
    frames: usize,
    resident: f64,
    caches: f64,
    threads: f64,
    handles: f64,
    milliseconds: f64,
}

fn blocks(samples: &[Sample]) -> Vec<Block> {
    let block = |samples: &[Sample]| {
        let middle = |value: fn(&Sample) -> f64| median(samples.iter().map(value));
        Block {
            frames: samples.len(),
            resident: middle(|sample| megabytes(sample.usage.resident)),
            caches: middle(|sample| sample.caches / 1e6),
            threads: middle(|sample| sample.usage.threads as f64),
            handles: middle(|sample| sample.usage.handles as f64),
            milliseconds: middle(|sample| sample.milliseconds),
        }
    };
    samples.chunks(samples.len().div_ceil(BLOCKS).max(1)).map(block).collect()
}

fn print_table(warm_up: usize, blocks: &[Block]) {
    println!(
        "{:<12} {:>12} {:>10} {:>8} {:>8} {:>12}",
        "frames", "resident MB", "caches MB", "threads", "handles", "ms a frame"
    );
    let mut first = warm_up;
    for Block { frames, resident, caches, threads, handles, milliseconds } in blocks {
        let range = format!("{}-{}", first + 1, first + frames);
        println!("{range:<12} {resident:>12.1} {caches:>10.1} {threads:>8} {handles:>8} {milliseconds:>12.1}");
        first += frames;
    }
    println!();
}

/// What ran, and what the caches hold: they must be full for the blocks to mean something.
fn tell_engine(bundle: &Bundle) {
    let doctor = report(bundle, "doctor");
    for name in ["features", "masks", "mattes"] {
        let number = |key: &str| megabytes(doctor[name][key].as_u64().unwrap_or(0));
        println!("{name:<9} {:>6.1} of {:.1} MB", number("bytes"), number("budget_bytes"));
    }
    let counters =
        ["encoder_runs", "decoder_runs", "session_loads"].map(|name| format!("{name} {}", counter(bundle, name)));
    println!("{}\n", counters.join(", "));
}

fn judge(blocks: &[Block], full: bool, same: bool) -> Verdict {
    let mut verdict = Verdict::default();
    verdict.tell(full, "the caches are full before the last three tenths", if full { "they are" } else { "they grow" });
    let first = blocks.first().map_or(f64::NAN, |block| block.resident);
    let highest = blocks.iter().map(|block| block.resident).fold(f64::NAN, f64::max);
    let rise = 100.0 * (highest / first - 1.0);
    verdict.tell(rise <= FLAT_PERCENT, "resident memory rises by 2 % at most", &format!("{rise:.2} %"));
    let mut constant = |what: &str, value: fn(&Block) -> f64| {
        let (least, most) =
            blocks.iter().map(value).fold((f64::INFINITY, 0.0_f64), |(least, most), x| (least.min(x), most.max(x)));
        verdict.tell(least == most, &format!("{what} stay as many"), &format!("{least} to {most}"));
    };
    constant("threads", |block| block.threads);
    constant("handles", |block| block.handles);
    verdict.tell(same, "the first frame's mattes at the end", if same { "the same bits" } else { "others" });
    verdict
}
