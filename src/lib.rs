//! The effects of `Sam3Roto.ofx.bundle`: what a host sees. Algorithms live in the crates below.
//!
//! * [`roto`]: SAM3Roto, prompts to a matte.
//! * [`output`]: MatteOutput, a matte to a deliverable.
//! * [`refine`]: RAFTRefine, a matte that flickers to a calm one.
//! * `job`: a panel taken out of the host, for the `sam3roto` command.
//! * [`picture`]: the pictures that all effects read.
//! * [`engine`]: the one engine all instances share.
//! * `watch`: work of which the progress is told, and which may be cancelled.
//! * [`report`]: what the `sam3roto` command asks the library for.

#![forbid(unsafe_code)]

pub mod engine;
mod freed_blocks;
mod job;
mod logging;
pub mod output;
mod panel_line;
pub mod picture;
mod presence;
pub mod refine;
pub mod report;
pub mod roto;
pub mod settings;
mod shot_range;
mod stages;
mod watch;
mod whole_file;

/// The library's own memory. The host has another allocator, and neither ever frees the other's.
#[global_allocator]
static BLOCKS: blocks::Blocks = blocks::Blocks;

openfx::export_plugins!(roto::Roto, refine::Refine, output::MatteOutput);
openfx::export_report!(Sam3RotoReport, report::report);

#[cfg(test)]
mod tests {
    use openfx::{Description, Effect};
    use std::collections::HashSet;

    #[test]
    fn script_names_are_unique() {
        let effects: [&Description; 3] = [
            super::roto::Roto::DESCRIPTION,
            super::refine::Refine::DESCRIPTION,
            super::output::MatteOutput::DESCRIPTION,
        ];
        for effect in effects {
            let mut seen = HashSet::new();
            for row in effect.rows() {
                assert!(seen.insert(row.name()), "{:?} appears twice in {:?}", row.name(), effect.identifier());
            }
        }
    }
}
