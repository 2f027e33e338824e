//! The options of `qc`.

use super::work_options::WorkOptions;
use clap::Args;
use std::path::PathBuf;

const HELP: &str = "\
Tracks the shot of a job as Track Shot does (what a cache folder has is not computed again), and tells
which frames to look at. Figures are per cent, 100 gives no reason to look; each frame is held against
the one that it was tracked from:
  sure    how sure the model is of its mask, and how firm the mask's edge is
  size    the smaller area over the larger one
  motion  overlap with the neighbour's mask, moved as the picture moves (optical flow)
  border  100 less thrice the share of the picture's border that the mask gained
  score   the lowest of them
A frame is suspicious where its score is below Suspicious Below of the panel, 70 unless the job or
--below says otherwise.

Examples:
  sam3roto qc roto.toml
  sam3roto qc roto.toml --cache /mnt/show/cache --json qc.json --sheet worst.png --report qc.html

Exit status: 0 also where frames are suspicious.";

/// Options of `qc`.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct QcOptions {
    /// Job file of the effect SAM3Roto, as `render --job` takes it or Export Job writes it
    #[arg(value_name = "JOB")]
    pub job: PathBuf,
    /// What to work on.
    #[command(flatten)]
    pub work: WorkOptions,
    /// Folder of results, as for render
    #[arg(long, value_name = "FOLDER")]
    pub cache: Option<PathBuf>,
    /// Scores below this are suspicious, 0 to 100
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub below: Option<u8>,
    /// List the suspicious frames alone
    #[arg(long)]
    pub brief: bool,
    /// Write the figures and reasons of every frame
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write a contact sheet of the worst frames, with the matte laid over them
    #[arg(long, value_name = "FILE.png")]
    pub sheet: Option<PathBuf>,
    /// Frames on the sheet
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub worst: u16,
    /// Write a page to read in a browser: the curve, the sheet if there is one, the table
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
}
