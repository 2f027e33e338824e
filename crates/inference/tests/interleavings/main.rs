//! The engine's state machines under a scheduler that decides at every lock which thread goes on:
//! `cargo test -p inference --features interleave --test interleavings`. Seeded, so that a failure comes again; it is
//! told with its seed and its schedule.
#![cfg(feature = "interleave")]
#![allow(clippy::unwrap_used, clippy::expect_used)] // Only test functions are exempt from the lint, not their helpers.

mod cache;
mod memory;
mod sessions;

/// Runs a scenario in so many interleavings.
fn explore(seed: u64, interleavings: usize, scenario: impl Fn() + Send + Sync + 'static) {
    println!("seed {seed}, {interleavings} interleavings");
    shuttle::check_random_with_seed(scenario, seed, interleavings);
}
