//! The drawn shot on disk, and the bundle that renders from it.

use super::scene;
use crate::bundle::Bundled;
use crate::demo::png_files;
use crate::error::Error;
use crate::programs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const ROTO: &str = "org.sam3roto.Roto";
const OUTPUT: &str = "org.sam3roto.MatteOutput";

/// A folder with the shot, and what renders it.
pub struct Studio {
    folder: TempDir,
    bundle: PathBuf,
    command: PathBuf,
}

impl Studio {
    /// Draws the shot.
    pub fn new(bundled: &Bundled) -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(Error::file("create a folder in", &std::env::temp_dir()))?;
        for number in 1..=scene::FRAMES {
            let path = folder.path().join(format!("shot.{number:04}.png"));
            png_files::write(&scene::frame(number), &path)?;
        }
        Ok(Self { folder, bundle: bundled.bundle.clone(), command: bundled.command.clone() })
    }

    /// A frame of the shot through SAM3Roto.
    pub fn roto(&self, values: &[String], frame: i32) -> Result<PathBuf, Error> {
        self.render(ROTO, &self.folder.path().join("shot.%04d.png"), values, frame)
    }

    /// A picture with the matte in its alpha, which is a frame of the shot, through MatteOutput.
    pub fn output(&self, picture: &Path, values: &[String], frame: i32) -> Result<PathBuf, Error> {
        self.render(OUTPUT, picture, values, frame)
    }

    fn render(&self, effect: &str, input: &Path, values: &[String], frame: i32) -> Result<PathBuf, Error> {
        // What was rendered before stays: pictures are looked at again.
        let number = std::fs::read_dir(self.folder.path()).map_err(Error::file("list", self.folder.path()))?.count();
        let out = self.folder.path().join(format!("made{number}.png"));
        let mut command = Command::new(&self.command);
        command.arg("render").arg("--quiet").args(["--effect", effect]).arg("--bundle").arg(&self.bundle);
        // Frames are encoded once for all pictures.
        command.arg("--cache").arg(self.folder.path().join("cache"));
        command.arg("--in").arg(input).arg("--out").arg(&out).args(["--frames", &frame.to_string()]).args(values);
        programs::capture(&mut command, "rendering", "Build it with `cargo xtask bundle --release`")?;
        Ok(out)
    }
}

/// Values as options of the command.
pub fn set<S: Into<String>>(values: impl IntoIterator<Item = S>) -> Vec<String> {
    values.into_iter().flat_map(|value| ["--set".to_owned(), value.into()]).collect()
}

/// A position from the top left corner, as the command takes it.
pub fn from_top([x, y]: [f64; 2]) -> String {
    format!("tl:{x},{y}")
}
