//! The reference masks that tests compare the bundle's with: made by the reference pipeline in Python, once for each state of what goes
//! into them.

use crate::demo::job::{Job, Mark};
use crate::demo::png_files;
use crate::digest::sha256;
use crate::environment::Environment;
use crate::error::Error;
use crate::programs::capture;
use crate::say::Step;
use crate::setup;
use crate::staging::{self, Staging};
use crate::workspace::Workspace;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const STILLS: &str = "crates/xtask/parity.toml";
const SCRIPT: &str = "resources/parity/mobilesam_reference.py";
const REMEDY: &str = "Run `cargo xtask test` again";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    stills: Vec<Still>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Still {
    clip: String,
    frame: i32,
    job: Option<PathBuf>,
    #[serde(default)]
    points: Vec<Mark>,
    r#box: Option<[f64; 4]>,
}

/// A still as the script wants it.
#[derive(Serialize)]
struct Prompt {
    image: String,
    points: Vec<Mark>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#box: Option<[f64; 4]>,
}

/// The folder with the stills, `prompts.json` and the script's output (`index.json` and what it names).
pub fn reference(workspace: &Workspace, environment: &Environment, python: &Path) -> Result<PathBuf, Error> {
    let list = workspace.path(STILLS);
    let text = fs::read_to_string(&list).map_err(Error::file("read", &list))?;
    let List { stills } =
        toml::from_str(&text).map_err(|error| Error::Invalid { path: list.clone(), problem: error.to_string() })?;
    let folder = workspace.target("parity").join(&state(workspace, &text, &stills)?[..12]);
    if folder.join("index.json").is_file() {
        return Ok(folder);
    }
    let step = Step::begin("made", format!("{} reference masks for the parity test", stills.len()));
    let staging = Staging::of(&folder)?;
    let (footage, ffmpeg) = (setup::footage(workspace)?, setup::ffmpeg(workspace)?);
    let mut prompts = Vec::new();
    for (number, still) in stills.into_iter().enumerate() {
        let image = format!("still-{number}.png");
        extract(&ffmpeg, &footage.join(&still.clip), still.frame, &staging.path(&image))?;
        prompts.push(prompt(workspace, still, image, &staging)?);
    }
    let prompts_file = staging.path("prompts.json");
    staging::write(&prompts_file, serde_json::json!({ "stills": prompts }).to_string())?;
    // Made in its final place: the index holds absolute paths.
    staging.finish()?;
    let mut script = Command::new(python);
    script.arg(workspace.path(SCRIPT)).arg("--models").arg(setup::models(workspace)?.join("mobilesam"));
    script.arg("--prompts").arg(folder.join("prompts.json")).arg("--out").arg(&folder);
    capture(environment.give(&mut script), "the reference pipeline", REMEDY)?;
    step.end();
    Ok(folder)
}

/// Hash of everything that the reference masks depend on.
fn state(workspace: &Workspace, list: &str, stills: &[Still]) -> Result<String, Error> {
    let mut all = list.as_bytes().to_vec();
    let jobs = stills.iter().filter_map(|still| still.job.clone());
    for path in jobs.chain([SCRIPT.into(), "resources/models/mobilesam.toml".into(), "crates/xtask/pins.toml".into()]) {
        let path = workspace.path(path);
        all.extend(fs::read(&path).map_err(Error::file("read", &path))?);
    }
    Ok(sha256(&all))
}

fn prompt(workspace: &Workspace, still: Still, image: String, staging: &Staging) -> Result<Prompt, Error> {
    let Some(job) = &still.job else {
        return Ok(Prompt { image, points: still.points, r#box: still.r#box });
    };
    let (_, height) = png_files::size(&staging.path(&image))?;
    let prompts = Job::read(&workspace.path(job))?.at(still.frame, f64::from(height));
    Ok(Prompt { image, points: prompts.points, r#box: prompts.r#box })
}

fn extract(ffmpeg: &Path, clip: &Path, frame: i32, picture: &Path) -> Result<(), Error> {
    let mut command = Command::new(ffmpeg);
    command.args(["-loglevel", "error", "-y", "-i"]).arg(clip);
    command.args(["-vf", &format!("select=eq(n\\,{})", frame - 1), "-frames:v", "1"]).arg(picture);
    capture(&mut command, "decoding footage", REMEDY)?;
    Ok(())
}
