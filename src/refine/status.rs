//! What made the last frame, in words: on the node where something is missing, in the panel otherwise.

use std::fmt;
use std::time::Duration;

use inference::Origin;
use openfx::{Instance, MessageKind};

use super::neighbours::Window;
use crate::panel_line::PanelLine;

/// How a frame went.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Nothing is connected to Source, or it has no picture at this frame.
    NoSource,
    /// The Matte clip has no picture at this frame.
    NoMatte,
    /// There is no matte: Source has no alpha, and the Matte clip is not used.
    NoAlpha,
    /// The host hands out one frame at a time: nothing was refined.
    OneFrameOnly,
    /// The panel asks for nothing that needs other frames.
    Untouched,
    /// It was refined, or shown how.
    Done(Made),
}

/// How a refined frame came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// Who found the motion.
    pub estimator: String,
    /// Networks that are installed and not used, and why, each a sentence without its full stop.
    pub passed_over: Vec<String>,
    /// Width and height of the pictures in which motion is searched.
    pub size: (usize, usize),
    /// Frames that helped: before, after.
    pub helped: [usize; 2],
    /// Motion of pairs of frames: remembered, from disk, computed.
    pub pairs: [usize; 3],
    /// How far from the frame cuts and missing frames are.
    pub cuts: Vec<i32>,
    /// The same of frames without a picture or without a matte.
    pub missing: Vec<i32>,
    /// What all took.
    pub took: Duration,
}

impl Made {
    /// What a window tells of itself.
    pub fn of(
        window: &Window,
        estimator: &str,
        passed_over: Vec<String>,
        size: (usize, usize),
        took: Duration,
    ) -> Self {
        let before = window.frames.iter().filter(|near| near.distance < 0).count();
        Self {
            estimator: estimator.to_owned(),
            passed_over,
            size,
            helped: [before, window.frames.len() - before],
            pairs: [Origin::Memory, Origin::Disk, Origin::Computed].map(|origin| window.found(origin)),
            cuts: window.cuts.clone(),
            missing: window.missing.clone(),
            took,
        }
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { estimator, size: (width, height), helped: [before, after], pairs, took, .. } = self;
        write!(f, "{estimator}, {width} x {height}, {before} before and {after} after, motion ")?;
        let words = ["remembered", "from disk", "computed"];
        let mut told = pairs.iter().zip(words).filter(|(count, _)| **count > 0).peekable();
        if told.peek().is_none() {
            f.write_str("of nothing")?;
        }
        for (index, (count, word)) in told.enumerate() {
            write!(f, "{}{count} {word}", if index > 0 { ", " } else { "" })?;
        }
        write!(f, ", {:.2} s", took.as_secs_f64())?;
        let offsets = |list: &[i32]| list.iter().map(|at| format!("{at:+}")).collect::<Vec<_>>().join(", ");
        if !self.cuts.is_empty() {
            write!(f, "; cut at {}", offsets(&self.cuts))?;
        }
        if !self.missing.is_empty() {
            write!(f, "; no picture or matte at {}", offsets(&self.missing))?;
        }
        self.passed_over.iter().try_for_each(|reason| write!(f, "; {reason}"))
    }
}

/// Takes note of a frame, and puts on the node what the user has to know, or clears it.
pub fn tell(panel: &PanelLine, instance: &Instance, time: f64, outcome: &Outcome) {
    let (message, line) = words(outcome);
    // The frame is named: renders of other frames may end between this one and the look at the panel.
    panel.write(format!("Frame {time}: {line}"));
    match message {
        Some(text) => instance.set_persistent_message(MessageKind::Warning, text),
        None => instance.clear_persistent_message(),
    }
}

/// What is put on the node, and what into the panel.
fn words(outcome: &Outcome) -> (Option<&'static str>, String) {
    match outcome {
        Outcome::NoSource => (None, "No picture on Source at this frame.".to_owned()),
        Outcome::NoMatte => (None, "No picture on Matte at this frame.".to_owned()),
        Outcome::NoAlpha => (
            Some(
                "There is no matte: connect one to Matte (and set Use Matte Input to Yes in Resolve), or give Source an alpha.",
            ),
            "No matte.".to_owned(),
        ),
        Outcome::OneFrameOnly => (
            Some("This host hands out one frame at a time: the matte goes through as it is."),
            "Not refined: the host hands out no other frames.".to_owned(),
        ),
        Outcome::Untouched => (None, "Strength is 0: the matte goes through as it is.".to_owned()),
        Outcome::Done(made) => (None, made.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> Made {
        Made {
            estimator: "DIS medium".to_owned(),
            passed_over: Vec::new(),
            size: (960, 540),
            helped: [3, 3],
            pairs: [3, 0, 3],
            cuts: Vec::new(),
            missing: Vec::new(),
            took: Duration::from_millis(1230),
        }
    }

    #[test]
    fn the_line_tells_who_ran_and_what_was_remembered() {
        let line = made().to_string();
        let expected = "DIS medium, 960 x 540, 3 before and 3 after, motion 3 remembered, 3 computed, 1.23 s";
        assert_eq!(line, expected);
    }

    #[test]
    fn the_line_tells_of_cuts_missing_frames_and_better_networks() {
        let passed_over = vec!["raft in /m cannot be used: no file".to_owned()];
        let made =
            Made { helped: [0, 1], pairs: [0, 0, 0], cuts: vec![-1], missing: vec![2, 3], passed_over, ..made() };
        let line = made.to_string();
        assert!(
            line.contains("motion of nothing") && line.contains("; cut at -1; no picture or matte at +2, +3; raft in"),
            "{line}"
        );
    }

    #[test]
    fn hosts_and_people_are_told_what_is_missing() {
        assert!(words(&Outcome::OneFrameOnly).0.is_some_and(|text| text.contains("one frame at a time")));
        assert!(words(&Outcome::NoAlpha).0.is_some_and(|text| text.contains("Matte")));
        assert_eq!(words(&Outcome::Untouched).0, None);
    }
}
