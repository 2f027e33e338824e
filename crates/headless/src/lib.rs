//! An OFX host for image sequences, and the `sam3roto` command.
//!
//! * [`host`]: the OFX host itself: suites, parameters with keyframes, clips, images, host profiles, its own strictness.
//! * [`sequence`]: numbered frames and video files in and out.
//! * [`command`]: the `sam3roto` command line: render, describe, doctor.

pub mod command;
pub mod host;
pub mod sequence;
