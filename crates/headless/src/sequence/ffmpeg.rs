//! Finding ffmpeg and asking it about a video.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Names the ffmpeg program to use.
pub const FFMPEG_VARIABLE: &str = "SAM3ROTO_FFMPEG";

/// Why a video could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FfmpegError {
    /// There is none.
    #[error(
        "no ffmpeg was found, which video files need: install it, or give its path with --ffmpeg or in {FFMPEG_VARIABLE}, \
         or use numbered pictures instead"
    )]
    NotFound,
    /// The path given is no program.
    #[error("{path}, given by {by}, is not a program that can be run", path = path.display())]
    NotAProgram {
        /// The path.
        path: PathBuf,
        /// `--ffmpeg` or the environment variable.
        by: &'static str,
    },
    /// It could not be started.
    #[error("cannot run {ffmpeg}: {source}", ffmpeg = ffmpeg.display())]
    Run {
        /// The program.
        ffmpeg: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// It finds no video in the file.
    #[error("ffmpeg finds no video in {path}{words}", path = path.display(), words = last_words(words))]
    NoVideo {
        /// The file.
        path: PathBuf,
        /// What it said.
        words: String,
    },
    /// The video has no such frame.
    #[error("{path} has frames 1-{frames}; there is no frame {frame}", path = path.display())]
    NoFrame {
        /// The file.
        path: PathBuf,
        /// The frame asked for.
        frame: i32,
        /// How many it has.
        frames: i32,
    },
    /// The video ended before its last frame.
    #[error("{path} breaks off before frame {frame}{words}", path = path.display(), words = last_words(words))]
    Ended {
        /// The file.
        path: PathBuf,
        /// The first frame that is not there.
        frame: i32,
        /// What ffmpeg said.
        words: String,
    },
    /// What came through the pipe is no picture.
    #[error("ffmpeg sent something that is no picture for frame {frame} of {path}: {problem}", path = path.display())]
    Garbled {
        /// The file.
        path: PathBuf,
        /// The frame.
        frame: i32,
        /// What is wrong.
        problem: String,
    },
}

/// Where to look for ffmpeg, in this order. A path that was given on purpose and is wrong is an error, not a reason to look further.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FfmpegSearch {
    /// Given on the command line.
    pub option: Option<PathBuf>,
    /// Value of [`FFMPEG_VARIABLE`].
    pub variable: Option<PathBuf>,
    /// Value of `PATH`.
    pub path: Option<OsString>,
}

impl FfmpegSearch {
    /// The option, and what the process's environment says.
    pub fn from_environment(option: Option<PathBuf>) -> Self {
        let variable = env::var_os(FFMPEG_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self { option, variable, path: env::var_os("PATH") }
    }
}

/// Finds ffmpeg.
///
/// # Errors
/// [`FfmpegError::NotAProgram`] when a path given on purpose is wrong, [`FfmpegError::NotFound`] when there is none anywhere.
pub fn find_ffmpeg(search: &FfmpegSearch) -> Result<PathBuf, FfmpegError> {
    for (given, by) in [(&search.option, "--ffmpeg"), (&search.variable, FFMPEG_VARIABLE)] {
        match given {
            Some(path) if is_program(path) => return Ok(path.clone()),
            Some(path) => return Err(FfmpegError::NotAProgram { path: path.clone(), by }),
            None => {}
        }
    }
    let name = format!("ffmpeg{}", env::consts::EXE_SUFFIX);
    let folders = search.path.as_ref().map(|path| env::split_paths(path).collect::<Vec<_>>()).unwrap_or_default();
    folders.into_iter().map(|folder| folder.join(&name)).find(|path| is_program(path)).ok_or(FfmpegError::NotFound)
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// What ffmpeg says about a video file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Probe {
    /// Pictures in the first video stream, counted without decoding.
    pub(super) frames: i32,
    /// Name of the pixel format, such as `yuv420p10le`.
    pub(super) pixel_format: String,
    /// Whether the colour matrix is told.
    pub(super) matrix_known: bool,
    /// Frames per second.
    pub(super) frame_rate: Option<f64>,
    /// Width of a pixel over its height; 1 when not told.
    pub(super) pixel_aspect: f64,
    /// Width and height as stored.
    pub(super) size: Option<(u32, u32)>,
    /// Whether this ffmpeg is too old for `-fps_mode` (before 5.1).
    pub(super) old: bool,
}

impl Probe {
    /// Asks ffmpeg: it lists the streams, and writes one line for each packet of the first video, undecoded. (Its progress
    /// report would be shorter, but ffmpeg 7.0 leaves the number of copied frames out of it.)
    pub(super) fn run(ffmpeg: &Path, path: &Path) -> Result<Self, FfmpegError> {
        let output = Command::new(ffmpeg)
            .args(["-nostdin", "-i"])
            .arg(path)
            .args(["-map", "0:V:0", "-c", "copy", "-f", "framecrc", "-"])
            .stdin(Stdio::null())
            .output()
            .map_err(|source| FfmpegError::Run { ffmpeg: ffmpeg.to_owned(), source })?;
        Self::parse(&output).ok_or_else(|| FfmpegError::NoVideo {
            path: path.to_owned(),
            words: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    fn parse(output: &Output) -> Option<Self> {
        let packets = String::from_utf8_lossy(&output.stdout);
        let packets = packets.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let frames = i32::try_from(packets.count()).ok()?;
        let words = String::from_utf8_lossy(&output.stderr);
        let stream = words.lines().find(|line| line.contains("Stream #") && line.contains("Video: "))?;
        let (_, description) = stream.split_once("Video: ")?;
        let parts = split_outside_brackets(description);
        let format = parts.get(1)?;
        let (pixel_format, told) = format.split_once('(').unwrap_or((format, ""));
        (frames > 0).then(|| Self {
            frames,
            pixel_format: pixel_format.trim().to_owned(),
            matrix_known: ["bt709", "bt470", "smpte", "bt2020", "fcc", "gbr"].iter().any(|name| told.contains(name)),
            frame_rate: parts.iter().find_map(|part| part.strip_suffix(" fps")?.trim().parse().ok()),
            pixel_aspect: pixel_aspect(description).unwrap_or(1.0),
            size: parts.get(2).and_then(|part| stored_size(part)),
            old: words.lines().find_map(version).is_some_and(|version| version < (5, 1)),
        })
    }

    /// Whether a sample has more than 8 bits: every such format tells its byte order.
    pub(super) fn is_deep(&self) -> bool {
        self.pixel_format.ends_with("le") || self.pixel_format.ends_with("be")
    }

    /// Whether there is an alpha channel.
    pub(super) fn has_alpha(&self) -> bool {
        let with_alpha = ["yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya8", "ya16", "ayuv", "vuya"];
        with_alpha.iter().any(|name| self.pixel_format.contains(name))
    }
}

/// Major and minor version from the banner; none for builds from a development tree, which are new.
fn version(line: &str) -> Option<(u32, u32)> {
    let word = line.strip_prefix("ffmpeg version ")?.split_whitespace().next()?;
    let mut numbers = word.trim_start_matches('n').split(['.', '-']);
    Some((numbers.next()?.parse().ok()?, numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
}

/// From `[SAR 64:45 DAR 16:9]`.
fn pixel_aspect(description: &str) -> Option<f64> {
    let (_, after) = description.split_once("SAR ")?;
    let (width, height) = after.split_whitespace().next()?.split_once(':')?;
    let aspect = width.parse::<f64>().ok()? / height.parse::<f64>().ok()?;
    (aspect.is_finite() && aspect > 0.0).then_some(aspect)
}

/// From `1280x720 [SAR 1:1 DAR 16:9]`.
fn stored_size(part: &str) -> Option<(u32, u32)> {
    let (width, height) = part.split_whitespace().next()?.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

/// Parts between commas that stand in no bracket.
fn split_outside_brackets(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_i32, 0, Vec::new());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts
}

/// The last line of a program's words, for the end of a message.
pub(super) fn last_words(words: &str) -> String {
    words
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .map(|line| format!(": {}", line.trim()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::ExitStatus;

    fn probe(stream: &str, version: &str) -> Option<Probe> {
        let stderr = format!("ffmpeg version {version} Copyright\nInput #0\n  {stream}\n");
        let output = Output {
            status: ExitStatus::default(),
            stdout: ["#media_type 0: video\n", &"0, 0, 0, 512, 4242, 0x1f2e3d4c\n".repeat(132)].concat().into_bytes(),
            stderr: stderr.into_bytes(),
        };
        Probe::parse(&output)
    }

    #[test]
    fn an_ordinary_video_is_understood() {
        let line = "Stream #0:0[0x1](und): Video: h264 (Main) (avc1 / 0x31637661), yuv420p(progressive), 1280x720 \
                    [SAR 1:1 DAR 16:9], 1205 kb/s, 25 fps, 25 tbr, 12800 tbn (default)";
        let probe = probe(line, "n9.0.2-17-g2a571b6068").unwrap();
        assert_eq!((probe.frames, probe.pixel_format.as_str(), probe.frame_rate), (132, "yuv420p", Some(25.0)));
        assert_eq!((probe.size, probe.pixel_aspect), (Some((1280, 720)), 1.0));
        assert!(!probe.is_deep() && !probe.has_alpha() && !probe.matrix_known && !probe.old);
    }

    #[test]
    fn deep_video_with_alpha_and_wide_pixels_is_understood() {
        let line = "Stream #0:0: Video: prores (4444) (ap4h / 0x68347061), yuva444p12le(tv, bt709, progressive), 720x576 \
                    [SAR 64:45 DAR 16:9], 23.98 fps";
        let probe = probe(line, "4.4.2-0ubuntu0.22.04.1").unwrap();
        assert!(probe.is_deep() && probe.has_alpha() && probe.matrix_known && probe.old);
        assert_eq!(probe.pixel_aspect, 64.0 / 45.0);
    }

    #[test]
    fn a_file_without_video_is_no_video() {
        assert_eq!(probe("Stream #0:0: Audio: aac", "6.1"), None);
    }
}
