//! The effects of `Sam3Roto.ofx.bundle`: what a host sees. Algorithms live in the crates below.
//!
//! * [`roto`]: SAM3Roto, prompts to a matte.
//! * [`output`]: MatteOutput, a matte to a deliverable.
//! * [`refine`]: RAFTRefine, a matte that flickers to a calm one.
//! * [`picture`]: the pictures that all effects read.
//! * [`engine`]: the one engine all instances share.
//! * [`report`]: what the `sam3roto` command asks the library for.

#![forbid(unsafe_code)]

pub mod engine;
mod freed_blocks;
mod logging;
pub mod output;
mod panel_line;
pub mod picture;
mod presence;
pub mod refine;
pub mod report;
pub mod roto;
pub mod settings;
mod stages;

/// The library's own memory. The host has another allocator, and neither ever frees the other's.
#[global_allocator]
static BLOCKS: blocks::Blocks = blocks::Blocks;

openfx::export_plugins!(roto::Roto, refine::Refine, output::MatteOutput);
openfx::export_report!(Sam3RotoReport, report::report);
