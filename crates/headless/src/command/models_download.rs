//! Fetching with the system's `curl`, as a program of its own: its certificates and proxies are those that the system
//! is set up with. What is interrupted goes on where it stopped.

use super::error::CommandError;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Bytes of a file whose size nobody has told. The largest models have a tenth of it.
const MOST_BYTES: u64 = 64 << 30;
/// Attempts in a row that bring nothing.
const MOST_IDLE: u32 = 3;
/// Attempts in all: a connection that is cut so often is not worth another.
const MOST_ATTEMPTS: u32 = 100;
/// How often a running transfer is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// curl's exit codes (`man curl`, "EXIT CODES").
const HTTP_ERROR: i32 = 22;
const CANNOT_RESUME: i32 = 33;
/// Connecting failed, a part of the file, timed out, empty answer, sending and receiving failed, HTTP/2 and /3 streams.
const PASSING: &[i32] = &[7, 18, 28, 52, 55, 56, 92, 95];

/// How an attempt ended.
enum End {
    Whole,
    /// The server sends from the beginning only.
    CannotResume,
    /// Another attempt may fare better.
    Cut(String),
    Failed(String),
    /// More than was announced.
    TooMuch,
}

/// A text of at most `most` bytes.
///
/// # Errors
/// [`CommandError::NoCurl`], [`CommandError::Fetch`].
pub(super) fn text(address: &str, most: u64) -> Result<String, CommandError> {
    let failed = |reason: String| CommandError::Fetch { address: address.to_owned(), reason };
    let mut child = spawn(curl(address).stdout(Stdio::piped()), address)?;
    let mut bytes = Vec::new();
    let read = child.stdout.take().map(|out| out.take(most + 1).read_to_end(&mut bytes)).transpose();
    if bytes.len() as u64 > most {
        stop(&mut child);
        return Err(failed(format!("it is larger than {most} bytes")));
    }
    read.map_err(|error| failed(error.to_string()))?;
    match ended(&mut child).map_err(|error| failed(error.to_string()))? {
        End::Whole => {
            let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
            text.ok_or_else(|| failed("it is no text".to_owned()))
        }
        End::Cut(reason) | End::Failed(reason) => Err(failed(reason)),
        End::CannotResume | End::TooMuch => Err(failed("curl did what it was not asked for".to_owned())),
    }
}

/// A file into `part`, which may hold its beginning. `bytes`: its size, where it is known; without it, it is fetched
/// from the beginning.
///
/// # Errors
/// [`CommandError::NoCurl`], [`CommandError::Fetch`]: what was fetched stays for another time.
pub(super) fn file(address: &str, part: &Path, bytes: Option<u64>) -> Result<(), CommandError> {
    let failed = |reason: String| CommandError::Fetch { address: address.to_owned(), reason };
    let words = |error: io::Error| failed(format!("{}: {error}", part.display()));
    fs::create_dir_all(part.parent().unwrap_or(part)).map_err(words)?;
    let bar = progress(bytes);
    let mut idle = 0;
    for _ in 0..MOST_ATTEMPTS {
        let before = size(part);
        if before > 0 && bytes == Some(before) {
            return Ok(());
        }
        if bytes.is_none_or(|bytes| before > bytes) && before > 0 {
            fs::remove_file(part).map_err(words)?;
        }
        let reason = match attempt(address, part, bytes.unwrap_or(MOST_BYTES), &bar)? {
            End::Whole => {
                bar.finish_and_clear();
                return Ok(());
            }
            End::Failed(reason) => return Err(failed(reason)),
            End::TooMuch => {
                fs::remove_file(part).map_err(words)?;
                let most = bytes.unwrap_or(MOST_BYTES);
                return Err(failed(format!("more than the {most} bytes come that model.toml announces")));
            }
            End::CannotResume => {
                fs::remove_file(part).map_err(words)?;
                "the server cannot go on in the middle of a file".to_owned()
            }
            End::Cut(reason) => reason,
        };
        idle = if size(part) > before { 0 } else { idle + 1 };
        if idle >= MOST_IDLE {
            return Err(failed(format!("{reason}; try again later, it goes on where it stopped")));
        }
    }
    Err(failed(format!("it was cut off {MOST_ATTEMPTS} times; try again later, it goes on where it stopped")))
}

/// One run of curl, from the end of `part` on.
fn attempt(address: &str, part: &Path, most: u64, bar: &ProgressBar) -> Result<End, CommandError> {
    let mut curl = curl(address);
    curl.args(["--continue-at", "-", "--output"]).arg(part).stdout(Stdio::null());
    let mut child = spawn(&mut curl, address)?;
    loop {
        // Before the size, so that the last look sees all of it.
        let over = child.try_wait();
        let there = size(part);
        bar.set_position(there);
        if there > most {
            stop(&mut child);
            return Ok(End::TooMuch);
        }
        match over {
            Ok(None) => thread::sleep(LOOK),
            Ok(Some(_)) => return Ok(ended(&mut child).unwrap_or_else(|error| End::Failed(error.to_string()))),
            Err(error) => return Ok(End::Failed(error.to_string())),
        }
    }
}

/// curl with what holds for all: plain files of http and https, redirects among these alone, no waiting for ever.
fn curl(address: &str) -> Command {
    let mut curl = Command::new("curl");
    curl.args(["--fail", "--silent", "--show-error", "--globoff", "--location", "--max-redirs", "8"]);
    curl.args(["--proto", "=http,https", "--proto-redir", "=http,https", "--netrc-optional"]);
    curl.args(["--connect-timeout", "30", "--speed-limit", "1", "--speed-time", "60", "--url", address]);
    curl.stdin(Stdio::null()).stderr(Stdio::piped());
    curl
}

fn spawn(curl: &mut Command, address: &str) -> Result<Child, CommandError> {
    curl.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => CommandError::NoCurl,
        _ => CommandError::Fetch { address: address.to_owned(), reason: format!("curl does not start: {error}") },
    })
}

fn stop(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// How a run ended, in curl's own words.
fn ended(child: &mut Child) -> io::Result<End> {
    let code = child.wait()?.code();
    let mut words = String::new();
    if let Some(errors) = child.stderr.take() {
        errors.take(4096).read_to_string(&mut words)?;
    }
    let words = words.lines().last().unwrap_or("curl failed and did not say why").trim().to_owned();
    Ok(match code {
        Some(0) => End::Whole,
        Some(CANNOT_RESUME) => End::CannotResume,
        Some(HTTP_ERROR) => End::Failed(format!("{words}; check the address, and whether it needs you to sign in")),
        Some(code) if PASSING.contains(&code) => End::Cut(words),
        _ => End::Failed(words),
    })
}

fn size(part: &Path) -> u64 {
    fs::metadata(part).map_or(0, |facts| facts.len())
}

/// Bytes on their way, where somebody is looking.
fn progress(bytes: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(bytes, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("  {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
