//! The memory guard: on machines made up for the test, and around ONNX Runtime.
#![cfg(not(feature = "interleave"))]
#![allow(clippy::expect_used)] // Only test functions are exempt from the lint, not their helpers.

#[path = "../support/mod.rs"]
mod support;

/// As in the plugin.
#[global_allocator]
static BLOCKS: blocks::Blocks = blocks::Blocks;

mod faults;
mod guard;
mod hungry;
mod machine;
mod runtime;
