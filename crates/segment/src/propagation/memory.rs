//! What is remembered of the frames of a shot.

use std::{collections::VecDeque, sync::Arc};

use super::{carried::Latest, cells::Cells, colour::Colours};
use crate::identity::Identity;

/// What one frame leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub frame: usize,
    pub cells: Cells,
    /// How much of each cell the object covers, 0..=1.
    pub labels: Arc<[f32]>,
    pub colours: Colours,
}

impl Kept {
    /// Cells that the object covers in all.
    pub fn area(&self) -> f32 {
        self.labels.iter().sum()
    }
}

/// Tracked frames that are remembered besides the prompted ones.
pub(super) const RECENT: usize = 3;

/// Tracked frames that are remembered for longer, because vote and mask agreed best: how many, how many frames apart, and
/// from which agreement on. Three of them gain 0.006 J where an object turns and nothing elsewhere.
pub(super) const SURE: usize = 3;
const SURE_APART: usize = 10;
const SURE_AGREEMENT: f32 = 0.8;

/// Areas that the usual one is the median of.
pub(super) const AREAS: usize = 10;

/// Everything that tracking on depends on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Memories {
    pub model: Identity,
    /// Frames with prompts, in the order of prompting. The first is where tracking starts.
    pub prompted: Vec<Kept>,
    /// The last good frames, the latest last.
    pub recent: VecDeque<Kept>,
    /// Sure frames some way apart from each other, the latest last.
    pub sure: VecDeque<Kept>,
    /// The object's area in cells on the last good frames, the latest last.
    pub areas: VecDeque<f32>,
    /// The last good frame; at first the one where tracking starts.
    pub latest: Option<Latest>,
    /// Samples of the decoder's logits: width and height.
    pub canvas: (usize, usize),
}

impl Memories {
    /// Those of a model that has seen nothing yet.
    pub fn of_nothing(model: Identity) -> Self {
        let (recent, sure, areas) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        Self { model, prompted: Vec::new(), recent, sure, areas, latest: None, canvas: (0, 0) }
    }

    /// The median of the last good areas, of two middle ones their mean.
    pub fn usual_area(&self) -> f32 {
        let mut areas: Vec<f32> = self.areas.iter().copied().collect();
        areas.sort_by(f32::total_cmp);
        let middle = areas.len() / 2;
        match areas.len() {
            0 => 0.0,
            odd if odd % 2 == 1 => areas[middle],
            _ => 0.5 * (areas[middle - 1] + areas[middle]),
        }
    }

    /// Remembers a frame with a prompt, instead of what was remembered of it.
    pub fn keep_prompted(&mut self, kept: Kept) {
        if self.prompted.is_empty() {
            self.areas.push_back(kept.area());
        }
        match self.prompted.iter_mut().find(|before| before.frame == kept.frame) {
            Some(before) => *before = kept,
            None => self.prompted.push(kept),
        }
    }

    /// Remembers a good frame whose vote and mask agree this much.
    pub fn keep(&mut self, kept: Kept, agreement: f32) {
        let since = self.sure.back().or(self.prompted.first()).map_or(0, |sure| sure.frame);
        if agreement > SURE_AGREEMENT && kept.frame >= since.saturating_add(SURE_APART) {
            push(&mut self.sure, kept.clone(), SURE);
        }
        push(&mut self.areas, kept.area(), AREAS);
        push(&mut self.recent, kept, RECENT);
    }

    /// All frames that are remembered.
    pub fn all(&self) -> impl Iterator<Item = &Kept> {
        self.prompted.iter().chain(&self.sure).chain(&self.recent)
    }

    /// The vote above which a cell is the object's: one half, less where the object never covers a whole cell.
    pub fn level(&self) -> f32 {
        let labels = self.prompted.iter().flat_map(|kept| kept.labels.iter());
        0.5 * labels.copied().fold(0f32, f32::max)
    }
}

/// The latest `most` stay.
fn push<T>(queue: &mut VecDeque<T>, one: T, most: usize) {
    queue.push_back(one);
    while queue.len() > most {
        queue.pop_front();
    }
}
