//! What all that is done with a job can be told, and the options of `track`, `farm` and `verify`.

use super::options::RenderOptions;
use clap::Args;
use std::path::PathBuf;

/// What to work on. Whatever is given here wins over the job file.
#[derive(Debug, Default, Clone, Args)]
pub struct WorkOptions {
    /// The .ofx.bundle [default: $SAM3ROTO_BUNDLE, else beside this program or in the OFX folders]
    #[arg(long, short, value_name = "BUNDLE")]
    pub bundle: Option<PathBuf>,
    /// Identifier of the effect; may be left out where the job names it
    #[arg(long, short, value_name = "ID")]
    pub effect: Option<String>,
    /// Shot for the clip Source: shot.%04d.exr, shot.####.png, one picture, or a video
    #[arg(long = "in", short, value_name = "SHOT")]
    pub input: Option<String>,
    /// Shot for another clip, as Matte=garbage.%04d.png; a mask without alpha is taken by its luma
    #[arg(long, value_name = "NAME=SHOT")]
    pub clip: Vec<String>,
    /// Value of a parameter
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Keyframe of a parameter
    #[arg(long, value_name = "NAME@FRAME=VALUE")]
    pub key: Vec<String>,
    /// Frames: 12, 1-100, 1-100x10, joined by commas [default: those of the job, else all of the shot]
    #[arg(long, short, value_name = "RANGES", allow_hyphen_values = true)]
    pub frames: Vec<String>,
    /// Path of ffmpeg, for videos [default: $SAM3ROTO_FFMPEG, else on the PATH]
    #[arg(long, value_name = "PATH")]
    pub ffmpeg: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

const TRACK_HELP: &str = "\
Presses \"Track Shot\": every frame goes through the network, and the objects are tracked from their
prompt frames to all others. Results are kept in the cache folder, where `sam3roto render` and
compositing programs find them: the same bits, without a network. Where --frames names a part of the
shot, spans between prompt frames that it touches are tracked as far as it needs.

Example:
  sam3roto track --job roto.json --in 'shot.%04d.exr' --cache /server/cache --frames 1-48";

/// Options of `track`.
#[derive(Debug, Args)]
#[command(after_long_help = TRACK_HELP)]
pub struct TrackOptions {
    /// Job file, TOML or JSON, as `render` takes it and Export Job of an effect writes it
    #[arg(long, value_name = "FILE")]
    pub job: Option<PathBuf>,
    /// Folder that keeps results; may be shared by a farm [default: the setting cache.folder]
    #[arg(long, value_name = "FOLDER")]
    pub cache: Option<PathBuf>,
    /// What to work on.
    #[command(flatten)]
    pub work: WorkOptions,
}

impl TrackOptions {
    /// The same as options of `render`.
    pub fn into_render(self) -> RenderOptions {
        RenderOptions { job: self.job, work: self.work, cache: self.cache, ..RenderOptions::default() }
    }
}

const FARM_HELP: &str = "\
Writes an Open Job Description job (jobtemplate-2023-09), as AWS Deadline Cloud and other render
managers take it, into the folder:
  Track    one task for each span between prompt frames, where the effect tracks
  Render   chunks of frames, after all of Track; they read the track and fail where it is missing
  Verify   after all of Render: every frame there and whole, and a list of checksums
Tasks can be repeated at any time: they find what is done in the cache folder, and no file is ever
seen half written. Machines need this program, the bundle with its models, and the folders that are
named as parameters of the job.

The memory that tasks ask for is measured: one frame is tracked or rendered here first.

Example:
  sam3roto farm roto.json --in '/server/a010/shot.%04d.exr' --out /server/a010/farm
  openjd run /server/a010/farm/template.json -p file:///server/a010/farm/parameters.json \\
      --step Verify --run-dependencies";

/// Options of `farm`.
#[derive(Debug, Args)]
#[command(after_long_help = FARM_HELP)]
pub struct FarmOptions {
    /// Job file, TOML or JSON, as `render` takes it and Export Job of an effect writes it
    #[arg(value_name = "JOB")]
    pub job: PathBuf,
    /// Folder for the farm's job; it is made
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Where rendered frames go [default: that of the job, else matte.%04d.exr in the folder]
    #[arg(long, value_name = "PATTERN")]
    pub mattes: Option<String>,
    /// Folder that keeps results, on all machines [default: that of the job, else `cache` in the folder]
    #[arg(long, value_name = "FOLDER")]
    pub cache: Option<PathBuf>,
    /// Frames of one task of Render
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub chunk: u32,
    /// Memory that a task needs, instead of measuring it
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=16_777_216))]
    pub memory: Option<u64>,
    /// What to work on.
    #[command(flatten)]
    pub work: WorkOptions,
}

const VERIFY_HELP: &str = "\
Reads every frame: it is there, whole, of the size and channels of the first, and holds finite
numbers with alpha from 0 to 1. Frames without any matte are told.

Example:
  sam3roto verify 'matte.%04d.exr' --frames 1-100 --list matte.json";

/// Options of `verify`.
#[derive(Debug, Args)]
#[command(after_long_help = VERIFY_HELP)]
pub struct VerifyOptions {
    /// The frames: matte.%04d.exr or matte.####.png
    #[arg(value_name = "PATTERN")]
    pub pattern: String,
    /// Frames that must be there: 12, 1-100, joined by commas [default: from the first to the last file]
    #[arg(long, short, value_name = "RANGES", allow_hyphen_values = true)]
    pub frames: Vec<String>,
    /// Write size and SHA-256 of every file as JSON; a file of this name is replaced
    #[arg(long, value_name = "FILE")]
    pub list: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}
