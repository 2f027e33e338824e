//! What the engine's benchmarks share: options, figures, verdicts.

#![allow(dead_code, reason = "each benchmark uses its part")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// The whole numbers of `--name N` options; those not given have their default.
///
/// # Panics
/// Ends the benchmark with the names that there are when another option is given.
pub fn options<const N: usize>(known: [(&str, usize); N]) -> [usize; N] {
    options_and_model(known, false).0
}

/// As [`options`], and the folder of `--model FOLDER` where `takes_model`.
///
/// # Panics
/// As [`options`].
pub fn options_and_model<const N: usize>(
    known: [(&str, usize); N],
    takes_model: bool,
) -> ([usize; N], Option<PathBuf>) {
    let (mut values, mut model) = (known.map(|(_, default)| default), None);
    // cargo gives --bench to every benchmark.
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        let value = arguments.next();
        if takes_model && argument == "--model" && value.is_some() {
            model = value.map(PathBuf::from);
            continue;
        }
        let place = known.iter().position(|(name, _)| argument.strip_prefix("--") == Some(*name));
        let number = value.and_then(|text| text.parse().ok()).filter(|&number| number > 0);
        let (Some(place), Some(number)) = (place, number) else {
            let mut names: Vec<String> = known.iter().map(|(name, default)| format!("--{name} {default}")).collect();
            names.extend(takes_model.then(|| "--model FOLDER".to_owned()));
            eprintln!("options, with their defaults: {}", names.join(" "));
            std::process::exit(2);
        };
        values[place] = number;
    }
    (values, model)
}

/// The middle value, the upper one of two.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Milliseconds.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Megabytes.
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// What was promised and whether it holds.
#[derive(Default)]
pub struct Verdict {
    fails: bool,
}

impl Verdict {
    /// Tells one promise.
    pub fn tell(&mut self, holds: bool, promise: &str, found: &str) {
        self.fails |= !holds;
        println!("{:<7} {promise}: {found}", if holds { "holds" } else { "FAILS" });
    }

    /// For `main`: failure when a promise does not hold.
    pub fn exit_code(&self) -> ExitCode {
        if self.fails { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
