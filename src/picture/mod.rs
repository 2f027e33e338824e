//! The host's pictures, as every effect reads them, and how a matte is put together with them.
//!
//! * [`placed`]: pixels by host coordinates. [`encoding`]: how their colours are to be read. [`source_key`]: a name for
//!   what they hold. [`thumbnail`]: renders that are passed through. [`use_input`]: whether optional clips are
//!   used. [`matte_channel`]: what of them is the matte.
//! * [`grid`]: other images brought onto a frame's pixels. [`compose`]: picture and matte.

pub mod compose;
pub mod encoding;
pub mod grid;
pub mod matte_channel;
pub mod placed;
pub mod source_key;
pub mod thumbnail;
pub mod use_input;
