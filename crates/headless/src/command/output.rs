//! Where rendered frames go: files, or a movie.

use super::error::CommandError;
use super::job::Job;
use super::objects::LayersName;
use super::plan::Plan;
use super::software;
use crate::host::Frame;
use crate::sequence::{
    FfmpegSearch, Format, Layer, Movie, MovieSettings, Picture, Provenance, SequenceError, WriteSettings, cryptomatte,
    find_ffmpeg, write_layers,
};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What is known of a frame beside its picture.
pub(super) struct Beside {
    /// The frame.
    pub(super) frame: i32,
    /// The names of objects and the frames whose alpha is their matte.
    pub(super) objects: Vec<(String, Frame)>,
    /// The model and where it ran; empty where that is not known.
    pub(super) model: String,
}

/// Writes frames as they come, from any thread.
pub(super) struct Output {
    settings: WriteSettings,
    layers: LayersName,
    /// By frame: its file, and its place in the order of frames.
    files: BTreeMap<i32, (usize, PathBuf)>,
    provenance: Provenance,
    movie: Option<MovieSettings>,
    begun: OnceLock<Movie>,
}

impl Output {
    /// `frame_rate` is that of a movie where the job names none.
    ///
    /// # Errors
    /// When a movie is asked for and there is no ffmpeg.
    pub(super) fn new(job: &Job, plan: &Plan, effect: &str, frame_rate: f64) -> Result<Self, CommandError> {
        let movie = match Format::of_name(&job.output) {
            Some(Format::Movie) => Some(MovieSettings {
                ffmpeg: find_ffmpeg(&FfmpegSearch::from_environment(job.ffmpeg.clone()))
                    .map_err(SequenceError::from)?,
                frame_rate: job.frame_rate.unwrap_or(frame_rate),
                channels: job.channels,
            }),
            _ => None,
        };
        let files = plan.frames.iter().enumerate();
        let given = json!({ "set": job.values, "key": job.keys });
        Ok(Self {
            settings: job.write_settings(),
            layers: job.layers,
            files: files.map(|(place, (frame, path))| (*frame, (place, path.clone()))).collect(),
            provenance: Provenance {
                software: software(),
                effect: effect.to_owned(),
                source: job.input.clone(),
                settings: given.to_string(),
                ..Provenance::default()
            },
            movie,
            begun: OnceLock::new(),
        })
    }

    /// Writes one frame.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(&self, picture: &Picture, beside: Beside) -> Result<(), CommandError> {
        let Some((place, path)) = self.files.get(&beside.frame) else { return Ok(()) };
        let provenance = Provenance { frame: beside.frame, model: beside.model, ..self.provenance.clone() };
        if let Some(settings) = &self.movie {
            return Ok(self.movie(path, settings, provenance).push(*place, picture)?);
        }
        let layers = self.object_layers(&beside.objects)?;
        Ok(write_layers(path, picture, &layers, &self.settings, &provenance)?)
    }

    /// The movie, which begins with whatever frame comes first.
    fn movie(&self, path: &Path, settings: &MovieSettings, provenance: Provenance) -> &Movie {
        let first = self.files.first_key_value().map_or(provenance.frame, |(frame, _)| *frame);
        self.begun.get_or_init(|| Movie::new(path, settings.clone(), Provenance { frame: first, ..provenance }))
    }

    fn object_layers(&self, objects: &[(String, Frame)]) -> Result<Vec<Layer>, CommandError> {
        let mattes = objects.iter().map(|(name, frame)| Layer::matte(name, frame, &self.settings));
        let mattes = mattes.collect::<Result<Vec<_>, SequenceError>>()?;
        Ok(match self.layers {
            LayersName::Mattes => mattes,
            LayersName::Cryptomatte => cryptomatte(&mattes)?,
            LayersName::Both => {
                let ids = cryptomatte(&mattes)?;
                mattes.into_iter().chain(ids).collect()
            }
        })
    }

    /// Ends what has an end.
    ///
    /// # Errors
    /// When the movie cannot be ended.
    pub(super) fn finish(self) -> Result<(), CommandError> {
        Ok(self.begun.into_inner().map_or(Ok(()), Movie::finish)?)
    }
}
