//! The panel's values at one time, in the effect's own words.

use std::path::PathBuf;

use openfx::{Depth, Instance, Result};
use raster::SourceEncoding;
use segment::tracker::TrackerOptions;

use super::draft::{Made, Quality, STEP};
use super::garbage::MatteInput;
use super::objects::Selection;
use super::parameters::{
    CACHE_FOLDER, DETAIL_PASS, EDGE_DETAIL, EXCLUSIVE, IF_NOT_TRACKED, INVERT, MATTE_INPUT, MEMORY_SELECTION, MODEL,
    MODELS, MOTION_SCORE, OBJECTS_OUT, OUTPUT_MODE, QUALITY, SOFTNESS, SOURCE_ENCODING, THRESHOLD, TRACK_TAKE,
    TRACKING,
};
use super::results;
use super::track::{IfNotTracked, Tracking};
use crate::picture::compose::OutputMode;
use crate::picture::encoding::source_encoding;

/// Everything the panel says about a frame but the prompts.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The probability at which the edge lies, 0..1.
    pub threshold: f64,
    /// The width of the edge, 0..1.
    pub softness: f64,
    /// How far the edge follows the picture, 0..1.
    pub edge_detail: f64,
    /// Objects are looked at once more.
    pub detail_pass: bool,
    /// Inside and outside are swapped.
    pub invert: bool,
    /// What the Matte clip does.
    pub matte_input: MatteInput,
    /// Which objects come out.
    pub selection: Selection,
    /// What is written.
    pub output: OutputMode,
    /// How masks come to frames without prompts of their own.
    pub tracking: Tracking,
    /// What tracking does beyond the plain loop.
    pub tracker: TrackerOptions,
    /// What a render does on a frame that was not tracked yet.
    pub if_not_tracked: IfNotTracked,
    /// Which tracking of the shot counts.
    pub take: i32,
    /// The node's own folder for results.
    pub cache_folder: Option<PathBuf>,
    /// The model by family or name; `None` takes the best installed.
    pub model: Option<&'static str>,
    /// Draft or final, as the panel says.
    pub quality: Quality,
    /// What this render is.
    pub made: Made,
    source_encoding: usize,
}

impl Settings {
    /// Reads the panel at `time`.
    ///
    /// # Errors
    /// The host's refusal to read a parameter.
    pub fn read(instance: &Instance, time: f64) -> Result<Self> {
        let parameters = instance.parameters();
        let connection_is_known = !instance.host().quirks.clips_always_connected;
        Ok(Self {
            threshold: parameters.get(THRESHOLD, time)?,
            softness: parameters.get(SOFTNESS, time)?,
            edge_detail: parameters.get(EDGE_DETAIL, time)?,
            detail_pass: parameters.get(DETAIL_PASS, time)?,
            invert: parameters.get(INVERT, time)?,
            matte_input: MatteInput::from_index(parameters.get(MATTE_INPUT, time)?, connection_is_known),
            selection: Selection::from_parameters(parameters.get(OBJECTS_OUT, time)?, parameters.get(EXCLUSIVE, time)?),
            output: OutputMode::from_index(parameters.get(OUTPUT_MODE, time)?),
            tracking: Tracking::from_index(parameters.get(TRACKING, time)?),
            tracker: TrackerOptions {
                memory_selection: parameters.get(MEMORY_SELECTION, time)?,
                motion: parameters.get(MOTION_SCORE, time)?,
            },
            if_not_tracked: IfNotTracked::from_index(parameters.get(IF_NOT_TRACKED, time)?),
            take: parameters.get(TRACK_TAKE, time)?,
            cache_folder: results::own_folder(&parameters.get(CACHE_FOLDER, time)?)?,
            model: MODELS.get(parameters.get(MODEL, time)?).copied().flatten(),
            quality: Quality::from_index(parameters.get(QUALITY, time)?),
            made: Made::Final,
            source_encoding: parameters.get(SOURCE_ENCODING, time)?,
        })
    }

    /// The same for a render or a button that makes this.
    #[must_use]
    pub fn made(self, made: Made) -> Self {
        if made != Made::Draft {
            return Self { made, ..self };
        }
        // The plain edge of a draft, and one look at the picture.
        Self { made, edge_detail: 0.0, detail_pass: false, ..self }
    }

    /// The time from one tracked frame to the next.
    pub fn track_step(&self) -> f64 {
        if self.made == Made::Draft { STEP } else { 1.0 }
    }

    /// How the source's colours are encoded.
    pub fn encoding(&self, instance: &Instance, depth: Depth) -> SourceEncoding {
        let host = instance.host();
        source_encoding(self.source_encoding, (host.family, &host.name), depth)
    }
}
