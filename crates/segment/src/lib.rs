//! Prompts to masks: the SAM families behind one trait.
//!
//! Coordinates: pixels of the model picture (for the SAM1 family the frame scaled so that its longest side is 1024),
//! x to the right, y **down**, (0, 0) the top left corner of the top left pixel.
//!
//! A frame's way: [`choose`] (or [`open`]) finds a model, [`ImageSegmenter::input_size`] says which picture it wants,
//! [`ImageSegmenter::embed`] encodes the picture (once per content, through the engine's feature cache) and
//! [`ImageSegmenter::segment`] decodes prompts into logits, milliseconds at a time.

#![forbid(unsafe_code)]

mod adapters;
pub mod detail;
mod encodings;
mod error;
pub mod exported;
mod identity;
mod ladder;
pub mod matting;
mod model;
mod prompt;
mod propagation;
mod sam1;
mod saved;
mod segmentation;
mod shot_tracker;
mod stored;
pub mod text;
mod thumbnail;
pub mod tracker;

pub use error::SegmentError;
pub use ladder::{Choice, LAYOUTS, PassedOver, choose, choose_for_text, open};
pub use model::{Embedding, ImageSegmenter};
pub use prompt::{Point, Prompt, UsablePrompt};
pub use segmentation::{PreviousLogits, Segmentation};
pub use shot_tracker::{KeptState, MemoryKind, ShotState, ShotTracker, Trackers};
pub use thumbnail::thumbnail;
