//! How good a matte is, held against a true one: region, boundary, alpha and temporal errors.
//!
//! Mattes are planes of alpha 0..1, row 0 at the top; what is not a number counts as 0, what lies beyond as the nearer end.
//! Names and scales are those of the literature, so that figures can be compared: see each function.

#![forbid(unsafe_code)]

mod alpha;
mod connectivity;
mod error;
mod gaussian;
mod region;
mod report;
mod temporal;

pub use alpha::{gradient_error, mean_absolute_difference, mean_squared_error};
pub use connectivity::connectivity_error;
pub use error::MetricsError;
pub use region::{boundary_f, default_boundary_tolerance, jaccard};
pub use report::{FrameFigures, ShotFigures, ShotMeter};
pub use temporal::{temporal_difference, warp_error};
