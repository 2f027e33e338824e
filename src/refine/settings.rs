//! The panel's values at one time, in the effect's own words.

use flow::Preset;
use openfx::{Depth, Instance, Result};
use raster::SourceEncoding;

use super::MATTE_CLIP;
use super::parameters::motion::FLOWS;
use super::parameters::{
    DETAIL_KEEP, DIS_PRESET, EDGE_BAND, EDGE_CONTRAST, FLOW, MATTE_CHANNEL, MOTION_BLUR, OUTPUT_MODE, REMOVE_POPS,
    SHOT_CUTS, SHUTTER_ANGLE, SOURCE_ENCODING, STRENGTH, USE_MATTE_INPUT, VIEW, WINDOW, WORKING_WIDTH,
};
use super::view::View;
use crate::picture::compose::OutputMode;
use crate::picture::encoding::source_encoding;
use crate::picture::matte_channel::MatteChannel;
use crate::picture::use_input::UseInput;

/// Everything the panel says about a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Where the matte comes from.
    pub use_matte: UseInput,
    /// What of the Matte clip is the matte.
    pub matte_channel: MatteChannel,
    /// Frames on each side that help.
    pub window: i32,
    /// 0..1: how much jitter goes.
    pub strength: f64,
    /// How far from the edge the matte may change, in canonical units.
    pub edge_band: f64,
    /// 0..1: how much of the edge's steepness is given back.
    pub edge_contrast: f64,
    /// 0..1: how much thin structures stay.
    pub detail_keep: f64,
    /// Whether spots and holes of one frame go.
    pub remove_pops: bool,
    /// Whether frames beyond a cut are left out.
    pub stop_at_cuts: bool,
    /// The share of the time between two frames in which the shutter is open; `None` without motion blur.
    pub shutter: Option<f64>,
    /// Who finds motion, as [`flow::choose`] takes it.
    pub flow: &'static str,
    /// How much work DIS spends.
    pub preset: Preset,
    /// The longer side of the pictures in which motion is searched.
    pub working_width: usize,
    /// What is shown.
    pub view: View,
    /// How the matte is written.
    pub output: OutputMode,
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
        let blurred = parameters.get(MOTION_BLUR, time)?;
        let shutter = parameters.get(SHUTTER_ANGLE, time)? / 360.0;
        Ok(Self {
            use_matte: UseInput::from_index(parameters.get(USE_MATTE_INPUT, time)?, connection_is_known),
            matte_channel: MatteChannel::from_index(parameters.get(MATTE_CHANNEL, time)?),
            window: parameters.get(WINDOW, time)?.clamp(1, MOST_FRAMES),
            strength: parameters.get(STRENGTH, time)?,
            edge_band: parameters.get(EDGE_BAND, time)?,
            edge_contrast: parameters.get(EDGE_CONTRAST, time)?,
            detail_keep: parameters.get(DETAIL_KEEP, time)?,
            remove_pops: parameters.get(REMOVE_POPS, time)?,
            stop_at_cuts: parameters.get(SHOT_CUTS, time)? != 1,
            shutter: (blurred && shutter > 0.0).then_some(shutter),
            flow: FLOWS.get(parameters.get(FLOW, time)?).copied().unwrap_or("auto"),
            preset: preset(parameters.get(DIS_PRESET, time)?),
            working_width: usize::try_from(parameters.get(WORKING_WIDTH, time)?).unwrap_or(0).clamp(16, 8192),
            view: View::from_index(parameters.get(VIEW, time)?),
            output: OutputMode::from_index(parameters.get(OUTPUT_MODE, time)?),
            source_encoding: parameters.get(SOURCE_ENCODING, time)?,
        })
    }

    /// How the source's colours are encoded.
    pub fn encoding(&self, instance: &Instance, depth: Depth) -> SourceEncoding {
        let host = instance.host();
        source_encoding(self.source_encoding, (host.family, &host.name), depth)
    }

    /// Frames on each side that a render fetches: none in hosts that hand out one at a time.
    pub fn reach(&self, instance: &Instance) -> i32 {
        if !instance.host().hands_out_other_frames() {
            return 0;
        }
        let refines = self.strength > 0.0 && matches!(self.view, View::Result | View::Difference);
        match (refines, self.shutter.is_some() || self.view != View::Result) {
            (true, _) => self.window,
            (false, true) => 1,
            (false, false) => 0,
        }
    }

    /// Whether the matte comes from the Matte clip.
    pub fn uses_matte_clip(&self, instance: &Instance) -> bool {
        match self.use_matte {
            UseInput::IfConnected => instance.clip(MATTE_CLIP).is_ok_and(|clip| clip.connected()),
            UseInput::Always => true,
            UseInput::Never => false,
        }
    }
}

/// The parameter's limit, for hosts that do not keep limits.
const MOST_FRAMES: i32 = 5;

/// The preset at an index of the parameter.
pub fn preset(index: usize) -> Preset {
    match index {
        0 => Preset::UltraFast,
        1 => Preset::Fast,
        _ => Preset::Medium,
    }
}
