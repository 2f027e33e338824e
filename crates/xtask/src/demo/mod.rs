//! `cargo xtask demo`: a real shot through the bundle, shown in one picture.

mod frames;
pub mod job;
pub mod pictures;
pub mod png_files;
mod sheet;
mod typed;

use crate::bundle;
use crate::error::Error;
use crate::programs;
use crate::say::{self, Step};
use crate::setup;
use crate::staging;
use crate::workspace::{Profile, Workspace};
use job::Job;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who made the demo shot.
const CREDIT: &str = "Footage: Big Buck Bunny, (c) Blender Foundation, peach.blender.org, CC-BY 3.0";

/// Every fourth frame of the demo shot, and all its prompt frames.
const RABBIT_FRAMES: &str = "1-129x4,44,103,107,132";

/// What all frames of it cost on two processors, for the user to decide.
const ALL_COSTS: &str = "every fourth frame and the prompt frames; all 132 take about 4.5 minutes on 2 cores: --all";

const EXAMPLES: &str = "\
Coordinates are pixels of the full-size picture, y counted UP from the bottom as compositing programs do;
with tl: before them, y counted DOWN from the top left corner as image viewers do.

  cargo xtask demo
  cargo xtask demo -- --input shot.%04d.exr --point 640,360@12 --point 702,344@80
  cargo xtask demo -- --input clip.mov --box tl:200,100,900,1000@1 --point tl:500,420:exclude@1";

/// Options of `demo`.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Options {
    /// Your own shot instead: shot.%04d.exr, shot.####.png, one picture, or a video
    #[arg(long, value_name = "SHOT")]
    input: Option<String>,
    /// A point on your object, as X,Y or X,Y@FRAME; `:exclude` after it for one beside it (may be repeated)
    #[arg(long, value_name = "X,Y@FRAME", requires = "input", allow_hyphen_values = true)]
    point: Vec<String>,
    /// A box round your object, as X1,Y1,X2,Y2 or X1,Y1,X2,Y2@FRAME (may be repeated for further frames)
    #[arg(long, value_name = "X1,Y1,X2,Y2@FRAME", requires = "input", allow_hyphen_values = true)]
    r#box: Vec<String>,
    /// Frames to render: 12, 1-100, 1-100x10, joined by commas
    #[arg(long, value_name = "RANGES", conflicts_with = "all")]
    frames: Option<String>,
    /// All frames of the demo shot (those of your own are rendered all unless --frames says otherwise)
    #[arg(long)]
    all: bool,
}

/// What is rendered, from what.
struct Shot {
    input: String,
    job_file: PathBuf,
    job: Job,
    frames: Option<String>,
    credit: Option<&'static str>,
}

impl Shot {
    /// Samples of an EXR file are scene-linear; everything else is shown as it is.
    fn is_linear(&self) -> bool {
        self.input.to_ascii_lowercase().ends_with(".exr")
    }
}

/// The task.
pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let output = workspace.path("demo-output");
    let shot = shot(workspace, options, &output)?;
    let ffmpeg = setup::ffmpeg(workspace)?;
    let bundled = bundle::build(workspace, Profile::Release)?;
    for folder in ["roto", "matte", "cutout"] {
        clear(&output.join(folder))?;
    }
    if options.input.is_none() && !options.all && options.frames.is_none() {
        say::line("frames", ALL_COSTS);
    }

    let mut render = Command::new(&bundled.command);
    render
        .arg("render")
        .arg("--job")
        .arg(&shot.job_file)
        .arg("--bundle")
        .arg(&bundled.bundle)
        .arg("--ffmpeg")
        .arg(ffmpeg);
    render.arg("--in").arg(&shot.input).arg("--out").arg(output.join("roto/roto.%04d.png"));
    render.args(["--channels", "rgba", "--depth", if shot.is_linear() { "16" } else { "8" }]);
    if let Some(frames) = &shot.frames {
        render.arg("--frames").arg(frames);
    }
    let step = Step::begin("rendered", "the shot through the bundle");
    programs::run(&mut render, "rendering", "Build it with `cargo xtask bundle --release`")?;
    step.end();

    let step = Step::begin("written", "mattes, cutouts and the contact sheet");
    let rendered = frames::numbered(&output.join("roto"), "roto.", ".png")?;
    pictures::write(&rendered, &output, shot.is_linear())?;
    let sheet = output.join("contact-sheet.png");
    sheet::write(&rendered, &shot.job, shot.credit, shot.is_linear(), &sheet)?;
    staging::write(&output.join("README.txt"), readme(&shot))?;
    step.end();
    tell(&output, &sheet, &shot);
    Ok(())
}

fn shot(workspace: &Workspace, options: &Options, output: &Path) -> Result<Shot, Error> {
    let Some(input) = &options.input else {
        let job_file = workspace.path("resources/demo/rabbit.toml");
        let frames = options.frames.clone().or_else(|| (!options.all).then(|| RABBIT_FRAMES.to_owned()));
        let input = setup::demo_clip(workspace)?.to_string_lossy().into_owned();
        return Ok(Shot { input, job: Job::read(&job_file)?, job_file, frames, credit: Some(CREDIT) });
    };
    if options.point.is_empty() && options.r#box.is_empty() {
        let words =
            "say where your object is: --point X,Y@FRAME or --box X1,Y1,X2,Y2@FRAME (see cargo xtask demo --help)";
        return Err(Error::Usage(words.to_owned()));
    }
    let input = std::path::absolute(input).map_err(Error::file("find", input))?;
    let job_file = output.join("job.toml");
    let text = typed::job(&options.point, &options.r#box)?;
    staging::write(&job_file, &text)?;
    Ok(Shot {
        input: input.to_string_lossy().into_owned(),
        job: Job::read(&job_file)?,
        job_file,
        frames: options.frames.clone(),
        credit: None,
    })
}

/// Empties a folder of an earlier demo.
fn clear(folder: &Path) -> Result<(), Error> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::file("delete", folder))?;
    }
    fs::create_dir_all(folder).map_err(Error::file("create", folder))
}

fn readme(shot: &Shot) -> String {
    let credit = shot.credit.map(|credit| format!("\n{credit}\n")).unwrap_or_default();
    format!(
        "Made by `cargo xtask demo`.\n\n\
         contact-sheet.png  some frames: the picture with its prompts, the matte, the cutout over a new background\n\
         matte/             the matte, white inside\n\
         cutout/            the object over a new background\n\
         roto/              the picture with the matte in alpha, as the effect renders it\n\
         \n\
         The prompts: {}\n{credit}",
        shot.job_file.display()
    )
}

fn tell(output: &Path, sheet: &Path, shot: &Shot) {
    say::line("look at", &sheet.display().to_string());
    for folder in ["matte", "cutout", "roto"] {
        say::line("", &output.join(folder).display().to_string());
    }
    say::line("prompts", &shot.job_file.display().to_string());
    if let Some(credit) = shot.credit {
        say::line("credit", credit);
    }
}
