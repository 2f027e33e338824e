//! Planes and frames: pixel types, views with row strides, colour transfer, resampling.
//!
//! Everybody's common words. In this crate row 0 is the **top** row of a picture, x grows to the right and y grows
//! **downwards**; only [`RectI`] speaks OFX's language (y up). A host's picture with row 0 at the bottom is seen the
//! right way up through a negative [`PixelLayout::row_bytes`], without a copy.
#![forbid(unsafe_code)]

mod decode;
mod display;
mod encode;
mod layout;
mod model_picture;
mod plane;
mod rect;
mod resample;
mod transfer;
mod view;
mod view_mut;

pub use display::display_row;
pub use layout::{Components, Depth, LayoutError, PixelLayout};
pub use model_picture::model_picture;
pub use plane::{Plane, PlaneError};
pub use rect::RectI;
pub use transfer::{SourceEncoding, log_to_display, srgb_encode};
pub use view::PixelView;
pub use view_mut::{PixelRowMut, PixelViewMut};
