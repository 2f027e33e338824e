//! From a mask to a matte: edge-aware upsampling of a model's logits, contours for overlays, and all that a matte needs
//! to be delivered ([`Delivery`] puts it together).
//!
//! Row 0 is the top row, x grows to the right, y downwards, and (0, 0) is the top left corner of the top left pixel,
//! as in [`raster`].
#![deny(unsafe_code)]

mod active;
mod affine;
mod blur;
mod border;
mod cells;
mod choke;
mod closed_form;
mod contours;
mod delivery;
mod despill;
mod distance;
mod edge_colours;
mod euclidean;
mod extend;
mod feather;
mod finish;
mod foreground;
mod guided;
mod laplacian;
mod levels;
mod moments;
mod polyline;
mod regions;
mod runs;
mod settings;
mod specks;
mod splines;
mod tiles;
mod trimap;
mod upsample;
mod vote;
mod wide;
mod window_means;
mod workspace;

pub use blur::Blur;
pub use border::mend_border;
pub use choke::{choke, feather_by_distance};
pub use closed_form::{ClosedForm, Solution};
pub use contours::contours;
pub use delivery::{
    AlphaRows, ColourSettings, Delivery, DeliverySettings, Despill, EdgeColour, Frame, Learned, LearnedAlpha,
    PartSettings, RefineMethod, RefineSettings, Stop, Wanted,
};
pub use despill::{Screen, despill, despill_light};
pub use edge_colours::{EdgeColours, Rows};
pub use euclidean::DistanceTransform;
pub use extend::EdgeExtend;
pub use finish::{AlphaFinish, AlphaSettings};
pub use foreground::ForegroundEstimate;
pub use guided::{GuidedFilter, GuidedSettings};
pub use levels::Levels;
pub use polyline::Polyline;
pub use regions::Regions;
pub use runs::AlphaRuns;
pub use settings::EdgeSettings;
pub use splines::{
    Knot, Spline, SplineFile, SplineSettings, SplineShot, SplineTrack, SplineTracker, spline_coverage, splines,
};
pub use trimap::TrimapMaker;
pub use upsample::EdgeUpsample;
