//! The panel of MatteOutput: one table that describes the parameters, and the keys that read them.
//!
//! [`input`] says what comes in, [`alpha`] what is done to the matte, [`edges`] how its soft part is found, [`colour`] what
//! becomes of the object's colours, [`show`] what is written, [`splines`] the matte as curves.
//!
//! Script names are saved in people's projects and presets: never rename one, never change what one means. What did not
//! exist when a project was saved comes up with its default, so every default has to mean what the panel did before.

pub mod alpha;
pub mod colour;
pub mod edges;
pub mod input;
pub mod show;
pub mod splines;

use openfx::{PageKey, Row, TextKey, TextMode};

pub use alpha::{
    BLACK_POINT, BLUR, BORDER, FEATHER, FEATHER_BIAS, FILL_HOLES, GAMMA, GROW, REMOVE_SPECKS, WHITE_POINT,
};
pub use colour::{
    DESPILL, DESPILL_AMOUNT, EDGE_COLOUR, EDGE_COLOUR_AMOUNT, EXTEND_INSET, LIGHT_WRAP, LIGHT_WRAP_WIDTH,
    RESTORE_LUMINANCE,
};
pub use edges::{
    AUTOMATIC, CORE_DENSITY, EDGE_DENSITY, EDGE_WIDTH, HAIR_DENSITY, HAIR_DETAIL, HAIR_WIDTH, LEARNED_HISTORY,
    LEARNED_MODEL, LEARNED_MODELS, LEARNED_SIZE, REFINE, REFINE_AMOUNT, REFINE_FAST, REFINE_RADIUS, REFINE_TOLERANCE,
    TRIMAP_INSIDE, TRIMAP_OUTSIDE,
};
pub use input::{
    INVERT, MATTE_CHANNEL, PRESET, SAVE_PRESET, SOURCE_ENCODING, USE_MATTE_INPUT, USE_TRIMAP_INPUT, USER_PRESET,
};
pub use show::{BACKGROUND_BLUE, BACKGROUND_GREEN, BACKGROUND_RED, OUTPUT_MODE, STATUS};
pub use splines::{
    EXPORT_SPLINES, SPLINES_EVERY, SPLINES_FILE, SPLINES_FIRST, SPLINES_FRAMES, SPLINES_LAST, SPLINES_POINTS,
    SPLINES_SMALLEST, SPLINES_TOLERANCE,
};

const CONTROLS: PageKey = PageKey::new(c"controls");
static PAGE_ROW: [Row; 1] = [CONTROLS.row(c"Controls")];

/// Written into projects so that a later version knows what it opens.
const VERSION: TextKey = TextKey::new(c"effectVersion");
static VERSION_ROW: [Row; 1] = [VERSION.row(c"Effect Version", c"1", TextMode::Custom)];

/// Every row of the panel in its order, in sections.
pub static SECTIONS: [&[Row]; 9] = [
    &PAGE_ROW,
    &input::ROWS,
    &alpha::ROWS,
    &edges::ROWS,
    &colour::ROWS,
    &show::ROWS,
    &splines::ROWS,
    &crate::job::parameters::ROWS,
    &VERSION_ROW,
];
