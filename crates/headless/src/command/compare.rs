//! `sam3roto compare`: how good a sequence of mattes is, held against a true one.

use super::compare_options::CompareOptions;
use super::compare_plot::plot;
use super::compare_shot::{Comparison, Shots, compare_frames};
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::job_fields::frame_set;
use super::json_file::write_json;
use super::notes::Notes;
use super::{print_out, software};
use crate::sequence::{
    FfmpegSearch, Footage, FootageKind, FootageOptions, Format, FrameSet, MatteChannel, Picture, Provenance,
    SequenceError, WriteSettings, describe_frames, write_picture,
};
use std::fs;
use std::path::Path;

/// Measures the frames and tells: on standard output, and in the files that were asked for.
pub(super) fn compare(options: &CompareOptions, interrupt: &Interrupt) -> Result<(), CommandError> {
    if let Some(path) = &options.plot {
        let name = path.to_string_lossy();
        Format::of_name(&name).ok_or_else(|| SequenceError::UnknownOutput { name: name.clone().into_owned() })?;
    }
    let shots = open(options)?;
    let frames = frames(options, &shots)?;
    for footage in shots.all() {
        if options.json.iter().chain(&options.plot).any(|path| is_file_of(footage, path)) {
            return Err(CommandError::ReportIsInput { shot: footage.text().to_owned() });
        }
    }
    let notes = Notes::new(frames.len(), false);
    left_out(&shots, &frames).into_iter().for_each(|note| notes.note(&note));
    let comparison = compare_frames(&shots, &frames, &notes, interrupt);
    notes.finish();
    let comparison = comparison?;
    if let Some(path) = &options.json {
        write_json(path, &comparison.json(&shots))?;
    }
    if let Some(path) = &options.plot {
        write_plot(path, &comparison)?;
    }
    print_out(&comparison.text(options.brief))
}

fn open(options: &CompareOptions) -> Result<Shots, CommandError> {
    let ffmpeg = FfmpegSearch::from_environment(options.ffmpeg.clone());
    // Each frame is asked for once.
    let open = |text: &str| Footage::open(text, &FootageOptions { kept_frames: 1, ffmpeg: ffmpeg.clone() });
    let channel = if options.luma { MatteChannel::Luma } else { MatteChannel::Alpha };
    let picture = options.picture.as_deref().map(open).transpose()?;
    let shots = Shots { result: open(&options.result)?, truth: open(&options.truth)?, picture, channel };
    let size = |footage: &Footage| (footage.display().width(), footage.display().height());
    let expected = size(&shots.truth);
    let mut others = shots.all().filter(|footage| size(footage) != expected);
    if let Some(other) = others.next() {
        return Err(CommandError::OtherSize {
            shot: other.text().to_owned(),
            found: size(other),
            truth: shots.truth.text().to_owned(),
            expected,
        });
    }
    drop(others);
    Ok(shots)
}

/// The frames named, else those of the truth; where that is a still, those of the result.
fn frames(options: &CompareOptions, shots: &Shots) -> Result<FrameSet, CommandError> {
    let frames = if options.frames.is_empty() {
        let there = shots.truth.frames().or_else(|| shots.result.frames());
        there.unwrap_or_else(|| FrameSet::range(1, 1))
    } else {
        frame_set(options.frames.join(","))?
    };
    for footage in shots.all() {
        let missing = footage.missing(&frames);
        if !missing.is_empty() {
            return Err(CommandError::NotComparable { shot: footage.text().to_owned(), frames: missing });
        }
    }
    Ok(frames)
}

/// What the user should know of frames that nobody asked for.
fn left_out(shots: &Shots, frames: &FrameSet) -> Option<String> {
    let there = shots.result.frames()?;
    let others: Vec<i32> =
        there.as_slice().iter().copied().filter(|frame| frames.as_slice().binary_search(frame).is_err()).collect();
    (!others.is_empty())
        .then(|| format!("frames {} of {} are not compared", describe_frames(&others), shots.result.text()))
}

/// Whether writing to `path` would destroy a file of the shot.
pub(super) fn is_file_of(footage: &Footage, path: &Path) -> bool {
    let same = |read: &Path| match (fs::canonicalize(read), fs::canonicalize(path)) {
        (Ok(read), Ok(path)) => read == path,
        _ => false,
    };
    match footage.kind() {
        FootageKind::Numbered(numbered) => {
            let frames = numbered.frames();
            frames.as_slice().iter().filter_map(|frame| numbered.file(*frame).ok()).any(same)
        }
        FootageKind::Still(read) => same(read),
        FootageKind::Video(video) => same(video.path()),
    }
}

fn write_plot(path: &Path, comparison: &Comparison) -> Result<(), CommandError> {
    let picture = Picture::new(plot(comparison)?);
    let provenance = Provenance {
        software: software(),
        effect: "compare".to_owned(),
        frame: comparison.first_frame(),
        ..Provenance::default()
    };
    Ok(write_picture(path, &picture, &WriteSettings::default(), &provenance)?)
}
