//! A finished shot rendered again from the disk, by a new process.
//!
//! `cargo xtask bench rerun [--frames 100]`. `sam3roto render` of the demo shot with its job file, first with an empty
//! folder of results, then twice with the full one: of the reruns the faster counts. Told are the effect's own time and
//! that of the whole command, which also decodes the video and writes PNG files.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "support/mod.rs"]
mod figures;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use figures::{Verdict, options};
use support::workplace::{Workplace, words};
use support::*;

/// How much faster the effect is wanted to be.
const WANTED: f64 = 20.0;

fn main() -> ExitCode {
    let [frames] = options([("frames", 100)]);
    let Some(bench) = Bench::new(frames) else { return ExitCode::SUCCESS };
    println!("{frames} frames of the demo shot, 1280x720, MobileSAM on CPU\n");
    println!("{:<12} {:>10} {:>16} {:>10}  what ran", "", "effect s", "whole command s", "ms a frame");
    let first = bench.run("first");
    let reruns = ["rerun", "rerun again"].map(|name| bench.run(name));
    let rerun = reruns.iter().min_by(|a, b| a.command.total_cmp(&b.command)).unwrap();
    println!();
    let mut verdict = Verdict::default();
    let (effect, command) = (first.effect / rerun.effect, first.command / rerun.command);
    verdict.tell(effect >= WANTED, "the effect at least 20 times as fast", &format!("{effect:.1} times"));
    verdict.tell(command >= WANTED, "the whole command at least 20 times as fast", &format!("{command:.1} times"));
    let same = reruns.iter().all(|rerun| rerun.files == first.files);
    verdict.tell(same, "the reruns' files", if same { "the same bytes" } else { "others" });
    verdict.exit_code()
}

struct Bench {
    place: Workplace,
    clip: PathBuf,
    models: PathBuf,
    frames: usize,
}

/// One run of the command: seconds, and the files it wrote.
struct Run {
    effect: f64,
    command: f64,
    files: Vec<Vec<u8>>,
}

impl Bench {
    fn new(frames: usize) -> Option<Self> {
        let clip = from_environment("SAM3ROTO_DEMO_CLIP")?;
        let models = from_environment("SAM3ROTO_MODELS")?;
        Some(Self { place: Workplace::new()?, clip, models, frames })
    }

    fn run(&self, name: &str) -> Run {
        let out = self.place.path(name);
        std::fs::create_dir(&out).unwrap();
        let mut command = self.place.sam3roto(&["render", "--overwrite"]);
        command.arg("--job").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/demo/rabbit.toml"));
        command.arg("--in").arg(&self.clip).arg("--out").arg(out.join("rabbit.%04d.png"));
        command.args(["--channels", "alpha", "--depth", "8", "--frames", &format!("1-{}", self.frames)]);
        command.env("SAM3ROTO_MODELS", &self.models).env_remove("SAM3ROTO_THREADS");
        command.env("SAM3ROTO_CACHE", self.place.path("results"));
        let start = Instant::now();
        let output = command.output().unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let words = words(&output);
        assert!(output.status.success(), "{words}");
        let effect = effect_seconds(&words).unwrap_or_else(|| panic!("no time of the effect in\n{words}"));
        let ran = words.lines().find(|line| line.contains("encoder runs")).map_or("no network", str::trim);
        let each = 1e3 * effect / self.frames as f64;
        println!("{name:<12} {effect:>10.2} {seconds:>16.2} {each:>10.1}  {ran}");
        let file = |number: usize| std::fs::read(out.join(format!("rabbit.{number:04}.png"))).unwrap();
        Run { effect, command: seconds, files: (1..=self.frames).map(file).collect() }
    }
}

/// The total of the row "render" in the summary of the command: "render  100  12.34 s  ...".
fn effect_seconds(words: &str) -> Option<f64> {
    let row = words.lines().find(|line| line.trim_start().starts_with("render "))?;
    row.split_whitespace().nth(2)?.parse().ok()
}
