//! The `sam3roto` command line: render, track, farm, verify, compare, splines, describe, doctor, cache, models.
//!
//! Reading what the user asks for ([`options`], [`job`], [`values`]) is kept apart from doing it: the former is pure and tested by
//! itself. A job file and the command line become the same [`job::Job`].

pub mod bundle_path;
pub mod cache;
pub mod clip_source;
pub mod compare_options;
pub mod doctor;
pub mod engine_report;
pub mod error;
pub mod frame_work;
pub mod interrupt;
pub mod job;
pub mod objects;
pub mod options;
pub mod plan;
pub mod qc_options;
pub mod splines_options;
pub mod values;
pub mod work_options;

mod compare;
mod compare_plot;
mod compare_shot;
mod compare_table;
mod describe;
mod describe_page;
mod farm;
mod job_document;
mod job_fields;
mod json_file;
mod models;
mod models_address;
mod models_download;
mod models_fetch;
mod models_text;
mod near;
mod notes;
mod open_job;
mod output;
mod qc;
mod qc_figures;
mod qc_sheet;
mod render;
mod render_help;
mod scalar;
mod splines;
mod splines_check;
mod summary;
mod table;
mod track;
mod verify;

use clap::Parser;
use error::CommandError;
use interrupt::Interrupt;
use options::{Action, Cli};
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

/// Runs the command with the arguments of the process and says how it ended: 0 all well, 1 something failed, 2 wrong use, 130
/// interrupted.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no failure. A closed pipe is nothing to report.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match act(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell where standard error is closed.
            let _ = writeln!(io::stderr(), "sam3roto: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn act(cli: Cli) -> Result<(), CommandError> {
    match cli.action {
        Action::Render(options) => render::render(job::from_options(*options)?, &ctrl_c()),
        // Nothing is written but results in the cache.
        Action::Track(options) => {
            track::track(&job::from_options_else(options.into_render(), String::new())?, &ctrl_c())
        }
        Action::Farm(options) => farm::farm(*options),
        Action::Verify(options) => verify::verify(&options),
        Action::Compare(options) => compare::compare(&options, &ctrl_c()),
        Action::Splines(options) => splines::splines(&options, &ctrl_c()),
        Action::Qc(options) => qc::qc(&options, &ctrl_c()),
        Action::Describe(options) => describe::describe(&options),
        Action::Doctor(options) => doctor::doctor(&options),
        Action::Cache(options) => cache::cache(options.action),
        Action::Models(options) => models::models(options.action),
    }
}

fn ctrl_c() -> Interrupt {
    let interrupt = Interrupt::default();
    interrupt.listen_to_ctrl_c();
    interrupt
}

/// Name and version of the program.
pub(crate) fn software() -> String {
    format!("sam3roto {}", env!("CARGO_PKG_VERSION"))
}

/// Prints to standard output. A reader that has seen enough and closed it is no failure.
pub(crate) fn print_out(text: &str) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
