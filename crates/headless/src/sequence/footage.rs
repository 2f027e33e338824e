//! A shot that is read.

use super::cache::FrameCache;
use super::{
    FfmpegSearch, FrameSet, Numbered, Pattern, Picture, PictureFormat, SequenceError, VideoFile, find_ffmpeg,
    read_picture,
};
use crate::host::RectI;
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Endings of files that are given to ffmpeg.
const VIDEO_ENDINGS: &[&str] = &[
    "mp4", "mov", "m4v", "mkv", "avi", "webm", "mxf", "mpg", "mpeg", "m2v", "ts", "mts", "m2ts", "wmv", "flv", "ogv",
    "y4m", "gif",
];

/// The number that a still's picture is kept under.
const STILL: i32 = 0;

/// How footage is opened.
#[derive(Debug, Clone)]
pub struct FootageOptions {
    /// Decoded frames that are kept, at least 1.
    pub kept_frames: usize,
    /// Where to look for ffmpeg when it is a video.
    pub ffmpeg: FfmpegSearch,
}

/// What the footage is stored as.
#[derive(Debug)]
pub enum FootageKind {
    /// Numbered pictures.
    Numbered(Numbered),
    /// One picture, shown at every frame.
    Still(PathBuf),
    /// A video; its first frame is frame 1.
    Video(VideoFile),
}

/// A shot: numbered pictures, a still or a video. Frames may be fetched from several threads.
#[derive(Debug)]
pub struct Footage {
    text: String,
    kind: FootageKind,
    format: PictureFormat,
    cache: Mutex<FrameCache>,
}

impl Footage {
    /// Opens what `text` names: a [`Pattern`], a picture, or a video file; reads its first frame.
    ///
    /// # Errors
    /// When there is nothing of this name, it is of no known kind, its first frame cannot be read, or a video comes without ffmpeg.
    pub fn open(text: &str, options: &FootageOptions) -> Result<Self, SequenceError> {
        let mut cache = FrameCache::new(options.kept_frames);
        let (kind, first) = match Pattern::parse(text)? {
            Some(pattern) => {
                let numbered = pattern.discover()?;
                let number = numbered.range().0;
                let first = Arc::new(read_picture(numbered.file(number)?)?);
                cache.put(number, Arc::clone(&first));
                (FootageKind::Numbered(numbered), first)
            }
            None if is_video(text) => {
                let video = VideoFile::open(Path::new(text), &find_ffmpeg(&options.ffmpeg)?, options.kept_frames)?;
                let first = video.frame(1)?;
                (FootageKind::Video(video), first)
            }
            None => {
                let path = PathBuf::from(text);
                let first = Arc::new(read_picture(&path)?);
                cache.put(STILL, Arc::clone(&first));
                (FootageKind::Still(path), first)
            }
        };
        Ok(Self { text: text.to_owned(), kind, format: first.format(), cache: Mutex::new(cache) })
    }

    /// The text that it was opened by.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is stored as.
    pub fn kind(&self) -> &FootageKind {
        &self.kind
    }

    /// What its first frame is. Its pixels are kept no longer than those of other frames.
    pub fn format(&self) -> &PictureFormat {
        &self.format
    }

    /// The display window of all frames.
    pub fn display(&self) -> RectI {
        self.format.display
    }

    /// The frames that there are; none for a still, which has them all.
    pub fn frames(&self) -> Option<FrameSet> {
        match &self.kind {
            FootageKind::Numbered(numbered) => Some(numbered.frames()),
            FootageKind::Video(video) => Some(FrameSet::range(1, video.info().frames)),
            FootageKind::Still(_) => None,
        }
    }

    /// Frames per second, where it is known.
    pub fn frame_rate(&self) -> Option<f64> {
        match &self.kind {
            FootageKind::Video(video) => video.info().frame_rate,
            FootageKind::Numbered(_) | FootageKind::Still(_) => None,
        }
    }

    /// Frames asked for that there are not.
    pub fn missing(&self, asked: &FrameSet) -> Vec<i32> {
        match &self.kind {
            FootageKind::Numbered(numbered) => numbered.missing(asked),
            FootageKind::Video(video) => {
                let there = 1..=video.info().frames;
                asked.as_slice().iter().copied().filter(|frame| !there.contains(frame)).collect()
            }
            FootageKind::Still(_) => Vec::new(),
        }
    }

    /// A frame.
    ///
    /// # Errors
    /// When it is missing or cannot be read, or its size is not that of the first frame.
    pub fn frame(&self, frame: i32) -> Result<Arc<Picture>, SequenceError> {
        let (number, path) = match &self.kind {
            FootageKind::Video(video) => return self.of_one_size(video.path(), video.frame(frame)?),
            FootageKind::Still(path) => (STILL, path.as_path()),
            FootageKind::Numbered(numbered) => (frame, numbered.file(frame)?),
        };
        if let Some(picture) = self.cache.lock().get(number) {
            return Ok(picture);
        }
        // Read without the lock: other threads read their frames meanwhile.
        let picture = self.of_one_size(path, Arc::new(read_picture(path)?))?;
        self.cache.lock().put(number, Arc::clone(&picture));
        Ok(picture)
    }

    /// Reads a numbered file that will be asked for soon. What stands against it is told when it is asked for.
    pub fn read_ahead(&self, frame: i32) {
        if matches!(self.kind, FootageKind::Numbered(_)) {
            let _ = self.frame(frame);
        }
    }

    fn of_one_size(&self, path: &Path, picture: Arc<Picture>) -> Result<Arc<Picture>, SequenceError> {
        let (found, first) = (picture.display, self.format.display);
        if (found.width(), found.height()) == (first.width(), first.height()) {
            return Ok(picture);
        }
        Err(SequenceError::SizeChanged {
            path: path.to_owned(),
            width: found.width(),
            height: found.height(),
            first_width: first.width(),
            first_height: first.height(),
        })
    }
}

fn is_video(text: &str) -> bool {
    let ending =
        Path::new(text).extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    VIDEO_ENDINGS.contains(&ending.as_str())
}
