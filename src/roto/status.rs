//! What made the last matte, in words: on the node where something is missing, in the panel otherwise.

use std::sync::{Mutex, PoisonError};

use openfx::{Instance, MessageKind, Result};

use super::parameters::STATUS;

/// How a frame went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is connected to Source, or it has no picture at this frame.
    NoSource,
    /// Nothing says what the object is.
    NoPrompt,
    /// There are prompts and none of them can be used; why, prompt by prompt.
    UnusablePrompts(String),
    /// A matte was made.
    Done {
        /// Model, device, working size, the model's own opinion of its mask.
        summary: String,
        /// Prompts that were left out, in words; empty when all were used.
        left_out: String,
    },
}

/// The status of one instance. Renders tell it from any thread; the panel's line is written in main-thread actions only,
/// because writing a parameter in a render crashes Nuke 17 and breaks Resolve's cache.
#[derive(Default)]
pub struct Status {
    line: Mutex<String>,
    shown: Mutex<String>,
}

impl Status {
    /// Takes note of a frame, and puts on the node what the user has to know, or clears it.
    pub fn tell(&self, instance: &Instance, outcome: &Outcome) {
        let (message, line) = match outcome {
            Outcome::NoSource => (None, "No picture on Source at this frame.".to_owned()),
            Outcome::NoPrompt => (
                Some((MessageKind::Message, "No prompt yet: click on the object, or drag a box round it.".to_owned())),
                "Waiting for a prompt.".to_owned(),
            ),
            Outcome::UnusablePrompts(why) => {
                (Some((MessageKind::Warning, why.clone())), "No usable prompt at this frame.".to_owned())
            }
            Outcome::Done { summary, left_out } if left_out.is_empty() => (None, summary.clone()),
            Outcome::Done { summary, left_out } => (Some((MessageKind::Warning, left_out.clone())), summary.clone()),
        };
        *lock(&self.line) = line;
        match message {
            Some((kind, text)) => instance.set_persistent_message(kind, &text),
            None => instance.clear_persistent_message(),
        }
    }

    /// Writes the line into the panel. For InstanceChanged only.
    ///
    /// # Errors
    /// The host's refusal.
    pub fn show_in_panel(&self, instance: &Instance) -> Result<()> {
        let line = lock(&self.line).clone();
        if line.is_empty() || *lock(&self.shown) == line {
            return Ok(());
        }
        lock(&self.shown).clone_from(&line);
        instance.parameters().set(STATUS, line)
    }
}

fn lock(text: &Mutex<String>) -> std::sync::MutexGuard<'_, String> {
    text.lock().unwrap_or_else(PoisonError::into_inner)
}
