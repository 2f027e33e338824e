//! An OFX host for image sequences, and the `sam3roto` command.
//!
//! * [`host`]: the OFX host itself: suites, parameters with keyframes, clips, images, host profiles, its own strictness.
//! * [`sequence`]: numbered frames and video files in and out.
//! * [`command`]: the `sam3roto` command line: render, compare, splines, describe, doctor.
//!
//! The host sees plugins as a black box. Of the project's crates it uses none that a plugin is made of, but for pure functions: the
//! measures of `compare` ([`metrics`], and [`flow`] for the motion of the shot), and the curves of `splines` ([`matte`]).

pub mod command;
pub mod host;
pub mod sequence;
