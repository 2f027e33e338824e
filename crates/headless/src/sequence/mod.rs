//! Numbered frames and video files, in and out.
//!
//! * [`Pattern`]: `shot.%04d.exr`, `shot.####.png`: which files belong to a shot and where a frame is written to.
//! * [`FrameSet`]: `1-100x5,130`: which frames are meant.
//! * [`Footage`]: a shot that is read: numbered files, one still, or a video through ffmpeg, with a small cache of decoded frames.
//! * [`Picture`]: one decoded frame: a host [`Frame`](crate::host::Frame) with its display window.
//! * [`matte_plane`] and [`brightness_plane`]: a decoded frame as numbers to measure on.
//! * [`read_picture`] and [`write_picture`]: EXR, PNG, JPEG and TIFF, and DPX to write; writing is all or nothing.
//! * [`write_layers`], [`Layer`] and [`cryptomatte`]: EXR with named layers and ID mattes.
//! * [`Movie`]: ProRes 4444 through ffmpeg.
//!
//! Rectangles are in OFX pixel coordinates, y up. A file's rows count downwards, so its windows are mirrored inside its display window:
//! the display window keeps its numbers, and a data window in the upper left corner of the picture ends up at the top.

mod cache;
mod commit;
mod cryptomatte;
mod dpx_out;
mod error;
mod exr_in;
mod exr_out;
mod exr_zip;
mod ffmpeg;
mod footage;
mod format;
mod frames;
mod layer;
mod movie;
mod pam;
mod pattern;
mod picture;
mod pixels;
mod planes;
mod provenance;
mod still_in;
mod still_out;
mod tiff_in;
mod tiff_out;
mod video;
mod write;

pub use commit::write_bytes;
pub use cryptomatte::cryptomatte;
pub use error::SequenceError;
pub use ffmpeg::{FfmpegError, FfmpegSearch, find_ffmpeg};
pub use footage::{Footage, FootageKind, FootageOptions};
pub use format::{Bits, Compression, Format, read_picture};
pub use frames::{FrameSet, FrameSetError, describe_frames};
pub use layer::Layer;
pub use movie::{Movie, MovieSettings};
pub use pattern::{Numbered, Pattern};
pub use picture::{Picture, PictureFormat};
pub use pixels::{luma_as_alpha, premultiplied, straight};
pub use planes::{MatteChannel, brightness_plane, matte_plane};
pub use provenance::Provenance;
pub use video::{VideoFile, VideoInfo};
pub use write::{WriteSettings, write_layers, write_picture};
