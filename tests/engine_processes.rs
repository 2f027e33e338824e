//! Several processes on one folder of results, as on a farm: the same mattes, whoever computed them and whoever died.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use headless::sequence::{Picture, Provenance, WriteSettings, read_picture, write_picture};
use support::workplace::{Workplace, words};
use support::*;

const FRAMES: usize = 4;

/// A small shot, and the command that segments it with the tiny model.
struct Farm {
    place: Workplace,
}

/// One job: the frames, the prompts' place in a list, the folder of mattes, the folder of results.
#[derive(Clone, Copy)]
struct Job<'a> {
    frames: (usize, usize),
    prompts: usize,
    out: &'a str,
    results: Option<&'a str>,
}

impl Farm {
    fn new() -> Option<Self> {
        let farm = Self { place: Workplace::new()? };
        let provenance = Provenance { software: "test".into(), frame: 1, ..Provenance::default() };
        for number in 1..=FRAMES {
            let picture = Picture::new(striped_frame(192, 108, number));
            write_picture(&farm.shot(number), &picture, &WriteSettings::default(), &provenance).unwrap();
        }
        Some(farm)
    }

    fn shot(&self, number: usize) -> PathBuf {
        self.place.path(format!("shot.{number:04}.png"))
    }

    fn command(&self, job: Job<'_>) -> Command {
        let mut command = self.place.sam3roto(&["render", "--effect", ROTO, "--overwrite"]);
        std::fs::create_dir_all(self.place.path(job.out)).unwrap();
        command.arg("--in").arg(self.place.path("shot.%04d.png"));
        command.arg("--out").arg(self.place.path(job.out).join("matte.%04d.exr"));
        command.args(["--channels", "alpha", "--depth", "float"]);
        command.args(["--frames", &format!("{}-{}", job.frames.0, job.frames.1)]);
        let x = 50 + 30 * job.prompts;
        command.args(["--set", "point1Use=true", "--key", &format!("point1Position@1={x},40")]);
        command.args(["--key", &format!("point1Position@{FRAMES}={x},70")]);
        if let Some(results) = job.results {
            command.arg("--cache").arg(self.place.path(results));
        }
        command
    }

    /// Runs a job to its end and gives its words.
    fn finish(&self, job: Job<'_>) -> String {
        let output = self.command(job).output().unwrap();
        assert!(output.status.success(), "{}", words(&output));
        words(&output)
    }

    /// The mattes that are in a folder, by frame number less one.
    fn mattes(&self, out: &str) -> Vec<Option<Vec<f32>>> {
        let matte = |number: usize| self.place.path(out).join(format!("matte.{number:04}.exr"));
        let read = |file: PathBuf| file.exists().then(|| alpha(&read_picture(&file).expect("a whole file").frame));
        (1..=FRAMES).map(|number| read(matte(number))).collect()
    }

    /// Mattes of a process that keeps no results, all of them there and none of them blank.
    fn reference(&self, prompts: usize) -> Vec<Option<Vec<f32>>> {
        let out = format!("reference{prompts}");
        self.finish(Job { frames: (1, FRAMES), prompts, out: &out, results: None });
        let mattes = self.mattes(&out);
        let shows = |matte: &Option<Vec<f32>>| matte.as_ref().is_some_and(|alpha| alpha.iter().any(|&a| a > 0.9));
        assert!(mattes.iter().all(shows), "a matte is missing or blank");
        mattes
    }

    /// Checks a folder of results: every entry is sound.
    fn verify(&self, results: &str) {
        let mut command = self.place.sam3roto(&["cache", "verify", "--json"]);
        let output = command.arg("--folder").arg(self.place.path(results)).output().unwrap();
        assert!(output.status.success(), "{}", words(&output));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        for trouble in ["damaged", "stuck", "unreadable", "foreign"] {
            assert_eq!(report[trouble], 0, "{report}");
        }
        assert!(report["sound"].as_u64() > Some(0), "nothing is kept: {report}");
    }
}

#[test]
fn two_processes_that_render_halves_on_one_folder_make_the_mattes_of_one() {
    let Some(farm) = Farm::new() else { return };
    let reference = farm.reference(0);
    let half = |frames| Job { frames, prompts: 0, out: "halves", results: Some("results") };
    let mut processes = [half((1, FRAMES / 2)), half((FRAMES / 2 + 1, FRAMES))]
        .map(|job| farm.command(job).stdout(Stdio::null()).spawn().unwrap());
    for process in &mut processes {
        assert!(process.wait().unwrap().success());
    }
    assert!(farm.mattes("halves") == reference, "together they make other mattes than one process");
    farm.verify("results");

    let words = farm.finish(whole_job(0, "later"));
    assert!(farm.mattes("later") == reference, "a later process finds other mattes");
    assert!(!words.contains("encoder runs") && !words.contains("decoder runs"), "it computed again:\n{words}");
}

fn whole_job(prompts: usize, out: &str) -> Job<'_> {
    Job { frames: (1, FRAMES), prompts, out, results: Some("results") }
}

const KILLS: u64 = 50;
const PROMPTS: usize = 3;

#[test]
fn processes_killed_at_any_moment_leave_nothing_wrong_behind() {
    let Some(farm) = Farm::new() else { return };
    let references: Vec<_> = (0..PROMPTS).map(|prompts| farm.reference(prompts)).collect();
    let start = Instant::now();
    farm.finish(whole_job(0, "first"));
    let whole = start.elapsed();
    let mut random = Random(20_260_101);
    let (mut written, mut missing) = (0, 0);
    for kill in 0..KILLS {
        let prompts = kill as usize % PROMPTS;
        let out = format!("killed{kill}");
        forget_half(&farm.place.path("results"), &mut random);
        let mut process =
            farm.command(whole_job(prompts, &out)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(1.25 * random.share()));
        // SIGKILL, or TerminateProcess: the process hears nothing of it. It may have ended by itself.
        process.kill().unwrap();
        process.wait().unwrap();
        let mattes = farm.mattes(&out);
        let right = mattes.iter().zip(&references[prompts]).all(|(matte, right)| matte.is_none() || matte == right);
        assert!(right, "a wrong matte before kill {kill}");
        let there = mattes.iter().flatten().count();
        (written, missing) = (written + there, missing + FRAMES - there);
    }
    assert!(written > 0 && missing > 0, "the moments are no use: {written} mattes written, {missing} not");
    farm.verify("results");
    for (prompts, reference) in references.iter().enumerate() {
        let out = format!("after{prompts}");
        farm.finish(whole_job(prompts, &out));
        assert!(farm.mattes(&out) == *reference, "with what the killed ones left behind, mattes come out wrong");
    }
}

/// Removes about half of the entries, as another process may that needs the room: so that there is always something to
/// compute and to write.
fn forget_half(results: &Path, random: &mut Random) {
    let mut folders = vec![results.to_owned()];
    let mut entries = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => entries.push(entry.path()),
            }
        }
    }
    entries.sort();
    for entry in entries.into_iter().filter(|_| random.share() < 0.5) {
        std::fs::remove_file(entry).unwrap();
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    /// 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}
