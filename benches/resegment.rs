//! A frame segmented for the first time against the same frame with changed prompts.
//!
//! `cargo xtask bench resegment [--pictures 7] [--prompts 5]`, with two threads unless `SAM3ROTO_THREADS` says
//! otherwise. Library and model are loaded before; all times are of a whole frame of 1280x720 as the effect makes it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "support/mod.rs"]
mod figures;
#[path = "support/renders.rs"]
mod renders;
#[path = "../tests/support/mod.rs"]
mod support;

use std::process::ExitCode;

use figures::{Verdict, options};
use headless::host::{Profile, RenderRequest, Value};
use renders::{Run, timed};
use support::*;

/// How much faster it is wanted to be.
const WANTED: f64 = 10.0;

/// Where `instance_on` places prompts: on any other frame the object would be tracked from there.
const REFERENCE_FRAME: f64 = 0.0;

fn main() -> ExitCode {
    let [pictures, prompts] = options([("pictures", 7), ("prompts", 5)]);
    let Some((bundle, plugin)) = open(Profile::Strict) else { return ExitCode::SUCCESS };
    let threads = std::env::var("SAM3ROTO_THREADS").unwrap_or_else(|_| "all".to_owned());
    println!(
        "SAM3Roto at 1280x720 with {threads} threads; medians of {pictures} pictures, {prompts} prompts on each\n"
    );
    let request = RenderRequest::at(REFERENCE_FRAME);
    let warm = instance_on(&plugin, demo_frame(1));
    place_point(&warm, 1, RABBIT, true);
    timed(&bundle, &warm, &request);
    warm.destroy().unwrap();

    let (mut first, mut changed) = (Vec::new(), Vec::new());
    for picture in 0..pictures {
        let instance = instance_on(&plugin, demo_frame(10 + 7 * picture as i32));
        place_point(&instance, 1, RABBIT, true);
        first.push(timed(&bundle, &instance, &request));
        for prompt in 1..=prompts {
            let position = [RABBIT[0] + 9.0 * prompt as f64, RABBIT[1] - 4.0 * prompt as f64];
            instance.set("point1Position", Value::Double2D(position)).unwrap();
            changed.push(timed(&bundle, &instance, &request));
        }
        instance.destroy().unwrap();
    }
    println!("{:<16} {:>9} {:>9} {:>9} {:>10} {:>10}", "", "frame ms", "encode", "decode", "encodings", "decodings");
    let first = print_row("first time", &first);
    let changed = print_row("changed prompts", &changed);
    println!();
    let mut verdict = Verdict::default();
    let ratio = first / changed;
    verdict.tell(ratio >= WANTED, "changed prompts at least 10 times as fast", &format!("{ratio:.1} times"));
    verdict.exit_code()
}

/// Prints medians and sums of renders and returns the median time.
fn print_row(name: &str, renders: &[Run]) -> f64 {
    let sum = |value: fn(&Run) -> u64| renders.iter().map(value).sum::<u64>();
    let middle = |figure: fn(&Run) -> f64| Run::median_of(renders, figure);
    let (total, encode, decode) = (middle(|run| run.total), middle(|run| run.encode), middle(|run| run.decode));
    let (encodings, decodings) = (sum(|run| run.encodings), sum(|run| run.decodings));
    println!("{name:<16} {total:>9.1} {encode:>9.1} {decode:>9.1} {encodings:>10} {decodings:>10}");
    total
}
