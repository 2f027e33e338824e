//! A second look at an object whose mask is known: a crop of the picture round it goes through the encoder, so that all
//! of the network's samples are spent on the object.
//!
//! [`Crop::round`] chooses the crop, the caller brings it to the size of [`ImageSegmenter::input_size`] and encodes it
//! like any picture, [`look`] asks for the object there, and [`merged`] puts the answer into the first mask where both are
//! of the same object. Everything here depends on what it is handed alone: same mask and picture, same answer.
//!
//! [`ImageSegmenter::input_size`]: crate::ImageSegmenter::input_size

mod crop;
mod look;
mod merge;
mod points;
#[cfg(test)]
mod tests;

pub use crop::Crop;
pub use look::look;
pub use merge::merged;
