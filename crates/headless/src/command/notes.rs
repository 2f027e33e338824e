//! Telling the user, without spoiling the progress bar and without saying anything twice.

use crate::host::{Message, MessageKind};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::io::{self, Write};

/// The progress bar and what is said beside it.
pub(super) struct Notes {
    bar: ProgressBar,
    quiet: bool,
    said: Mutex<HashSet<String>>,
}

impl Notes {
    /// A bar of `frames` steps on standard error; none where that is no terminal, or all is to be quiet.
    pub(super) fn new(frames: usize, quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(5) };
        let style = ProgressStyle::with_template("{bar:30} {pos} of {len} frames, {elapsed}, {eta} left {msg}");
        let bar = ProgressBar::with_draw_target(Some(frames as u64), target)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"));
        Self { bar, quiet, said: Mutex::default() }
    }

    /// One more frame is through.
    pub(super) fn step(&self) {
        self.bar.inc(1);
    }

    /// A pass over all frames begins.
    pub(super) fn begin(&self, label: &str) {
        self.bar.set_position(0);
        self.bar.set_message(label.to_owned());
    }

    /// This share of the pass is done, 0..1.
    pub(super) fn reach(&self, fraction: f64) {
        let frames = self.bar.length().unwrap_or(0) as f64;
        // Saturates: plugins may say anything.
        self.bar.set_position((fraction * frames).round() as u64);
    }

    /// The bar goes away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Something worth knowing.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.print("note", text);
        }
    }

    /// Something that went wrong.
    pub(super) fn error(&self, text: &str) {
        self.print("error", text);
    }

    /// What the effect says: errors always, the rest where not quiet, its log never.
    pub(super) fn messages(&self, messages: &[Message]) {
        for message in messages {
            match message.kind {
                MessageKind::Log => {}
                MessageKind::Fatal | MessageKind::Error => self.print("error", &message.text),
                MessageKind::Warning if !self.quiet => self.print("warning", &message.text),
                MessageKind::Message | MessageKind::Question if !self.quiet => self.print("note", &message.text),
                MessageKind::Warning | MessageKind::Message | MessageKind::Question => {}
            }
        }
    }

    fn print(&self, kind: &str, text: &str) {
        let line = format!("{kind}: {text}");
        if self.said.lock().insert(line.clone()) {
            // Nobody is left to tell where standard error is closed.
            let _ = self.bar.suspend(|| writeln!(io::stderr(), "{line}"));
        }
    }
}
