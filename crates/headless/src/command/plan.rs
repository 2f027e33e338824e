//! Which frames are rendered into which files.

use super::error::CommandError;
use super::job::{Existing, Job};
use crate::sequence::{Footage, FootageKind, Format, FrameSet, Pattern, SequenceError, describe_frames};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// A render, decided: which frames go into which files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Frames to render, ascending, and their files.
    pub frames: Vec<(i32, PathBuf)>,
    /// Frames asked for whose files exist and stay.
    pub skipped: usize,
    /// What the user should know before it begins.
    pub notes: Vec<String>,
}

/// Decides what to render, and refuses what cannot end well before anything is written: unknown formats, depths that a format lacks,
/// missing frames, files that would be overwritten. `others` are the shots of the other clips.
///
/// # Errors
/// Whatever is wrong, in the order above.
pub fn plan(job: &Job, source: &Footage, others: &[&Footage]) -> Result<Plan, CommandError> {
    let mut notes = Vec::new();
    let asked = asked_frames(job, source, &mut notes);
    check_output_format(job)?;
    if job.on_error == super::options::OnError::Stop {
        for footage in std::iter::once(&source).chain(others) {
            let frames = footage.missing(&asked);
            if !frames.is_empty() {
                return Err(SequenceError::MissingFrames { pattern: footage.text().to_owned(), frames }.into());
            }
        }
    }
    let files = output_files(job, &asked)?;
    let inputs: Vec<&Footage> = std::iter::once(source).chain(others.iter().copied()).collect();
    for (frame, file) in &files {
        if inputs.iter().any(|footage| reads(footage, *frame, file)) {
            return Err(CommandError::OutputIsInput { path: file.clone() });
        }
    }
    keep_existing(job.existing, files, notes)
}

/// The frames named, else all that the shot has.
fn asked_frames(job: &Job, source: &Footage, notes: &mut Vec<String>) -> FrameSet {
    if let Some(frames) = &job.frames {
        return frames.clone();
    }
    let Some(there) = source.frames() else { return FrameSet::range(1, 1) };
    if let Some((first, last)) = there.ends() {
        let gaps = source.missing(&FrameSet::range(first, last));
        if !gaps.is_empty() {
            notes.push(format!("{} has no frames {}: they are left out", source.text(), describe_frames(&gaps)));
        }
    }
    there
}

fn check_output_format(job: &Job) -> Result<(), CommandError> {
    let format =
        Format::of_name(&job.output).ok_or_else(|| SequenceError::UnknownOutput { name: job.output.clone() })?;
    format.check(&job.write_settings(), !job.objects.is_empty())?;
    let refused = |option| Err(SequenceError::MovieOption { option, path: PathBuf::from(&job.output) }.into());
    match format == Format::Movie {
        false => Ok(()),
        true if job.existing == Existing::Skip => refused("--skip-existing"),
        true if job.on_error == super::options::OnError::Continue => refused("--on-error continue"),
        true if Pattern::parse(&job.output)?.is_some() => refused("a frame number in the name"),
        true => Ok(()),
    }
}

fn output_files(job: &Job, frames: &FrameSet) -> Result<Vec<(i32, PathBuf)>, CommandError> {
    let frames = frames.as_slice();
    match Pattern::parse(&job.output)? {
        Some(pattern) => Ok(frames.iter().map(|frame| (*frame, pattern.path(*frame))).collect()),
        None if frames.len() == 1 || Format::of_name(&job.output) == Some(Format::Movie) => {
            Ok(frames.iter().map(|frame| (*frame, PathBuf::from(&job.output))).collect())
        }
        None => Err(SequenceError::NeedsNumber { text: job.output.clone(), frames: frames.len() }.into()),
    }
}

/// Whether this file of the footage is `file`.
fn reads(footage: &Footage, frame: i32, file: &Path) -> bool {
    let read = match footage.kind() {
        FootageKind::Numbered(numbered) => match numbered.file(frame) {
            Ok(read) => read,
            Err(_) => return false,
        },
        FootageKind::Still(path) => path,
        FootageKind::Video(video) => video.path(),
    };
    place(read) == place(file)
}

/// Folder, free of links and detours where it exists, and name.
fn place(path: &Path) -> (PathBuf, OsString) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    (folder, path.file_name().unwrap_or_default().to_owned())
}

fn keep_existing(existing: Existing, files: Vec<(i32, PathBuf)>, notes: Vec<String>) -> Result<Plan, CommandError> {
    let asked = files.len();
    match existing {
        Existing::Overwrite => Ok(Plan { frames: files, skipped: 0, notes }),
        Existing::Skip => {
            let frames: Vec<_> = files.into_iter().filter(|(_, file)| !file.exists()).collect();
            Ok(Plan { skipped: asked - frames.len(), frames, notes })
        }
        Existing::Refuse => {
            let there = files.iter().filter(|(_, file)| file.exists());
            let there: std::collections::BTreeSet<_> = there.map(|(_, path)| path).collect();
            match there.first() {
                Some(path) => Err(CommandError::Exists { path: (*path).clone(), others: there.len() - 1 }),
                None => Ok(Plan { frames: files, skipped: 0, notes }),
            }
        }
    }
}
