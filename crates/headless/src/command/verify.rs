//! `sam3roto verify`: whether a delivery is whole.

use super::error::CommandError;
use super::job_fields::frame_set;
use super::json_file::write_json;
use super::work_options::VerifyOptions;
use super::{print_out, software};
use crate::host::{Components, Depth};
use crate::sequence::{FrameSet, Pattern, Picture, SequenceError, describe_frames, read_picture};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// How far alpha may be out of 0..1: the rounding of half floats.
const ROUNDING: f32 = 1e-3;

/// What was found.
#[derive(Default)]
struct Findings {
    files: Vec<Json>,
    wrong: Vec<(i32, String)>,
    empty: Vec<i32>,
    /// Width, height and channels of the first frame.
    form: Option<(usize, usize, usize)>,
}

/// Reads every frame and tells what is wrong with it.
pub(super) fn verify(options: &VerifyOptions) -> Result<(), CommandError> {
    let needs_number = || SequenceError::NeedsNumber { text: options.pattern.clone(), frames: 2 };
    let pattern = Pattern::parse(&options.pattern)?.ok_or_else(needs_number)?;
    let frames = match options.frames.is_empty() {
        false => frame_set(options.frames.join(","))?,
        true => {
            let (first, last) = pattern.discover()?.range();
            FrameSet::range(first, last)
        }
    };
    let mut findings = Findings::default();
    for &frame in frames.as_slice() {
        findings.look(frame, &pattern.path(frame));
    }
    if let Some(list) = &options.list {
        let list_of = json!({ "software": software(), "pattern": options.pattern, "files": findings.files });
        write_json(list, &list_of)?;
    }
    if !options.quiet || !findings.wrong.is_empty() {
        print_out(&findings.text(&options.pattern, frames.as_slice()))?;
    }
    match findings.wrong.len() {
        0 => Ok(()),
        failed => {
            let list = describe_frames(&findings.wrong_frames());
            Err(CommandError::FramesFailed { failed, asked: frames.len(), list })
        }
    }
}

impl Findings {
    fn look(&mut self, frame: i32, path: &Path) {
        match self.problem(frame, path) {
            Ok(()) => {}
            Err(problem) => self.wrong.push((frame, problem)),
        }
    }

    fn problem(&mut self, frame: i32, path: &Path) -> Result<(), String> {
        let bytes = fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        let picture = read_picture(path).map_err(|error| error.to_string())?;
        let checksum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.files.push(json!({ "frame": frame, "file": name, "bytes": bytes.len(), "sha256": checksum }));
        let form = (picture.frame.width(), picture.frame.height(), picture.frame.components().channels());
        let first = *self.form.get_or_insert(form);
        if form != first {
            let words = |(width, height, channels)| format!("{width}x{height} with {channels} channels");
            return Err(format!("{} is {}, the first frame {}", path.display(), words(form), words(first)));
        }
        let (least, most) = alpha_range(&picture)?;
        if least < -ROUNDING || most > 1.0 + ROUNDING {
            return Err(format!("{} has alpha from {least} to {most}: 0 to 1 is expected", path.display()));
        }
        if most <= 0.0 {
            self.empty.push(frame);
        }
        Ok(())
    }

    fn wrong_frames(&self) -> Vec<i32> {
        self.wrong.iter().map(|(frame, _)| *frame).collect()
    }

    fn text(&self, pattern: &str, frames: &[i32]) -> String {
        let mut out = String::new();
        for (frame, problem) in &self.wrong {
            out += &format!("wrong: frame {frame}: {problem}\n");
        }
        if !self.empty.is_empty() {
            out += &format!("note: no matte at all on frames {}\n", describe_frames(&self.empty));
        }
        let sound = frames.len() - self.wrong.len();
        out + &format!("{sound} of {} frames of {pattern} are whole\n", frames.len())
    }
}

/// The least and the greatest alpha; 1 where the file has none.
fn alpha_range(picture: &Picture) -> Result<(f32, f32), String> {
    let frame = picture.frame.converted(Depth::Float, Components::Rgba).map_err(|error| error.to_string())?;
    let mut range = (f32::INFINITY, f32::NEG_INFINITY);
    for pixel in frame.data().chunks_exact(16) {
        let values: [f32; 4] = bytemuck::pod_read_unaligned(pixel);
        if values.iter().any(|value| !value.is_finite()) {
            return Err("it holds values that are no numbers".to_owned());
        }
        range = (range.0.min(values[3]), range.1.max(values[3]));
    }
    Ok(range)
}
