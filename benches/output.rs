//! A UHD frame through MatteOutput: milliseconds of the whole render action, by settings.
//!
//! `cargo xtask bench output [--runs 5]`, with two threads unless `RAYON_NUM_THREADS` says otherwise. The default has to
//! stay below 250 ms; the first frame, which takes the memory, is told apart.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "support/mod.rs"]
mod figures;
#[path = "../tests/support/mod.rs"]
mod support;

use std::process::ExitCode;

use figures::{Verdict, median, milliseconds, options};
use headless::host::{RenderRequest, Value};
use support::output::*;

const SIZE: (usize, usize) = (3840, 2160);
/// Most milliseconds of the default.
const WANTED: f64 = 250.0;

fn rows() -> Vec<(&'static str, Vec<(&'static str, Value)>)> {
    vec![
        ("default", vec![]),
        ("matte in alpha", vec![("outputMode", Value::Integer(2))]),
        ("holes, specks", vec![("fillHoles", Value::Double(200.0)), ("removeSpecks", Value::Double(200.0))]),
        ("grow", vec![("grow", Value::Double(5.0))]),
        ("shrink", vec![("grow", Value::Double(-5.0))]),
        ("feather", vec![("feather", Value::Double(20.0))]),
        ("edge blur", vec![("edgeBlur", Value::Double(3.0))]),
        ("guided", vec![("refine", Value::Integer(2))]),
        ("guided, fast", vec![("refine", Value::Integer(2)), ("refineFast", Value::Boolean(true))]),
        ("closed form", vec![("refine", Value::Integer(3))]),
        ("densities", vec![("hairDensity", Value::Double(0.5))]),
        ("extend", vec![("edgeColour", Value::Integer(2))]),
        ("despill", vec![("despill", Value::Integer(3))]),
    ]
}

fn main() -> ExitCode {
    let [runs] = options([("runs", 5)]);
    let threads = std::env::var("RAYON_NUM_THREADS").unwrap_or_else(|_| "all".to_owned());
    println!("MatteOutput at {} x {}, float, {threads} threads; median of {runs} runs, ms\n", SIZE.0, SIZE.1);
    println!("{:<16} {:>8} {:>8}", "", "first", "again");
    let mut verdict = Verdict::default();
    for (name, values) in rows() {
        let Some(instance) = on_scene(SIZE.0, SIZE.1, &values) else { return ExitCode::SUCCESS };
        let timed = || milliseconds(support::render(&instance, &RenderRequest::at(0.0)).timings.render);
        let first = timed();
        let again = median((0..runs).map(|_| timed()));
        println!("{name:<16} {first:>8.1} {again:>8.1}");
        if name == "default" {
            verdict.tell(again < WANTED, "the default below 250 ms", &format!("{again:.0} ms"));
        }
        instance.destroy().unwrap();
    }
    verdict.exit_code()
}
