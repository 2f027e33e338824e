//! What a render is asked for and what it gives.

use super::{Components, Depth, Field, Frame, Message, RectD, RectI};
use std::collections::BTreeMap;
use std::time::Duration;

/// One frame to render.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderRequest {
    /// Time on the effect's time line, in frames.
    pub time: f64,
    /// Pixels to render at `scale`; none for the whole region of definition. Widened to the whole frame where host or effect does
    /// not do tiles.
    pub window: Option<RectI>,
    /// Proxy scale, 1 = full size.
    pub scale: (f64, f64),
    /// Sample type to deliver the frame in; none for what was negotiated.
    pub depth: Option<Depth>,
    /// Channels to deliver the frame in; none for what was negotiated.
    pub components: Option<Components>,
    /// Field to render.
    pub field: Field,
    /// Whether a user is waiting at a viewer.
    pub interactive: bool,
    /// Whether a draft will do.
    pub draft: bool,
    /// Whether frames are rendered in order.
    pub sequential: bool,
}

impl RenderRequest {
    /// The whole frame at a time: full scale, the negotiated format, not interactive.
    pub fn at(time: f64) -> Self {
        Self {
            time,
            window: None,
            scale: (1.0, 1.0),
            depth: None,
            components: None,
            field: Field::None,
            interactive: false,
            draft: false,
            sequential: false,
        }
    }
}

/// The effect would change nothing: its result is another image.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The clip whose image is the result.
    pub clip: String,
    /// The time of that image.
    pub time: f64,
}

/// Where the time went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timings {
    /// Region, frames needed, identity, sequence actions.
    pub prepare: Duration,
    /// The render action, without the time the host itself spent delivering input images. With several threads inside one render,
    /// what they waited for images is summed.
    pub render: Duration,
    /// Reading, converting and scaling input images.
    pub images: Duration,
    /// The host's own allocation, sentinel checks and conversion of the result.
    pub check: Duration,
}

/// A rendered frame.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The picture, covering the render window.
    pub frame: Frame,
    /// Set where the effect called itself an identity: the frame is then that image.
    pub identity: Option<Identity>,
    /// What the effect told the user meanwhile.
    pub messages: Vec<Message>,
    /// Where the time went.
    pub timings: Timings,
    /// The effect's region of definition, canonical.
    pub region_of_definition: RectD,
    /// What it said to need of each connected input, canonical.
    pub regions_of_interest: BTreeMap<String, RectD>,
    /// Frame ranges it said to need of each connected input, both ends included.
    pub frames_needed: BTreeMap<String, Vec<(f64, f64)>>,
}
