//! Video files, decoded by ffmpeg as raw pictures through a pipe.

use super::cache::FrameCache;
use super::ffmpeg::Probe;
use super::pam::{self, PamError};
use super::{FfmpegError, Picture, SequenceError};
use crate::host::Depth;
use parking_lot::Mutex;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Keeps this many bytes of what ffmpeg says: its last lines.
const KEPT_WORDS: usize = 4096;

/// What is known of a video before it is decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoInfo {
    /// How many frames it has; they are numbered from 1.
    pub frames: i32,
    /// Frames per second, where the file says so.
    pub frame_rate: Option<f64>,
    /// 8 bit, or 16 bit where the video has more than 8.
    pub depth: Depth,
    /// Whether it has an alpha channel.
    pub alpha: bool,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
}

/// A video file. Frames are decoded in order; a frame in front of the last one starts the decoder again, unless it is still among the
/// few that are kept. Frame numbers are exact: they count pictures, not time stamps.
#[derive(Debug)]
pub struct VideoFile {
    path: PathBuf,
    ffmpeg: PathBuf,
    probe: Probe,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    cache: FrameCache,
    decoder: Option<Decoder>,
}

impl VideoFile {
    /// Asks ffmpeg about the file. Keeps up to `kept` decoded frames.
    ///
    /// # Errors
    /// When ffmpeg cannot be run or finds no video.
    pub fn open(path: &Path, ffmpeg: &Path, kept: usize) -> Result<Self, SequenceError> {
        if let Err(source) = path.metadata() {
            return Err(SequenceError::read(path, source));
        }
        let probe = Probe::run(ffmpeg, path)?;
        let state = Mutex::new(State { cache: FrameCache::new(kept), decoder: None });
        Ok(Self { path: path.to_owned(), ffmpeg: ffmpeg.to_owned(), probe, state })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is known of it.
    pub fn info(&self) -> VideoInfo {
        VideoInfo {
            frames: self.probe.frames,
            frame_rate: self.probe.frame_rate,
            depth: if self.probe.is_deep() { Depth::Short } else { Depth::Byte },
            alpha: self.probe.has_alpha(),
            pixel_aspect: self.probe.pixel_aspect,
        }
    }

    /// A frame, counted from 1.
    ///
    /// # Errors
    /// When there is no such frame, or the video cannot be decoded up to it.
    pub fn frame(&self, frame: i32) -> Result<Arc<Picture>, SequenceError> {
        if frame < 1 || frame > self.probe.frames {
            return Err(FfmpegError::NoFrame { path: self.path.clone(), frame, frames: self.probe.frames }.into());
        }
        let mut state = self.state.lock();
        if let Some(picture) = state.cache.get(frame) {
            return Ok(picture);
        }
        let mut decoder = match state.decoder.take() {
            Some(decoder) if decoder.next <= frame => decoder,
            _ => Decoder::start(self, frame)?,
        };
        // A few frames further on: threads overtake each other, and what is passed will be asked for. A long way is to
        // another part of the shot (the end of the span that is tracked), and must not push out what is in use.
        let keep_passed = frame - decoder.next < state.cache.capacity() as i32;
        // A decoder that failed is dropped here; the next call starts another.
        while decoder.next < frame {
            let passed = decoder.next;
            let picture = self.next_picture(&mut decoder)?;
            if keep_passed {
                state.cache.put(passed, picture);
            }
        }
        let picture = self.next_picture(&mut decoder)?;
        state.cache.put(frame, Arc::clone(&picture));
        state.decoder = Some(decoder);
        Ok(picture)
    }

    fn next_picture(&self, decoder: &mut Decoder) -> Result<Arc<Picture>, SequenceError> {
        let frame = decoder.next;
        let picture = pam::read(&mut decoder.pictures).map_err(|error| match error {
            PamError::Ended | PamError::Broken => {
                FfmpegError::Ended { path: self.path.clone(), frame, words: decoder.words() }
            }
            PamError::Garbled(problem) => FfmpegError::Garbled { path: self.path.clone(), frame, problem },
        })?;
        decoder.next += 1;
        let aspect = self.probe.pixel_aspect;
        Ok(Arc::new(Picture { frame: picture.frame.with_pixel_aspect(aspect), ..picture }))
    }

    /// The command that sends all frames from `first` on.
    fn command(&self, first: i32) -> Command {
        let mut command = Command::new(&self.ffmpeg);
        command.args(["-nostdin", "-v", "error", "-i"]).arg(&self.path).args(["-map", "0:V:0"]);
        // Every stored picture once, whatever its time stamp.
        command.args(if self.probe.old { ["-vsync", "0"] } else { ["-fps_mode", "passthrough"] });
        command.args(["-vf", &self.filters(first)]);
        command.args(["-pix_fmt", self.pipe_format(), "-c:v", "pam", "-f", "image2pipe", "-"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        {
            // A Ctrl-C in the terminal is for us: we stop ffmpeg ourselves.
            use std::os::unix::process::CommandExt;
            command.process_group(0);
        }
        command
    }

    fn filters(&self, first: i32) -> String {
        let mut scale = "scale=flags=bicubic+accurate_rnd+full_chroma_int".to_owned();
        // Video that does not tell its colour matrix: HD is Rec. 709 by custom, while ffmpeg would take Rec. 601.
        let high_definition = self.probe.size.is_some_and(|(width, height)| width >= 1280 || height >= 720);
        if high_definition && !self.probe.matrix_known && self.probe.pixel_format.starts_with("yuv") {
            scale.push_str(":in_color_matrix=bt709");
        }
        match first {
            1 => scale,
            _ => format!("select=gte(n\\,{}),{scale}", first - 1),
        }
    }

    fn pipe_format(&self) -> &'static str {
        match (self.probe.is_deep(), self.probe.has_alpha()) {
            (false, false) => "rgb24",
            (false, true) => "rgba",
            (true, false) => "rgb48be",
            (true, true) => "rgba64be",
        }
    }
}

/// A running ffmpeg. Dropping it ends the process.
#[derive(Debug)]
struct Decoder {
    child: Child,
    pictures: BufReader<ChildStdout>,
    listener: Option<JoinHandle<Vec<u8>>>,
    next: i32,
}

impl Decoder {
    fn start(video: &VideoFile, first: i32) -> Result<Self, FfmpegError> {
        let failed = |source| FfmpegError::Run { ffmpeg: video.ffmpeg.clone(), source };
        let mut child = video.command(first).spawn().map_err(failed)?;
        let pipes = child.stdout.take().zip(child.stderr.take());
        let (pictures, words) = pipes.ok_or_else(|| failed(std::io::ErrorKind::BrokenPipe.into()))?;
        let listener = std::thread::spawn(move || listen(words));
        Ok(Self { child, pictures: BufReader::with_capacity(1 << 20, pictures), listener: Some(listener), next: first })
    }

    /// Ends the process; what it said.
    fn words(&mut self) -> String {
        self.end();
        let words = self.listener.take().and_then(|listener| listener.join().ok()).unwrap_or_default();
        String::from_utf8_lossy(&words).into_owned()
    }

    fn end(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.end();
    }
}

/// Reads a program's words to their end, so that its pipe never fills, and keeps the last of them.
fn listen(mut words: ChildStderr) -> Vec<u8> {
    let (mut kept, mut chunk) = (Vec::new(), [0; 1024]);
    while let Ok(count) = words.read(&mut chunk) {
        if count == 0 {
            break;
        }
        kept.extend_from_slice(chunk.get(..count).unwrap_or_default());
        let surplus = kept.len().saturating_sub(KEPT_WORDS);
        kept.drain(..surplus);
    }
    kept
}
