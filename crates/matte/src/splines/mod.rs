//! Mattes as few closed cubic Bezier curves, and the same curves from frame to frame.
//!
//! [`splines`] fits the edge of one matte; [`SplineTracker`] goes through a shot and keeps each point of a curve the same
//! point of the object; [`spline_coverage`] draws curves again; a [`SplineShot`] is written as a [`SplineFile`].
//!
//! Coordinates are pixels, x to the right, y down, (0, 0) at the top left corner of the top left pixel, whose centre is
//! at (0.5, 0.5).

mod budget;
mod corners;
mod coverage;
mod division;
mod files;
mod fit;
mod joints;
mod matching;
mod outline;
mod run;
mod shapes;
mod spline;
mod tracks;

pub use coverage::spline_coverage;
pub use files::{SplineFile, SplineShot};
pub use shapes::{SplineSettings, splines};
pub use spline::{Knot, Spline};
pub use tracks::{SplineTrack, SplineTracker};
