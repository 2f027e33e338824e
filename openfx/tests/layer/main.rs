//! The layer against a host in miniature: what the API and known hosts ask for, pinned.

// These tests are the host's side of a C API.
#![allow(clippy::undocumented_unsafe_blocks, clippy::unwrap_used, clippy::expect_used)]

mod describing;
mod effects;
mod fake_host;
mod images;
mod lifetime;
mod messages;
mod overlays;
mod parameters;
mod regions;
