//! From a mask to a matte: edge-aware upsampling of a model's logits, and contours for overlays.
//!
//! Row 0 is the top row, x grows to the right, y downwards, and (0, 0) is the top left corner of the top left pixel,
//! as in [`raster`].
#![deny(unsafe_code)]

mod affine;
mod cells;
mod contours;
mod distance;
mod feather;
mod moments;
mod polyline;
mod runs;
mod settings;
mod specks;
mod tiles;
mod upsample;
mod vote;
mod wide;

pub use contours::contours;
pub use polyline::Polyline;
pub use runs::AlphaRuns;
pub use settings::EdgeSettings;
pub use upsample::EdgeUpsample;
