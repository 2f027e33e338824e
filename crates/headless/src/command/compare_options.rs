//! The options of `compare`.

use clap::Args;
use std::path::PathBuf;

const COMPARE_HELP: &str = "\
Mattes are the alpha of the files, or their luma where they have no alpha. Both shots have the same
size and the same frame numbers; a still is there at every frame.

Figures (higher is better for J and F, lower for all others):
  J      pixels in both over pixels in either, at alpha 0.5          0..1
  F      boundary found within 0.8 % of the diagonal (DAVIS)         0..1
  MAD    mean of |result - truth|                                    x1000
  MSE    mean of (result - truth)^2                                  x1000
  Grad   squared differences of the gradients, summed                /1000
  Conn   differences of connectedness, summed                        /1000
  dtSSD  how unlike the steps from frame to frame are                x100
  warp   change from frame to frame that motion does not explain, beyond that of the
         truth; needs --picture, along optical flow (DIS)            x100

Example:
  sam3roto compare 'matte.%04d.exr' 'truth.%04d.png' --picture 'shot.%04d.exr' \\
      --json figures.json --plot figures.png";

/// Options of `compare`.
#[derive(Debug, Args)]
#[command(after_long_help = COMPARE_HELP)]
pub struct CompareOptions {
    /// The mattes to judge: matte.%04d.exr, matte.####.png, one picture, or a video
    #[arg(value_name = "RESULT")]
    pub result: String,
    /// The true mattes
    #[arg(value_name = "TRUTH")]
    pub truth: String,
    /// The shot that they are of, for motion
    #[arg(long, value_name = "SHOT")]
    pub picture: Option<String>,
    /// Frames to compare: 12, 1-100, 1-100x10, joined by commas [default: all of the truth]
    #[arg(long, short, value_name = "RANGES", allow_hyphen_values = true)]
    pub frames: Vec<String>,
    /// Take the luma of the files as the matte also where they have alpha
    #[arg(long)]
    pub luma: bool,
    /// Write the figures as JSON; a file of this name is replaced
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Draw the figures over the frames, as PNG; a file of this name is replaced
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Print the shot's figures alone
    #[arg(long)]
    pub brief: bool,
    /// Path of ffmpeg, for videos [default: $SAM3ROTO_FFMPEG, else on the PATH]
    #[arg(long, value_name = "PATH")]
    pub ffmpeg: Option<PathBuf>,
}
