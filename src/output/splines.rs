//! The button that writes the matte as curves.

use std::ffi::CStr;
use std::path::PathBuf;

use matte::{SplineFile, SplineSettings, SplineShot, SplineTracker};
use openfx::{Change, Error, Instance, MessageKind, RectI, Result};
use raster::Plane;

use super::MatteOutput;
use super::parameters::{
    SPLINES_EVERY, SPLINES_FILE, SPLINES_FIRST, SPLINES_FRAMES, SPLINES_LAST, SPLINES_POINTS, SPLINES_SMALLEST,
    SPLINES_TOLERANCE,
};
use super::render::with_matte;
use crate::shot_range::frames_of_source;
use crate::watch::Watch;
use crate::whole_file;

/// The options of the frames' parameter, in the order of [`Span`].
pub const SPANS: &[&CStr] = &[c"Whole shot", c"Current frame", c"First to last frame"];

/// Who writes the files.
const SOFTWARE: &str = concat!("sam3roto ", env!("CARGO_PKG_VERSION"));

/// Which frames get keys.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Span {
    /// All of the shot.
    Shot,
    /// The current one.
    Current,
    /// From one to another, both included.
    Between(i32, i32),
}

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
enum SplinesError {
    #[error("name the file first: type a full path, as /shots/a010/roto.nk, into Splines File")]
    NoName,
    #[error("Splines File must be a full path, as /shots/a010/roto.nk, not '{}'", path.display())]
    NotAbsolute { path: PathBuf },
    #[error("'{}' does not say what to write: let Splines File end in {}", path.display(), endings())]
    Ending { path: PathBuf },
    #[error("the shot has no frame from {first} to {last}, First Frame and Last Frame: it goes from {start} to {end}")]
    NoFrame { first: i32, last: i32, start: f64, end: f64 },
    #[error("the host hands out pictures at a scale of {scale}: switch proxies off and export again")]
    Proxy { scale: f64 },
    #[error("Source has no picture on these frames: connect it, or choose others in Frames")]
    NoPicture,
    #[error(
        "the matte holds no object of {smallest} square pixels or more on these frames: nothing was written. Look at it with Output at Matte as RGB, or make Smallest smaller"
    )]
    NoObject { smallest: f64 },
    #[error("the splines {} cannot be written: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
}

impl From<SplinesError> for Error {
    fn from(error: SplinesError) -> Self {
        Self::effect(error)
    }
}

fn endings() -> String {
    SplineFile::ALL.map(SplineFile::ending).join(", ")
}

/// Fits curves to the matte that the node makes, and writes them as the panel says: whole, or not at all.
///
/// # Errors
/// In words for the user: what the panel says cannot be done; the file cannot be written; what a render can fail by.
pub fn export(effect: &MatteOutput, instance: &Instance, change: &Change) -> Result<()> {
    let parameters = instance.parameters();
    let (path, kind) = file(parameters.get(SPLINES_FILE, change.time)?.trim())?;
    let smallest = parameters.get(SPLINES_SMALLEST, change.time)?;
    let settings = SplineSettings {
        tolerance: parameters.get(SPLINES_TOLERANCE, change.time)?,
        smallest_area: smallest,
        most_points: usize::try_from(parameters.get(SPLINES_POINTS, change.time)?).ok().filter(|most| *most > 0),
    };
    let mut times = times(instance, change.time)?;
    if kind.is_still() {
        times.truncate(1);
    }
    if let Some(scale) = change.scale.into_iter().find(|scale| *scale != 1.0) {
        return Err(SplinesError::Proxy { scale }.into());
    }
    let Some(shot) = fitted(instance, change.scale, &times, settings)? else {
        effect.line.write("Cancelled: no splines were written.".to_owned());
        return Ok(());
    };
    if shot.tracks.is_empty() {
        return Err(SplinesError::NoObject { smallest }.into());
    }
    let frame = shot.frames.first().copied().unwrap_or_default();
    let text = kind.text(&shot, frame, SOFTWARE);
    whole_file::write(&path, &text).map_err(|source| SplinesError::File { path: path.clone(), source })?;
    let words = format!("The splines are in {}: {}.", path.display(), shot.summary());
    instance.show_message(MessageKind::Message, &words);
    effect.line.write(words);
    Ok(())
}

fn file(name: &str) -> std::result::Result<(PathBuf, SplineFile), SplinesError> {
    if name.is_empty() {
        return Err(SplinesError::NoName);
    }
    let path = PathBuf::from(name);
    // The working folder of a host is anybody's guess.
    if !path.is_absolute() {
        return Err(SplinesError::NotAbsolute { path });
    }
    match SplineFile::named(name) {
        Some(kind) => Ok((path, kind)),
        None => Err(SplinesError::Ending { path }),
    }
}

/// The times of the frames that the panel asks for.
fn times(instance: &Instance, now: f64) -> Result<Vec<f64>> {
    let parameters = instance.parameters();
    let span = match parameters.get(SPLINES_FRAMES, now)? {
        1 => Span::Current,
        2 => Span::Between(parameters.get(SPLINES_FIRST, now)?, parameters.get(SPLINES_LAST, now)?),
        _ => Span::Shot,
    };
    if span == Span::Current {
        return Ok(vec![now]);
    }
    let every = usize::try_from(parameters.get(SPLINES_EVERY, now)?).unwrap_or(1).max(1);
    Ok(span.of(&frames_of_source(instance)?)?.into_iter().step_by(every).collect())
}

impl Span {
    /// Those of the shot's frames that it means.
    fn of(self, shot: &[f64]) -> std::result::Result<Vec<f64>, SplinesError> {
        let Self::Between(first, last) = self else { return Ok(shot.to_vec()) };
        let within = |time: &f64| (f64::from(first)..=f64::from(last)).contains(time);
        let times: Vec<f64> = shot.iter().copied().filter(within).collect();
        match (times.is_empty(), shot) {
            (true, [start, .., end]) | (true, [start @ end]) => {
                Err(SplinesError::NoFrame { first, last, start: *start, end: *end })
            }
            _ => Ok(times),
        }
    }
}

/// The curves of the matte at these times; `None` where the user cancelled.
fn fitted(instance: &Instance, scale: [f64; 2], times: &[f64], settings: SplineSettings) -> Result<Option<SplineShot>> {
    let bar = instance.progress("Fitting splines");
    let watch = Watch::new(times.len(), |progress| bar.update(progress.fraction()));
    let mut tracker = SplineTracker::new(settings);
    let mut frames = Vec::with_capacity(times.len());
    let mut whole: Option<RectI> = None;
    for &time in times {
        // Hosts count in fractions, files of curves in whole frames.
        let frame = time.round() as i32;
        let stop = || inference::Abort::aborted(&watch);
        let pushed = with_matte(instance, time, scale, &stop, |matte, bounds| {
            let whole = *whole.get_or_insert(bounds);
            tracker.push(frame, &within(matte, bounds, whole));
        });
        watch.finished_one();
        match pushed {
            Err(error) if !watch.is_cancelled() => return Err(error),
            Ok(Some(())) => frames.push(frame),
            Ok(None) | Err(_) => {}
        }
        if watch.is_cancelled() {
            return Ok(None);
        }
    }
    watch.tell();
    if watch.is_cancelled() {
        return Ok(None);
    }
    let Some(whole) = whole else { return Err(SplinesError::NoPicture.into()) };
    Ok(Some(SplineShot {
        width: whole.width(),
        height: whole.height(),
        origin: [f64::from(whole.x1), f64::from(whole.y1)],
        tolerance: settings.tolerance,
        frames,
        tracks: tracker.finish(),
    }))
}

/// A matte in another rectangle of the host's pixels than its own: the first one of the shot.
fn within(matte: &Plane<f32>, bounds: RectI, whole: RectI) -> Plane<f32> {
    let mut plane = Plane::new(whole.width(), whole.height(), 0.0);
    let both = bounds.intersect(&whole);
    if both.is_empty() {
        return plane;
    }
    let column = |rectangle: RectI| (both.x1 - rectangle.x1) as usize;
    let row = |rectangle: RectI| (rectangle.y2 - both.y2) as usize;
    for y in 0..both.height() {
        let from = &matte.row(row(bounds) + y)[column(bounds)..][..both.width()];
        plane.row_mut(row(whole) + y)[column(whole)..][..both.width()].copy_from_slice(from);
    }
    plane
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matte_of_other_bounds_lies_where_it_is() {
        let matte = Plane::new(3, 2, 1.0);
        let whole = RectI { x1: 0, y1: 0, x2: 4, y2: 4 };
        let placed = within(&matte, RectI { x1: -1, y1: 1, x2: 2, y2: 3 }, whole);
        let rows: Vec<&[f32]> = placed.rows().collect();
        let (inside, outside) = ([1.0, 1.0, 0.0, 0.0], [0.0; 4]);
        assert_eq!(rows, [&outside, &inside, &inside, &outside]);
        let elsewhere = within(&matte, RectI { x1: 10, y1: 10, x2: 13, y2: 12 }, whole);
        assert!(elsewhere.data().iter().all(|alpha| *alpha == 0.0));
    }

    #[test]
    fn a_range_is_cut_to_the_shot_and_one_beside_it_refused() {
        let shot: Vec<f64> = (1001..=1010).map(f64::from).collect();
        assert_eq!(Span::Between(990, 1003).of(&shot).unwrap_or_default(), [1001.0, 1002.0, 1003.0]);
        let words = Span::Between(1, 100).of(&shot).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(words.contains("from 1 to 100") && words.contains("from 1001 to 1010"), "{words}");
        assert!(Span::Between(9, 3).of(&shot).is_err());
        assert_eq!(Span::Shot.of(&shot).unwrap_or_default().len(), 10);
    }

    #[test]
    fn the_name_of_the_file_says_what_to_write() {
        let words = |name: &str| file(name).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(words("").contains("name the file first"));
        assert!(words("roto.nk").contains("full path"));
        let root = if cfg!(windows) { "C:\\shots\\" } else { "/shots/" };
        assert!(words(&format!("{root}roto.ma")).contains(".natron.py, .json, .svg, .nk"));
        assert_eq!(words(&format!("{root}roto.NK")), "");
    }
}
