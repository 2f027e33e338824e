//! Quality control: which frames of a track a user should look at, and why.
//!
//! * [`measure`]: four figures of a frame, from its mask and that of the frame it was tracked from.
//! * [`review`]: them, along a shot. [`sheet`]: them as they are saved with the node.
//! * [`panel`]: the curve and the buttons.

pub mod measure;
pub mod panel;
pub mod review;
pub mod sheet;

use inference::{ByteSize, Stored, Unread};

/// How well a frame of a track stands, each figure from 0 to 1, where 1 gives no reason to look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameQuality {
    /// How sure the model is of the mask: its own estimate of the overlap with the true one, or less where the edge
    /// depends on where exactly the threshold lies.
    pub sure: f32,
    /// The smaller area over the larger one, of this frame's mask and its neighbour's.
    pub size: f32,
    /// How far the mask is where the picture's motion takes its neighbour's: their intersection over union.
    pub motion: f32,
    /// 1 less thrice the share of the picture's border that the mask touches more than its neighbour did: what runs out
    /// of the object mostly runs to the border.
    pub border: f32,
}

impl FrameQuality {
    /// The figures with what each is about.
    pub fn each(&self) -> [(Aspect, f32); 4] {
        [
            (Aspect::Sure, self.sure),
            (Aspect::Size, self.size),
            (Aspect::Motion, self.motion),
            (Aspect::Border, self.border),
        ]
    }

    /// The lowest of them: what the curve in the panel shows.
    pub fn score(&self) -> f32 {
        self.each().into_iter().map(|(_, figure)| figure).fold(1.0, f32::min)
    }
}

/// What a figure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// See [`FrameQuality::sure`].
    Sure,
    /// See [`FrameQuality::size`].
    Size,
    /// See [`FrameQuality::motion`].
    Motion,
    /// See [`FrameQuality::border`].
    Border,
}

impl Aspect {
    /// What is the matter where the figure is `found`.
    pub fn reason(self, found: f32) -> String {
        let percent = |share: f32| (100.0 * share).round();
        match self {
            Self::Sure => format!("the model is {} % sure", percent(found)),
            Self::Size => format!("its size changes by {} %", percent(1.0 - found)),
            Self::Motion => format!("{} % of it moves as the picture does", percent(found)),
            Self::Border => {
                format!("it takes {} % more of the picture's border", percent((1.0 - found) / measure::BORDER_WEIGHT))
            }
        }
    }
}

impl ByteSize for FrameQuality {
    fn byte_size(&self) -> u64 {
        size_of::<Self>() as u64
    }
}

impl Stored for FrameQuality {
    const KIND: &'static str = "quality-1";

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.each().iter().flat_map(|(_, figure)| figure.to_le_bytes()));
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = Unread(bytes);
        let found = Self { sure: rest.float()?, size: rest.float()?, motion: rest.float()?, border: rest.float()? };
        rest.0.is_empty().then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUALITY: FrameQuality = FrameQuality { sure: 0.9, size: 0.4, motion: 0.75, border: 0.7 };

    #[test]
    fn the_score_is_the_worst_figure() {
        assert_eq!(QUALITY.score(), 0.4);
    }

    #[test]
    fn stored_figures_come_back_the_same_and_cut_short_are_none() {
        let mut bytes = Vec::new();
        QUALITY.write(&mut bytes);
        assert_eq!(FrameQuality::read(&bytes), Some(QUALITY));
        assert!((0..bytes.len()).all(|keep| FrameQuality::read(&bytes[..keep]).is_none()));
    }

    #[test]
    fn reasons_tell_their_figure_in_per_cent() {
        let words: Vec<String> = QUALITY.each().into_iter().map(|(aspect, found)| aspect.reason(found)).collect();
        let expected = [
            "the model is 90 % sure",
            "its size changes by 60 %",
            "75 % of it moves as the picture does",
            "it takes 10 % more of the picture's border",
        ];
        assert_eq!(words, expected);
    }
}
