//! Writing a movie in ProRes 4444: ffmpeg encodes raw pictures that come through a pipe.

use super::ffmpeg::last_words;
use super::write::prepared;
use super::{Bits, FfmpegError, Format, Picture, Provenance, SequenceError};
use crate::host::Components;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// How a movie is written.
#[derive(Debug, Clone, PartialEq)]
pub struct MovieSettings {
    /// The program that encodes.
    pub ffmpeg: PathBuf,
    /// Frames per second.
    pub frame_rate: f64,
    /// Channels that are kept: without alpha it is opaque; alpha alone becomes grey.
    pub channels: Option<Components>,
}

/// A movie that is being written. Frames may come from several threads, in any order; they are encoded in theirs. The file appears
/// under its name when it is whole, or not at all.
#[derive(Debug)]
pub struct Movie {
    path: PathBuf,
    part: PathBuf,
    settings: MovieSettings,
    provenance: Provenance,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    encoder: Option<Encoder>,
    /// Frames that came before the one whose turn it is.
    waiting: BTreeMap<usize, Vec<u8>>,
    next: usize,
}

#[derive(Debug)]
struct Encoder {
    child: Child,
    pictures: Option<ChildStdin>,
    size: (usize, usize),
}

impl Movie {
    /// A movie to be; nothing is written before its first frame. `provenance` is of the whole, its frame that of the first.
    pub fn new(path: &Path, settings: MovieSettings, provenance: Provenance) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let part = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
        Self { path: path.to_owned(), part, settings, provenance, state: Mutex::default() }
    }

    /// Takes the frame at a place counted from 0, straight as the format has it.
    ///
    /// # Errors
    /// When ffmpeg cannot be run or refuses, or the picture has another size than the first.
    pub fn push(&self, place: usize, picture: &Picture) -> Result<(), SequenceError> {
        let picture = prepared(picture, Format::Movie, Bits::Ten, Some(Components::Rgba))?;
        let size = (picture.frame.width(), picture.frame.height());
        let data = self.kept_channels(picture.frame.data());
        let mut state = self.state.lock();
        if state.encoder.is_none() {
            state.encoder = Some(self.start(size, picture.frame.pixel_aspect())?);
        }
        let State { encoder: Some(encoder), waiting, next } = &mut *state else { return Ok(()) };
        if encoder.size != size {
            return Err(self.failed(format!("frame {place} is {}x{}, not {:?}", size.0, size.1, encoder.size)));
        }
        waiting.insert(place, data);
        while let Some(data) = waiting.remove(next) {
            let written = encoder.pictures.as_mut().map_or(Ok(()), |pipe| pipe.write_all(&data));
            if written.is_err() {
                let words = encoder.end();
                return Err(self.failed(format!("ffmpeg stopped{words}")));
            }
            *next += 1;
        }
        Ok(())
    }

    /// Ends the movie and gives it its name; nothing where no frame came.
    ///
    /// # Errors
    /// When ffmpeg failed, with its last words, or the file cannot be renamed.
    pub fn finish(self) -> Result<(), SequenceError> {
        let Some(mut encoder) = self.state.lock().encoder.take() else { return Ok(()) };
        drop(encoder.pictures.take());
        let ended = encoder.child.wait();
        let words = encoder.end();
        if !ended.is_ok_and(|status| status.success()) {
            return Err(self.failed(format!("ffmpeg could not encode it{words}")));
        }
        fs::rename(&self.part, &self.path).map_err(|source| SequenceError::write(&self.path, &source))
    }

    fn start(&self, size: (usize, usize), pixel_aspect: f64) -> Result<Encoder, SequenceError> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .map_err(|source| SequenceError::CreateFolder { folder: folder.to_owned(), source })?;
        let mut child = self
            .command(size, pixel_aspect)
            .spawn()
            .map_err(|source| FfmpegError::Run { ffmpeg: self.settings.ffmpeg.clone(), source })?;
        let pictures = child.stdin.take();
        Ok(Encoder { child, pictures, size })
    }

    fn command(&self, (width, height): (usize, usize), pixel_aspect: f64) -> Command {
        let mut command = Command::new(&self.settings.ffmpeg);
        let order = if cfg!(target_endian = "little") { "rgba64le" } else { "rgba64be" };
        command.args(["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", order]);
        command.args(["-s", &format!("{width}x{height}"), "-framerate", &rate(self.settings.frame_rate), "-i", "-"]);
        // HD is Rec. 709 by custom; the matrix is told in the file, and undone by it when it is read.
        let matrix = "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int";
        let aspect = (pixel_aspect * 1000.0).round() as u32;
        command.args(["-vf", &format!("{matrix},setsar={aspect}/1000")]);
        command.args(["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le", "-alpha_bits", "16"]);
        command.args(["-vendor", "apl0", "-colorspace", "bt709", "-color_range", "tv"]);
        command.args(["-color_primaries", "bt709", "-color_trc", "bt709", "-movflags", "use_metadata_tags"]);
        // So that the same frames give the same file.
        command.args(["-fflags", "+bitexact", "-flags:v", "+bitexact"]);
        let first = self.provenance.frame.to_string();
        let words = [("software", self.provenance.software.as_str()), ("sam3roto.frame", first.as_str())];
        for (name, text) in words.into_iter().chain(self.provenance.entries()) {
            command.arg("-metadata").arg(format!("{name}={text}"));
        }
        command.args(["-f", "mov"]).arg(&self.part);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        #[cfg(unix)]
        {
            // A Ctrl-C in the terminal is for us: we stop ffmpeg ourselves.
            use std::os::unix::process::CommandExt;
            command.process_group(0);
        }
        command
    }

    /// The samples of RGBA with what is not asked for taken out.
    fn kept_channels(&self, data: &[u8]) -> Vec<u8> {
        let mut data = data.to_vec();
        let white = u16::MAX.to_ne_bytes();
        for pixel in data.as_chunks_mut::<8>().0 {
            let [_, _, _, _, _, _, a, b] = *pixel;
            match self.settings.channels {
                Some(Components::Rgb) => [pixel[6], pixel[7]] = white,
                Some(Components::Alpha) => *pixel = [a, b, a, b, a, b, white[0], white[1]],
                Some(Components::Rgba) | None => {}
            }
        }
        data
    }

    fn failed(&self, problem: String) -> SequenceError {
        SequenceError::Write { path: self.path.clone(), problem }
    }
}

impl Drop for Movie {
    /// What was not finished goes.
    fn drop(&mut self) {
        if let Some(mut encoder) = self.state.get_mut().encoder.take() {
            encoder.end();
        }
        // Gone already where it was finished.
        let _ = fs::remove_file(&self.part);
    }
}

impl Encoder {
    /// Ends the process; its last words.
    fn end(&mut self) -> String {
        drop(self.pictures.take());
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mut words = String::new();
        if let Some(mut said) = self.child.stderr.take() {
            let _ = std::io::Read::read_to_string(&mut said, &mut words);
        }
        last_words(&words)
    }
}

/// Frames per second as a fraction: NTSC's rates are so many thousand over 1001.
fn rate(frames: f64) -> String {
    let ntsc = (frames * 1.001).round();
    match (frames * 1.001 - ntsc).abs() < 5e-3 && (frames - frames.round()).abs() > 5e-3 {
        true => format!("{}/1001", ntsc * 1000.0),
        false => format!("{}/1000", (frames * 1000.0).round()),
    }
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn rates_are_the_fractions_that_editors_know() {
        for (frames, text) in [
            (24.0, "24000/1000"),
            (23.976, "24000/1001"),
            (23.98, "24000/1001"),
            (29.97, "30000/1001"),
            (12.5, "12500/1000"),
        ] {
            assert_eq!(rate(frames), text);
        }
    }
}
