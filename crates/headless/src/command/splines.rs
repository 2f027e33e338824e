//! `sam3roto splines`: mattes as animated Bezier curves.

use super::compare::is_file_of;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::notes::Notes;
use super::print_out;
use super::splines_check::agreement;
use super::splines_json::json;
use super::splines_natron;
use super::splines_nuke::{node, script};
use super::splines_options::SplinesOptions;
use super::splines_silhouette::shapes;
use super::splines_svg::svg;
use crate::sequence::{
    FfmpegSearch, Footage, FootageOptions, FrameSet, MatteChannel, Pattern, SequenceError, matte_plane,
};
use matte::{Spline, SplineSettings, SplineTrack, SplineTracker};
use std::fs;
use std::path::{Path, PathBuf};

/// Kinds of files, by the ends of their names; of two that fit the first.
const KINDS: [&str; 6] = ["natron.py", "json", "svg", "nk", "py", "fxs"];

/// Curves of a shot.
pub(super) struct Curves {
    /// Of the mattes, in pixels.
    pub(super) width: usize,
    /// Of the mattes, in pixels.
    pub(super) height: usize,
    /// Within which curves were fitted, in pixels.
    pub(super) tolerance: f64,
    /// The frames that have keys, ascending.
    pub(super) frames: Vec<i32>,
    /// The curves.
    pub(super) tracks: Vec<SplineTrack>,
}

impl Curves {
    /// The curves of one frame with the numbers of their tracks, counted from 1.
    pub(super) fn at(&self, frame: i32) -> Vec<(usize, &Spline)> {
        let key = |track: &'_ SplineTrack| track.frames.iter().position(|(number, _)| *number == frame);
        let found =
            (1..).zip(&self.tracks).filter_map(|(number, track)| Some((number, &track.frames.get(key(track)?)?.1)));
        found.collect()
    }
}

/// Fits, and writes what was asked for.
pub(super) fn splines(options: &SplinesOptions, interrupt: &Interrupt) -> Result<(), CommandError> {
    let kind = kind(&options.output)?;
    check(options)?;
    let ffmpeg = FfmpegSearch::from_environment(options.ffmpeg.clone());
    let footage = Footage::open(&options.input, &FootageOptions { kept_frames: 1, ffmpeg })?;
    let frames = frames(options, &footage)?;
    let pattern = Pattern::parse(&options.output)?;
    if pattern.is_some() && kind != "svg" {
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
        let text = match kind {
            "svg" => svg(&curves, frame),
            "nk" => node(&curves),
            "py" => script(&curves),
            "natron.py" => splines_natron::script(&curves),
            "fxs" => shapes(&curves),
            _ => serde_json::to_string_pretty(&json(&curves))? + "\n",
        };
        write(&path, &text)?;
    }
    Ok(())
}

fn kind(output: &str) -> Result<&'static str, CommandError> {
    let name = Path::new(output).file_name().and_then(|name| name.to_str()).unwrap_or_default().to_lowercase();
    KINDS.into_iter().find(|kind| name.ends_with(&format!(".{kind}"))).ok_or_else(|| CommandError::Unknown {
        kind: "file of curves",
        name,
        available: KINDS.map(|kind| format!(".{kind}")).to_vec(),
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
        let text = options.frames.join(",");
        text.parse().map_err(|source| CommandError::Frames { text, source })?
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
) -> Result<Curves, CommandError> {
    let channel = channel(options);
    let settings = SplineSettings { tolerance: options.tolerance, smallest_area: options.smallest };
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
    let curves = Curves { width, height, tolerance: options.tolerance, frames, tracks: tracker.finish() };
    notes.finish();
    notes.note(&summary(&curves));
    Ok(curves)
}

fn summary(curves: &Curves) -> String {
    let points: usize =
        curves.tracks.iter().filter_map(|track| track.frames.first()).map(|(_, key)| key.knots.len()).sum();
    let kept = curves.tracks.iter().map(|track| track.frames.len()).max().unwrap_or_default();
    let (shapes, frames) = (curves.tracks.len(), curves.frames.len());
    format!("{shapes} shapes with {points} points over {frames} frames, the longest over {kept}")
}

fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    written.map_err(|error| SequenceError::Write { path: path.to_owned(), problem: error.to_string() }.into())
}
