//! The options of `splines`.

use clap::Args;
use std::path::PathBuf;

const HELP: &str = "\
Files:
  curves.json       every curve with its points at every frame; points keep their identity
  curves.svg        the first frame; curves.%04d.svg writes one file for each frame
  curves.nk         for Nuke: paste it or import it as a script, a Roto node whose shapes are animated
                    from key to key
  curves.py         for Nuke: run it in the Script Editor, it makes the same through Nuke itself
  curves.natron.py  for Natron: run it in the Script Editor, it makes the same there
  curves.fxs        for Silhouette: import it as shapes

JSON: x to the right and y DOWN from the top left corner, in pixels; the centre of the top left
pixel is (0.5, 0.5).
  width, height, tolerance, frames   the frames that have curves
  shapes[].name, hole                a hole is cut out of what it lies in
  shapes[].tolerance                 how far its curves may be from the mattes' edges
  shapes[].keys[].frame
  shapes[].keys[].points[]           at: the point; in, out: its two handles, as places; corner
A shape ends, and another one begins, where the outline joins another one, falls apart or vanishes.

Examples:
  sam3roto splines --in 'matte.%04d.exr' --out curves.nk --frames 1001-1100
  sam3roto splines --in 'matte.%04d.exr' --out curves.nk --points 60 --check
  sam3roto splines --in matte.0001.png --out matte.svg --tolerance 1";

/// Options of `splines`.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct SplinesOptions {
    /// The mattes: matte.%04d.exr, matte.####.png, one picture, or a video
    #[arg(long = "in", short, value_name = "SHOT")]
    pub input: String,
    /// Where to write: .json, .svg, .nk, .py, .natron.py or .fxs; a file of this name is replaced
    #[arg(long = "out", short, value_name = "FILE")]
    pub output: String,
    /// How far a curve may be from the edge of the matte, in pixels, 0.1 to 100; curves over several frames may be twice as far,
    /// so that few points serve them all
    #[arg(long, value_name = "PX", default_value_t = 0.5)]
    pub tolerance: f64,
    /// Most points of one shape: where the tolerance takes more, it is loosened for that shape until they are enough. How
    /// far is told at the end, and --check tells what it costs [default: as many as the tolerance takes]
    #[arg(long, value_name = "MOST")]
    pub points: Option<usize>,
    /// Leave out objects and holes of less than this many square pixels
    #[arg(long, value_name = "AREA", default_value_t = 25.0)]
    pub smallest: f64,
    /// Frames: 12, 1-100, 1-100x10, joined by commas [default: all of the shot]
    #[arg(long, short, value_name = "RANGES", allow_hyphen_values = true)]
    pub frames: Vec<String>,
    /// Keys at every so many of the frames alone
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub every: usize,
    /// Take the luma of the files as the matte also where they have alpha
    #[arg(long)]
    pub luma: bool,
    /// Draw the curves again, and tell how much of the mattes they share
    #[arg(long)]
    pub check: bool,
    /// Path of ffmpeg, for videos [default: $SAM3ROTO_FFMPEG, else on the PATH]
    #[arg(long, value_name = "PATH")]
    pub ffmpeg: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}
