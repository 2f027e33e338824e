//! The panel of RAFTRefine: one table that describes the parameters, and the keys that read them.
//!
//! [`refining`] says what is refined and how much, [`motion`] how motion is found and what else it is used for, [`output`]
//! what is written.
//!
//! Script names are saved in people's projects: never rename one, never change what one means. What did not exist when a
//! project was saved comes up with its default, so every default has to mean what the panel did before.

pub mod motion;
pub mod output;
pub mod refining;

use openfx::{PageKey, Row, TextKey, TextMode};

pub use motion::{DIS_PRESET, FLOW, MOTION_BLUR, SHUTTER_ANGLE, SOURCE_ENCODING, WORKING_WIDTH};
pub use output::{OUTPUT_MODE, STATUS, VIEW};
pub use refining::{
    DETAIL_KEEP, EDGE_BAND, EDGE_CONTRAST, MATTE_CHANNEL, REMOVE_POPS, SHOT_CUTS, STRENGTH, USE_MATTE_INPUT, WINDOW,
};

const CONTROLS: PageKey = PageKey::new(c"controls");
static PAGE_ROW: [Row; 1] = [CONTROLS.row(c"Controls")];

/// Written into projects so that a later version knows what it opens.
const VERSION: TextKey = TextKey::new(c"effectVersion");
static VERSION_ROW: [Row; 1] = [VERSION.row(c"Effect Version", c"1", TextMode::Custom)];

/// Every row of the panel in its order, in sections.
pub static SECTIONS: [&[Row]; 7] = [
    &PAGE_ROW,
    &refining::ROWS,
    &output::ROWS,
    &refining::MORE_ROWS,
    &motion::ROWS,
    &crate::job::parameters::ROWS,
    &VERSION_ROW,
];
