//! The panel's values at one time, in the effect's own words.

use matte::{
    AlphaSettings, ColourSettings, DeliverySettings, Despill, EdgeColour, Levels, PartSettings, RefineMethod,
    RefineSettings,
};
use openfx::{Depth, DoubleKey, Instance, Result};
use raster::SourceEncoding;

use super::mode::OutputMode;
use super::parameters::*;
use crate::picture::encoding::source_encoding;
use crate::picture::matte_channel::MatteChannel;
use crate::picture::use_input::UseInput;

/// Everything the panel says about a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Whether the matte is that of the Matte clip.
    pub matte_input: UseInput,
    /// What of it is the matte.
    pub matte_channel: MatteChannel,
    /// Whether the trimap is that of the Trimap clip.
    pub trimap_input: UseInput,
    /// All steps.
    pub delivery: DeliverySettings,
    /// The network that mattes, as [`segment::matting::choose`] takes it.
    pub learned_model: &'static str,
    /// The longer side of the picture that it is shown.
    pub learned_size: usize,
    /// Frames before that it is shown.
    pub learned_history: i32,
    /// What is written.
    pub output: OutputMode,
    /// The colour behind the object in one of the views.
    pub view_colour: [f32; 3],
    source_encoding: usize,
}

impl Settings {
    /// Reads the panel at `time`.
    ///
    /// # Errors
    /// The host's refusal to read a parameter.
    pub fn read(instance: &Instance, time: f64) -> Result<Self> {
        let parameters = instance.parameters();
        let number = |key: DoubleKey| parameters.get(key, time).map(|value| value as f32);
        let known = !instance.host().quirks.clips_always_connected;
        let delivery = DeliverySettings {
            invert: parameters.get(INVERT, time)?,
            alpha: AlphaSettings {
                levels: Levels { black: number(BLACK_POINT)?, white: number(WHITE_POINT)?, gamma: number(GAMMA)? },
                fill_holes: parameters.get(FILL_HOLES, time)?,
                remove_specks: parameters.get(REMOVE_SPECKS, time)?,
                border: number(BORDER)?,
                grow: number(GROW)?,
                feather: number(FEATHER)?,
                feather_bias: number(FEATHER_BIAS)?,
                blur: number(BLUR)?,
            },
            refine: RefineSettings {
                method: refine_method(parameters.get(REFINE, time)?),
                inside: number(TRIMAP_INSIDE)?,
                outside: number(TRIMAP_OUTSIDE)?,
                radius: number(REFINE_RADIUS)?,
                tolerance: number(REFINE_TOLERANCE)?,
                detail: usize::try_from(parameters.get(HAIR_DETAIL, time)?).unwrap_or(0).min(MOST_DETAIL),
                amount: number(REFINE_AMOUNT)?,
                fast: parameters.get(REFINE_FAST, time)?,
            },
            parts: PartSettings {
                hair_width: number(HAIR_WIDTH)?,
                edge_width: number(EDGE_WIDTH)?,
                density: [number(CORE_DENSITY)?, number(EDGE_DENSITY)?, number(HAIR_DENSITY)?],
            },
            colour: ColourSettings {
                edge: edge_colour(parameters.get(EDGE_COLOUR, time)?),
                amount: number(EDGE_COLOUR_AMOUNT)?,
                inset: number(EXTEND_INSET)?,
                despill: despill(parameters.get(DESPILL, time)?),
                despill_amount: number(DESPILL_AMOUNT)?,
                restore: number(RESTORE_LUMINANCE)?,
                wrap: number(LIGHT_WRAP)?,
                wrap_width: number(LIGHT_WRAP_WIDTH)?,
            },
        };
        Ok(Self {
            matte_input: UseInput::from_index(parameters.get(USE_MATTE_INPUT, time)?, known),
            matte_channel: MatteChannel::from_index(parameters.get(MATTE_CHANNEL, time)?),
            trimap_input: UseInput::from_index(parameters.get(USE_TRIMAP_INPUT, time)?, known),
            delivery,
            learned_model: LEARNED_MODELS.get(parameters.get(LEARNED_MODEL, time)?).copied().unwrap_or(AUTOMATIC),
            learned_size: usize::try_from(parameters.get(LEARNED_SIZE, time)?).unwrap_or(0).clamp(64, MOST_SIZE),
            learned_history: parameters.get(LEARNED_HISTORY, time)?.clamp(0, MOST_HISTORY),
            output: OutputMode::from_index(parameters.get(OUTPUT_MODE, time)?),
            view_colour: [number(BACKGROUND_RED)?, number(BACKGROUND_GREEN)?, number(BACKGROUND_BLUE)?],
            source_encoding: parameters.get(SOURCE_ENCODING, time)?,
        })
    }

    /// How the source's colours are encoded.
    pub fn encoding(&self, instance: &Instance, depth: Depth) -> SourceEncoding {
        let host = instance.host();
        source_encoding(self.source_encoding, (host.family, &host.name), depth)
    }
}

/// The most passes of the guided filter beyond the first; the parameter's limit, for hosts that do not keep limits.
const MOST_DETAIL: usize = 4;
/// The same of the pictures for networks.
const MOST_SIZE: usize = 4096;
const MOST_HISTORY: i32 = 16;

fn refine_method(index: usize) -> RefineMethod {
    match index {
        1 => RefineMethod::Brightness,
        2 => RefineMethod::Colour,
        3 => RefineMethod::ClosedForm,
        4 => RefineMethod::Learned,
        _ => RefineMethod::Off,
    }
}

fn edge_colour(index: usize) -> EdgeColour {
    match index {
        0 => EdgeColour::Picture,
        2 => EdgeColour::Extend,
        _ => EdgeColour::Estimate,
    }
}

fn despill(index: usize) -> Despill {
    match index {
        1 => Despill::Green,
        2 => Despill::Blue,
        3 => Despill::Background,
        _ => Despill::Off,
    }
}
