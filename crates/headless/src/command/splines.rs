//! `sam3roto splines`: mattes as animated Bezier curves.

use super::compare::is_file_of;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::job_fields::frame_set;
use super::notes::Notes;
use super::splines_check::agreement;
use super::splines_options::SplinesOptions;
use super::{print_out, software};
use crate::sequence::{
    FfmpegSearch, Footage, FootageOptions, FrameSet, MatteChannel, Pattern, SequenceError, matte_plane, write_bytes,
};
use matte::{SplineFile, SplineSettings, SplineShot, SplineTracker};
use std::path::{Path, PathBuf};

/// What `--points` may ask for at least.
const FEWEST_POINTS: usize = 4;

/// Fits, and writes what was asked for.
pub(super) fn splines(options: &SplinesOptions, interrupt: &Interrupt) -> Result<(), CommandError> {
    let kind = kind(&options.output)?;
    check(options)?;
    let ffmpeg = FfmpegSearch::from_environment(options.ffmpeg.clone());
    let footage = Footage::open(&options.input, &FootageOptions { kept_frames: 1, ffmpeg })?;
    let frames = frames(options, &footage)?;
    let pattern = Pattern::parse(&options.output)?;
    if pattern.is_some() && !kind.is_still() {
        return Err(CommandError::Range {
            option: "--out",
            allowed: "one file for all frames, unless it is .svg",
            found: options.output.clone(),
        });
    }
    let files = files(&options.output, pattern.as_ref(), &frames);
    if let Some((path, _)) = files.iter().find(|(path, _)| is_file_of(&footage, path)) {
        return Err(CommandError::OutputIsInput { path: path.clone() });
    }
    let curves = fitted(options, &footage, frames, interrupt)?;
    if options.check {
        print_out(&agreement(&curves, &footage, channel(options), interrupt)?)?;
    }
    for (path, frame) in files {
        write_bytes(&path, kind.text(&curves, frame, &software()).as_bytes())?;
    }
    Ok(())
}

fn kind(output: &str) -> Result<SplineFile, CommandError> {
    SplineFile::named(output).ok_or_else(|| CommandError::Unknown {
        kind: "file of curves",
        name: Path::new(output).file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned(),
        available: SplineFile::ALL.map(|kind| kind.ending().to_owned()).to_vec(),
    })
}

fn check(options: &SplinesOptions) -> Result<(), CommandError> {
    let range = |option, allowed, found: String| Err(CommandError::Range { option, allowed, found });
    if !(0.1..=100.0).contains(&options.tolerance) {
        return range("--tolerance", "0.1 to 100", options.tolerance.to_string());
    }
    if !(options.smallest >= 0.0 && options.smallest.is_finite()) {
        return range("--smallest", "0 or more", options.smallest.to_string());
    }
    if let Some(points) = options.points.filter(|points| *points < FEWEST_POINTS) {
        return range("--points", "4 or more", points.to_string());
    }
    if options.every == 0 {
        return range("--every", "1 or more", options.every.to_string());
    }
    Ok(())
}

/// The frames named, else all there are, every so many of them.
fn frames(options: &SplinesOptions, footage: &Footage) -> Result<Vec<i32>, CommandError> {
    let frames: FrameSet = if options.frames.is_empty() {
        footage.frames().unwrap_or_else(|| FrameSet::range(1, 1))
    } else {
        frame_set(options.frames.join(","))?
    };
    Ok(frames.as_slice().iter().copied().step_by(options.every).collect())
}

/// What to write for which frame: one file for each where there is a pattern, else one that begins with the first frame.
fn files(output: &str, pattern: Option<&Pattern>, frames: &[i32]) -> Vec<(PathBuf, i32)> {
    match pattern {
        Some(pattern) => frames.iter().map(|frame| (pattern.path(*frame), *frame)).collect(),
        None => frames.first().map(|frame| (PathBuf::from(output), *frame)).into_iter().collect(),
    }
}

fn channel(options: &SplinesOptions) -> MatteChannel {
    if options.luma { MatteChannel::Luma } else { MatteChannel::Alpha }
}

fn fitted(
    options: &SplinesOptions,
    footage: &Footage,
    frames: Vec<i32>,
    interrupt: &Interrupt,
) -> Result<SplineShot, CommandError> {
    let channel = channel(options);
    let settings =
        SplineSettings { tolerance: options.tolerance, smallest_area: options.smallest, most_points: options.points };
    let mut tracker = SplineTracker::new(settings);
    let notes = Notes::new(frames.len(), options.quiet);
    let (width, height) = (footage.display().width(), footage.display().height());
    for (done, frame) in frames.iter().enumerate() {
        if interrupt.is_raised() {
            return Err(CommandError::Interrupted { done, asked: frames.len() });
        }
        let matte = matte_plane(&*footage.frame(*frame)?, channel).map_err(SequenceError::from)?;
        if (matte.width(), matte.height()) != (width, height) {
            return Err(CommandError::OtherSize {
                shot: format!("frame {frame} of {}", footage.text()),
                found: (matte.width(), matte.height()),
                truth: "the first frame".to_owned(),
                expected: (width, height),
            });
        }
        tracker.push(*frame, &matte);
        notes.step();
    }
    let tracks = tracker.finish();
    let curves = SplineShot { width, height, origin: [0.0; 2], tolerance: options.tolerance, frames, tracks };
    notes.finish();
    notes.note(&curves.summary());
    Ok(curves)
}
