//! Two frames to motion: dense optical flow, warping along it, and how far it can be trusted.
//!
//! Row 0 is the top row, x grows to the right, y downwards, as in [`raster`]; pixel centres lie at whole numbers.

#![forbid(unsafe_code)]

mod confidence;
mod cuts;
mod dis;
mod error;
mod estimator;
mod field;
mod luma;
mod network;
mod pair;
mod refine;
mod warp;

pub use confidence::{confidence, inconsistency, occlusion, photometric_agreement};
pub use cuts::{Thumbnail, cut_score, is_cut};
pub use dis::{Dis, Preset, Sample};
pub use error::FlowError;
pub use estimator::{BothWays, DisEstimator, FlowEstimator, fitted};
pub use field::Flow;
pub use luma::{luma, luma_of_bytes};
pub use network::{Choice, LAYOUTS, PassedOver, choose};
pub use pair::{Direction, PairMotion};
pub use refine::{HALF_JITTER, Neighbour, RefineSettings, edge_motion_blur, refine, window};
pub use warp::{Pixel, Sampling, sample, warp, warp_into};
