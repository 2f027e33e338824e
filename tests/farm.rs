//! `sam3roto farm`: the job that it writes is a valid Open Job Description, runs on several workers at once, lives through
//! a killed one, and gives what one process gives.
//!
//! Python with `openjd-cli` comes from the environment, which `cargo xtask test` sets.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]
#![allow(dead_code, reason = "the shot serves other tests, too")]

#[path = "roto_track/shot.rs"]
mod shot;
mod support;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use headless::host::ImageSource;
use headless::sequence::{Picture, Provenance, WriteSettings, read_picture, write_picture};
use serde_json::{Value as Json, json};
use shot::{SAM2, Shot};
use support::workplace::{Workplace, words};
use support::*;

const FIRST: i32 = 0;
const LAST: i32 = 15;
/// The prompt frames: three spans.
const KEYS: [(i32, [f64; 2]); 2] = [(4, [50.0, 60.0]), (9, [70.0, 60.0])];

/// A shot, its job, and processes that know the tiny models alone.
struct Farm {
    place: Workplace,
    python: PathBuf,
}

impl Farm {
    fn new() -> Option<Self> {
        let farm = Self { python: from_environment("SAM3ROTO_PYTHON")?, place: Workplace::new()? };
        let shot = Shot::over(f64::from(FIRST), f64::from(LAST));
        for time in FIRST..=LAST {
            let provenance = Provenance { frame: time, ..Provenance::default() };
            let picture = Picture::new(shot.frame(f64::from(time)).unwrap());
            let file = farm.place.path(format!("shot/shot.{time:04}.png"));
            write_picture(&file, &picture, &WriteSettings::default(), &provenance).unwrap();
        }
        let keys: serde_json::Map<_, _> = KEYS.iter().map(|(time, at)| (time.to_string(), json!(at))).collect();
        let job = json!({
            "effect": ROTO, "in": "", "depth": "float",
            "set": { "model": SAM2.choice, "point1Use": true, "softness": 1.0 },
            "key": { "point1Position": keys },
        });
        std::fs::write(farm.place.path("roto.json"), job.to_string()).unwrap();
        Some(farm)
    }

    /// `sam3roto ACTION` with the fixtures for models.
    fn sam3roto(&self, action: &[&str]) -> Command {
        let mut command = self.place.sam3roto(action);
        self.with_fixtures(&mut command);
        command
    }

    fn with_fixtures(&self, command: &mut Command) {
        command.env("SAM3ROTO_MODELS", concat!(env!("CARGO_MANIFEST_DIR"), "/resources/export/fixtures"));
    }

    fn source(&self) -> String {
        self.place.path("shot/shot.%04d.png").to_string_lossy().into_owned()
    }

    /// Writes the farm's job and reads it.
    fn template(&self) -> Json {
        let mut command = self.sam3roto(&["farm"]);
        command.arg(self.place.path("roto.json")).args(["--in", &self.source(), "--chunk", "5", "--out"]);
        succeed(command.arg(self.place.path("farm")));
        serde_json::from_slice(&std::fs::read(self.template_file()).unwrap()).unwrap()
    }

    fn template_file(&self) -> PathBuf {
        self.place.path("farm/template.json")
    }

    fn openjd(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        self.place.settle(&mut command);
        self.with_fixtures(&mut command);
        command.args(["-m", "openjd", arguments[0]]).arg(self.template_file()).args(&arguments[1..]);
        command
    }

    /// A worker at one task of a step.
    fn worker(&self, step: &str, task: &str) -> Command {
        let sam3roto = sam3roto_beside(&from_environment("SAM3ROTO_BUNDLE").unwrap());
        let program = format!("Command={}", sam3roto.get_program().to_string_lossy());
        let values = format!("file://{}", self.place.path("farm/parameters.json").display());
        let mut command = self.openjd(&["run", "--step", step, "--job-param", &program, "--job-param", &values]);
        if !task.is_empty() {
            command.args(["--task-param", task]);
        }
        command
    }

    /// The pixels of all frames in a folder; what files say of their making differs.
    fn mattes(&self, folder: &str) -> Vec<Vec<u8>> {
        let file = |frame: i32| self.place.path(format!("{folder}/matte.{frame:04}.exr"));
        (FIRST..=LAST).map(|frame| read_picture(&file(frame)).unwrap().frame.data().to_vec()).collect()
    }
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}:\n{}", words(&output));
    words(&output)
}

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Ends a worker and what it runs at once, as a machine does that loses its power.
fn kill_with_all_it_started(worker: &mut Child) {
    let mut doomed = vec![worker.id().to_string()];
    let mut next = 0;
    while let Some(process) = doomed.get(next) {
        // Linux; elsewhere the worker alone is killed.
        let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        let children = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
        let children: String = children.collect::<Vec<_>>().join(" ");
        doomed.extend(children.split_whitespace().map(str::to_owned));
        next += 1;
    }
    doomed.iter().for_each(|process| _ = Command::new("kill").args(["-9", process]).status());
    let _ = worker.kill();
    worker.wait().unwrap();
}

/// The values of a step's one parameter, as arguments.
fn tasks(template: &Json, step: usize) -> Vec<String> {
    let parameter = &template["steps"][step]["parameterSpace"]["taskParameterDefinitions"][0];
    let name = parameter["name"].as_str().unwrap();
    parameter["range"].as_array().unwrap().iter().map(|value| format!("{name}={}", value.as_str().unwrap())).collect()
}

/// Whether a folder holds a file, at any depth.
fn holds_a_file(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| if entry.path().is_dir() { holds_a_file(&entry.path()) } else { true })
}

#[test]
fn the_job_of_a_farm_is_valid_and_cut_at_the_prompt_frames() {
    let Some(farm) = Farm::new() else { return };
    let template = farm.template();
    succeed(&mut farm.openjd(&["check"]));
    assert_eq!(tasks(&template, 0), ["Span=0-4", "Span=4-9", "Span=9-15"]);
    assert_eq!(tasks(&template, 1), ["Frames=0-4", "Frames=5-9", "Frames=10-14", "Frames=15"]);
    let memory = template["steps"][0]["hostRequirements"]["amounts"][0]["min"].as_u64().unwrap();
    assert!((256..16_384).contains(&memory), "{memory} MiB for a tiny model");
}

#[test]
fn workers_of_a_farm_give_what_one_process_gives_also_when_one_is_killed() {
    let Some(farm) = Farm::new() else { return };
    let template = farm.template();

    let spans = tasks(&template, 0);
    let mut killed = start(farm.worker("Track", &spans[1]));
    let others = [start(farm.worker("Track", &spans[0])), start(farm.worker("Track", &spans[2]))];
    // Once something is in the cache: a worker that does nothing yet would prove nothing.
    while !holds_a_file(&farm.place.path("farm/cache")) && killed.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    kill_with_all_it_started(&mut killed);
    for mut worker in others {
        assert!(worker.wait().unwrap().success());
    }
    succeed(&mut farm.worker("Track", &spans[1]));

    let chunks: Vec<Child> = tasks(&template, 1).iter().map(|chunk| start(farm.worker("Render", chunk))).collect();
    for mut worker in chunks {
        assert!(worker.wait().unwrap().success());
    }
    succeed(&mut farm.worker("Verify", ""));
    let list: Json = serde_json::from_slice(&std::fs::read(farm.place.path("farm/matte.json")).unwrap()).unwrap();
    assert_eq!(list["files"].as_array().unwrap().len(), 16);

    let mut alone = farm.sam3roto(&["render", "--quiet", "--in", &farm.source()]);
    alone.arg("--job").arg(farm.place.path("roto.json")).arg("--out").arg(farm.place.path("alone/matte.%04d.exr"));
    succeed(&mut alone);
    assert!(farm.mattes("farm") == farm.mattes("alone"), "the farm gives other mattes");
}

#[test]
fn rendering_without_the_track_fails_instead_of_tracking_by_itself() {
    let Some(farm) = Farm::new() else { return };
    let template = farm.template();
    let output = farm.worker("Render", &tasks(&template, 1)[1]).output().unwrap();
    assert!(!output.status.success(), "{}", words(&output));
    assert!(!farm.place.path("farm/matte.0005.exr").exists());
    assert!(words(&output).contains("not tracked"), "{}", words(&output));
}

#[test]
fn a_damaged_or_missing_frame_of_a_delivery_is_told() {
    let Some(farm) = Farm::new() else { return };
    let pattern = farm.source();
    let bundle = from_environment("SAM3ROTO_BUNDLE").unwrap();
    let verify =
        |frames: &str| sam3roto_beside(&bundle).args(["verify", &pattern, "--frames", frames]).output().unwrap();
    assert!(verify("0-15").status.success());
    let missing = verify("0-16");
    assert!(!missing.status.success() && words(&missing).contains("frame 16"), "{}", words(&missing));
    let file = farm.place.path("shot/shot.0007.png");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let damaged = verify("0-15");
    assert!(!damaged.status.success() && words(&damaged).contains("shot.0007.png"), "{}", words(&damaged));
}

#[test]
fn an_effect_that_tracks_nothing_is_told_to_render() {
    let Some(farm) = Farm::new() else { return };
    let mut command = farm.sam3roto(&["track", "--effect", "org.sam3roto.MatteOutput", "--in", &farm.source()]);
    let output = command.arg("--cache").arg(farm.place.path("cache")).output().unwrap();
    assert!(!output.status.success() && words(&output).contains("nothing to track"), "{}", words(&output));
}
