//! Sizes that a network takes: pictures are extended by their border pixels, and motion is cut out again.

use super::form::Facts;

/// A picture's place in the larger one that the network is given. Half of what is added lies on each side, as RAFT's own
/// `InputPadder` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Padding {
    /// The picture's.
    pub inner: (usize, usize),
    /// The network's.
    pub outer: (usize, usize),
}

impl Padding {
    /// For a graph that takes any size of its family's.
    pub fn free(inner: (usize, usize), facts: &Facts) -> Self {
        let side = |side: usize| side.max(facts.smallest).next_multiple_of(facts.multiple);
        Self { inner, outer: (side(inner.0), side(inner.1)) }
    }

    /// Column and row of the picture's top left pixel.
    pub fn offset(&self) -> (usize, usize) {
        ((self.outer.0 - self.inner.0) / 2, (self.outer.1 - self.inner.1) / 2)
    }

    /// The picture's column for a column of the network's, or its row for a row.
    pub fn within(at: usize, offset: usize, inner: usize) -> usize {
        at.saturating_sub(offset).min(inner.saturating_sub(1))
    }
}
