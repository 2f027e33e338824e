//! What made the last matte, in words: on the node where something is missing, in the panel otherwise.

use std::fmt;
use std::time::Duration;

use inference::{Origin, Placement};
use openfx::{Instance, MessageKind, Result};
use segment::MemoryKind;

use super::detail::Detailed;
use super::draft;
use super::objects::Opinion;
use super::parameters::STATUS;
use super::track::Way;
use crate::panel_line::PanelLine;

/// How a frame went.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Nothing is connected to Source, or it has no picture at this frame.
    NoSource,
    /// Nothing says what the object is.
    NoPrompt,
    /// There are prompts and none of them can be used; why, prompt by prompt.
    UnusablePrompts(String),
    /// A matte was made, or found made.
    Done {
        /// How.
        made: Made,
        /// Prompts that were left out, in words; empty when all were used.
        left_out: String,
    },
}

/// How a matte came about. Every part of it is about this one frame and this one render.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The model's name.
    pub model: String,
    /// Better models that are installed and cannot be used, and why, each a sentence without its full stop.
    pub passed_over: Vec<String>,
    /// The device, and why not another.
    pub placement: Placement,
    /// The model picture's width and height.
    pub size: [usize; 2],
    /// Where the finished matte was found.
    pub matte: Origin,
    /// How the objects were found.
    pub way: Way,
    /// What the tracker remembers, where the objects were tracked.
    pub memory: Option<MemoryKind>,
    /// Whether the panel asks the tracker for what it cannot do.
    pub leaves_options: bool,
    /// Where the encoded picture was found, for a matte that was computed; `None` where its masks were remembered.
    pub picture: Option<Origin>,
    /// What came of the second look at the objects, for a matte that was computed; `None` where there was none.
    pub detail: Option<Detailed>,
    /// What making or finding it took.
    pub took: Duration,
    /// The model's own opinion of its mask.
    pub opinion: Opinion,
    /// Draft or final.
    pub quality: draft::Made,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, placement, size: [width, height], took, opinion, .. } = self;
        if self.quality == draft::Made::Draft {
            f.write_str("Draft: ")?;
        }
        write!(f, "{model} on {}, {width} x {height}, ", placement.device)?;
        match (self.matte, self.picture) {
            (Origin::Memory, _) => f.write_str("remembered")?,
            (Origin::Disk, _) => f.write_str("from the disk cache")?,
            (Origin::Computed, Some(Origin::Computed)) => write!(f, "computed in {:.2} s", took.as_secs_f64())?,
            (Origin::Computed, Some(Origin::Memory)) => {
                write!(f, "computed in {:.2} s on the remembered picture", took.as_secs_f64())?;
            }
            (Origin::Computed, None) => write!(f, "computed in {:.2} s from remembered masks", took.as_secs_f64())?,
            (Origin::Computed, Some(Origin::Disk)) => {
                write!(f, "computed in {:.2} s on the picture from the disk cache", took.as_secs_f64())?;
            }
        }
        if let Some(text) = &opinion.text {
            write!(f, ", {}", text.in_short())?;
        }
        match self.way {
            Way::OnItsOwn => {}
            Way::NoTracker => f.write_str(", on its own because the model cannot track")?,
            Way::NoOtherFrames => f.write_str(", on its own because the host hands out no other frames")?,
            Way::Held { at } => write!(f, ", not tracked yet: held from frame {at}")?,
            Way::Tracked { from, rolled: 0 } => write!(f, ", tracked from frame {from}")?,
            Way::Tracked { from, rolled: 1 } => write!(f, ", tracked from frame {from}, 1 frame rolled")?,
            Way::Tracked { from, rolled } => write!(f, ", tracked from frame {from}, {rolled} frames rolled")?,
        }
        if self.memory == Some(MemoryKind::Fixed) {
            f.write_str(" by a memory of fixed size that holds one prompt frame")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ", {detail}")?;
        }
        write!(f, ", predicted IoU {:.2}", opinion.iou)?;
        if self.leaves_options {
            let why = match self.memory {
                Some(MemoryKind::Fixed) => "this model's memory has a fixed size, whatever it is to choose",
                _ => "this model has no memory of its own",
            };
            write!(f, "; the options under Tracker do nothing: {why}")?;
        }
        if self.quality == draft::Made::FinalAllTheSame {
            f.write_str("; final although Quality is a draft, because nobody looks on")?;
        }
        placement.fallbacks.iter().chain(&self.passed_over).try_for_each(|reason| write!(f, "; {reason}"))
    }
}

/// The status of one instance.
#[derive(Default)]
pub struct Status(PanelLine);

impl Status {
    /// Takes note of a frame, and puts on the node what the user has to know, or clears it.
    pub fn tell(&self, instance: &Instance, time: f64, outcome: &Outcome) {
        let (message, line) = match outcome {
            Outcome::NoSource => (None, "No picture on Source at this frame.".to_owned()),
            Outcome::NoPrompt => (
                Some((MessageKind::Message, "No prompt yet: click on the object, or drag a box round it.".to_owned())),
                "Waiting for a prompt.".to_owned(),
            ),
            Outcome::UnusablePrompts(why) => {
                (Some((MessageKind::Warning, why.clone())), "No usable prompt at this frame.".to_owned())
            }
            Outcome::Done { made, left_out } if left_out.is_empty() => (None, made.to_string()),
            Outcome::Done { made, left_out } => (Some((MessageKind::Warning, left_out.clone())), made.to_string()),
        };
        // The frame is named: renders of other frames may end between this one and the look at the panel.
        self.0.write(format!("Frame {time}: {line}"));
        match message {
            Some((kind, text)) => instance.set_persistent_message(kind, &text),
            None => instance.clear_persistent_message(),
        }
    }

    /// As [`PanelLine::show`].
    ///
    /// # Errors
    /// The host's refusal.
    pub fn show_in_panel(&self, instance: &Instance) -> Result<()> {
        self.0.show(instance, STATUS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roto::text::TextFound;
    use inference::Device;

    fn made(matte: Origin, picture: Option<Origin>) -> Made {
        Made {
            model: "MobileSAM".to_owned(),
            passed_over: Vec::new(),
            placement: Placement { device: Device::Cpu, fallbacks: Vec::new() },
            size: [1024, 576],
            matte,
            way: Way::OnItsOwn,
            memory: None,
            leaves_options: false,
            picture,
            detail: None,
            took: Duration::from_millis(655),
            opinion: Opinion { iou: 0.934, text: None },
            quality: draft::Made::Final,
        }
    }

    #[test]
    fn the_line_tells_a_draft_and_a_final_that_might_have_been_one() {
        let line = |quality| Made { quality, ..made(Origin::Memory, None) }.to_string();
        assert!(line(draft::Made::Draft).starts_with("Draft: MobileSAM on CPU"));
        assert!(line(draft::Made::FinalAllTheSame).contains("; final although Quality is a draft"));
        assert!(!line(draft::Made::Final).contains("raft"));
    }

    #[test]
    fn the_line_tells_whether_the_matte_was_computed_or_remembered() {
        let line = |matte, picture| made(matte, picture).to_string();
        let computed = "MobileSAM on CPU, 1024 x 576, computed in 0.66 s, predicted IoU 0.93";
        assert_eq!(line(Origin::Computed, Some(Origin::Computed)), computed);
        assert!(line(Origin::Computed, Some(Origin::Memory)).contains("computed in 0.66 s on the remembered picture"));
        assert!(line(Origin::Computed, Some(Origin::Disk)).contains("on the picture from the disk cache"));
        assert!(line(Origin::Computed, None).contains("computed in 0.66 s from remembered masks"));
        assert!(line(Origin::Memory, None).contains(", remembered, "));
        assert!(line(Origin::Disk, None).contains(", from the disk cache, "));
    }

    #[test]
    fn the_line_tells_from_where_the_object_was_tracked_or_why_it_was_not() {
        let line = |way| Made { way, ..made(Origin::Computed, Some(Origin::Memory)) }.to_string();
        assert!(line(Way::Tracked { from: 12.0, rolled: 7 }).contains(", tracked from frame 12, 7 frames rolled, "));
        assert!(line(Way::Tracked { from: 12.0, rolled: 1 }).contains(", 1 frame rolled, "));
        assert!(line(Way::Tracked { from: -3.0, rolled: 0 }).contains(", tracked from frame -3, predicted"));
        assert!(line(Way::Held { at: 9.0 }).contains(", not tracked yet: held from frame 9, "));
        assert!(line(Way::NoOtherFrames).contains("host") && line(Way::NoTracker).contains("model cannot"));
    }

    #[test]
    fn the_line_tells_that_the_tracker_leaves_out_what_is_asked() {
        let made = Made { leaves_options: true, ..made(Origin::Computed, Some(Origin::Memory)) };
        assert!(
            made.to_string().ends_with("; the options under Tracker do nothing: this model has no memory of its own")
        );
        let fixed = Made { memory: Some(MemoryKind::Fixed), way: Way::Tracked { from: 3.0, rolled: 0 }, ..made };
        let line = fixed.to_string();
        assert!(
            line.contains(", tracked from frame 3 by a memory of fixed size that holds one prompt frame, "),
            "{line}"
        );
        assert!(line.contains("do nothing: this model's memory has a fixed size"), "{line}");
    }

    #[test]
    fn the_line_tells_why_a_device_and_a_better_model_are_not_used() {
        let mut made = made(Origin::Computed, Some(Origin::Computed));
        made.placement.fallbacks.push("CUDA 0: this ONNX Runtime has no CUDA provider".to_owned());
        made.passed_over.push("sam3 in /m cannot be used: no decoder".to_owned());
        let end = "; CUDA 0: this ONNX Runtime has no CUDA provider; sam3 in /m cannot be used: no decoder";
        assert!(made.to_string().ends_with(end), "{made}");
    }

    #[test]
    fn the_line_tells_what_a_text_found() {
        let mut made = made(Origin::Computed, Some(Origin::Computed));
        made.opinion.text = Some(TextFound { found: 3, chosen: 1, presence: 0.9, cut: false });
        assert!(made.to_string().contains(", text found 3, took 1, predicted IoU 0.93"), "{made}");
    }
}
