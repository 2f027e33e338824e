//! Peak memory and time of a HD shot: the bundle against an ordinary script that does the same with onnxruntime.
//!
//! `cargo xtask bench memory [--frames 100] [--rounds 3]`. Both are whole programs from their start to their end: read a
//! PNG of 1920x1080, segment it from one point, write the matte as PNG. They run in turns; neither is told a number of
//! threads. The script is `resources/bench/straightforward.py`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "support/mod.rs"]
mod figures;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use figures::{Verdict, median, megabytes, milliseconds, options};
use headless::sequence::read_picture;
use support::process::Usage;
use support::workplace::Workplace;
use support::*;

const SIZE: (usize, usize) = (1920, 1080);
/// On the rabbit in most of the shot; pixels of the HD frame, y down.
const POINT: (f64, f64) = (RABBIT[0] * 1.5, (720.0 - RABBIT[1]) * 1.5);
/// "At least a third under" the script's peak.
const PEAK_SHARE: f64 = 2.0 / 3.0;
/// How often a running program is looked at. Its own record of the peak never falls: only the last moment can be missed.
const LOOK: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    let [frames, rounds] = options([("frames", 100), ("rounds", 3)]);
    if Usage::here().is_none() {
        println!("SKIPPED: this system tells no figures of a process");
        return ExitCode::SUCCESS;
    }
    let Some(bench) = Bench::new(frames) else { return ExitCode::SUCCESS };
    println!("{frames} frames of {}x{}, MobileSAM on CPU, one point; medians of {rounds} rounds\n", SIZE.0, SIZE.1);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(watched(bench.ours()));
        theirs.push(watched(bench.theirs()));
    }
    println!("{:<20} {:>9} {:>11}", "", "peak MB", "ms a frame");
    let ours = print_row("sam3roto render", &ours, frames);
    let theirs = print_row("straightforward.py", &theirs, frames);
    let agreement = bench.agreement();
    println!("\ntheir masks and our mattes, cut at one half: IoU {agreement:.3} (median of the frames)\n");
    let mut verdict = Verdict::default();
    let peak = ours.0 / theirs.0;
    verdict.tell(
        peak <= PEAK_SHARE,
        "peak memory at least a third less",
        &format!("{:.0} % less", 100.0 * (1.0 - peak)),
    );
    verdict.tell(ours.1 <= theirs.1, "no slower", &format!("{:.2} of their time", ours.1 / theirs.1));
    verdict.exit_code()
}

/// The shot and both programs.
struct Bench {
    place: Workplace,
    python: PathBuf,
    models: PathBuf,
    frames: usize,
}

impl Bench {
    fn new(frames: usize) -> Option<Self> {
        let [clip, ffmpeg, python, models] =
            ["SAM3ROTO_DEMO_CLIP", "SAM3ROTO_FFMPEG", "SAM3ROTO_PYTHON", "SAM3ROTO_MODELS"].map(from_environment);
        let bench = Self { place: Workplace::new()?, python: python?, models: models?, frames };
        for folder in ["shot", "ours", "theirs"] {
            std::fs::create_dir(bench.place.path(folder)).unwrap();
        }
        let mut extract = Command::new(ffmpeg?);
        extract.args(["-nostdin", "-v", "error", "-i"]).arg(clip?);
        extract.args(["-vf", &format!("scale={}:{}", SIZE.0, SIZE.1), "-frames:v", &frames.to_string()]);
        extract.arg(bench.place.path("shot/hd.%04d.png"));
        assert!(extract.status().unwrap().success(), "ffmpeg makes the HD shot");
        Some(bench)
    }

    fn ours(&self) -> Command {
        let mut command = self.place.sam3roto(&["render", "--effect", ROTO, "--quiet", "--overwrite"]);
        command.env("SAM3ROTO_MODELS", &self.models).env_remove("SAM3ROTO_THREADS");
        command.arg("--in").arg(self.place.path("shot/hd.%04d.png"));
        command.arg("--out").arg(self.place.path("ours/hd.%04d.png")).args(["--channels", "alpha", "--depth", "8"]);
        // As the script does it. Tracking would be more work.
        command.args(["--set", "tracking=Each frame on its own"]);
        command.args(["--set", "point1Use=true", "--set", &format!("point1Position=tl:{},{}", POINT.0, POINT.1)]);
        command
    }

    fn theirs(&self) -> Command {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/bench/straightforward.py");
        let mut command = Command::new(&self.python);
        command.arg(script).arg("--models").arg(self.models.join("mobilesam"));
        command.arg("--shot").arg(self.place.path("shot")).arg("--out").arg(self.place.path("theirs"));
        command.args(["--point", &POINT.0.to_string(), &POINT.1.to_string()]);
        command
    }

    /// How well both agree on what the object is.
    fn agreement(&self) -> f64 {
        let of_frame = |number: usize| {
            let matte = |folder: &str| {
                let picture = read_picture(&self.place.path(format!("{folder}/hd.{number:04}.png"))).unwrap();
                rgba(&picture.frame).iter().map(|pixel| pixel[0]).collect::<Vec<_>>()
            };
            iou(&matte("ours"), &matte("theirs"))
        };
        median((1..=self.frames).map(of_frame))
    }
}

/// What a program took.
struct Taken {
    peak: u64,
    time: Duration,
}

fn watched(mut command: Command) -> Taken {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).spawn().expect("the program starts");
    let process = child.id().to_string();
    let mut peak = 0;
    let status = loop {
        peak = Usage::of(&process).map_or(peak, |usage| usage.peak);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(LOOK);
    };
    assert!(status.success(), "{command:?}: {status}");
    Taken { peak, time: start.elapsed() }
}

/// Prints the medians, peak and time of a frame, and returns them.
fn print_row(name: &str, rounds: &[Taken], frames: usize) -> (f64, f64) {
    let peak = median(rounds.iter().map(|taken| megabytes(taken.peak)));
    let time = median(rounds.iter().map(|taken| milliseconds(taken.time) / frames as f64));
    println!("{name:<20} {peak:>9.1} {time:>11.1}");
    (peak, time)
}
